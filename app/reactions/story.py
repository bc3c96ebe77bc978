"""What a message may know of an order, read once: no home, no resident's name, no phone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.core.redaction import without_personal_data
from app.core.wording import promise_time, span
from app.estates.models import Home
from app.orders.clock_models import Deadline
from app.orders.extension_models import NORMAL, Extension
from app.orders.hold_offers import offer
from app.orders.lifecycle import Menu, Status
from app.orders.models import Completion, Order, OrderEvent, SiteVisit
from app.orders.quote_queries import waiting_quote
from app.orders.rating_models import Rating
from app.orders.rules import Clock, Level, order_number
from app.orders.settling import still_owed_fen
from app.orders.standstill import Standstill, standstill

MENU_LABELS = {menu.value: menu.label for menu in Menu}


@dataclass(frozen=True)
class Promise:
    """The promise of one clock and whether it was kept: `kept_at` is when the clock stopped."""

    due_at: datetime
    kept_at: datetime | None = None


@dataclass(frozen=True)
class Held:
    """The hold that runs: why, until when, the times that the resident may choose; `agreed` once he has."""

    reason: str
    until: datetime
    slots: tuple[tuple[datetime, datetime], ...] = ()
    agreed: bool = False


@dataclass(frozen=True)
class Quoted:
    """The quote that waits for the resident."""

    total_fen: int
    addition: bool
    until: datetime


@dataclass(frozen=True)
class Story:
    """One order as the messages tell it. Texts are free of personal data; instants are aware UTC."""

    order_id: int
    number: str
    menu: str
    menu_label: str
    matter: str
    place: str
    urgency: str
    round: int
    worker: str
    now: datetime
    promises: dict[str, Promise]
    slot: tuple[datetime, datetime] | None = None
    by_role: str = ""
    note: str = ""
    finding: str = ""
    expected_at: datetime | None = None
    result: str = ""
    finished_at: datetime | None = None
    closed_at: datetime | None = None
    happened_at: datetime | None = None
    extension_reason: str = ""
    stars: int | None = None
    has_account: bool = True
    hold: Held | None = None
    hold_ended: str = ""
    slot_released: bool = False
    quote: Quoted | None = None
    owed_fen: int = 0
    pays_online: bool = True
    standing: Standstill | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    def due(self, which: Clock) -> datetime | None:
        """The due instant of a clock in the order's current round."""
        promise = self.promises.get(which.value)
        return promise.due_at if promise else None

    @property
    def is_emergency(self) -> bool:
        """P0: people are in danger."""
        return self.urgency == "P0"

    @property
    def someone(self) -> str:
        """王师傅, or 师傅 while nobody is named."""
        return self.worker or "师傅"

    @property
    def visit_at(self) -> datetime | None:
        """Until when somebody will be there."""
        if self.slot and self.round == 0:
            return self.slot[1]
        return self.due(Clock.VISIT)

    def visit_words(self, otherwise: str) -> str:
        """明天 09:00–11:00 上门, 今天 14:40 前到, or `otherwise` when that time has passed."""
        if self.slot and self.round == 0 and self.slot[1] > self.now:
            return f"{span(*self.slot, self.now)} 上门"
        due = self.due(Clock.VISIT)
        return f"{promise_time(due, self.now)}到" if due and due > self.now else otherwise


def read_story(order: Order, *, seq: int | None = None) -> Story:
    """The story of an order as it stands; with `seq` also who did what in that event, and why."""
    clean = _cleaner(order)
    event = _event(order.id, seq)
    visit = _newest(SiteVisit, order)
    rating = _newest(Rating, order)
    completion = _newest(Completion, order)
    return Story(
        order_id=order.id,
        number=order_number(order.id, order.menu, order.submitted_at),
        menu=order.menu,
        menu_label=MENU_LABELS[order.menu],
        matter=order.category.name,
        place=clean(order.place_public),
        urgency=order.urgency,
        round=order.round,
        worker=order.worker.title if order.worker else "",
        now=clock.now(),
        promises=_promises(order),
        slot=(order.slot_begins_at, order.slot_ends_at)
        if order.slot_begins_at and order.slot_ends_at
        else None,
        by_role=event.actor_role if event else "",
        note=clean(event.note) if event else "",
        finding=clean(visit.finding) if visit else "",
        expected_at=visit.expected_at if visit else order.expected_at,
        result=clean(completion.result) if completion else "",
        finished_at=order.finished_at,
        closed_at=order.closed_at,
        happened_at=event.at if event else None,
        extension_reason=clean(_extension_reason(order)),
        stars=_stars(event, rating),
        has_account=order.reporter_id is not None,
        hold=_hold(order),
        standing=standstill(order),
        hold_ended=(event.data or {}).get("how", "") if event else "",
        slot_released=bool((event.data or {}).get("released")) if event else False,
        quote=_quote(order),
        owed_fen=still_owed_fen(order),
        pays_online=order.estate.pay_enabled,
        data=(event.data or {}) if event else {},
    )


def _hold(order: Order) -> Held | None:
    offered = offer(order, at=clock.now())
    if offered is None:
        return None
    slots = tuple((slot.begins_at, slot.ends_at) for slot in offered.slots)
    return Held(offered.hold.reason, offered.until, slots, offered.hold.slot_id is not None)


def _quote(order: Order) -> Quoted | None:
    if order.status != Status.QUOTED:
        return None
    waiting = waiting_quote(order.id)
    return Quoted(waiting.total_fen, waiting.addition, waiting.expires_at) if waiting else None


def _cleaner(order: Order) -> Callable[[str], str]:
    """Removes what may identify the order's home and reporter."""
    number = db.session.scalar(select(Home.number).where(Home.id == order.home_id)) if order.home_id else None
    homes = [number or ""]
    if order.place_full != order.place_public:
        homes.append(order.place_full)
    names = [order.contact_name or ""]
    return lambda text: without_personal_data(text, homes=homes, names=names)


def _event(order_id: int, seq: int | None) -> OrderEvent | None:
    if seq is None:
        return None
    mine = (OrderEvent.order_id == order_id) & (OrderEvent.seq == seq)
    return db.session.scalars(select(OrderEvent).where(mine)).one()


def _stars(event: OrderEvent | None, rating: Rating | None) -> int | None:
    """The stars that this event gave; several people may rate at once. Else those that were given last."""
    given = (event.data or {}).get("stars") if event else None
    return given or (rating.stars if rating else None)


Evidence = TypeVar("Evidence", SiteVisit, Completion, Rating)


def _newest(model: type[Evidence], order: Order) -> Evidence | None:
    """The last piece of evidence of its kind in the current round."""
    mine = (model.order_id == order.id) & (model.round == order.round)
    return db.session.scalars(select(model).where(mine).order_by(model.id.desc()).limit(1)).first()


def _extension_reason(order: Order) -> str:
    """Why the ordinary extension of this round was asked for last; a special one says more than residents read."""
    mine = (Extension.order_id == order.id) & (Extension.round == order.round) & (Extension.kind == NORMAL)
    newest = select(Extension.reason).where(mine).order_by(Extension.id.desc()).limit(1)
    return db.session.scalar(newest) or ""


def _promises(order: Order) -> dict[str, Promise]:
    rows = db.session.execute(
        select(Deadline.clock, Deadline.due_at, Deadline.stopped_at).where(
            Deadline.order_id == order.id,
            Deadline.round == order.round,
            Deadline.level == Level.DUE.value,
        )
    )
    return {row.clock: Promise(row.due_at, row.stopped_at) for row in rows}
