"""Orders as a worker knows them: my tasks, take or decline, set off, check in on site, repair, finish, ask for time."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.core.roles import Role
from app.orders import extensions, field_work, queries
from app.orders.field_work import CheckIn
from app.orders.lifecycle import Action
from app.orders.offering import answer_by
from app.orders.quote_rules import TOTAL_MAX_FEN
from app.orders.site_sheet import tools_for
from miniprogram_api.fields import (
    DoneOut,
    In,
    Instant,
    Latitude,
    Longitude,
    OneOf,
    Out,
    PhotoIds,
    RowId,
    Text,
)
from miniprogram_api.order_answers import LineOut, OrderOut, lines_out, order_out
from miniprogram_api.orders import may
from miniprogram_api.routing import Routes
from miniprogram_api.session import Caller

routes = Routes("tasks", tag="师傅")
DECLINE_CODES = tuple(field_work.DECLINE_REASONS)
EXTENSION_CODES = tuple(extensions.REASONS)


class TaskOut(LineOut):
    """An order, what to bring for it (S2-11), and until when it is to be confirmed."""

    tools: str
    answer_by: Instant | None = Field(description="到这时没有确认,就派给别的师傅(C12);不用确认时为空")


class TasksOut(Out):
    """A worker has a few; `next_cursor` is always empty."""

    items: list[TaskOut]
    next_cursor: str | None


@routes.query("/tasks", who=frozenset({Role.WRK}), out=TasksOut, title="我的任务")
def my_tasks(caller: Caller) -> TasksOut:
    """Open tasks, the nearest promise first."""
    found = lines_out(queries.tasks(caller.scope), caller.scope).items
    tools = tools_for(each.category_code for each in found)
    until = answer_by([each.id for each in found])
    items = [
        TaskOut(**dict(each), tools=tools.get(each.category_code, ""), answer_by=until.get(each.id))
        for each in found
    ]
    return TasksOut(items=items, next_cursor=None)


@routes.command("/orders/<id:order_id>/take", who=may(Action.TAKE), out=OrderOut, title="确认接单")
def take(caller: Caller, order_id: int) -> OrderOut:
    """I will go."""
    field_work.take(order_id, by=caller.scope)
    return order_out(order_id, caller.scope)


class DeclineIn(In):
    """Why not; declining for safety never counts against the worker."""

    reason: Annotated[str, OneOf(DECLINE_CODES)]
    text: Annotated[Text, Field(max_length=150)] = ""


@routes.command(
    "/orders/<id:order_id>/decline", who=may(Action.DECLINE), takes=DeclineIn, out=DoneOut, title="不能接"
)
def decline(caller: Caller, given: DeclineIn, order_id: int) -> DoneOut:
    """Back to the desk; the order leaves the worker's list."""
    field_work.decline(order_id, by=caller.scope, reason=given.reason, text=given.text)
    return DoneOut(message="已退回调度,会另派师傅")


@routes.command("/orders/<id:order_id>/depart", who=may(Action.DEPART), out=OrderOut, title="出发")
def depart(caller: Caller, order_id: int) -> OrderOut:
    """On the way."""
    field_work.depart(order_id, by=caller.scope)
    return order_out(order_id, caller.scope)


class CheckInIn(In):
    """What proves the visit. Without spot code and position it counts, but is marked 定位异常. The finding is written
    (two characters at least) or spoken."""

    finding: Annotated[Text, Field(max_length=300)] = ""
    voice_id: RowId | None = None
    hazardous: bool
    expected_at: Instant
    contact_result: Annotated[Text, Field(min_length=2, max_length=100)]
    photo_ids: PhotoIds = Field(min_length=1)
    protection_photo_ids: PhotoIds = []
    spot_code: Annotated[str, Field(pattern=r"^[0-9A-Za-z\-]{0,16}$")] = ""
    latitude: Latitude | None = None
    longitude: Longitude | None = None


@routes.command(
    "/orders/<id:order_id>/check-in",
    who=may(Action.CHECK_IN),
    takes=CheckInIn,
    out=OrderOut,
    title="到场签到",
)
def check_in(caller: Caller, given: CheckInIn, order_id: int) -> OrderOut:
    """The only thing that stops the visit clock."""
    visit = CheckIn(**given.model_dump())
    field_work.check_in(order_id, visit, by=caller.scope)
    return order_out(order_id, caller.scope)


@routes.command("/orders/<id:order_id>/start", who=may(Action.START), out=OrderOut, title="开始维修")
def start(caller: Caller, order_id: int) -> OrderOut:
    """Work begins."""
    field_work.start(order_id, by=caller.scope)
    return order_out(order_id, caller.scope)


class FinishIn(In):
    """Result and at least one photo taken afterwards."""

    result: Annotated[Text, Field(min_length=2, max_length=300)]
    parts: Annotated[Text, Field(max_length=200)] = ""
    photo_ids: PhotoIds = Field(min_length=1)
    old_part_photo_ids: PhotoIds = Field(
        [], description="换下的旧件:报价里换了配件就要拍(见工单的 old_parts)"
    )
    final_fen: Annotated[int, Field(ge=0, le=TOTAL_MAX_FEN)] | None = Field(
        None, description="结算金额,分;不填就是居民同意的报价,不能超过它"
    )


@routes.command(
    "/orders/<id:order_id>/finish", who=may(Action.FINISH), takes=FinishIn, out=OrderOut, title="完工"
)
def finish(caller: Caller, given: FinishIn, order_id: int) -> OrderOut:
    """Stops the repair clock; the resident confirms or says 没修好."""
    field_work.finish(
        order_id,
        by=caller.scope,
        result=given.result,
        parts=given.parts,
        photo_ids=given.photo_ids,
        old_part_photo_ids=given.old_part_photo_ids,
        final_fen=given.final_fen,
    )
    return order_out(order_id, caller.scope)


class ExtensionIn(In):
    """Reason, evidence and the expected date."""

    reason_code: Annotated[str, OneOf(EXTENSION_CODES)]
    reason: Annotated[Text, Field(min_length=4, max_length=200)]
    expected_at: Instant
    photo_ids: PhotoIds = Field(min_length=1)


@routes.command(
    "/orders/<id:order_id>/request-extension",
    who=may(Action.REQUEST_EXTENSION),
    takes=ExtensionIn,
    out=OrderOut,
    title="申请延期",
)
def request_extension(caller: Caller, given: ExtensionIn, order_id: int) -> OrderOut:
    """Before the repair is due; somebody else decides."""
    extensions.request(
        order_id,
        by=caller.scope,
        reason_code=given.reason_code,
        reason=given.reason,
        expected_at=given.expected_at,
        photo_ids=given.photo_ids,
    )
    return order_out(order_id, caller.scope)
