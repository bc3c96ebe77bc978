"""Money is integer fen everywhere (domain 0.5)."""

from __future__ import annotations


def yuan(fen: int) -> str:
    """¥12.30 for 1230 fen."""
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{abs(fen) // 100}.{abs(fen) % 100:02d}"
