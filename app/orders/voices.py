"""Recordings of an order: how one comes to it, and who may hear it.

A voice says names, homes and telephone numbers that no program can take out. So it is not shown masked to those who
read masked words; for them there is no recording at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, or_, select, update

from app.core.db import db, insert_later, table_of
from app.core.errors import Invalid
from app.core.roles import Role
from app.core.scope import Scope
from app.media.models import CheckState, Voice
from app.orders.models import Order
from app.orders.voice_models import OrderVoice

HEARD_BY = frozenset({Role.RES, Role.WRK, Role.DSP, Role.MGR, Role.HOT})
"""Who works on the order or brought it in; company, authorities and committees read masked words (domain 3.3, P11)."""

_VOICES = table_of(Voice)
_CLAIM = (
    update(_VOICES)
    .where(
        _VOICES.c.id == bindparam("voice"),
        _VOICES.c.uploaded_by == bindparam("owner"),
        _VOICES.c.attached.is_(False),
    )
    .values(attached=True)
)
_ORDER_VOICES = table_of(OrderVoice)


def attach_voice(order_id: int, voice_id: int | None, step: str, *, by: Scope, round_: int = 0) -> None:
    """Make the person's uploaded recording part of a step; without one nothing is asked of the database.

    Raises Invalid naming `voice_id` when it is not his or was used already.
    """
    if voice_id is None:
        return
    claimed = db.session.execute(_CLAIM, {"voice": voice_id, "owner": by.account_id})
    if claimed.rowcount != 1:  # type: ignore[attr-defined]
        raise Invalid("录音没有上传成功,请重新录一段", fields={"voice_id": "找不到录音"})
    row = {"order_id": order_id, "voice_id": voice_id, "step": step, "round": round_}
    insert_later(_ORDER_VOICES, [row])


@dataclass(frozen=True)
class VoiceLine:
    """A recording of an order; `hidden` when the content check found it risky."""

    id: int
    step: str
    round: int
    uploaded_at: datetime
    duration_ms: int
    hidden: bool


def order_voices(order_id: int, scope: Scope) -> list[VoiceLine]:
    """What this hat may hear of an order that it has already been allowed to see.

    A resident hears his own report; whoever only follows the same trouble in the building does not.
    """
    if scope.role not in HEARD_BY:
        return []
    statement = (
        select(
            Voice.id,
            OrderVoice.step,
            OrderVoice.round,
            Voice.uploaded_at,
            Voice.duration_ms,
            Voice.check_state,
        )
        .join(Voice, Voice.id == OrderVoice.voice_id)
        .where(OrderVoice.order_id == order_id)
        .order_by(OrderVoice.id)
    )
    if scope.role is Role.RES:
        me = scope.account_id
        statement = statement.join(Order, Order.id == OrderVoice.order_id).where(
            or_(Order.reporter_id == me, Voice.uploaded_by == me)
        )
    return [
        VoiceLine(*row[:5], hidden=row.check_state == CheckState.RISKY)
        for row in db.session.execute(statement)
    ]
