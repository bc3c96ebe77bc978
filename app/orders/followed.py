"""What a follower reads of an order: place, status, steps, promises, checked photos; no person and no home.

A way of its own beside `visible(Order, scope)`: that one shows a whole order to those who have to do with it. Reads
begin at the follower's own rows, so who has left an order finds nothing here either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, select

from app.catalogue.models import Category
from app.companies.models import Office, Worker
from app.core import clock
from app.core.db import db
from app.core.paging import DEFAULT_LIMIT, Page, decode_id_cursor, encode_cursor
from app.core.scope import Scope, condition
from app.estates.models import Building, Estate, PublicSpot
from app.media.models import CheckState, Photo
from app.orders.errors import OrderNotFound
from app.orders.evidence import ClockLine, EventLine, PhotoLine, clocks, timeline
from app.orders.follower_models import OrderFollower
from app.orders.lifecycle import LIFECYCLE, Action, Menu, Status
from app.orders.models import Order, OrderPhoto
from app.orders.rating_models import Rating
from app.orders.rules import RATE_WITHIN, Clock, order_number
from app.orders.similar import checked_photo, households, place_by_name

PHOTO_STEPS = ("submit", "site", "protection", "after", "reopen")
"""What was and what is; not the papers of an extension, nor what somebody adds to his stars."""
NOT_HIS_STEPS = frozenset(
    {
        Action.TAKE,
        Action.DECLINE,
        Action.LOG_CALL,
        Action.URGE,
        Action.ADD_PHOTOS,
        Action.REQUEST_EXTENSION,
        Action.REFUSE_EXTENSION,
        Action.FOLLOW,
        Action.RATE_FOLLOWED,
    }
)
"""Between the company and the reporter, or of other followers."""
WITH_NOTE = frozenset({Action.CHECK_IN, Action.FINISH, Action.REJECT})
"""Steps whose note the company has written for residents; all other notes stay where they are."""


@dataclass(frozen=True)
class FollowedLine:
    """One followed order in a list; instants are UTC. `written_place` and the notes of the steps are as people typed
    them: an edge takes `names` and whatever else is personal out before it shows them. `photo_id` has been checked."""

    follower_id: int
    joined_at: datetime
    id: int
    number: str
    category: str
    place: str
    written_place: str
    names: Sequence[str]
    estate: str
    office: str
    worker: str | None
    status: Status
    submitted_at: datetime
    accepted_at: datetime | None
    expected_at: datetime | None
    finished_at: datetime | None
    closed_at: datetime | None
    next_due_at: datetime | None
    late: bool
    extended: bool
    round: int
    households: int
    rated: bool
    may_rate: bool
    photo_id: int | None


@dataclass(frozen=True)
class Followed:
    """One followed order with its steps, promises and checked photos."""

    line: FollowedLine
    events: Sequence[EventLine]
    clocks: Sequence[ClockLine]
    photos: Sequence[PhotoLine]


def following_page(
    scope: Scope, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[FollowedLine]:
    """What this person follows, joined last first, in one statement."""
    statement = _lines(scope).order_by(OrderFollower.id.desc()).limit(limit + 1)
    before = decode_id_cursor(cursor)
    if before is not None:
        statement = statement.where(OrderFollower.id < before)
    found = _run(statement, scope)
    kept = found[:limit]
    return Page(kept, encode_cursor(kept[-1].follower_id) if len(found) > limit else None)


def followed(order_id: int, scope: Scope) -> Followed:
    """One followed order in four statements; raises OrderNotFound unless this person follows it."""
    found = _run(_lines(scope).where(Order.id == order_id), scope)
    if not found:
        raise OrderNotFound()
    return Followed(
        line=found[0],
        events=[each for each in timeline(order_id) if each.action not in NOT_HIS_STEPS],
        clocks=[each for each in clocks(order_id) if each.clock is not Clock.CONFIRM],
        photos=_photos(order_id),
    )


def note_of(step: EventLine) -> str:
    """What the company has written for residents about this step; an extension gives its reason."""
    if step.action == Action.APPROVE_EXTENSION:
        return str(step.data.get("reason", ""))
    return step.note if step.action in WITH_NOTE else ""


_ORDER_COLUMNS = (
    "id",
    "menu",
    "status",
    "submitted_at",
    "accepted_at",
    "expected_at",
    "finished_at",
    "closed_at",
    "next_due_at",
    "late_accept",
    "late_visit",
    "late_repair",
    "extended",
    "round",
    "place_public",
    "text_check",
    "contact_name",
)


def _lines(scope: Scope) -> Select[Any]:
    rated = exists().where(
        Rating.order_id == Order.id,
        Rating.round == Order.round,
        Rating.account_id == OrderFollower.account_id,
    )
    return (
        select(
            OrderFollower.id.label("follower_id"),
            OrderFollower.joined_at,
            *[getattr(Order, name) for name in _ORDER_COLUMNS],
            Category.name.label("category"),
            Building.number.label("building"),
            PublicSpot.name.label("spot"),
            Estate.name.label("estate"),
            Office.name.label("office"),
            Worker.title.label("worker"),
            households().label("households"),
            rated.label("rated"),
            checked_photo().label("photo_id"),
        )
        .select_from(OrderFollower)
        .join(Order, Order.id == OrderFollower.order_id)
        .join(Category, Category.code == Order.category_code)
        .join(Estate, Estate.id == Order.estate_id)
        .join(Office, Office.id == Order.office_id)
        .outerjoin(Worker, Worker.id == Order.worker_id)
        .outerjoin(Building, Building.id == Order.building_id)
        .outerjoin(PublicSpot, PublicSpot.id == Order.spot_id)
        .where(
            condition(OrderFollower, scope),
            OrderFollower.account_id == scope.account_id,
            OrderFollower.left_at.is_(None),
            Order.menu == Menu.REPORT.value,
        )
    )


def _run(statement: Select[Any], scope: Scope) -> list[FollowedLine]:
    at = clock.now()
    return [_line(row, scope, at) for row in db.session.execute(statement)]


def _line(row: Any, scope: Scope, at: datetime) -> FollowedLine:
    place = place_by_name(row.building, row.spot)
    status = Status(row.status)
    return FollowedLine(
        follower_id=row.follower_id,
        joined_at=row.joined_at,
        id=row.id,
        number=order_number(row.id, row.menu, row.submitted_at),
        category=row.category,
        place=place,
        written_place=row.place_public if row.text_check == CheckState.PASS else place,
        names=[row.contact_name] if row.contact_name else [],
        estate=row.estate,
        office=row.office,
        worker=row.worker,
        status=status,
        submitted_at=row.submitted_at,
        accepted_at=row.accepted_at,
        expected_at=row.expected_at,
        finished_at=row.finished_at,
        closed_at=row.closed_at,
        next_due_at=row.next_due_at,
        late=row.late_accept or row.late_visit or row.late_repair,
        extended=row.extended,
        round=row.round,
        households=row.households,
        rated=bool(row.rated),
        may_rate=_may_rate(status, row, scope, at),
        photo_id=row.photo_id,
    )


def _may_rate(status: Status, row: Any, scope: Scope, at: datetime) -> bool:
    """The conditions that `following.rate_followed` checks again."""
    if row.rated or LIFECYCLE.find(Action.RATE_FOLLOWED, status, scope.role) is None:
        return False
    return row.closed_at is None or at <= row.closed_at + RATE_WITHIN


def _photos(order_id: int) -> list[PhotoLine]:
    """Only what the content check has passed: a follower stands outside the order (X01)."""
    statement = (
        select(Photo.id, OrderPhoto.step, OrderPhoto.round, Photo.uploaded_at, Photo.width, Photo.height)
        .join(OrderPhoto, OrderPhoto.photo_id == Photo.id)
        .where(
            OrderPhoto.order_id == order_id,
            OrderPhoto.step.in_(PHOTO_STEPS),
            Photo.check_state == CheckState.PASS.value,
        )
        .order_by(OrderPhoto.id)
    )
    return [PhotoLine(*row, hidden=False) for row in db.session.execute(statement)]
