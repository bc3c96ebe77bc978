"""Which fen of which line go back, and whether WeChat still takes a refund. Pure (domain 3.12, wechat.md 2.5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.labelled import Labelled
from app.payments.errors import NothingToRefund, RefundTooHigh

WITHIN = timedelta(days=365)
AT_MOST = 50


class RefundReason(Labelled):
    """退费原因, from which residents and staff choose; WeChat shows the words to the payer."""

    DOUBLE = "double", "多付了一次"
    WRONG = "wrong", "付错了"
    NOT_DONE = "not_done", "没有修或没有修好"
    AGREED = "agreed", "与物业商定退费"
    OTHER = "other", "其他原因"


REASON_WORDS: Mapping[str, str] = {
    **{each.value: each.label for each in RefundReason},
    "late": "付款时已取消",
}


@dataclass(frozen=True)
class LeftOfLine:
    """What of a line may still go back."""

    line_id: int
    subject: str
    left_fen: int


def parts_to_refund(
    lines: Collection[LeftOfLine], *, amount_fen: int | None, subjects: Collection[str] | None
) -> dict[int, int]:
    """Line id -> fen: everything that is left of the chosen lines, or `amount_fen` of it, from the last line on.

    The last lines are the newest months, which somebody who moves out has not used. Raises NothingToRefund,
    RefundTooHigh.
    """
    chosen = [line for line in lines if line.left_fen and (subjects is None or line.subject in subjects)]
    left = sum(line.left_fen for line in chosen)
    if not left:
        raise NothingToRefund()
    wanted = left if amount_fen is None else amount_fen
    if not 1 <= wanted <= left:
        raise RefundTooHigh(fields={"amount_fen": "超过可退金额", "left_fen": left})
    parts: dict[int, int] = {}
    for line in reversed(chosen):
        if wanted:
            parts[line.line_id] = min(wanted, line.left_fen)
            wanted -= parts[line.line_id]
    return parts


def is_too_late(paid_at: datetime, now: datetime, refunds: int) -> bool:
    """Whether WeChat would refuse it: more than a year ago, or fifty refunds already."""
    return now - paid_at > WITHIN or refunds >= AT_MOST
