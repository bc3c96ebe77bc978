"""Fee standards, parking and bills of the demonstration (domain 4.3): three months and the present one for every home.

The history is silent: nobody is told of old bills. What was paid of them is in bill_payments.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import update

from app.core import clock
from app.core.clock import CHINA, china_date
from app.core.db import db, transact
from app.core.scope import SYSTEM
from app.fees import issuing, rules, spaces, standards
from app.fees.reminding import announce
from app.fees.rules import FeeKind
from app.fees.run_models import BillTelling
from app.fees.standards import NewStandard
from app.seeds.organisations import Desk
from app.seeds.people import Resident

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
