"""Orders as their reporter brings them in and finds them again; detail and timeline are for all who see an order."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.core.reading import at_one_instant
from app.core.roles import Role
from app.orders import evidence, lifecycle, queries, submitting
from app.orders.evidence import EventLine
from app.orders.lifecycle import LIFECYCLE, Action, Status
from app.orders.merging import told_to_reporter
from app.orders.moving import get_order
from app.orders.on_behalf import NAME_MAX, NOTE_MAX, NOTE_MIN
from app.orders.reading import step_words, words_for
from app.orders.rules import Clock
from app.orders.whereabouts import OnBehalf, Submission
from miniprogram_api.content import check_text
from miniprogram_api.fields import In, Instant, OneOf, Out, PageIn, PhotoIds, QueryBool, RowId, SpotCode, Text
from miniprogram_api.menus import CODES
from miniprogram_api.order_answers import (
    LinesOut,
    OrderOut,
    lines_out,
    order_out,
    said_moment,
)
from miniprogram_api.routing import Routes
from miniprogram_api.session import RESIDENT, SIGNED_IN, Caller

routes = Routes("orders", tag="报修")


def may(action: Action) -> frozenset[Role]:
    """Who may ever do this, from the lifecycle table; the system itself does not come through this door."""
    return LIFECYCLE.roles(action) & SIGNED_IN


class OnBehalfIn(In):
    """代老人报修: the person whom the worker calls; only for a home to which the reporter is tied as owner, family or
    helper."""

    name: Annotated[Text, Field(min_length=1, max_length=NAME_MAX)]
    phone: Annotated[str, Field(pattern=r"^[0-9 +-]{5,20}$", description="手机号,或带区号的座机")]
    consent_note: Annotated[Text, Field(min_length=NOTE_MIN, max_length=NOTE_MAX)] = Field(
        description="老人怎样同意的,如“电话里同意”"
    )


class SubmitIn(In):
    """A report. Bookings name `home_id` and `slot_id`, emergencies `home_id`, public matters a spot or an estate."""

    menu: Annotated[str, OneOf(CODES)]
    category_code: Annotated[str, Field(pattern=r"^[A-Z][0-9]{2,4}$")]
    text: Annotated[Text, Field(max_length=500)] = ""
    photo_ids: PhotoIds = []
    voice_id: RowId | None = None
    home_id: RowId | None = None
    slot_id: RowId | None = None
    spot_id: RowId | None = None
    spot_code: SpotCode | None = None
    estate_id: RowId | None = None
    place_note: Annotated[Text, Field(max_length=40)] = ""
    hazardous: bool = False
    on_behalf: OnBehalfIn | None = None


class PromisedOut(Out):
    """What was promised on the card."""

    clock: str
    label: str
    due_at: Instant


class SubmittedOut(Out):
    """The promise card, worth a screenshot."""

    order_id: RowId
    number: str
    status: str
    status_label: str
    submitted_at: Instant
    promises: list[PromisedOut]
    message: str


def _words(given: SubmitIn) -> str:
    consent = given.on_behalf.consent_note if given.on_behalf else ""
    return f"{given.text}\n{given.place_note}\n{consent}".strip()


def _check_submission(caller: Caller, given: SubmitIn) -> str:
    """Text and place note are read together, as the desk will read them."""
    return check_text(_words(given), account_id=caller.account_id, field="text")


@routes.command(
    "/orders",
    who=RESIDENT,
    takes=SubmitIn,
    out=SubmittedOut,
    title="提交报修",
    status=201,
    rate="orders",
    prepare=_check_submission,
    prepare_when=lambda given: bool(_words(given)),
    consent=True,
)
def submit(caller: Caller, given: SubmitIn, verdict: str) -> SubmittedOut:
    """Accepted also while WeChat is away: the words are then marked and checked later (X01)."""
    submission = Submission(
        menu=lifecycle.Menu(given.menu),
        category_code=given.category_code,
        text=given.text,
        photo_ids=given.photo_ids,
        voice_id=given.voice_id,
        home_id=given.home_id,
        slot_id=given.slot_id,
        spot_id=given.spot_id,
        spot_code=given.spot_code,
        estate_id=given.estate_id,
        place_note=given.place_note,
        hazardous=given.hazardous,
        text_check=verdict,
        on_behalf=OnBehalf(**given.on_behalf.model_dump()) if given.on_behalf else None,
    )
    return _card(submitting.submit(submission, by=caller.scope))


def _card(done: submitting.Submitted) -> SubmittedOut:
    answer_by = done.promises.get(Clock.ACCEPT)
    said = f"小区物业 {said_moment(answer_by)} 前答复您" if answer_by else "小区物业会尽快答复您"
    return SubmittedOut(
        order_id=done.order_id,
        number=done.number,
        status=done.status.value,
        status_label=done.status.resident,
        submitted_at=done.submitted_at,
        promises=[
            PromisedOut(clock=each.value, label=each.label, due_at=due) for each, due in done.promises.items()
        ],
        message=f"已收到,编号 {done.number}。{said}",
    )


class MineIn(PageIn):
    """All of them, or only those that are still being worked on (or are over)."""

    open: QueryBool | None = None


@routes.query("/orders", who=RESIDENT, asks=MineIn, out=LinesOut, title="我的记录")
def my_orders(caller: Caller, asked: MineIn) -> LinesOut:
    """The newest first."""
    statuses = None
    if asked.open is not None:
        statuses = [status for status in Status if (status in lifecycle.OPEN) is asked.open]
    page = queries.orders_page(
        caller.scope, cursor=asked.cursor or None, limit=asked.limit, statuses=statuses
    )
    return lines_out(page.items, caller.scope, next_cursor=page.next_cursor)


@routes.query("/orders/<id:order_id>", who=SIGNED_IN, out=OrderOut, title="工单详情")
def order(caller: Caller, order_id: int) -> OrderOut:
    """What this person may see of it and do with it now."""
    at_one_instant()
    return order_out(order_id, caller.scope)


class EventOut(Out):
    """One step of the timeline."""

    seq: int
    at: Instant
    action: str
    label: str
    status: str
    status_label: str
    role: str
    actor: str
    note: str


class TimelineOut(Out):
    """Everything that happened, in sequence."""

    items: list[EventOut]


INTERNAL = frozenset({Action.ASSIGN.value, Action.DECLINE.value, Action.LOG_CALL.value})
"""Notes that the company writes for itself: a resident reads the step, not the note."""
MASTERS_STEPS = frozenset({Action.TAKE_IN.value, Action.LET_GO.value})
"""Others' reports became part of this order; their numbers are not the reporter's business."""


@routes.query("/orders/<id:order_id>/timeline", who=SIGNED_IN, out=TimelineOut, title="工单进展")
def timeline(caller: Caller, order_id: int) -> TimelineOut:
    """People are named by title or surname only; who need not know the home reads notes without homes and numbers."""
    names = [get_order(order_id, caller.scope).contact_name or ""]
    return TimelineOut(items=[_event(each, caller.role, names) for each in evidence.timeline(order_id)])


def _event(line: EventLine, role: Role, names: list[str]) -> EventOut:
    if role is Role.RES and line.action in MASTERS_STEPS:
        return event_out(line, note=told_to_reporter(line.action, line.data))
    hidden = role is Role.RES and line.action in INTERNAL
    return event_out(line, note="" if hidden else words_for(role, line.note, names=names), role=role)


def event_out(line: EventLine, *, note: str, role: Role = Role.RES) -> EventOut:
    """A step with as much of its note as the reader may have, in words that fit him."""
    return EventOut(
        seq=line.seq,
        at=line.at,
        action=line.action,
        label=step_words(role, lifecycle.step_label(line.code, line.action, line.to_status)),
        status=line.to_status.value,
        status_label=line.to_status.resident,
        role=line.role.value,
        actor=line.actor,
        note=note,
    )
