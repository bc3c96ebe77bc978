"""Our numbers at WeChat: unique over all sub-merchants, not guessable, readable on the phone (wechat.md D15, 2.2)."""

from __future__ import annotations

import secrets
from datetime import datetime

from app.core.clock import in_china

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 signs that nobody confuses when reading them out."""
RANDOM_SIGNS = 16


def new_trade_no(at: datetime) -> str:
    """A261122 and 80 random bits."""
    return _number("A", at)


def new_refund_no(at: datetime) -> str:
    """R261122 and 80 random bits."""
    return _number("R", at)


def _number(kind: str, at: datetime) -> str:
    signs = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_SIGNS))
    return f"{kind}{in_china(at):%y%m%d}{signs}"


def receipt_no(payment_id: int, paid_at: datetime) -> str:
    """20261122-0000000042: the day on which the money came, and the payment."""
    return f"{in_china(paid_at):%Y%m%d}-{payment_id:010d}"
