"""Telling residents of bills: once when a month's bills are there, then 7 days and 1 day before the last day and
7 and 30 days after it (S4-13, domain 3.13). In the app always, in WeChat to whom a consent is in stock.

A round is a row; its pages of accounts are worked off one transaction each, so a killed process goes on where it was,
two processes share the work, and nobody hears the same twice (the messages carry unique keys besides).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select, true

from app.accounts.models import Account, AccountStatus, BindingStatus, HomeBinding, Relation
from app.core import clock
from app.core.db import claim, db, insert_once, table_of
from app.core.money import yuan
from app.estates.models import Estate
from app.fees.bill_models import Bill
from app.fees.rules import SPACE_KINDS, BillState
from app.fees.run_models import BillTelling
from app.integrations.wechat.templates import compose
from app.notifications.consents import having_consent
from app.notifications.service import notify

ISSUED = "issued"
REMINDERS: Mapping[str, int] = {"before7": -7, "before1": -1, "after7": 7, "after30": 30}
"""Stage and how many days after the last day of paying it is said."""
ACCOUNTS_A_PAGE = 200
CATCH_UP_DAYS: Mapping[str, int] = {"before7": 2, "before1": 1, "after7": 2, "after30": 2}
"""How many days late a round may still begin: never so late that its words are no longer true."""
TEMPLATE = "bill"
BILLS_PAGE = "money/bills/bills"
"""Where a tap on the WeChat message leads."""
TOLD = (Relation.OWNER.value, Relation.CO_OWNER.value, Relation.TENANT.value)
"""Family and helpers see the bills and are not reminded of them."""


@dataclass(frozen=True)
class Owed:
    """What one person's homes owe by one day."""

    account_id: int
    bills: int
    fen: int


def plan_reminders(today: date) -> int:
    """Write the rounds that are due today and were not planned; returns how many are new."""
    new = 0
    for stage, days in REMINDERS.items():
        for late in range(CATCH_UP_DAYS[stage] + 1):
            due_on = today - timedelta(days=days + late)
            if _somebody_owes(due_on):
                new += plan_telling(stage, due_on)
    return new


def _somebody_owes(due_on: date) -> bool:
    """Whether bills of that day were ever announced; every issue and every import announces its own."""
    known = (BillTelling.stage == ISSUED) & (BillTelling.due_on == due_on)
    return db.session.scalar(select(BillTelling.id).where(known).limit(1)) is not None


def announce(due_on: date) -> int:
    """New bills of that day are there: a round for whoever owes them, and for later ones only for what is new."""
    rounds = (BillTelling.stage == ISSUED) & (BillTelling.due_on == due_on)
    newest = select(BillTelling).where(rounds).order_by(BillTelling.number.desc()).limit(1)
    before = db.session.scalars(newest).one_or_none()
    if before is None:
        return plan_telling(ISSUED, due_on)
    return plan_telling(ISSUED, due_on, number=before.number + 1, since_at=before.made_at)


def plan_telling(stage: str, due_on: date, number: int = 1, since_at: datetime | None = None) -> int:
    """One round of messages; planning it twice is planning it once. Returns 1 when it is new."""
    row = {
        "stage": stage,
        "due_on": due_on,
        "number": number,
        "since_at": since_at,
        "after_account_id": 0,
        "told": 0,
        "made_at": clock.now(),
    }
    return int(insert_once(table_of(BillTelling), row))


def tell_next_page(limit: int = ACCOUNTS_A_PAGE) -> bool:
    """Tell the next page of people of the oldest open round that nobody has claimed; False when there is none."""
    waiting = select(BillTelling).where(BillTelling.done_at.is_(None)).order_by(BillTelling.id).limit(1)
    telling = db.session.scalars(claim(waiting)).one_or_none()
    if telling is None:
        return False
    page = _accounts_after(telling.after_account_id, limit)
    reached = having_consent(page, TEMPLATE) if page else set()
    for owed in _owed(page, telling):
        telling.told += _tell(owed, telling, in_wechat=owed.account_id in reached)
    if len(page) < limit:
        telling.done_at = clock.now()
    else:
        telling.after_account_id = page[-1]
    return True


def _accounts_after(account_id: int, limit: int) -> list[int]:
    statement = (
        select(HomeBinding.account_id)
        .where(HomeBinding.account_id > account_id, HomeBinding.status == BindingStatus.ACTIVE.value)
        .distinct()
        .order_by(HomeBinding.account_id)
        .limit(limit)
    )
    return list(db.session.scalars(statement))


def _owed(account_ids: list[int], telling: BillTelling) -> list[Owed]:
    if not account_ids:
        return []
    with_parking = select(Estate.id).where(Estate.parking_enabled.is_(True))
    shown = Bill.kind.not_in([kind.value for kind in SPACE_KINDS]) | Bill.estate_id.in_(with_parking)
    living = HomeBinding.valid_to.is_(None) | (HomeBinding.valid_to >= clock.china_date(clock.now()))
    statement = (
        select(
            HomeBinding.account_id,
            func.count(Bill.id),
            func.sum(Bill.amount_fen - Bill.paid_fen + Bill.refunded_fen),
        )
        .join(Bill, Bill.home_id == HomeBinding.home_id)
        .join(Account, Account.id == HomeBinding.account_id)
        .where(HomeBinding.account_id.in_(account_ids), HomeBinding.status == BindingStatus.ACTIVE.value)
        .where(HomeBinding.relation.in_(TOLD), living, Account.status == AccountStatus.ACTIVE.value)
        .where(Bill.period <= f"{telling.due_on:%Y-%m}", Bill.due_on == telling.due_on)
        .where(true() if telling.since_at is None else Bill.issued_at > telling.since_at)
        .where(Bill.state == BillState.DUE.value, shown)
        .group_by(HomeBinding.account_id)
        .order_by(HomeBinding.account_id)
    )
    return [Owed(account_id, bills, int(fen)) for account_id, bills, fen in db.session.execute(statement)]


def _tell(owed: Owed, telling: BillTelling, *, in_wechat: bool) -> int:
    """The inbox costs one statement; only whom WeChat may reach is looked for there."""
    title, body = words(telling.stage, owed, telling.due_on)
    return int(
        notify(
            owed.account_id,
            unique_key=f"bills:{telling.due_on}:{telling.stage}:{telling.number}",
            template=TEMPLATE,
            title=title,
            body=body,
            wechat_fields=fields(owed, title, telling.due_on) if in_wechat else None,
            page=BILLS_PAGE,
            can_wait=True,
        )
    )


def fields(owed: Owed, title: str, due_on: date) -> dict[str, str]:
    """What stands in WeChat: how many bills, until the end of which day, how much. Pure."""
    last_minute = clock.start_of_china_day(due_on + timedelta(days=1)) - timedelta(minutes=1)
    matter = f"{title},共{owed.bills}笔账单"
    return compose(TEMPLATE, matter=matter, at=last_minute, note=yuan(owed.fen))


def words(stage: str, owed: Owed, due_on: date) -> tuple[str, str]:
    """Title and text; neither names a home or a person. Pure."""
    day = f"{due_on.month}月{due_on.day}日"
    what = f"您有 {owed.bills} 笔账单,共 {yuan(owed.fen)}"
    if stage == ISSUED:
        return "新账单", f"{what},请在 {day}前缴费。点“缴费”可以看每一笔怎么算的。"
    if stage == "before7":
        return "缴费提醒", f"{what},缴费日期是{day},还有一周。"
    if stage == "before1":
        return "缴费提醒", f"{what},缴费日期是{day},就快到了。"
    if stage == "after7":
        return "账单已过缴费日期", f"{what},缴费日期是{day},已经过了一周。刚刚缴过的请忽略。"
    return "账单已过缴费日期30天", f"{what},缴费日期是{day}。对账单有疑问,可以在账单里点“费用咨询”。"
