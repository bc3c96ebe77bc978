"""What the demonstration's accountants find: invoices in every state, two fee questions, refunds that wait.

Made of what residents have paid already, by the same steps as in real life, each at an instant of the last weeks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select, update

from app.accounts.models import Account, BindingStatus, Hat, HomeBinding
from app.accounts.scopes import resident_scope
from app.companies.hats import scope_of
from app.core import clock
from app.core.db import db, transact
from app.core.outbox import DONE, WAITING, OutboxRow, dispatch_one
from app.core.roles import Role
from app.core.scope import Scope
from app.estates.models import Estate
from app.fees import questions
from app.fees.bill_models import Bill
from app.fees.rules import BillState
from app.invoices import issuing, requesting
from app.invoices.lifecycle import How, State, TitleKind
from app.invoices.models import Invoice
from app.invoices.rules import Wanted
from app.payments.models import Payment, PaymentState, Purpose
from app.payments.refund_rules import RefundReason
from app.payments.refunding import ask_refund, review
from app.reactions.table import REACTIONS
from app.supervision.counting_bills import count_stale, mark_period_stale

FIRST_NUMBER = 2_611_000_000_000_000_000
HOUR = timedelta(hours=1)
TOLD_FOR = timedelta(hours=6)
WANTED_INVOICES: tuple[tuple[State, How], ...] = (
    (State.COLLECTED, How.OFFICE),
    (State.DELIVERED, How.LETTERBOX),
    (State.REVERSED, How.OFFICE),
    (State.RETURNED, How.OFFICE),
    (State.READY, How.OFFICE),
    (State.DELIVERING, How.LETTERBOX),
    (State.ISSUED, How.OFFICE),
    (State.ISSUED, How.LETTERBOX),
    (State.REQUESTED, How.OFFICE),
    (State.REQUESTED, How.LETTERBOX),
    (State.REQUESTED, How.OFFICE),
)
"""The oldest payments have come the farthest."""
WITH_STORIES, WITH_A_REFUND = "运河示范苑", "葛布店北里"
"""Estates by the beginning of their names: most happens where residents have paid from the beginning."""
QUESTIONS = ("面积好像不对,房本上少2平方米", "这个数是怎么算出来的?")
ANSWER = "按登记面积乘以合同单价计算,明细在账单的“怎么算的”里,欢迎到管理处核对测绘报告。"


def tell_money_stories(now: datetime) -> None:
    """Invoices, refunds and questions around what was paid, and the figures of 收缴监管; nothing where nobody paid."""
    paid = _newest_payments(WITH_STORIES, len(WANTED_INVOICES) + 1)
    for payment in paid[:1]:
        _refund(payment, now)
    for payment in _newest_payments(WITH_A_REFUND, 1):
        _review(_refund(payment, now), payment.company_id, now)
    for (state, how), payment in zip(WANTED_INVOICES, paid[1:], strict=False):
        _invoice(payment, state, how, now)
    for number, (bill, asker) in enumerate(_bills_to_ask_about(len(QUESTIONS))):
        _question(bill, asker, number, now)
    transact(lambda: _forget_what_is_old(now))
    _tell_what_is_new(now)
    _count_collection()


def _newest_payments(estate: str, count: int) -> list[Payment]:
    """The last ones there for bills of which nothing went back, the oldest of them first; those of residents where
    residents have paid."""
    untouched = (Payment.refunding_fen == 0) & (Payment.refunded_fen == 0)
    bills = (Payment.state == PaymentState.PAID.value) & (Payment.purpose == Purpose.BILLS.value)
    there = Payment.estate_id.in_(select(Estate.id).where(Estate.name.startswith(estate)))
    lives = (HomeBinding.account_id == Payment.payer_id) & (HomeBinding.status == BindingStatus.ACTIVE.value)
    is_resident = select(HomeBinding.id).where(lives).exists()
    newest = (
        select(Payment)
        .where(bills, untouched, there)
        .order_by(is_resident.desc(), Payment.paid_at.desc(), Payment.id.desc())
    )
    return list(db.session.scalars(newest.limit(count)))[::-1]


def _tell_what_is_new(now: datetime) -> None:
    """As the scheduler would have done until now."""
    with clock.frozen(now):
        while dispatch_one(REACTIONS):
            pass


def _forget_what_is_old(now: datetime) -> None:
    """Nobody hears today of what happened days ago."""
    old = (OutboxRow.state == WAITING) & (OutboxRow.created_at < now - TOLD_FOR)
    db.session.execute(update(OutboxRow).where(old).values(state=DONE, done_at=OutboxRow.created_at))


def _count_collection() -> None:
    """What the silent history did not ask for."""
    for period in db.session.scalars(select(Bill.period).distinct().order_by(Bill.period)).all():
        transact(partial(mark_period_stale, period), attempts=1)
    while transact(partial(count_stale, 50), attempts=1):
        pass


def _accountant(company_id: int) -> Scope:
    mine = (Hat.role == Role.FIN.value) & (Hat.company_id == company_id) & Hat.ended_at.is_(None)
    return scope_of(db.session.scalars(select(Hat).where(mine).order_by(Hat.id).limit(1)).one())


def _at(instant: datetime, work: Callable[[], object]) -> None:
    with clock.frozen(instant):
        transact(work, attempts=1)


def _steps(payment: Payment, now: datetime) -> Iterator[datetime]:
    """Instants after the payment and before now, three hours apart or closer."""
    assert payment.paid_at is not None
    step = min(3 * HOUR, (now - payment.paid_at) / 8)
    at = payment.paid_at
    while True:
        at = clock.to_ms(at + step)
        yield at


def _invoice(payment: Payment, state: State, how: How, now: datetime) -> None:
    payment_id, by = payment.id, _accountant(payment.company_id)
    payer = resident_scope(payment.payer_id)
    name = db.session.get_one(Account, payment.payer_id).name or "居民"
    number = str(FIRST_NUMBER + payment_id)
    wanted = Wanted(how, TitleKind.PERSON, name)
    at = _steps(payment, now)
    made: list[int] = []

    def ask() -> None:
        made.append(requesting.request(payment_id, wanted, electronic_offered=False, by=payer).id)

    _at(next(at), ask)
    for work in _way_to(state, made[0], number, by):
        _at(next(at), work)


def _way_to(state: State, invoice_id: int, number: str, by: Scope) -> Sequence[Callable[[], Invoice]]:
    """The accountant's steps from the request to the state."""
    send_back = partial(issuing.send_back, invoice_id, reason="抬头请写全称,改好后再申请", by=by)
    issue = partial(issuing.issue, invoice_id, number=number, by=by)
    set_out = partial(issuing.set_out, invoice_id, by=by)
    hand_over = partial(issuing.hand_over, invoice_id, to="本人", by=by)
    reverse = partial(
        issuing.reverse, invoice_id, red_number=f"9{number}"[:20], reason="居民要求改抬头", by=by
    )
    return {
        State.REQUESTED: [],
        State.RETURNED: [send_back],
        State.ISSUED: [issue],
        State.READY: [issue, set_out],
        State.DELIVERING: [issue, set_out],
        State.COLLECTED: [issue, set_out, hand_over],
        State.DELIVERED: [issue, set_out, hand_over],
        State.REVERSED: [issue, reverse],
    }[state]


def _refund(payment: Payment, now: datetime) -> int:
    """Asked for by the payer; returns its id."""
    payment_id, payer = payment.id, resident_scope(payment.payer_id)
    made: list[int] = []

    def ask() -> None:
        words = "在管理处交过现金了"
        made.append(ask_refund(payment_id, by=payer, reason_code=RefundReason.DOUBLE, reason=words).id)

    _at(now - 5 * HOUR, ask)
    return made[0]


def _review(refund_id: int, company_id: int, now: datetime) -> None:
    """Looked at once: the company's administrator may let the money go."""
    by = _accountant(company_id)
    _at(now - 4 * HOUR, lambda: review(refund_id, by=by))


def _bills_to_ask_about(count: int) -> list[tuple[Bill, int]]:
    """Bills that wait, each of another home, with somebody who lives there."""
    living = (HomeBinding.home_id == Bill.home_id) & (HomeBinding.status == BindingStatus.ACTIVE.value)
    due = (
        select(Bill, HomeBinding.account_id)
        .join(HomeBinding, living)
        .where(Bill.state == BillState.DUE.value)
    )
    found: dict[int, tuple[Bill, int]] = {}
    for bill, account_id in db.session.execute(due.order_by(Bill.id.desc()).limit(200)):
        found.setdefault(bill.home_id, (bill, account_id))
    return list(found.values())[:count]


def _question(bill: Bill, asker: int, number: int, now: datetime) -> None:
    bill_id, resident, finance = bill.id, resident_scope(asker), _accountant(bill.company_id)
    made: list[int] = []

    def ask() -> None:
        made.append(questions.ask(bill_id, text=QUESTIONS[number], by=resident).id)

    _at(now - (30 + 10 * number) * HOUR, ask)
    if number:
        _at(now - 8 * HOUR, lambda: questions.answer(made[0], text=ANSWER, by=finance))
