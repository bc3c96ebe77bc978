"""转单 between offices: asking, the asked office's list, receiving or sending back, the decision from above."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.core import clock
from app.orders import transferring
from app.orders.incoming import Incoming, incoming
from app.orders.lifecycle import REGULATOR, Action
from app.orders.moving import get_order
from miniprogram_api.fields import DoneOut, In, Instant, Out, RowId, Text
from miniprogram_api.order_answers import OrderOut, order_out
from miniprogram_api.orders import may
from miniprogram_api.promise_answers import PromiseOut, promise_out
from miniprogram_api.routing import Routes
from miniprogram_api.session import DESK, Caller

routes = Routes("transferring", tag="转单")


class OfficeOut(Out):
    """An office that may receive orders."""

    id: RowId
    name: str


class OfficesOut(Out):
    """All but the one that has the order."""

    items: list[OfficeOut]


@routes.query(
    "/orders/<id:order_id>/transfer-offices",
    who=may(Action.TRANSFER) | may(Action.DECIDE_TRANSFER),
    out=OfficesOut,
    title="可以转给的管理处",
)
def transfer_offices(caller: Caller, order_id: int) -> OfficesOut:
    """Only offices of admitted companies."""
    order = get_order(order_id, caller.scope)
    return OfficesOut(
        items=[OfficeOut(id=each.id, name=each.name) for each in transferring.offices_for(order)]
    )


class TransferIn(In):
    """To whom, and why it is theirs."""

    office_id: RowId
    reason: Annotated[Text, Field(min_length=4, max_length=200)]


@routes.command(
    "/orders/<id:order_id>/transfer",
    who=may(Action.TRANSFER),
    takes=TransferIn,
    out=OrderOut,
    title="请求转给其他管理处",
)
def transfer(caller: Caller, given: TransferIn, order_id: int) -> OrderOut:
    """Whoever asks stays responsible until the other says yes; the third time street or bureau decide."""
    transferring.ask(order_id, by=caller.scope, office_id=given.office_id, reason=given.reason)
    return order_out(order_id, caller.scope)


class IncomingOut(Out):
    """What another office wants to hand over: enough to decide, nothing of who reported."""

    order_id: RowId
    number: str
    category: str
    estate: str
    place: str
    urgency: str
    hazardous: bool
    status_label: str
    reason: str
    from_office: str
    to_office: str
    asked_at: Instant
    submitted_at: Instant
    slot_begins_at: Instant | None
    promises: list[PromiseOut]


class IncomingListOut(Out):
    """The oldest request first."""

    items: list[IncomingOut]


@routes.query("/desk/transfers", who=DESK | REGULATOR, out=IncomingListOut, title="转来的工单")
def incoming_transfers(caller: Caller) -> IncomingListOut:
    """For a desk what waits for its word, for street and bureau what waits for their decision."""
    at = clock.now()
    return IncomingListOut(items=[_incoming(each, at) for each in incoming(caller.scope)])


def _incoming(found: Incoming, at: datetime) -> IncomingOut:
    values = found._asdict()
    status, promises = values.pop("status"), values.pop("promises")
    return IncomingOut(
        **values, status_label=status.tab, promises=[promise_out(each, at) for each in promises]
    )


@routes.command("/orders/<id:order_id>/receive", who=may(Action.RECEIVE), out=OrderOut, title="接收转单")
def receive(caller: Caller, order_id: int) -> OrderOut:
    """From now on the order is this office's; its clocks run on."""
    transferring.receive(order_id, by=caller.scope)
    return order_out(order_id, caller.scope)


class SendBackIn(In):
    """Why it is not theirs."""

    reason: Annotated[Text, Field(min_length=2, max_length=200)]


@routes.command(
    "/orders/<id:order_id>/send-back",
    who=may(Action.SEND_BACK) & DESK,
    takes=SendBackIn,
    out=DoneOut,
    title="不接收转单",
)
def send_back(caller: Caller, given: SendBackIn, order_id: int) -> DoneOut:
    """The order stays where it is; it never was this office's to see."""
    transferring.send_back(order_id, by=caller.scope, reason=given.reason)
    return DoneOut(message="已告知对方,工单仍由对方负责")


class DecideTransferIn(In):
    """Who does it; the office that has it now may be the one."""

    office_id: RowId
    reason: Annotated[Text, Field(min_length=2, max_length=200)]


@routes.command(
    "/orders/<id:order_id>/decide-transfer",
    who=may(Action.DECIDE_TRANSFER),
    takes=DecideTransferIn,
    out=OrderOut,
    title="指定处理单位",
)
def decide_transfer(caller: Caller, given: DecideTransferIn, order_id: int) -> OrderOut:
    """After that nobody transfers it."""
    transferring.decide(order_id, by=caller.scope, office_id=given.office_id, reason=given.reason)
    return order_out(order_id, caller.scope)
