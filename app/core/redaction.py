"""What staff type may name a home, a person or a phone; messages must not (domain 3.13). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PHONE = re.compile(r"1[3-9]\d[ -]?\d{4}[ -]?\d{4}|0\d{2,3}-?\d{7,8}|\d{7,}")
_DOOR = re.compile(
    r"(?:\d+\s*(?:号楼|幢|栋|座))?\s*(?:\d+\s*(?:单元|门))?\s*(?<!\d)\d{3,4}\s*(?:室|户|房(?!管|产|屋))"
    r"|(?<!\d)\d{1,3}[--]\d{1,2}[--]\d{3,4}(?!\d)"
)
A_HOME, A_PERSON, A_PHONE = "住户家", "居民", "(电话略)"


def without_personal_data(text: str, *, homes: Iterable[str] = (), names: Iterable[str] = ()) -> str:
    """The text with homes, the given names and phone numbers replaced by plain words.

    `homes` are the full place and the bare number of the home; they are found also where no 室 follows.
    """
    for home in sorted(filter(None, homes), key=len, reverse=True):
        text = re.sub(rf"(?<!\d){re.escape(home)}(?!\d)\s*(?:室|户|号|房(?!管|产|屋))?", A_HOME, text)
    for name in names:
        if len(name) > 1:
            text = text.replace(name, A_PERSON)
    return _PHONE.sub(A_PHONE, _DOOR.sub(A_HOME, text))
