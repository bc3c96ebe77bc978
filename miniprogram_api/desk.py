"""The desk, the manager and the hotline on the phone: queues, accept, reject, assign, extensions, calls, reveals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from pydantic import Field

from app.core import clock
from app.core.roles import Role
from app.orders import desk, dispatching, extensions, queries
from app.orders.board import who_was_first
from app.orders.call_lists import call_first
from app.orders.contacts import MAY_REVEAL, reveal_contact
from app.orders.dispatching import Candidate
from app.orders.errors import AlreadyHotline, WrongOrderState
from app.orders.lifecycle import Action
from app.orders.moving import get_order
from miniprogram_api.fields import In, OneOf, Out, PageIn, PhotoIds, RowId, Text
from miniprogram_api.order_answers import LinesOut, OrderOut, lines_out, order_out
from miniprogram_api.orders import may
from miniprogram_api.routing import Routes
from miniprogram_api.session import DESK, Caller, address

routes = Routes("desk", tag="调度与经理")
WATCHES_QUEUES = DESK | {Role.CO, Role.HOT}
QUEUE_NAMES = tuple(queries.QUEUES)
REJECT_CODES = tuple(desk.REJECT_REASONS)
HOTLINE_CODES = tuple(desk.HOTLINE_REASONS)


class QueueOut(Out):
    """One queue and how many orders wait in it."""

    queue: str
    label: str
    count: int


class QueuesOut(Out):
    """All queues of this desk."""

    items: list[QueueOut]
    open: int
    finished_today: int


@routes.query("/desk/queues", who=WATCHES_QUEUES, out=QueuesOut, title="各队列数量")
def queues(caller: Caller) -> QueuesOut:
    """Counts of open orders, and what was finished today."""
    counts = queries.queue_counts(caller.scope)
    return QueuesOut(
        items=[
            QueueOut(queue=name, label=label, count=counts[name])
            for name, label in queries.QUEUE_LABELS.items()
        ],
        open=counts["open"],
        finished_today=queries.finished_today(caller.scope),
    )


class QueueIn(PageIn):
    """Which queue."""

    queue: Annotated[str, OneOf(QUEUE_NAMES)] = "open"


@routes.query("/desk/orders", who=WATCHES_QUEUES, asks=QueueIn, out=LinesOut, title="队列里的工单")
def queue(caller: Caller, asked: QueueIn) -> LinesOut:
    """The most urgent promise first."""
    page = queries.queue_page(caller.scope, asked.queue, cursor=asked.cursor or None, limit=asked.limit)
    return lines_out(page.items, caller.scope, next_cursor=page.next_cursor)


@contextmanager
def _racing(order_id: int) -> Iterator[None]:
    """Where a colleague may have been faster: the loser is told who, and when."""
    try:
        yield
    except AlreadyHotline:
        raise
    except WrongOrderState as refusal:
        raise WrongOrderState(who_was_first(order_id), fields=refusal.fields) from refusal


class AcceptIn(In):
    """Empty for the desk; the hotline names whom it spoke to, and may choose the office."""

    spoken_to: Annotated[Text, Field(max_length=20)] = ""
    office_id: RowId | None = None


@routes.command(
    "/orders/<id:order_id>/accept", who=may(Action.ACCEPT), takes=AcceptIn, out=OrderOut, title="接单"
)
def accept(caller: Caller, given: AcceptIn, order_id: int) -> OrderOut:
    """Within the limit; afterwards 962121 has the order. Of two at once one succeeds, the other reads who won."""
    with _racing(order_id):
        desk.accept(order_id, by=caller.scope, spoken_to=given.spoken_to, office_id=given.office_id)
    return order_out(order_id, caller.scope)


class RejectIn(In):
    """A reason, an explanation that the resident reads, and what shows it: a photo or a written reference; a duplicate
    names the other order's number."""

    reason: Annotated[str, OneOf(REJECT_CODES)]
    text: Annotated[Text, Field(min_length=10, max_length=400)]
    photo_ids: PhotoIds = []
    evidence: Annotated[Text, Field(max_length=60)] = ""


@routes.command(
    "/orders/<id:order_id>/reject", who=may(Action.REJECT), takes=RejectIn, out=OrderOut, title="不予受理"
)
def reject(caller: Caller, given: RejectIn, order_id: int) -> OrderOut:
    """Never silent."""
    with _racing(order_id):
        desk.reject(
            order_id,
            by=caller.scope,
            reason=given.reason,
            text=given.text,
            photo_ids=given.photo_ids,
            evidence=given.evidence,
        )
    return order_out(order_id, caller.scope)


class ToHotlineIn(In):
    """Why the desk cannot take it."""

    reason: Annotated[str, OneOf(HOTLINE_CODES)]
    text: Annotated[Text, Field(max_length=200)] = ""


@routes.command(
    "/orders/<id:order_id>/to-hotline",
    who=may(Action.TO_HOTLINE),
    takes=ToHotlineIn,
    out=OrderOut,
    title="转962121热线",
)
def to_hotline(caller: Caller, given: ToHotlineIn, order_id: int) -> OrderOut:
    """The hotline finds somebody else."""
    with _racing(order_id):
        desk.to_hotline(order_id, by=caller.scope, reason=given.reason, text=given.text)
    return order_out(order_id, caller.scope)


class CandidateOut(Out):
    """A worker and why he fits or does not."""

    worker_id: RowId
    name: str
    score: int
    blocked: str
    doubts: list[str]
    reasons: list[str]


class CandidatesOut(Out):
    """The best first."""

    items: list[CandidateOut]
    call_first: str = Field(description="派工前要先给报修人打电话的原因;没有时为空")


@routes.query(
    "/orders/<id:order_id>/candidates", who=may(Action.ASSIGN), out=CandidatesOut, title="可派的师傅"
)
def candidates(caller: Caller, order_id: int) -> CandidatesOut:
    """Skill, certificate at the visit, shift, load, distance (S2-19)."""
    order = get_order(order_id, caller.scope)
    found = dispatching.candidates(order, at=clock.now())
    first = call_first(order, at=clock.now())
    return CandidatesOut(items=[_candidate(each) for each in found], call_first=first)


def _candidate(found: Candidate) -> CandidateOut:
    return CandidateOut(
        worker_id=found.worker_id,
        name=found.name,
        score=found.score,
        blocked=found.blocked,
        doubts=list(found.doubts),
        reasons=list(found.reasons),
    )


class AssignIn(In):
    """Whom; with doubts a reason."""

    worker_id: RowId
    override_reason: Annotated[Text, Field(max_length=200)] = ""


@routes.command(
    "/orders/<id:order_id>/assign", who=may(Action.ASSIGN), takes=AssignIn, out=OrderOut, title="派工"
)
def assign(caller: Caller, given: AssignIn, order_id: int) -> OrderOut:
    """Raises NotDispatchable naming why."""
    with _racing(order_id):
        desk.assign(
            order_id, by=caller.scope, worker_id=given.worker_id, override_reason=given.override_reason
        )
    return order_out(order_id, caller.scope)


@routes.command(
    "/orders/<id:order_id>/approve-extension",
    who=may(Action.APPROVE_EXTENSION),
    out=OrderOut,
    title="同意延期",
)
def approve_extension(caller: Caller, order_id: int) -> OrderOut:
    """Never by the person who asked."""
    extensions.decide(order_id, by=caller.scope, grant=True)
    return order_out(order_id, caller.scope)


class RefusalIn(In):
    """Why the limit stays."""

    note: Annotated[Text, Field(min_length=2, max_length=200)]


@routes.command(
    "/orders/<id:order_id>/refuse-extension",
    who=may(Action.REFUSE_EXTENSION),
    takes=RefusalIn,
    out=OrderOut,
    title="不同意延期",
)
def refuse_extension(caller: Caller, given: RefusalIn, order_id: int) -> OrderOut:
    """The limit stays as it is."""
    extensions.decide(order_id, by=caller.scope, grant=False, note=given.note)
    return order_out(order_id, caller.scope)


class CallIn(In):
    """What came of the call."""

    result: Annotated[Text, Field(min_length=2, max_length=300)]


@routes.command(
    "/orders/<id:order_id>/log-call", who=may(Action.LOG_CALL), takes=CallIn, out=OrderOut, title="记录电话"
)
def log_call(caller: Caller, given: CallIn, order_id: int) -> OrderOut:
    """Kept in the timeline; it does not stop the visit clock (S3-04)."""
    desk.log_call(order_id, by=caller.scope, result=given.result)
    return order_out(order_id, caller.scope)


class RevealIn(In):
    """Why the number is needed."""

    reason: Annotated[Text, Field(min_length=2, max_length=100)]


class RevealedOut(Out):
    """The contact in clear, for this one call."""

    name: str
    phone: str


@routes.command(
    "/orders/<id:order_id>/reveal",
    who=MAY_REVEAL,
    takes=RevealIn,
    out=RevealedOut,
    title="查看电话",
    rate="reveal",
)
def reveal(caller: Caller, given: RevealIn, order_id: int) -> RevealedOut:
    """Audited with the reason; at most thirty a day."""
    contact = reveal_contact(order_id, by=caller.scope, reason=given.reason, address=address())
    return RevealedOut(name=contact.name, phone=contact.phone)
