"""When the system drafts something punitive, and what a person of the bureau makes of it (domain 3.6, ladder).

L3 drafts a 督办单. Three breaches of C1 or C2 by an office within seven days, or two clocks breached on one order,
draft an interview and a rectification notice, once for the office and week and once for the order; a month below the
mark does so too (monthly.py). A breach is that of the office which had the order then (app/orders/former.py); a 督办单
goes to the one that has it now, because it is to finish the work. Nothing is ever sent by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.audit import service as audit
from app.companies.models import Company, Office
from app.core import clock
from app.core.clock import in_china
from app.core.db import db, insert_once, table_of
from app.core.errors import Forbidden, NotFound, WrongState
from app.core.outbox import publish
from app.core.paging import Page, newest_page
from app.core.roles import Role
from app.core.scope import Scope, get_visible, visible
from app.orders.clock_models import Deadline, FormerPromise
from app.orders.former import office_of_promise
from app.orders.lifecycle import OPEN, Action, Status
from app.orders.models import Order
from app.orders.moving import cleaned, get_order, move
from app.orders.rules import Clock, Level, order_number
from app.supervision.draft_models import DraftKind, SupervisionDraft
from app.supervision.events import DraftSent

WINDOW = timedelta(days=7)
OFFICE_BREACHES = 3
ORDER_CLOCKS = 2
OFFICE_CLOCKS = (Clock.ACCEPT, Clock.VISIT, Clock.APPOINTMENT)
ORDER_PROMISES = (*OFFICE_CLOCKS, Clock.REPAIR, Clock.FUND)
OLDEST = timedelta(days=60)
"""A booking's visit may fall due weeks after its submission."""
SHOWN = 50


class NoSuchDraft(NotFound):
    """Hidden or missing."""

    code = "draft_not_found"
    message = "没有找到这份草稿"


class DraftDecided(WrongState):
    """Somebody has decided already."""

    code = "draft_decided"
    message = "这份草稿已经有人处理过了"


def draft_supervision(order: Order, which: str, round_: int) -> int:
    """L3 was reached: the draft of a 督办单, if the order is still open. Returns how many drafts are new."""
    if Status(order.status) not in OPEN:
        return 0
    row = _breaches(order.id, which=which, round_=round_)[0]
    number = order_number(order.id, order.menu, order.submitted_at)
    over = (clock.now() - row.due_at) // timedelta(hours=1)
    basis = f"{number} {Clock(which).label}时限 {_said(row.due_at)},已超 {over} 小时,仍未完成(L3)。"
    text = f"{_named(order.office_id)}:{basis}请接到本单后24小时内完成,并书面说明原因。"
    return _write(
        DraftKind.SUPERVISE, f"{order.id}:{which}:{round_}", addressee(order), basis, text, order.id
    )


def draft_repeated(order: Order, which: str, round_: int, due_at: datetime) -> int:
    """A promise was broken: whether the office whose promise it was has broken too many, on this order or altogether.
    Returns how many drafts are new."""
    whom = _who_broke(order, which, round_)
    return _of_the_order(order, whom) + _of_the_office(whom, due_at)


def _who_broke(order: Order, which: str, round_: int) -> Addressee:
    """The office that had the order when the promise fell due."""
    statement = (
        select(FormerPromise.office_id, FormerPromise.company_id)
        .join(Deadline, Deadline.id == FormerPromise.deadline_id)
        .where(
            FormerPromise.order_id == order.id,
            Deadline.clock == which,
            Deadline.round == round_,
            Deadline.level == Level.DUE.value,
        )
    )
    former = db.session.execute(statement).one_or_none()
    return Addressee(former.office_id, former.company_id, order.district_id) if former else addressee(order)


def _of_the_order(order: Order, whom: Addressee) -> int:
    broken = _breaches(order.id, office_id=whom.office_id)
    clocks = list(dict.fromkeys(row.clock for row in broken))
    if len(clocks) < ORDER_CLOCKS:
        return 0
    number = order_number(order.id, order.menu, order.submitted_at)
    names = "、".join(f"{Clock(row.clock).label}(应在 {_said(row.due_at)} 前)" for row in broken)
    basis = f"{number} 一张工单有 {len(clocks)} 个时限超时:{names}。"[:500]
    return draft_interview(f"order:{order.id}:{whom.office_id}", whom, basis, order_id=order.id)


def _of_the_office(whom: Addressee, due_at: datetime) -> int:
    year, week, _ = in_china(due_at).isocalendar()
    key = f"office:{whom.office_id}:{year}W{week:02d}"
    if _exists(f"{DraftKind.INTERVIEW}:{key}"):
        return 0
    begin = max(due_at - WINDOW, _last_draft(whom.office_id) or due_at - WINDOW)
    broken = _office_breaches(whom.office_id, begin, due_at)
    if len(broken) < OFFICE_BREACHES:
        return 0
    named = "、".join(
        f"{order_number(row.id, row.menu, row.submitted_at)}({Clock(row.clock).label})" for row in broken[:8]
    )
    basis = f"{_said(begin)} 至 {_said(due_at)},接单或到场超时 {len(broken)} 次:{named}。"
    return draft_interview(key, whom, basis)


def _exists(unique_key: str) -> bool:
    known = select(SupervisionDraft.id).where(SupervisionDraft.unique_key == unique_key)
    return db.session.scalar(known) is not None


def _breaches(
    order_id: int, *, which: str | None = None, round_: int | None = None, office_id: int | None = None
) -> Sequence[Deadline]:
    clocks = [each.value for each in ORDER_PROMISES] if which is None else [which]
    statement = select(Deadline).where(
        Deadline.order_id == order_id,
        Deadline.level == Level.DUE.value,
        Deadline.breached.is_(True),
        Deadline.clock.in_(clocks),
    )
    if round_ is not None:
        statement = statement.where(Deadline.round == round_)
    if office_id is not None:
        whose = statement.join(Order, Order.id == Deadline.order_id).outerjoin(
            FormerPromise, FormerPromise.deadline_id == Deadline.id
        )
        statement = whose.where(office_of_promise() == office_id)
    return db.session.scalars(statement.order_by(Deadline.due_at)).all()


@dataclass(frozen=True)
class _Broken:
    """One breach of an office."""

    id: int
    menu: str
    submitted_at: datetime
    clock: str


def _last_draft(office_id: int) -> datetime | None:
    """A breach counts towards one draft of a week: those before the last one are used up."""
    of_a_week = SupervisionDraft.unique_key.startswith(f"{DraftKind.INTERVIEW}:office:")
    mine = (SupervisionDraft.office_id == office_id) & of_a_week
    return db.session.scalar(select(func.max(SupervisionDraft.made_at)).where(mine))


def _office_breaches(office_id: int, begin: datetime, due_at: datetime) -> list[_Broken]:
    """By due instants, not by when they were fired: a sweep that was down changes nothing (K10). Two statements, each
    with its index: the orders that the office has, without what others left behind, and what it has left behind."""
    late = Order.late_accept.is_(True) | Order.late_visit.is_(True)
    broken = (
        select(Deadline.due_at, Deadline.id, Order.id, Order.menu, Order.submitted_at, Deadline.clock)
        .join(Deadline, Deadline.order_id == Order.id)
        .outerjoin(FormerPromise, FormerPromise.deadline_id == Deadline.id)
        .where(late, Order.submitted_at >= due_at - OLDEST)
        .where(Deadline.clock.in_([each.value for each in OFFICE_CLOCKS]))
        .where(Deadline.level == Level.DUE.value, Deadline.breached.is_(True))
        .where(Deadline.due_at > begin, Deadline.due_at <= due_at)
    )
    own = broken.where(Order.office_id == office_id, FormerPromise.deadline_id.is_(None))
    left = broken.where(FormerPromise.office_id == office_id)
    rows = [row for each in (own, left) for row in db.session.execute(each)]
    return [_Broken(*row[2:]) for row in sorted(rows, key=lambda row: (row[0], row[1]))]


@dataclass(frozen=True)
class Addressee:
    """Whom a draft is about."""

    office_id: int
    company_id: int
    district_id: int


def addressee(order: Order) -> Addressee:
    """The office that has the order."""
    return Addressee(order.office_id, order.company_id, order.district_id)


def draft_interview(key: str, whom: Addressee, basis: str, *, order_id: int | None = None) -> int:
    """An interview and a rectification notice on the same basis, once for the key; returns how many are new."""
    named = _named(whom.office_id)
    interview = f"{named}:{basis}请企业负责人和项目经理到房管局约谈,时间另行通知。"
    rectify = f"{named}:{basis}请在7日内查明原因、落实整改,并书面报告。"
    return _write(DraftKind.INTERVIEW, key, whom, basis, interview, order_id) + _write(
        DraftKind.RECTIFY, key, whom, basis, rectify, order_id
    )


def _named(office_id: int) -> str:
    names = (
        select(Company.name, Office.name)
        .join(Office, Office.company_id == Company.id)
        .where(Office.id == office_id)
    )
    company, office = db.session.execute(names).one()
    return f"{company}({office})"


def _write(kind: DraftKind, key: str, whom: Addressee, basis: str, text: str, order_id: int | None) -> int:
    row = {
        "unique_key": f"{kind}:{key}",
        "kind": kind.value,
        "order_id": order_id,
        "office_id": whom.office_id,
        "company_id": whom.company_id,
        "district_id": whom.district_id,
        "basis": basis,
        "text": text,
        "state": "draft",
        "made_at": clock.now(),
        "note": "",
    }
    return int(insert_once(table_of(SupervisionDraft), row))


def _said(at: datetime) -> str:
    return f"{in_china(at):%m月%d日 %H:%M}"


# ---- a person decides


def drafts(scope: Scope, *, state: str = "draft", cursor: str | None = None) -> Page[SupervisionDraft]:
    """What this hat may see, the newest first; raises Invalid for a foreign cursor."""
    mine = visible(SupervisionDraft, scope).where(SupervisionDraft.state == state)
    return newest_page(mine, SupervisionDraft, cursor=cursor, limit=SHOWN)


def send(draft_id: int, *, by: Scope, text: str) -> SupervisionDraft:
    """发出: the words as the person has left them. A 督办单 marks its order, which must still be open.

    Raises Forbidden, NoSuchDraft, DraftDecided, WrongOrderState."""
    draft = _undecided(draft_id, by)
    draft.text = cleaned(text, field="text", at_least=10, at_most=1000)
    if draft.kind == DraftKind.SUPERVISE and draft.order_id is not None:
        order = get_order(draft.order_id, by, lock=True)
        move(order, Action.SUPERVISE, by=by, note=draft.text[:300], data={"draft_id": draft.id})
        order.supervised = True
    _decide(draft, "sent", by=by)
    publish(DraftSent(draft.id))
    return draft


def drop(draft_id: int, *, by: Scope, reason: str) -> SupervisionDraft:
    """作废, with the reason; what it rested on stays on record."""
    draft = _undecided(draft_id, by)
    draft.note = cleaned(reason, field="reason", at_least=4, at_most=200)
    _decide(draft, "dropped", by=by)
    return draft


def _undecided(draft_id: int, by: Scope) -> SupervisionDraft:
    if by.role is not Role.BUR:
        raise Forbidden()
    draft = get_visible(SupervisionDraft, draft_id, by, lock=True, missing=NoSuchDraft())
    if draft.state != "draft":
        raise DraftDecided(fields={"state": draft.state})
    return draft


def _decide(draft: SupervisionDraft, state: str, *, by: Scope) -> None:
    draft.state, draft.decided_at, draft.decided_by = state, clock.now(), by.account_id
    audit.record(
        f"draft.{state}",
        by=by,
        object_kind="supervision_draft",
        object_id=draft.id,
        details={
            "kind": draft.kind,
            "order_id": draft.order_id,
            "office_id": draft.office_id,
            "note": draft.note,
        },
        district_id=draft.district_id,
    )
