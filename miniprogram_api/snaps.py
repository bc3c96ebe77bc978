"""随手拍 / 我要吐槽: a resident sends, the office opens and answers within its promised days (S1-10..S1-15, S3-22)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.core.roles import Role
from app.core.wording import promise_time
from app.feedback import answering, queries, rules, sending
from app.feedback.lifecycle import LIFECYCLE, Action, Kind, Status, Topic
from app.feedback.rules import snap_number
from app.feedback.sending import Sending
from miniprogram_api.content import check_text, checks
from miniprogram_api.fields import In, Instant, OneOf, Out, PageIn, PhotoIds, QueryBool, RowId, SpotCode, Text
from miniprogram_api.routing import Routes
from miniprogram_api.session import RESIDENT, SIGNED_IN, Caller
from miniprogram_api.snap_answers import SnapLinesOut, SnapOut, lines_out, snap_out

routes = Routes("snaps", tag="随手拍")
READERS = SIGNED_IN - {Role.WRK}
"""A worker mends what has become an order; what residents say of the company is not his to read."""
KINDS, TOPICS = tuple(each.value for each in Kind), tuple(each.value for each in Topic)


def may(action: Action) -> frozenset[Role]:
    """Who may ever do this, from the lifecycle table; the system itself does not come through this door."""
    return LIFECYCLE.roles(action) & SIGNED_IN


class KindOut(Out):
    """What one can send."""

    code: str
    label: str
    photo_required: bool


class TopicOut(Out):
    """What it can be about."""

    code: str
    label: str


class ChoicesOut(Out):
    """The large buttons of the form."""

    kinds: list[KindOut]
    topics: list[TopicOut]


@routes.query("/snaps/choices", who=SIGNED_IN, out=ChoicesOut, title="随手拍的类型和主题", personal=False)
def choices(caller: Caller) -> ChoicesOut:
    """Three kinds, eight topics."""
    return ChoicesOut(
        kinds=[
            KindOut(code=each.value, label=each.label, photo_required=each is Kind.PROBLEM) for each in Kind
        ],
        topics=[TopicOut(code=each.value, label=each.label) for each in Topic],
    )


class SnapIn(In):
    """What is sent; the place as for 公区报事, a problem with at least one photo."""

    kind: Annotated[str, OneOf(KINDS)]
    topic: Annotated[str, OneOf(TOPICS)]
    text: Annotated[Text, Field(min_length=rules.TEXT_MIN, max_length=rules.TEXT_MAX)]
    photo_ids: PhotoIds = []
    spot_id: RowId | None = None
    spot_code: SpotCode | None = None
    estate_id: RowId | None = None
    place_note: Annotated[Text, Field(max_length=40)] = ""


class SentOut(Out):
    """The promise card."""

    snap_id: RowId
    number: str
    status: str
    status_label: str
    submitted_at: Instant
    due_at: Instant
    message: str


def _check_words(caller: Caller, given: SnapIn) -> str:
    words = f"{given.text}\n{given.place_note}".strip()
    return check_text(words, account_id=caller.account_id, field="text")


@routes.command(
    "/snaps",
    who=RESIDENT,
    takes=SnapIn,
    out=SentOut,
    title="发送随手拍",
    status=201,
    rate="snaps",
    prepare=_check_words,
    consent=True,
)
def send(caller: Caller, given: SnapIn, verdict: str) -> SentOut:
    """Accepted also while WeChat is away: the words are then marked and checked later (X01)."""
    done = sending.send(
        Sending(
            kind=Kind(given.kind),
            topic=Topic(given.topic),
            text=given.text,
            photo_ids=given.photo_ids,
            spot_id=given.spot_id,
            spot_code=given.spot_code,
            estate_id=given.estate_id,
            place_note=given.place_note,
            text_check=verdict,
        ),
        by=caller.scope,
    )
    number = snap_number(done.id, done.submitted_at)
    until = promise_time(done.due_at, done.submitted_at)
    return SentOut(
        snap_id=done.id,
        number=number,
        status=done.status,
        status_label=Status(done.status).label,
        submitted_at=done.submitted_at,
        due_at=done.due_at,
        message=f"已收到,编号 {number}。小区物业 {until}回复您",
    )


class ListIn(PageIn):
    """All of them, or only those that wait for an answer (or no longer do)."""

    open: QueryBool | None = None


@routes.query("/snaps", who=READERS, asks=ListIn, out=SnapLinesOut, title="随手拍列表")
def snaps(caller: Caller, asked: ListIn) -> SnapLinesOut:
    """One's own, of staff what their hat sees; newest first, what waits for staff by what is left of its time."""
    page = queries.snaps_page(caller.scope, open_=asked.open, cursor=asked.cursor or None, limit=asked.limit)
    return lines_out(page.items, next_cursor=page.next_cursor)


@routes.query("/snaps/<id:snap_id>", who=READERS, out=SnapOut, title="随手拍详情")
def snap(caller: Caller, snap_id: int) -> SnapOut:
    """Reading alone changes nothing; the desk's client says `open` when it shows the page."""
    return snap_out(snap_id, caller.scope)


@routes.command("/snaps/<id:snap_id>/open", who=may(Action.OPEN), out=SnapOut, title="查看(即为接收)")
def open_snap(caller: Caller, snap_id: int) -> SnapOut:
    """The first look of the desk takes it (S1-13); every later one changes nothing."""
    answering.open_(snap_id, by=caller.scope)
    return snap_out(snap_id, caller.scope)


class ReplyIn(In):
    """The answer that the sender reads; praise is thanked for too."""

    text: Annotated[Text, Field(min_length=rules.TEXT_MIN, max_length=rules.TEXT_MAX)]
    photo_ids: PhotoIds = []


@routes.command(
    "/snaps/<id:snap_id>/reply", who=may(Action.REPLY), takes=ReplyIn, out=SnapOut, title="回复随手拍"
)
def reply_to_snap(caller: Caller, given: ReplyIn, snap_id: int) -> SnapOut:
    """Within the time that was promised when it was sent."""
    answering.reply(snap_id, by=caller.scope, text=given.text, photo_ids=given.photo_ids)
    return snap_out(snap_id, caller.scope)


class FollowUpIn(In):
    """What is not solved."""

    text: Annotated[Text, Field(min_length=rules.TEXT_MIN, max_length=rules.QUESTION_MAX)]


@routes.command(
    "/snaps/<id:snap_id>/follow-up",
    who=may(Action.FOLLOW_UP),
    takes=FollowUpIn,
    out=SnapOut,
    title="没解决,再问一次",
    prepare=checks("text"),
)
def follow_up_snap(caller: Caller, given: FollowUpIn, verdict: str, snap_id: int) -> SnapOut:
    """Once after the answer; it does not close by itself until that is answered too."""
    answering.follow_up(snap_id, by=caller.scope, text=given.text)
    return snap_out(snap_id, caller.scope)


@routes.command(
    "/snaps/<id:snap_id>/reply-again",
    who=may(Action.REPLY_AGAIN),
    takes=ReplyIn,
    out=SnapOut,
    title="再次回复随手拍",
)
def reply_to_snap_again(caller: Caller, given: ReplyIn, snap_id: int) -> SnapOut:
    """The answer to what the sender asked after the first one."""
    answering.reply_again(snap_id, by=caller.scope, text=given.text, photo_ids=given.photo_ids)
    return snap_out(snap_id, caller.scope)


class DeclineIn(In):
    """Why the office does not take it."""

    reason: Annotated[Text, Field(min_length=rules.TEXT_MIN, max_length=rules.REASON_MAX)]


@routes.command(
    "/snaps/<id:snap_id>/decline",
    who=may(Action.DECLINE),
    takes=DeclineIn,
    out=SnapOut,
    title="不接收,转962121热线",
)
def decline_snap(caller: Caller, given: DeclineIn, snap_id: int) -> SnapOut:
    """962121 answers instead."""
    answering.decline(snap_id, by=caller.scope, reason=given.reason)
    return snap_out(snap_id, caller.scope)


class ConvertIn(In):
    """As what the problem is repaired."""

    category_code: Annotated[str, Field(pattern=r"^[A-Z][0-9]{2,4}$")]
    hazardous: bool = False


@routes.command(
    "/snaps/<id:snap_id>/convert", who=may(Action.CONVERT), takes=ConvertIn, out=SnapOut, title="转为报修"
)
def convert_snap(caller: Caller, given: ConvertIn, snap_id: int) -> SnapOut:
    """A 公区报事 of the same sender, whose clocks run from now."""
    answering.convert(snap_id, by=caller.scope, category_code=given.category_code, hazardous=given.hazardous)
    return snap_out(snap_id, caller.scope)


class RateSnapIn(In):
    """Stars for the answer, and words if one likes."""

    stars: int = Field(ge=1, le=5)
    text: Annotated[Text, Field(max_length=rules.RATING_MAX)] = ""


@routes.command(
    "/snaps/<id:snap_id>/rate",
    who=may(Action.RATE),
    takes=RateSnapIn,
    out=SnapOut,
    title="评价回复",
    prepare=checks("text"),
    prepare_when=lambda given: bool(given.text.strip()),
)
def rate_snap(caller: Caller, given: RateSnapIn, verdict: str, snap_id: int) -> SnapOut:
    """Once; it closes the matter."""
    answering.rate(snap_id, by=caller.scope, stars=given.stars, text=given.text)
    return snap_out(snap_id, caller.scope)
