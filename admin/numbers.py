"""Whole numbers that come from outside as texts: addresses, forms, JSON."""

from __future__ import annotations

MAX_ID = 2**63
DIGITS_MAX = 19


def whole_number(text: str, *, below: int = MAX_ID) -> int | None:
    """The number that plain digits say, None for anything else (signs, spaces, other scripts, too large).

    The length is looked at first: Python refuses to read a text of some thousand digits with a ValueError.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX):
        return None
    number = int(text)
    return number if number < below else None
