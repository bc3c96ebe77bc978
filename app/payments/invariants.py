"""What must be true of money at every instant, asked of live data: `flask money check`, the tests, the nightly job
(app/reconciliation/money_check.py).

Each question is one statement that finds what breaks the rule and whose money it is; nothing is repaired here, a person
looks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, Select, String, cast, func, literal, or_, select

from app.books.accounts import PUBLIC, Account, Book
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
ARRIVES_WITHIN = timedelta(days=7)
"""The slowest bank takes three working days; after a week the company has no money or WeChat wants a person."""
COMPANYS_OWN = frozenset(
    {
        Account.CASH,
        Account.DIFFERENCE,
        Account.TO_REFUND,
        Account.AGENCY,
        Account.OPENING,
        Account.PROPERTY_FEE,
        Account.PARKING_FEE,
        Account.REPAIR,
        Account.CHANNEL_FEE,
    }
)
"""Accounts that never stand in the owners' book."""
_PAID = (PaymentState.PAID.value, PaymentState.LATE.value)


@dataclass(frozen=True)
class Finding:
    """One thing that breaks a rule: its number as people read it, and the company in whose books it is."""

    number: str
    company_id: int


@dataclass(frozen=True)
class Broken:
    """A rule that does not hold: which, what was meant, and the first findings."""

    rule: str
    words: str
    findings: tuple[Finding, ...]

    @property
    def found(self) -> tuple[str, ...]:
        """Their numbers."""
        return tuple(each.number for each in self.findings)


def broken_rules(limit: int = SHOWN) -> list[Broken]:
    """Everything that is wrong with money now, at most `limit` findings of a rule; empty when all is well."""
    return [
        Broken(rule, words, findings)
        for rule, (words, statement) in _rules().items()
        if (findings := tuple(Finding(*row) for row in db.session.execute(statement.limit(limit))))
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


def _rules() -> Mapping[str, tuple[str, Select[str, int]]]:
    return dict(_books()) | dict(_sums()) | dict(_claims()) | dict(_ends())


def _payments() -> Select[str, int]:
    return select(Payment.out_trade_no, Payment.company_id)


def _refunds() -> Select[str, int]:
    return select(Refund.out_refund_no, Refund.company_id)


def _books() -> Iterator[tuple[str, tuple[str, Select[str, int]]]]:
    """Every entry balances; what moved at WeChat stands in the books, and nothing else does."""
    moved = func.sum(LedgerLine.debit_fen - LedgerLine.credit_fen)
    unbalanced = select(LedgerLine.entry_id).group_by(LedgerLine.entry_id).having(moved != 0)
    entry = select(LedgerEntry.subject, LedgerEntry.company_id)
    yield "balanced", ("凭证借贷不平", entry.where(LedgerEntry.id.in_(unbalanced)))
    yield "entry_whole", ("分录缺失,或企业、账簿、日期与凭证不一致", entry.where(_is_torn()))
    yield "books_apart", ("公共收益与企业自己的钱记错了账簿", entry.where(_is_in_the_wrong_book()))
    yield "whose", ("收款或退款记进了别的企业的账", entry.where(_is_of_another_company()))
    came = _at_wechat("payment", Payment.id)
    yield (
        "payment_posted",
        (
            "已付款与账上微信待结算款不一致",
            _payments().where(Payment.state.in_(_PAID), came != Payment.amount_fen),
        ),
    )
    went = _at_wechat("refund", Refund.id)
    done = Refund.step == RefundStep.DONE.value
    yield (
        "refund_posted",
        ("已退款与账上不一致", _refunds().where(done, went != -Refund.amount_fen)),
    )
    paid = select(Payment.id).where(Payment.id == _number("payment"), Payment.state.in_(_PAID))
    back = select(Refund.id).where(Refund.id == _number("refund"), done)
    yield (
        "no_money_without_a_row",
        (
            "账上有收款或退款,却没有对应的单据",
            entry.where(
                or_(
                    LedgerEntry.subject.startswith("payment:") & ~paid.exists(),
                    LedgerEntry.subject.startswith("refund:") & ~back.exists(),
                )
            ),
        ),
    )


def _is_torn() -> Any:
    """Lines repeat company, book and day of their entry, and every balance is a sum over lines."""
    mine = select(LedgerLine.id).where(LedgerLine.entry_id == LedgerEntry.id)
    other = or_(
        LedgerLine.company_id != LedgerEntry.company_id,
        LedgerLine.book != LedgerEntry.book,
        LedgerLine.entered_on != LedgerEntry.entered_on,
    )
    return ~mine.exists() | mine.where(other).exists()


def _is_in_the_wrong_book() -> Any:
    """What belongs to the owners together never stands in the company's book, nor the other way round (Civil Code
    282)."""
    owners = LedgerLine.account.in_([each.value for each in PUBLIC])
    company = LedgerLine.account.in_([each.value for each in COMPANYS_OWN])
    is_revenue = LedgerLine.book == Book.REVENUE.value
    wrong = select(LedgerLine.entry_id).where(or_(owners & ~is_revenue, company & is_revenue))
    return LedgerEntry.id.in_(wrong)


def _is_of_another_company() -> Any:
    """Money of a payment or refund belongs to the company that it names."""
    payment = select(Payment.id).where(
        Payment.id == _number("payment"), Payment.company_id != LedgerEntry.company_id
    )
    refund = select(Refund.id).where(
        Refund.id == _number("refund"), Refund.company_id != LedgerEntry.company_id
    )
    return or_(
        LedgerEntry.subject.startswith("payment:") & payment.exists(),
        LedgerEntry.subject.startswith("refund:") & refund.exists(),
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
        .select_from(LedgerEntry)
        .join(LedgerLine, LedgerLine.entry_id == LedgerEntry.id)
        # The entry by its unique subject, then its lines: while rows pour in the server's statistics are old, and it
        # read all lines for each payment instead (35,000 payments: more than a minute).
        .prefix_with("STRAIGHT_JOIN", dialect="mysql")
        .where(LedgerEntry.subject == _subject(kind, number), LedgerLine.account == Account.WECHAT.value)
        .scalar_subquery()
    )


def _sums() -> Iterator[tuple[str, tuple[str, Select[str, int]]]]:
    """A payment is the sum of its lines; what goes and went back is the sum of its refunds and never more than came."""
    lines = _sum(PaymentLine.amount_fen, PaymentLine.payment_id == Payment.id)
    yield "lines", ("支付金额与明细不符", _payments().where(lines != Payment.amount_fen))
    mine = Refund.payment_id == Payment.id
    done = _sum(Refund.amount_fen, mine & (Refund.step == RefundStep.DONE.value))
    yield "refunded", ("已退金额与退款单不符", _payments().where(done != Payment.refunded_fen))
    waiting = [step.value for step in UNFINISHED]
    open_ = _sum(Refund.amount_fen, mine & Refund.step.in_(waiting))
    yield "refunding", ("退款中金额与退款单不符", _payments().where(open_ != Payment.refunding_fen))
    back = Payment.refunding_fen + Payment.refunded_fen
    yield "refunds", ("退款超过了付款", _payments().where(back > Payment.amount_fen))
    parts = _sum(RefundLine.amount_fen, RefundLine.refund_id == Refund.id)
    yield "refund_lines", ("退款金额与明细不符", _refunds().where(parts != Refund.amount_fen))
    of_line = (
        select(RefundLine.payment_line_id, func.sum(RefundLine.amount_fen).label("fen"))
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(Refund.step == RefundStep.DONE.value)
        .group_by(RefundLine.payment_line_id)
        .subquery()
    )
    each = (
        _payments()
        .join(PaymentLine, PaymentLine.payment_id == Payment.id)
        .outerjoin(of_line, of_line.c.payment_line_id == PaymentLine.id)
    )
    yield (
        "line_refunded",
        (
            "明细的已退金额不符",
            each.where(func.coalesce(of_line.c.fen, 0) != PaymentLine.refunded_fen),
        ),
    )


def _sum(column: Any, where: Any) -> Any:
    return select(func.coalesce(func.sum(column), 0)).where(where).scalar_subquery()


def _claims() -> Iterator[tuple[str, tuple[str, Select[str, int]]]]:
    """Nothing is paid twice: who waits or is paid holds what it is for, who has ended or given it back does not."""
    joined = _payments().join(PaymentLine, PaymentLine.payment_id == Payment.id)
    holding = Payment.state.in_([state.value for state in HOLDING])
    back = PaymentLine.refunded_fen == PaymentLine.amount_fen
    should_hold = joined.where(holding, ~back, PaymentLine.claim.is_(None))
    yield "held", ("付款没有占住它付的项目", should_hold)
    should_not = joined.where(or_(~holding, back), PaymentLine.claim.is_not(None))
    yield "free", ("结束或已退的付款还占着项目", should_not)
    once = (
        select(PaymentLine.subject, func.min(Payment.company_id))
        .join(Payment, Payment.id == PaymentLine.payment_id)
        .where(Payment.state == PaymentState.PAID.value, ~back)
        .group_by(PaymentLine.subject)
        .having(func.count() > 1)
    )
    yield "paid_once", ("同一项目付了两次", once)


def _ends() -> Iterator[tuple[str, tuple[str, Select[str, int]]]]:
    """Every waiting payment ends in a fact, and so does every refund on its way; late money has its refund."""
    stuck = Payment.expires_at < clock.now() - LONG_OVER
    waiting = Payment.state.in_([state.value for state in WAITING])
    yield "ends", ("支付超过一小时没有结果", _payments().where(waiting, stuck))
    since = func.coalesce(Refund.second_at, Refund.requested_at)
    going = (Refund.step == RefundStep.SENDING.value) & (since < clock.now() - ARRIVES_WITHIN)
    yield "refund_ends", ("退款七天还没有到账", _refunds().where(going))
    returned = Payment.refunding_fen + Payment.refunded_fen
    late = (Payment.state == PaymentState.LATE.value) & (returned != Payment.amount_fen)
    yield "late_goes_back", ("取消后到账的钱没有安排退回", _payments().where(late))
