"""不实报事 (domain 3.8): after five reports within thirty days that were rejected as untrue or malicious a person may
send one order a day, until the oldest of them is thirty days old or the bureau lifts the limit. It is no ban.

Nothing is stored for the limit itself: the rejections stand in the orders, and the lifting is its record in the audit
log, which nobody can change. A rejection that street or bureau have found wrong is none any more, and one whose appeal
still waits does not count yet. Whoever reports danger is never refused, and neither is what the desk enters.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, or_, select

from app.accounts.models import Account
from app.audit import service as audit
from app.audit.models import AuditRecord
from app.core import clock
from app.core.db import db, lock, table_of
from app.core.errors import NotFound, WrongState
from app.core.masking import mask_name
from app.core.paging import Page, decode_instant_cursor, encode_cursor
from app.core.roles import Role
from app.core.scope import Scope, condition
from app.notifications.service import notify
from app.orders.declarations import bureau_district
from app.orders.errors import OneOrderADay
from app.orders.lifecycle import Status
from app.orders.limits import CALM
from app.orders.models import Order
from app.orders.moving import cleaned
from app.orders.rules import order_number

FALSE = ("untrue", "malicious")
"""The codes of a rejection that say that nothing was there; the others are no fault of the reporter."""
MANY, WITHIN = 5, timedelta(days=30)
LIFT = "false_reports.lift"
PEOPLE, NUMBERS = 20, 20
SENT_WITHIN = 2 * WITHIN
"""How far back the bureau's list looks for orders that were rejected within thirty days."""

_ORDERS = table_of(Order)
_REJECTED_AS_FALSE = (
    (_ORDERS.c.status == Status.REJECTED.value)
    & _ORDERS.c.reject_code.in_(FALSE)
    & _ORDERS.c.appeal_open.is_(False)
    & _ORDERS.c.entered_by.is_(None)
)
_COUNT = (
    select(func.count())
    .select_from(_ORDERS)
    .where(
        _ORDERS.c.reporter_id == bindparam("account"),
        _ORDERS.c.rejected_at > bindparam("since"),
        _REJECTED_AS_FALSE,
    )
)


def check(row: Mapping[str, Any], *, by: Scope, at: datetime) -> None:
    """Whether the order that is about to be written may be; raises OneOrderADay. One statement for nearly everybody."""
    calm = row["urgency"] in CALM and not row["hazardous"]
    if by.role is not Role.RES or by.account_id is None or not calm:
        return
    false_reports = _count(by.account_id, at - WITHIN)
    if false_reports < MANY or not is_limited(by.account_id, at):
        return
    _lock(by.account_id)  # of two orders at once the second waits and is counted
    today = _sent_today(by.account_id, at)
    if today is not None:
        raise OneOrderADay(
            f"您近30天有{false_reports}件报事被核实为不实,现在每天可以报1件,今天已报过 {today}。"
            "请明天再报;急事请打物业电话或962121,有危险随时可以报。"
            "如果判断有误,请在那张工单里申诉,或请房管局解除限制",
            fields={"number": today},
        )


def is_limited(account_id: int, at: datetime) -> bool:
    """Whether five false reports of the last thirty days count, those before a lifting left out."""
    lifted_at = _lifted_at(account_id)
    since = max(at - WITHIN, lifted_at) if lifted_at else at - WITHIN
    return _count(account_id, since) >= MANY


def _count(account_id: int, since: datetime) -> int:
    return int(db.session.scalar(_COUNT, {"account": account_id, "since": since}) or 0)


def _lifted_at(account_id: int) -> datetime | None:
    mine = (AuditRecord.object_kind == "account") & (AuditRecord.object_id == str(account_id))
    return db.session.scalar(select(func.max(AuditRecord.at)).where(mine, AuditRecord.action == LIFT))


def _lock(account_id: int) -> None:
    db.session.execute(lock(select(table_of(Account).c.id).where(table_of(Account).c.id == account_id)))


def _sent_today(account_id: int, at: datetime) -> str | None:
    """The number of the newest order that he has sent himself since midnight in China."""
    columns = _ORDERS.c["id", "menu", "submitted_at"]
    statement = select(*columns).where(
        _ORDERS.c.reporter_id == account_id,
        _ORDERS.c.entered_by.is_(None),
        _ORDERS.c.submitted_at >= clock.start_of_china_day(clock.china_date(at)),
    )
    row = db.session.execute(statement.order_by(_ORDERS.c.id.desc()).limit(1)).one_or_none()
    return order_number(row.id, row.menu, row.submitted_at) if row else None


@dataclass(frozen=True)
class LimitedPerson:
    """Who may send one order a day, as the bureau reads it: no full name, no number, no home."""

    account_id: int
    name: str
    orders: Sequence[tuple[int, str]]
    last_at: datetime


def limited_people(by: Scope, *, cursor: str | None = None, limit: int = PEOPLE) -> Page[LimitedPerson]:
    """Those with five false reports in this district who are limited, the newest rejection first; four statements a
    page, however many people. Raises Invalid for a foreign cursor."""
    bureau_district(by)
    at, last_at = clock.now(), func.max(Order.rejected_at)
    statement = (
        select(Order.reporter_id, Account.name, last_at.label("last_at"))
        .join(Account, Account.id == Order.reporter_id)
        .where(condition(Order, by), *_lately(at))
        .group_by(Order.reporter_id, Account.name)
        .having(func.count() >= MANY, *_further(cursor, last_at))
        .order_by(last_at.desc(), Order.reporter_id.desc())
        .limit(limit + 1)
    )
    rows = db.session.execute(statement).all()
    kept = rows[:limit]
    accounts = [row.reporter_id for row in kept]
    limited, orders = _limited(accounts, at), _orders_of_many(accounts, by, at)
    people = [
        LimitedPerson(row.reporter_id, mask_name(row.name), orders.get(row.reporter_id, ()), row.last_at)
        for row in kept
        if row.reporter_id in limited
    ]
    more = len(rows) > limit
    return Page(people, encode_cursor(kept[-1].last_at.isoformat(), kept[-1].reporter_id) if more else None)


def _further(cursor: str | None, last_at: Any) -> tuple[Any, ...]:
    position = decode_instant_cursor(cursor)
    if position is None:
        return ()
    at, account_id = position
    return (or_(last_at < at, (last_at == at) & (Order.reporter_id < account_id)),)


def _limited(account_ids: Sequence[int], at: datetime) -> set[int]:
    """Who of them `is_limited`, in two statements; reports of other districts count too."""
    named = [str(each) for each in account_ids]
    lifted_at = {
        int(row[0]): row[1]
        for row in db.session.execute(
            select(AuditRecord.object_id, func.max(AuditRecord.at))
            .where(
                AuditRecord.object_kind == "account",
                AuditRecord.object_id.in_(named),
                AuditRecord.action == LIFT,
            )
            .group_by(AuditRecord.object_id)
        )
    }
    reports = select(_ORDERS.c.reporter_id, _ORDERS.c.rejected_at).where(
        _ORDERS.c.reporter_id.in_(account_ids), _ORDERS.c.rejected_at > at - WITHIN, _REJECTED_AS_FALSE
    )
    counted = Counter(
        row.reporter_id
        for row in db.session.execute(reports)
        if row.rejected_at > lifted_at.get(row.reporter_id, at - WITHIN)
    )
    return {account_id for account_id, count in counted.items() if count >= MANY}


def _lately(at: datetime) -> tuple[Any, ...]:
    return (_REJECTED_AS_FALSE, Order.rejected_at > at - WITHIN, Order.submitted_at > at - SENT_WITHIN)


def _orders_of_many(
    account_ids: Sequence[int], by: Scope, at: datetime
) -> Mapping[int, list[tuple[int, str]]]:
    """Ids and numbers of what was rejected, by person, as far as this bureau sees it."""
    theirs = select(Order.id, Order.menu, Order.submitted_at, Order.reporter_id).where(
        condition(Order, by), Order.reporter_id.in_(account_ids), *_lately(at)
    )
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for row in db.session.execute(theirs.order_by(Order.id)):
        if len(found[row.reporter_id]) < NUMBERS:
            found[row.reporter_id].append((row.id, order_number(row.id, row.menu, row.submitted_at)))
    return found


def lift(account_id: int, *, by: Scope, reason: str) -> None:
    """解除限制 by the bureau: what was rejected before counts no more; audited, and the person is told.

    Raises Forbidden, NotFound for whom this district has rejected nothing of, WrongState when there is no limit.
    """
    district_id = bureau_district(by)
    at = clock.now()
    if not _orders_of_many([account_id], by, at):
        raise NotFound()
    words = cleaned(reason, field="reason", at_least=4, at_most=200)
    _lock(account_id)
    if not is_limited(account_id, at):
        raise WrongState("这位居民现在没有限制,列表已更新")
    details = {"reason": words, "orders": _count(account_id, at - WITHIN)}
    audit.record(
        LIFT, by=by, object_kind="account", object_id=account_id, details=details, district_id=district_id
    )
    notify(
        account_id,
        unique_key=f"false_reports:{account_id}:{at.isoformat()}",
        template="false_reports",
        title="可以照常报事了",
        body="房管局已解除每天报1件的限制。报事时请写明地点和情况,最好拍一张照片。",
    )
