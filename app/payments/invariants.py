"""What must be true of money at every instant, asked of live data: `flask money check`, the tests, the nightly job.

Each question is one statement that finds what breaks the rule; nothing is repaired here, a person looks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, Select, String, cast, func, literal, or_, select

from app.books.accounts import Account
from app.books.models import LedgerEntry, LedgerLine
from app.core import clock
from app.core.db import db
from app.payments.models import (
    HOLDING,
    WAITING,
    Payment,
    PaymentLine,
    PaymentState,
    PayNotice,
    Refund,
    RefundLine,
    RefundStep,
)
from app.payments.refunding import UNFINISHED
from app.payments.settling import FINE

SHOWN = 20
LONG_OVER = timedelta(hours=1)
_PAID = (PaymentState.PAID.value, PaymentState.LATE.value)


@dataclass(frozen=True)
class Broken:
    """A rule that does not hold: which, what was meant, and the first rows."""

    rule: str
    words: str
    found: tuple[str, ...]


def broken_rules() -> list[Broken]:
    """Everything that is wrong with money now; empty when all is well."""
    return [
        Broken(rule, words, rows)
        for rule, (words, statement) in _rules().items()
        if (rows := tuple(str(row[0]) for row in db.session.execute(statement.limit(SHOWN))))
    ]


def notices_for_a_person() -> list[str]:
    """Notices that WeChat had signed and that fit no row of ours, the newest first: `wrong_amount A261122…`."""
    fine = [each.value for each in FINE] + ["heard"]
    found = (
        select(PayNotice.outcome, PayNotice.number)
        .where(PayNotice.outcome.not_in(fine))
        .order_by(PayNotice.id.desc())
    )
    return [f"{row.outcome} {row.number}" for row in db.session.execute(found.limit(SHOWN))]


def _rules() -> Mapping[str, tuple[str, Select[Any]]]:
    return dict(_books()) | dict(_sums()) | dict(_claims()) | dict(_ends())


def _books() -> Iterator[tuple[str, tuple[str, Select[Any]]]]:
    """Every entry balances; what moved at WeChat stands in the books, and nothing else does."""
    moved = func.sum(LedgerLine.debit_fen - LedgerLine.credit_fen)
    unbalanced = select(LedgerLine.entry_id).group_by(LedgerLine.entry_id).having(moved != 0)
    yield "balanced", ("凭证借贷不平", unbalanced)
    came = _at_wechat("payment", Payment.id)
    yield (
        "payment_posted",
        (
            "已付款与账上微信待结算款不一致",
            select(Payment.id).where(Payment.state.in_(_PAID), came != Payment.amount_fen),
        ),
    )
    went = _at_wechat("refund", Refund.id)
    done = Refund.step == RefundStep.DONE.value
    yield (
        "refund_posted",
        ("已退款与账上不一致", select(Refund.id).where(done, went != -Refund.amount_fen)),
    )
    paid = select(Payment.id).where(Payment.id == _number("payment"), Payment.state.in_(_PAID))
    back = select(Refund.id).where(Refund.id == _number("refund"), done)
    yield (
        "no_money_without_a_row",
        (
            "账上有收款或退款,却没有对应的单据",
            select(LedgerEntry.subject).where(
                or_(
                    LedgerEntry.subject.startswith("payment:") & ~paid.exists(),
                    LedgerEntry.subject.startswith("refund:") & ~back.exists(),
                )
            ),
        ),
    )


def _number(kind: str) -> Any:
    """12 of `payment:12`: a number finds its row by the primary key."""
    return cast(func.substr(LedgerEntry.subject, len(kind) + 2), BigInteger)


def _subject(kind: str, number: Any) -> Any:
    return literal(f"{kind}:").concat(cast(number, String(20)))


def _at_wechat(kind: str, number: Any) -> Any:
    """What the books say that came in (or, below zero, went out) through WeChat for this fact."""
    moved = func.coalesce(func.sum(LedgerLine.debit_fen - LedgerLine.credit_fen), 0)
    return (
        select(moved)
        .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
        .where(LedgerEntry.subject == _subject(kind, number), LedgerLine.account == Account.WECHAT.value)
        .scalar_subquery()
    )


def _sums() -> Iterator[tuple[str, tuple[str, Select[Any]]]]:
    """A payment is the sum of its lines; what goes and went back is the sum of its refunds and never more than came."""
    lines = _sum(PaymentLine.amount_fen, PaymentLine.payment_id == Payment.id)
    yield "lines", ("支付金额与明细不符", select(Payment.id).where(lines != Payment.amount_fen))
    mine = Refund.payment_id == Payment.id
    done = _sum(Refund.amount_fen, mine & (Refund.step == RefundStep.DONE.value))
    yield "refunded", ("已退金额与退款单不符", select(Payment.id).where(done != Payment.refunded_fen))
    waiting = [step.value for step in UNFINISHED]
    open_ = _sum(Refund.amount_fen, mine & Refund.step.in_(waiting))
    yield "refunding", ("退款中金额与退款单不符", select(Payment.id).where(open_ != Payment.refunding_fen))
    back = Payment.refunding_fen + Payment.refunded_fen
    yield "refunds", ("退款超过了付款", select(Payment.id).where(back > Payment.amount_fen))
    parts = _sum(RefundLine.amount_fen, RefundLine.refund_id == Refund.id)
    yield "refund_lines", ("退款金额与明细不符", select(Refund.id).where(parts != Refund.amount_fen))
    of_line = (
        select(RefundLine.payment_line_id, func.sum(RefundLine.amount_fen).label("fen"))
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(Refund.step == RefundStep.DONE.value)
        .group_by(RefundLine.payment_line_id)
        .subquery()
    )
    each = select(PaymentLine.id).outerjoin(of_line, of_line.c.payment_line_id == PaymentLine.id)
    yield (
        "line_refunded",
        (
            "明细的已退金额不符",
            each.where(func.coalesce(of_line.c.fen, 0) != PaymentLine.refunded_fen),
        ),
    )


def _sum(column: Any, where: Any) -> Any:
    return select(func.coalesce(func.sum(column), 0)).where(where).scalar_subquery()


def _claims() -> Iterator[tuple[str, tuple[str, Select[Any]]]]:
    """Nothing is paid twice: who waits or is paid holds what it is for, who has ended or given it back does not."""
    joined = select(PaymentLine.id).join(Payment, Payment.id == PaymentLine.payment_id)
    holding = Payment.state.in_([state.value for state in HOLDING])
    back = PaymentLine.refunded_fen == PaymentLine.amount_fen
    should_hold = joined.where(holding, ~back, PaymentLine.claim.is_(None))
    yield "held", ("付款没有占住它付的项目", should_hold)
    should_not = joined.where(or_(~holding, back), PaymentLine.claim.is_not(None))
    yield "free", ("结束或已退的付款还占着项目", should_not)
    once = (
        select(PaymentLine.subject)
        .join(Payment, Payment.id == PaymentLine.payment_id)
        .where(Payment.state == PaymentState.PAID.value, ~back)
        .group_by(PaymentLine.subject)
        .having(func.count() > 1)
    )
    yield "paid_once", ("同一项目付了两次", once)


def _ends() -> Iterator[tuple[str, tuple[str, Select[Any]]]]:
    """Every waiting payment ends in a fact; late money has its refund."""
    stuck = Payment.expires_at < clock.now() - LONG_OVER
    waiting = Payment.state.in_([state.value for state in WAITING])
    yield "ends", ("支付超过一小时没有结果", select(Payment.id).where(waiting, stuck))
    returned = Payment.refunding_fen + Payment.refunded_fen
    late = (Payment.state == PaymentState.LATE.value) & (returned != Payment.amount_fen)
    yield "late_goes_back", ("取消后到账的钱没有安排退回", select(Payment.id).where(late))
