"""我也遇到: has it been reported already, joining it, and following how it goes on without seeing whose it is."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from app.core import clock
from app.core.reading import at_one_instant
from app.core.redaction import without_personal_data
from app.orders import followed as reading
from app.orders import following
from app.orders.followed import FollowedLine
from app.orders.lifecycle import Action
from app.orders.similar import Similar, find_here, similar
from miniprogram_api.content import checks
from miniprogram_api.feedback import RateIn
from miniprogram_api.fields import DoneOut, In, Instant, Out, PageIn, QueryId, RowId, SpotCode
from miniprogram_api.order_answers import ActionOut, said_moment
from miniprogram_api.orders import EventOut, event_out, may
from miniprogram_api.photo_answers import PhotoOut, photo_link, photo_out
from miniprogram_api.promise_answers import PromiseOut, due_words, promise_out
from miniprogram_api.routing import Routes
from miniprogram_api.session import RESIDENT, Caller

routes = Routes("following", tag="我也遇到")


class SimilarIn(In):
    """What kind of trouble, and where: the scanned sign, a chosen spot, a home of one's own, a building or the estate.
    With an estate alone nothing is found: it is too large to be one place."""

    category_code: Annotated[str, Field(pattern=r"^[A-Z][0-9]{2,4}$")]
    spot_code: SpotCode | None = None
    spot_id: QueryId | None = None
    home_id: QueryId | None = None
    building_id: QueryId | None = None
    estate_id: QueryId | None = None


class SimilarOneOut(Out):
    """An open report of the same trouble at the same place; nobody's name, home or words."""

    id: RowId
    category: str
    place: str
    status: str
    status_label: str
    submitted_at: Instant
    submitted_words: str
    households: int = Field(description="几户反映过,含报修人")
    words: str
    thumb: str | None
    mine: bool = Field(description="是本人报的")
    following: bool = Field(description="本人已点过“我也遇到”")


class SimilarOut(Out):
    """At most three, the newest first; none when it is new."""

    items: list[SimilarOneOut]


@routes.query("/similar", who=RESIDENT, asks=SimilarIn, out=SimilarOut, title="同样的问题报过没有")
def find_similar(caller: Caller, asked: SimilarIn) -> SimilarOut:
    """Of the last seven days: the same building, outdoors within 50 m. A place that is not one's own is a 404."""
    here = find_here(
        by=caller.scope,
        spot_code=asked.spot_code,
        spot_id=asked.spot_id,
        home_id=asked.home_id,
        building_id=asked.building_id,
        estate_id=asked.estate_id,
    )
    at = clock.now()
    return SimilarOut(
        items=[_similar(each, at) for each in similar(asked.category_code, here, by=caller.scope)]
    )


def _similar(found: Similar, at: datetime) -> SimilarOneOut:
    return SimilarOneOut(
        id=found.id,
        category=found.category,
        place=found.place,
        status=found.status.value,
        status_label=found.status.resident,
        submitted_at=found.submitted_at,
        submitted_words=said_moment(found.submitted_at),
        households=found.households,
        words=f"{'楼里' if found.in_building else '附近'}已有 {found.households} 户反映",
        thumb=photo_link(found.photo_id, "thumb", at) if found.photo_id else None,
        mine=found.mine,
        following=found.following,
    )


class FollowedLineOut(Out):
    """A followed order in a list."""

    id: RowId
    number: str
    category: str
    place: str
    estate: str
    office: str
    status: str
    status_label: str
    submitted_at: Instant
    joined_at: Instant
    next_due_at: Instant | None
    next_due_words: str
    late: bool
    extended: bool
    households: int
    words: str
    rated: bool
    thumb: str | None
    actions: list[ActionOut] = Field(description="rate 评价、unfollow 不再关注")


class FollowingOut(Out):
    """A page of what one follows, joined last first."""

    items: list[FollowedLineOut]
    next_cursor: str | None


class FollowedOut(FollowedLineOut):
    """A followed order: its steps, promises and the photos that the content check has passed."""

    worker: str | None
    round: int
    accepted_at: Instant | None
    expected_at: Instant | None
    finished_at: Instant | None
    closed_at: Instant | None
    timeline: list[EventOut]
    promises: list[PromiseOut]
    photos: list[PhotoOut]


@routes.query("/following", who=RESIDENT, asks=PageIn, out=FollowingOut, title="我关注的报修")
def my_following(caller: Caller, asked: PageIn) -> FollowingOut:
    """Finished ones stay until one no longer follows them."""
    page = reading.following_page(caller.scope, cursor=asked.cursor or None, limit=asked.limit)
    at = clock.now()
    items = [FollowedLineOut(**_line_values(each, at)) for each in page.items]
    return FollowingOut(items=items, next_cursor=page.next_cursor)


@routes.query("/following/<id:order_id>", who=RESIDENT, out=FollowedOut, title="关注的报修进展")
def followed(caller: Caller, order_id: int) -> FollowedOut:
    """A 404 for whoever does not follow it, the reporter included: he has the order itself."""
    at_one_instant()
    return _followed_out(caller, order_id)


class FollowIn(In):
    """Empty for who lives there; else the code of the sign before which one stands."""

    spot_code: SpotCode | None = None


@routes.command(
    "/orders/<id:order_id>/follow",
    who=may(Action.FOLLOW),
    takes=FollowIn,
    out=FollowedOut,
    title="我也遇到",
    rate="orders",
    consent=True,
)
def follow(caller: Caller, given: FollowIn, order_id: int) -> FollowedOut:
    """Joins an open report of a public area; one's own is refused, again is fine."""
    following.follow(order_id, by=caller.scope, spot_code=given.spot_code)
    return _followed_out(caller, order_id)


@routes.command("/orders/<id:order_id>/unfollow", who=RESIDENT, out=DoneOut, title="不再关注")
def unfollow(caller: Caller, order_id: int) -> DoneOut:
    """No more messages about it."""
    following.unfollow(order_id, by=caller.scope)
    return DoneOut(message="已不再关注,这张报修的消息不会再发给您")


@routes.command(
    "/following/<id:order_id>/rate",
    who=may(Action.RATE_FOLLOWED),
    takes=RateIn,
    out=FollowedOut,
    title="评价关注的报修",
    prepare=checks("text"),
)
def rate(caller: Caller, given: RateIn, verdict: str, order_id: int) -> FollowedOut:
    """Once for each repair; the order is the reporter's to close."""
    following.rate_followed(order_id, by=caller.scope, **given.model_dump())
    return _followed_out(caller, order_id)


def _followed_out(caller: Caller, order_id: int) -> FollowedOut:
    found = reading.followed(order_id, caller.scope)
    line, at = found.line, clock.now()
    return FollowedOut(
        **_line_values(line, at),
        worker=line.worker,
        round=line.round,
        accepted_at=line.accepted_at,
        expected_at=line.expected_at,
        finished_at=line.finished_at,
        closed_at=line.closed_at,
        timeline=[event_out(each, note=_clean(reading.note_of(each), line)) for each in found.events],
        promises=[promise_out(each, at) for each in found.clocks],
        photos=[photo_out(each, at) for each in found.photos],
    )


def _line_values(line: FollowedLine, at: datetime) -> dict[str, Any]:
    return {
        "id": line.id,
        "number": line.number,
        "category": line.category,
        "place": _clean(line.written_place, line),
        "estate": line.estate,
        "office": line.office,
        "status": line.status.value,
        "status_label": line.status.resident,
        "submitted_at": line.submitted_at,
        "joined_at": line.joined_at,
        "next_due_at": line.next_due_at,
        "next_due_words": due_words(line.next_due_at, at),
        "late": line.late,
        "extended": line.extended,
        "households": line.households,
        "words": f"共 {line.households} 户反映",
        "rated": line.rated,
        "thumb": photo_link(line.photo_id, "thumb", at) if line.photo_id else None,
        "actions": _actions(line),
    }


def _actions(line: FollowedLine) -> list[ActionOut]:
    rate_ = [ActionOut(action=Action.RATE.value, label=Action.RATE.label)] if line.may_rate else []
    return [*rate_, ActionOut(action="unfollow", label="不再关注")]


def _clean(text: str, line: FollowedLine) -> str:
    return without_personal_data(text, names=line.names)
