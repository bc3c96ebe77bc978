"""The one way in which an order changes: guard from the lifecycle table, status, event and outbox row together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from app.core import clock
from app.core.clock import in_china
from app.core.db import db, insert_later, table_of
from app.core.errors import Forbidden, Invalid
from app.core.lifecycle import Transition
from app.core.outbox import publish
from app.core.scope import Scope, get_visible
from app.core.texts import cleaned as cleaned
from app.media.models import Photo
from app.orders.errors import AlreadyHotline, MissingEvidence, OrderNotFound, WrongOrderState
from app.orders.events import OrderMoved
from app.orders.lifecycle import LIFECYCLE, Action, Status
from app.orders.models import Order, OrderEvent, OrderPhoto
from app.orders.rules import PHOTOS_MAX


def get_order(order_id: int, by: Scope, *, lock: bool = False) -> Order:
    """The order if this scope sees it; raises OrderNotFound. Commands read it with a lock."""
    return get_visible(Order, order_id, by, lock=lock, missing=OrderNotFound())


def guard(order: Order, action: Action, by: Scope) -> Transition[Status, Action]:
    """The legal move, or a refusal that names the present status and who changed it when."""
    transition = LIFECYCLE.find(action, Status(order.status), by.role)
    if transition is not None:
        return transition
    if by.role not in LIFECYCLE.roles(action):
        raise Forbidden()
    raise refusal(order)


def refusal(order: Order) -> WrongOrderState:
    """Why the action does not fit now, with the status and the last change."""
    fields = {"status": order.status}
    if order.status == Status.HOTLINE:
        return AlreadyHotline(fields=fields)
    last = db.session.scalars(
        select(OrderEvent).where(OrderEvent.order_id == order.id).order_by(OrderEvent.seq.desc()).limit(1)
    ).one()
    since = f"{in_china(last.at):%m月%d日 %H:%M} "
    return WrongOrderState(
        f"这张工单{since}起是“{Status(order.status).resident}”,现在不能这样操作", fields=fields
    )


def move(
    order: Order,
    action: Action,
    *,
    by: Scope,
    at: datetime | None = None,
    note: str = "",
    data: Mapping[str, Any] | None = None,
) -> OrderEvent:
    """Carry out one legal move: new status, event with the next sequence number, outbox row."""
    transition = guard(order, action, by)
    return write_event(order, transition, by=by, at=at or clock.now(), note=note, data=data)


def write_event(
    order: Order,
    transition: Transition[Status, Action],
    *,
    by: Scope,
    at: datetime,
    note: str = "",
    data: Mapping[str, Any] | None = None,
) -> OrderEvent:
    """Write what happened; the unique (order, seq) makes a second writer fail instead of doubling it."""
    before = order.status
    order.status = (transition.target or Status(before)).value
    order.version += 1
    event = OrderEvent(
        order_id=order.id,
        seq=order.version,
        code=transition.code,
        action=transition.action.value,
        from_status=before,
        to_status=order.status,
        at=at,
        actor_id=by.account_id,
        actor_role=by.role.value,
        note=note,
        data=dict(data or {}),
    )
    db.session.add(event)
    publish(fact_of(event))
    return event


def fact_of(event: OrderEvent) -> OrderMoved:
    """The published fact of an event."""
    return OrderMoved(
        order_id=event.order_id,
        seq=event.seq,
        code=event.code,
        action=event.action,
        from_status=event.from_status,
        to_status=event.to_status,
        actor_id=event.actor_id,
        actor_role=event.actor_role,
    )


_PHOTOS = table_of(Photo)
_CLAIM_PHOTOS = (
    update(_PHOTOS)
    .where(
        _PHOTOS.c.id.in_(bindparam("ids", expanding=True)),
        _PHOTOS.c.uploaded_by == bindparam("owner"),
        _PHOTOS.c.attached.is_(False),
    )
    .values(attached=True)
)
_ORDER_PHOTOS = table_of(OrderPhoto)


def attach_photos(
    order_id: int, photo_ids: Sequence[int], step: str, *, by: Scope, round_: int = 0, at_least: int = 0
) -> int:
    """Make the person's uploaded photos evidence of a step; returns how many.

    Raises MissingEvidence when there are too few, Invalid when one is not his or was used already.
    """
    photos = take_photos(photo_ids, by=by, at_least=at_least)
    link_photos(order_id, photos, step, round_=round_)
    return len(photos)


def take_photos(photo_ids: Sequence[int], *, by: Scope, at_least: int = 0) -> list[int]:
    """The photos, each once, from now on used; raises MissingEvidence and Invalid as `attach_photos` does."""
    wanted = list(dict.fromkeys(photo_ids))
    if len(wanted) < at_least:
        raise MissingEvidence("请至少拍一张照片", fields={"photo_ids": "至少一张"})
    if len(wanted) > PHOTOS_MAX:
        raise Invalid(f"一次最多{PHOTOS_MAX}张照片", fields={"photo_ids": f"最多{PHOTOS_MAX}张"})
    if wanted:
        claim_photos(wanted, by)
    return wanted


def link_photos(order_id: int, photo_ids: Sequence[int], step: str, *, round_: int = 0) -> None:
    """Make photos that were taken evidence of a step of an order."""
    rows = [{"order_id": order_id, "photo_id": each, "step": step, "round": round_} for each in photo_ids]
    insert_later(_ORDER_PHOTOS, rows)


def claim_photos(photo_ids: Sequence[int], by: Scope) -> None:
    """Mark the photos used, if they are the person's own and were free; raises Invalid otherwise."""
    taken = db.session.execute(_CLAIM_PHOTOS, {"ids": photo_ids, "owner": by.account_id})
    if taken.rowcount != len(photo_ids):  # type: ignore[attr-defined]
        raise Invalid("有照片没有上传成功,请重新上传", fields={"photo_ids": "找不到照片"})
