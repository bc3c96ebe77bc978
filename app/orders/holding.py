"""An order stands still and goes on again (T14-T17): what every hold has in common, whoever is waited for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.core.db import db
from app.core.scope import Scope
from app.orders import deadlines
from app.orders.errors import WrongOrderState
from app.orders.field_work import visited
from app.orders.hold_models import Hold
from app.orders.hold_offers import HOLD_ENDS
from app.orders.lifecycle import Action
from app.orders.models import Order
from app.orders.moving import move
from app.orders.planning import drop_planned
from app.orders.rules import Clock

PLANNED = (Clock.HOLD, Clock.FOLLOW_UP)
"""What runs beside a hold and ends with it."""


def require_visit(order: Order) -> None:
    """Nothing is put off before somebody has seen it."""
    if not visited(order):
        raise WrongOrderState("请先到现场签到,看清情况再办这一步", fields={"status": order.status})


def begin(order: Order, kind: str, *, by: Scope, at: datetime, why: str, **values: Any) -> Hold:
    """Write the hold and let the repair clock stand; `why` is what the clock's record says."""
    hold = Hold(
        order_id=order.id,
        round=order.round,
        number=_next_number(order),
        kind=kind,
        begun_at=at,
        begun_by=by.account_id,
        **values,
    )
    db.session.add(hold)
    deadlines.pause(order, Clock.REPAIR, at=at, reason=why)
    deadlines.refresh_next_due(order)
    return hold


def _next_number(order: Order) -> int:
    mine = (Hold.order_id == order.id) & (Hold.round == order.round)
    return int(db.session.scalar(select(func.coalesce(func.max(Hold.number), 0)).where(mine)) or 0) + 1


def go_on(
    order: Order, running: Hold, *, by: Scope, at: datetime, how: str, note: str, released: bool = False
) -> None:
    """T17: the repair clock runs on with the time that was left, from the instant at which the hold was to end or from
    now."""
    resumed = at if running.ends_at is None else min(at, running.ends_at)
    finish(running, by=by, at=resumed, how=how)
    order.held_until = None
    data = {"how": how, "kind": running.kind, "released": released}
    move(order, Action.END_HOLD, by=by, at=at, note=note, data=data)
    deadlines.resume(order, Clock.REPAIR, at=resumed, reason=HOLD_ENDS[how])
    drop_planned(order, PLANNED, at=at)
    deadlines.refresh_next_due(order)


def finish(running: Hold, *, by: Scope, at: datetime, how: str) -> None:
    """The hold is over."""
    running.ended_at, running.ended_how, running.ended_by = at, how, by.account_id
