"""Figures and instants as WeChat writes them: integer fen, Beijing wall clock. Pure; ValueError for anything else."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from app.core.clock import CHINA, in_china

COMPACT, SPACED = "%Y%m%d%H%M%S", "%Y-%m-%d %H:%M:%S"
MAX_FEN = 10_000_000_000
"""A hundred million yuan: more is a mistake of somebody."""
_FEN = re.compile(r"0|[1-9][0-9]{0,10}")
_PATTERNS = {
    COMPACT: re.compile(r"[0-9]{14}"),
    SPACED: re.compile(r"[0-9]{4}(-[0-9]{2}){2} [0-9]{2}(:[0-9]{2}){2}"),
}


def fen(text: str) -> int:
    """An amount in fen, as texts of the interface give it."""
    if not _FEN.fullmatch(text):
        raise ValueError("not an amount in fen")
    return int(text)


def instant(text: str, form: str = COMPACT) -> datetime:
    """The UTC instant of a Beijing wall clock time."""
    if not _PATTERNS[form].fullmatch(text):
        raise ValueError("not an instant")
    return datetime.strptime(text, form).replace(tzinfo=CHINA).astimezone(UTC)


def beijing(at: datetime) -> datetime:
    """The instant on the wall clock that WeChat reads, whatever zone it came in (D13)."""
    if at.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return in_china(at)
