"""Fee standards, parking and bills of the demonstration (domain 4.3): three months and the present one for every home,
and what residents of the estate with online payment have paid, each payment through the services.

The history is silent: nobody is told of old bills. Whoever has a phone in the sandbox still owes his last three months.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import select, update

from app.core import clock
from app.core.clock import CHINA, china_date
from app.core.db import db, transact
from app.core.scope import SYSTEM
from app.estates.models import Estate, Home
from app.fees import issuing, paying, rules, spaces, standards
from app.fees.bill_models import Bill
from app.fees.reminding import announce
from app.fees.rules import BillState, FeeKind
from app.fees.run_models import BillTelling
from app.fees.settling import take_over
from app.fees.standards import NewStandard
from app.payments.settling import Receiver, Settlement, settle
from app.seeds.credentials import sandbox_openid
from app.seeds.organisations import Desk
from app.seeds.people import Resident
from app.seeds.settled import nothing_is_told, trade_of
from config import Settings

MONTHS_BEFORE, STANDARDS_BEFORE = 3, 6
PRICES: Mapping[str, Mapping[FeeKind, int]] = {
    "gebudian": {FeeKind.PROPERTY: 5_500},
    "xiying": {FeeKind.PROPERTY: 5_000},
    "zhongcang": {FeeKind.PROPERTY: 6_000},
    "jinhao": {
        FeeKind.PROPERTY: 12_000,
        FeeKind.LIFT: 3_000,
        FeeKind.PARKING_PUBLIC: 1_500_000,
        FeeKind.PARKING_OWN: 600_000,
    },
    "yunhe": {FeeKind.PROPERTY: 26_000, FeeKind.PARKING_PUBLIC: 1_500_000, FeeKind.PARKING_OWN: 600_000},
}
METHODS = {
    FeeKind.PROPERTY: "按建筑面积按月计收",
    FeeKind.LIFT: "有电梯的楼栋按建筑面积另收",
    FeeKind.PARKING_PUBLIC: "占用业主共有场地,收入归全体业主",
    FeeKind.PARKING_OWN: "产权车位的管理服务费",
}
PAID_DAYS = (6, 9, 12, 15, 18, 20)
"""On which day of a month people pay; who has not by the day of the demonstration still owes."""


def charge_and_issue(now: datetime, desks: Mapping[str, Desk], residents: Sequence[Resident]) -> None:
    """Standards of five estates, a parking space for every second of their owners, and the bills of four months."""
    last = rules.period_of(china_date(now))
    begin = rules.months_later(last, -STANDARDS_BEFORE)
    transact(lambda: _set_standards(begin, desks), attempts=1)
    transact(lambda: _give_spaces(begin, desks, residents), attempts=1)
    for back in range(MONTHS_BEFORE, -1, -1):
        period = rules.months_later(last, -back)
        first = datetime.combine(rules.first_day(period), datetime.min.time(), CHINA) + timedelta(minutes=10)
        with clock.frozen(min(clock.to_ms(first), now)):
            issuing.issue(period, by=SYSTEM)
            transact(partial(_announced, rules.due_on(period)), attempts=1)


def _announced(due_on: date) -> None:
    """The month was announced long ago; reminders of what is still owed come on their days."""
    announce(due_on)
    rounds = update(BillTelling).where(BillTelling.done_at.is_(None))
    db.session.execute(rounds.values(done_at=BillTelling.made_at))


def _set_standards(begin: str, desks: Mapping[str, Desk]) -> None:
    for key, prices in PRICES.items():
        desk = desks[key]
        for kind, price in prices.items():
            wanted = NewStandard(desk.estate_id, kind.value, price, begin, METHODS[kind])
            standards.set_standard(wanted, company_id=desk.company_id, by=desk.company)


def _give_spaces(begin: str, desks: Mapping[str, Desk], residents: Sequence[Resident]) -> None:
    since = rules.first_day(begin)
    for key in ("jinhao", "yunhe"):
        owners = [each for each in residents if each.estate == key and each.homes]
        for number, home_id in enumerate(dict.fromkeys(each.homes[0] for each in owners)):
            kind = FeeKind.PARKING_PUBLIC if number % 4 == 1 else FeeKind.PARKING_OWN
            if number % 2:
                label = f"{'地面' if kind is FeeKind.PARKING_PUBLIC else '地下'}{number + 1:03d}"
                by = desks[key].company
                spaces.register_space(home_id, number=label, kind=kind.value, by=by, from_on=since)


def pay_past_bills(now: datetime, residents: Sequence[Resident], settings: Settings) -> int:
    """Most of what the residents owe where payment is open, on days of the past months; returns how many payments."""
    receiver = Receiver(settings.wechat_appid, settings.wechat_pay_mch_id)
    count = 0
    for number, resident in enumerate(_payers(residents)):
        transact(partial(_give_openid, resident, settings.wechat_appid), attempts=1)
        for at in _paying_days(number, now, owes_much=bool(resident.key)):
            count += transact(partial(_pay, resident, at, receiver), attempts=1)
    transact(nothing_is_told, attempts=1)
    return count


def _payers(residents: Sequence[Resident]) -> list[Resident]:
    """One for each home in an estate with payment."""
    open_ = set(db.session.scalars(select(Home.id).join(Home.estate).where(Estate.pay_enabled.is_(True))))
    found: dict[int, Resident] = {}
    for resident in residents:
        if resident.homes and resident.homes[0] in open_ and resident.can_report:
            found.setdefault(resident.homes[0], resident)
    return list(found.values())


def _give_openid(resident: Resident, appid: str) -> None:
    """Whoever pays by WeChat has signed in there once."""
    account = db.session.merge(resident.account)
    account.openid = account.openid or sandbox_openid(appid, f"resident-{account.id}")


def _paying_days(number: int, now: datetime, *, owes_much: bool) -> Iterable[datetime]:
    """One instant a month; the last month of every third person, and three of whoever owes much, are unpaid."""
    last = rules.period_of(china_date(now))
    until = 3 if owes_much else int(number % 3 == 0)
    for back in range(MONTHS_BEFORE, until - 1, -1):
        first = rules.first_day(rules.months_later(last, -back))
        day = first.replace(day=PAID_DAYS[number % len(PAID_DAYS)])
        at = datetime(day.year, day.month, day.day, 9 + number % 11, 7 * number % 60, tzinfo=CHINA)
        if at < now:
            yield clock.to_ms(at)


def _pay(resident: Resident, at: datetime, receiver: Receiver) -> int:
    """Everything that the home owes by then, in one payment for each company, arriving half a minute later."""
    due = select(Bill.id).where(Bill.home_id.in_(resident.homes), Bill.state == BillState.DUE.value)
    ids = list(db.session.scalars(due.where(Bill.issued_at < at)))
    if not ids:
        return 0
    with clock.frozen(at):
        payments = paying.pay(ids, by=resident.scope, client_ip="127.0.0.1")
    with clock.frozen(at + timedelta(seconds=30)):
        for payment in payments:
            settled = settle(payment.out_trade_no, trade_of(payment, receiver), receiver=receiver)
            assert settled is Settlement.SETTLED
        take_over(ids)
    return len(payments)
