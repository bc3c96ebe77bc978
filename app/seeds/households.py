"""Who pays bills in the demonstration, and when: every household by its habit, so that 收缴监管 shows estates that
differ and arrears of one month to four (domain 4.1, 4.3).

Households are the residents of the estate with online payment, and everybody else's neighbours: payers with a name and
a WeChat account who have done nothing on the platform but pay, so that the residents remain the 168 of domain 4.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from sqlalchemy import func, insert, select

from app.accounts.models import Account, AccountStatus, PrivacyConsent
from app.accounts.privacy import PRIVACY, PRIVACY_VERSION
from app.core import clock
from app.core.clock import CHINA, china_date
from app.core.db import db, table_of
from app.estates.models import Home
from app.fees import rules
from app.seeds.credentials import sandbox_openid
from app.seeds.names import Names
from app.seeds.organisations import Desk
from app.seeds.people import Resident
from app.seeds.places import ESTATES

Habit = tuple[int, ...]
"""How many months ago, counted from the present one, a household paid all that it owed then; the oldest first."""

MONTHLY, EVERY_OTHER, NOW_AND_THEN, QUARTERLY, STOPPED, LONG_AGO, NEVER = (
    (3, 2, 1, 0), (2, 0), (3, 1), (1,), (3, 2), (3,), (),
)  # fmt: skip
HABITS: tuple[Habit, ...] = (MONTHLY, EVERY_OTHER, NOW_AND_THEN, QUARTERLY, STOPPED, LONG_AGO, NEVER)
OUT_OF_A_HUNDRED: Mapping[str, tuple[int, ...]] = {
    "gebudian": (54, 20, 3, 9, 3, 2, 9),
    "xiying": (50, 21, 3, 9, 4, 2, 11),
    "zhongcang": (42, 20, 3, 13, 4, 3, 15),
    "jinhao": (56, 18, 4, 10, 3, 2, 7),
    "yunhe": (64, 16, 4, 9, 2, 1, 4),
}
"""How many of a hundred neighbours have which of the HABITS. Of the month before the present one an estate has in the
end what all but the last three bring: 86, 83, 78, 88 and 93 %."""
PAID_DAYS = (3, 6, 9, 12, 15, 18, 20)
"""On which day of a month people pay; who has not by the day of the demonstration still owes."""
STRIDE = 37
EARLY = (5, 5, 4, 3, 2, 2, 1)
"""How many pay on which of the days: most when the bill is new."""


@dataclass(frozen=True)
class Household:
    """Who pays for which homes of one estate, and at which instants, the oldest first."""

    payer_id: int
    openid: str
    homes: tuple[int, ...]
    pays_at: tuple[datetime, ...]


def residents_who_pay(residents: Sequence[Resident], now: datetime, appid: str) -> list[Household]:
    """One for each home in the estate that began with online payment (domain 4.1); whoever has a phone in the sandbox
    owes his last three months, of the others every third one the last."""
    began = {plan.key for plan in ESTATES if plan.pay}
    found: dict[int, Resident] = {}
    for resident in residents:
        if resident.estate in began and resident.homes and resident.can_report:
            found.setdefault(resident.homes[0], resident)
    return [_of_resident(number, resident, now, appid) for number, resident in enumerate(found.values())]


def _of_resident(number: int, resident: Resident, now: datetime, appid: str) -> Household:
    account = db.session.merge(resident.account)
    account.openid = account.openid or sandbox_openid(appid, f"resident-{account.id}")
    habit = LONG_AGO if resident.key else MONTHLY[:-1] if number % 3 == 0 else MONTHLY
    clock_time = (PAID_DAYS[number % len(PAID_DAYS)], 9 + number % 11, 7 * number % 60)
    return Household(account.id, account.openid, tuple(resident.homes), _instants(habit, clock_time, now))


def neighbours(
    desks: Mapping[str, Desk],
    known: Sequence[Household],
    residents: Sequence[Resident],
    now: datetime,
    appid: str,
) -> list[Household]:
    """Everybody else in estates with bills: a home that is no resident's of the sandbox and in no known household."""
    dice = Random(f"anju households {china_date(now)}")  # noqa: S311 - repeatable chance, no secret
    taken = {home_id for each in known for home_id in each.homes}
    taken |= {home_id for each in residents if each.key for home_id in each.homes}
    paying = [
        (home_id, instants)
        for key in OUT_OF_A_HUNDRED
        for home_id, instants in _habits_of(key, desks[key].estate_id, taken, dice, now)
        if instants
    ]
    names, first_id = Names(dice), int(db.session.scalar(select(func.max(Account.id))) or 0) + 1
    found = [
        Household(payer_id, sandbox_openid(appid, f"household-{home_id}"), (home_id,), instants)
        for payer_id, (home_id, instants) in enumerate(paying, first_id)
    ]
    _write_accounts(found, names, since=min((each.pays_at[0] for each in found), default=now))
    return found


def _habits_of(
    key: str, estate_id: int, taken: set[int], dice: Random, now: datetime
) -> Iterator[tuple[int, tuple[datetime, ...]]]:
    """Every other home of the estate with its instants: as many of each habit as the table says, in any order."""
    homes = db.session.scalars(select(Home.id).where(Home.estate_id == estate_id).order_by(Home.id))
    others = [home_id for home_id in homes if home_id not in taken]
    table = [habit for habit, many in zip(HABITS, OUT_OF_A_HUNDRED[key], strict=True) for _ in range(many)]
    # In strides, so that of a last, unfilled hundred every habit has its share too.
    habits = [table[number * STRIDE % len(table)] for number in range(len(others))]
    dice.shuffle(habits)
    for home_id, habit in zip(others, habits, strict=True):
        [day] = dice.choices(PAID_DAYS, EARLY)
        yield home_id, _instants(habit, (day, dice.randint(8, 21), dice.randrange(60)), now)


def _instants(habit: Habit, clock_time: tuple[int, int, int], now: datetime) -> tuple[datetime, ...]:
    """Day, hour and minute in China in each month of the habit, as far as that has come."""
    day, hour, minute = clock_time
    present = rules.period_of(china_date(now))
    months = [rules.first_day(rules.months_later(present, -back)) for back in habit]
    instants = [datetime(each.year, each.month, day, hour, minute, tzinfo=CHINA) for each in months]
    return tuple(clock.to_ms(at) for at in instants if at < now)


def _write_accounts(households: Sequence[Household], names: Names, *, since: datetime) -> None:
    if not households:
        return
    accounts = [
        {
            "id": each.payer_id,
            "openid": each.openid,
            "name": names.next(),
            "status": AccountStatus.ACTIVE.value,
            "is_demo": True,
            "created_at": since,
        }
        for each in households
    ]
    consents = [
        {
            "account_id": each.payer_id,
            "document": PRIVACY,
            "version": PRIVACY_VERSION,
            "given_at": since,
        }
        for each in households
    ]
    db.session.execute(insert(table_of(Account)), accounts)
    db.session.execute(insert(table_of(PrivacyConsent)), consents)
