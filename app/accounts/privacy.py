"""The privacy notice: its text, its version, and the refusal that stands before the first personal datum (P01..P03).

The text lies in `privacy_notice.json`, so that the client can show the same words without asking the server. Whoever
changes it in substance raises its version, and everybody is asked again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True)
class Section:
    """One heading and what stands under it."""

    heading: str
    lines: Sequence[str]


@dataclass(frozen=True)
class Notice:
    """A version of the notice; consents are recorded for `document` and `version`."""

    document: str
    version: str
    title: str
    effective_on: date
    summary: str
    sections: Sequence[Section]


def _read() -> Notice:
    text = json.loads((Path(__file__).parent / "privacy_notice.json").read_text(encoding="utf-8"))
    sections = tuple(Section(each["heading"], tuple(each["lines"])) for each in text.pop("sections"))
    return Notice(**{**text, "effective_on": date.fromisoformat(text["effective_on"])}, sections=sections)


NOTICE = _read()
PRIVACY, PRIVACY_VERSION = NOTICE.document, NOTICE.version
