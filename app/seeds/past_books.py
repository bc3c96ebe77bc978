"""The books of the demonstration: past days reconciled with the bills that WeChat would have given, some vouchers, and
the public revenue of the last quarter, by the same steps as in real life.

Without it the first night of the demonstration would find that the sandbox knows nothing of the payments of the past.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import cast

from sqlalchemy import select, update

from app.accounts.models import Hat
from app.books import revenue, vouchers
from app.books.accounts import Account, Book
from app.books.quarters import Quarter, quarter_of
from app.books.voucher_models import Direction
from app.books.vouchers import NewVoucher
from app.companies.hats import scope_of
from app.companies.models import Company
from app.core import clock
from app.core.clock import china_date, start_of_china_day
from app.core.db import db, insert_once, table_of, transact
from app.core.roles import Role
from app.core.scope import Scope
from app.estates.models import Estate
from app.integrations.wechat.pay.contract import BillAnswer, BillRow, Outcome, PayGateway
from app.notifications.models import Notification
from app.payments.models import Merchant, Payment, Refund, RefundStep
from app.reconciliation.comparing import RECHECK_ALL, RECHECK_EVERY, compare, waiting_to_compare
from app.reconciliation.fetching import fetch_one
from app.reconciliation.models import BillFile
from app.reconciliation.planning import planned

BOOKED_COMPANY, BOOKED_ESTATE = "运河样例城市服务有限公司", "运河示范苑"
FEE_PER_MILLE = 6
MADE_AT = timedelta(hours=10, minutes=31)
WRITTEN_AT = timedelta(hours=9, minutes=40)
"""Time of day in China at which vouchers are entered."""
COSTS = (
    (Account.STAFF, 4_860_000, "管理处人员工资"),
    (Account.CLEANING, 1_280_000, "保洁服务费"),
    (Account.SECURITY, 2_560_000, "秩序维护外包费"),
    (Account.GREENERY, 380_000, "绿化养护"),
    (Account.ENERGY, 910_000, "公共水电费"),
)
"""Each month's expense of the company, fen."""
BOARDS_FEN, HEDGES_FEN, OPENING_FEN = 480_000, 96_000, 62_000_000


def keep_past_books(now: datetime) -> None:
    """Everything up to yesterday is reconciled and settled; nobody is told today of what was long ago."""
    _reconcile(china_date(now))
    transact(partial(_look_no_more, now))
    _write_vouchers(now)
    transact(_read_all)


def _reconcile(today: date) -> None:
    moved = dict.fromkeys(transact(partial(_days_with_money, today)))
    newest = ((each, today - timedelta(days=1)) for each in transact(_accounts))
    for (company_id, sub_mch_id), day in sorted({*moved, *newest}, key=lambda each: (each[1], each[0])):
        with clock.frozen(start_of_china_day(day + timedelta(days=1)) + MADE_AT):
            row = planned(company_id, sub_mch_id, day, clock.now())
            transact(partial(insert_once, table_of(BillFile), row))
            fetch_one(cast(PayGateway, PastBills()))
            for file_id in transact(waiting_to_compare):
                transact(partial(compare, file_id))


def _look_no_more(now: datetime) -> None:
    """A bill without differences is looked at again for three days; most of these have been over for months."""
    over = BillFile.compared_at < now - RECHECK_ALL - RECHECK_EVERY
    db.session.execute(update(BillFile).where(over).values(recheck_at=None))


def _days_with_money(today: date) -> list[tuple[tuple[int, str], date]]:
    paid = select(Payment.company_id, Payment.sub_mch_id, Payment.paid_on).where(Payment.paid_on < today)
    back = (
        select(Payment.company_id, Payment.sub_mch_id, Refund.refunded_on)
        .join(Refund, Refund.payment_id == Payment.id)
        .where(Refund.refunded_on < today)
    )
    rows = [*db.session.execute(paid.distinct()), *db.session.execute(back.distinct())]
    return [((row[0], row[1]), row[2]) for row in rows]


def _accounts() -> list[tuple[int, str]]:
    return [(each.company_id, each.sub_mch_id) for each in db.session.scalars(select(Merchant))]


class PastBills:
    """WeChat's bills of days on which the sandbox did not run yet: what our rows say, with the usual fee."""

    api = "v2"

    def bill(self, day: date, sub_mch_id: str = "") -> BillAnswer:
        """The bill of a day that is over."""
        rows = tuple(transact(lambda: [*_paid_rows(day, sub_mch_id), *_refund_rows(day, sub_mch_id)]))
        if not rows:
            return BillAnswer(Outcome.FAILED, "NO_BILL")
        return BillAnswer(Outcome.OK, rows=rows)


def _fee(fen: int) -> int:
    """0.6 %, half a fen up."""
    return (fen * FEE_PER_MILLE + 500) // 1000


def _paid_rows(day: date, sub_mch_id: str) -> Iterator[BillRow]:
    columns = (Payment.out_trade_no, Payment.transaction_id, Payment.paid_at, Payment.amount_fen)
    wanted = select(*columns).where(Payment.paid_on == day, Payment.sub_mch_id == sub_mch_id)
    for trade_no, transaction_id, paid_at, fen in db.session.execute(wanted):
        assert paid_at is not None
        yield BillRow(
            out_trade_no=trade_no,
            transaction_id=transaction_id or "",
            sub_mch_id=sub_mch_id,
            at=paid_at,
            state="SUCCESS",
            amount_fen=fen,
            fee_fen=_fee(fen),
        )


def _refund_rows(day: date, sub_mch_id: str) -> Iterator[BillRow]:
    wanted = (
        select(Refund, Payment)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Refund.refunded_on == day, Payment.sub_mch_id == sub_mch_id)
        .where(Refund.step == RefundStep.DONE.value)
    )
    for refund, payment in db.session.execute(wanted):
        assert refund.refunded_at is not None
        yield BillRow(
            out_trade_no=payment.out_trade_no,
            transaction_id=payment.transaction_id or "",
            sub_mch_id=payment.sub_mch_id,
            at=refund.refunded_at,
            state="REFUND",
            amount_fen=0,
            out_refund_no=refund.out_refund_no,
            refund_id=refund.refund_id or "",
            refund_fen=refund.amount_fen,
            refund_state="SUCCESS",
            fee_fen=-_fee(refund.amount_fen),
        )


@dataclass(frozen=True)
class Keepers:
    """The three persons behind a voucher, and the estate of their company that has common parking."""

    enters: Scope
    approves: Scope
    checks: Scope
    estate_id: int


def _write_vouchers(now: datetime) -> None:
    """Four months of one company: those of the past are checked against the bank, this month's wait for that, and the
    newest voucher waits for its second person."""
    keepers = transact(_keepers)
    if keepers is None:
        return
    month = china_date(now).replace(day=1)
    months = sorted([month, *(first for first, _ in zip(_months_before(month), range(3), strict=False))])
    for number, new in enumerate(_vouchers_of(months, keepers.estate_id), 1):
        transact(partial(_book, new, number, keepers, now))
    last = quarter_of(quarter_of(month).first - timedelta(days=1))
    _publish(last, keepers)
    waiting = _cost(Account.MAINTENANCE, 320_000, "电梯年检费", month)
    transact(lambda: vouchers.enter(waiting, by=keepers.enters))


def _keepers() -> Keepers | None:
    """None where the company has not the three of them."""
    company_id = db.session.scalar(select(Company.id).where(Company.name == BOOKED_COMPANY))
    estate_id = db.session.scalar(select(Estate.id).where(Estate.name.startswith(BOOKED_ESTATE)))
    mine = select(Hat).where(Hat.company_id == company_id, Hat.role.in_((Role.FIN.value, Role.CO.value)))
    by_role: dict[str, list[Scope]] = {Role.FIN.value: [], Role.CO.value: []}
    for hat in db.session.scalars(mine.order_by(Hat.id)):
        by_role[hat.role].append(scope_of(hat))
    accountants, admins = by_role[Role.FIN.value], by_role[Role.CO.value]
    if estate_id is None or len(accountants) < 2 or not admins:
        return None
    return Keepers(accountants[0], admins[0], accountants[1], int(estate_id))


def _months_before(first: date) -> Iterator[date]:
    while True:
        first = (first - timedelta(days=1)).replace(day=1)
        yield first


def _cost(account: Account, fen: int, memo: str, on: date) -> NewVoucher:
    return NewVoucher(Book.PROPERTY, Direction.EXPENSE, account, Account.BANK, fen, on, memo)


def _vouchers_of(months: list[date], estate_id: int) -> Iterator[NewVoucher]:
    opening = (
        Direction.INCOME,
        Account.OPENING,
        Account.BANK,
        OPENING_FEN,
        months[0],
        "启用平台记账时的银行余额",
    )
    yield NewVoucher(Book.PROPERTY, *opening)
    for place, month in enumerate(months):
        for account, fen, memo in COSTS:
            yield _cost(account, fen + place * 10_000, memo, month)
        boards = (Direction.INCOME, Account.ADVERTISING, Account.BANK, BOARDS_FEN, month, "电梯广告场地费")
        yield NewVoucher(Book.REVENUE, *boards, estate_id)
        hedges = (Direction.EXPENSE, Account.MAINTENANCE, Account.BANK, HEDGES_FEN, month, "补种绿篱")
        yield NewVoucher(Book.REVENUE, *hedges, estate_id)


def _book(new: NewVoucher, number: int, keepers: Keepers, now: datetime) -> None:
    """Entered and approved on its day; of a month that is over it has been checked when the bank's statement came."""
    morning = start_of_china_day(new.happened_on) + WRITTEN_AT
    with clock.frozen(min(morning, now)):
        voucher = vouchers.enter(new, by=keepers.enters)
    with clock.frozen(min(morning + timedelta(hours=3), now)):
        vouchers.approve(voucher.id, by=keepers.approves)
    if new.happened_on < china_date(now).replace(day=1):
        reference = f"网银流水 {new.happened_on:%Y%m}-{number:03d}"
        with clock.frozen(morning + timedelta(days=4)):
            vouchers.reconcile(voucher.id, reference=reference, by=keepers.checks)


def _publish(quarter: Quarter, keepers: Keepers) -> None:
    report_id = transact(lambda: revenue.draft(keepers.estate_id, quarter.code, by=keepers.enters).id)
    transact(lambda: revenue.approve(report_id, by=keepers.approves))
    transact(lambda: revenue.publish(report_id, by=keepers.approves))


def _read_all() -> None:
    mine = Notification.template == "finance"
    db.session.execute(update(Notification).where(mine).values(read_at=clock.now()))
