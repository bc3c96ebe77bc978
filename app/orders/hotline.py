"""962121 takes over what nobody accepted in time: the hand-over as a row, its content, its repetition (3.8).

The manual queue of the console shows every order in HOTLINE whether or not the interface works; the rows here
only say what the interface was told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from app.core import clock
from app.core.clock import in_china
from app.core.db import db, insert_once, table_of, transact
from app.core.masking import mask_phone
from app.core.outgoing import OutgoingState, put_off, record, take
from app.core.signing import epoch, is_over, is_signed, signature
from app.integrations.hotline.contract import Hotline, HotlineDown
from app.media.signing import sign, sign_voice
from app.notifications.models import HotlineHandover
from app.orders.lifecycle import Menu, Status
from app.orders.models import Order, OrderPhoto
from app.orders.rules import order_number
from app.orders.voice_models import OrderVoice

DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10))
"""After the first four failures; from then on every ten minutes until the order leaves the hotline."""
LINKS_LIVE_FOR = timedelta(hours=72)
CALL_THROUGH_FOR = timedelta(hours=72)
MENU_LABELS = {menu.value: menu.label for menu in Menu}
MANUAL = "manual"
LEFT_HOTLINE = "已由人工处理"
_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_CALL_PURPOSE = "call-through"


def payload(order: Order) -> dict[str, Any]:
    """What the hotline learns of an order: enough to send somebody, no home, no name, no readable number.

    A recording cannot be masked; it goes as a link that ends, as its seats may hear it in the console.
    """
    now = clock.now()
    return {
        "order_no": order_number(order.id, order.menu, order.submitted_at),
        "estate": order.estate.name,
        "place": order.place_public,
        "menu": MENU_LABELS[order.menu],
        "category": order.category.name,
        "urgency": order.urgency,
        "hazardous": order.hazardous,
        "phone": mask_phone(order.contact_phone),
        "call_token": call_token(order.id, until=epoch(now + CALL_THROUGH_FOR)),
        "text": _PHONE.sub(lambda found: mask_phone(found.group()), order.text),
        "photos": _photo_links(order.id),
        "voices": _voice_links(order.id),
        "submitted_at": in_china(order.submitted_at).isoformat(timespec="milliseconds"),
    }


def _photo_links(order_id: int) -> list[str]:
    """Paths of the photos that the reporter sent; the interface's receiver knows our address."""
    rows = db.session.scalars(
        select(OrderPhoto.photo_id)
        .where(OrderPhoto.order_id == order_id, OrderPhoto.step == "submit")
        .order_by(OrderPhoto.id)
    )
    until = clock.now() + LINKS_LIVE_FOR
    return [sign(photo_id, "full", until=until) for photo_id in rows]


def _voice_links(order_id: int) -> list[str]:
    """Paths of the recordings that the reporter spoke: who reported by voice alone has left no other words."""
    rows = db.session.scalars(
        select(OrderVoice.voice_id)
        .where(OrderVoice.order_id == order_id, OrderVoice.step == "submit")
        .order_by(OrderVoice.id)
    )
    until = clock.now() + LINKS_LIVE_FOR
    return [sign_voice(voice_id, until=until) for voice_id in rows]


def call_token(order_id: int, *, until: int) -> str:
    """Lets the hotline be put through to the reporter without seeing the number; ends at `until`."""
    return f"{order_id}.{until}.{signature(_CALL_PURPOSE, order_id, until)}"


def order_of_call_token(token: str) -> int | None:
    """The order whose reporter may be called, None for a token that is not ours or has ended."""
    order_id, _, rest = token.partition(".")
    until, _, sig = rest.partition(".")
    if not (order_id.isdecimal() and until.isdecimal() and len(order_id) + len(until) < 32):
        return None
    mine = is_signed(sig, _CALL_PURPOSE, int(order_id), int(until)) and not is_over(int(until))
    return int(order_id) if mine else None


def hand_over(order_id: int, seq: int) -> bool:
    """Write the hand-over of a transfer (the order's version `seq`) once; False when it stands already."""
    order = db.session.get_one(Order, order_id)
    row = {
        "order_id": order_id,
        "order_version": seq,
        "payload": payload(order),
        "next_at": clock.now(),
    }
    return insert_once(table_of(HotlineHandover), row)


@dataclass(frozen=True)
class _Parcel:
    """One claimed hand-over as plain values."""

    id: int
    attempt: int
    handover_id: str
    payload: Mapping[str, Any]
    still_wanted: bool


def deliver_handovers(client: Hotline | None, limit: int) -> int:
    """Tell the hotline of up to `limit` orders; returns how many were tried.

    Without a client (no interface agreed yet) the rows are closed as manual: the seats work from the console.
    """
    for tried in range(limit):
        parcel = transact(_take_one)
        if parcel is None:
            return tried
        outcome = _call(client, parcel)
        transact(partial(_keep, parcel, outcome))
    return limit


def _take_one() -> _Parcel | None:
    claimed = next(iter(take(HotlineHandover, 1)), None)
    if claimed is None:
        return None
    row = db.session.get_one(HotlineHandover, claimed.id)
    status = db.session.scalar(select(Order.status).where(Order.id == row.order_id))
    return _Parcel(
        id=row.id,
        attempt=claimed.attempt,
        handover_id=f"{row.payload['order_no']}-{row.order_version}",
        payload=row.payload,
        still_wanted=status == Status.HOTLINE,
    )


@dataclass(frozen=True)
class _Outcome:
    """A ticket, or why there is none; `final` ends the repetition."""

    ticket: str | None = None
    error: str = ""
    final: bool = False


def _call(client: Hotline | None, parcel: _Parcel) -> _Outcome:
    if client is None:
        return _Outcome(error=MANUAL, final=True)
    if not parcel.still_wanted:
        return _Outcome(error=LEFT_HOTLINE, final=True)
    try:
        return _Outcome(ticket=client.hand_over(parcel.handover_id, parcel.payload))
    except HotlineDown as down:
        return _Outcome(error=down.reason)


def _keep(parcel: _Parcel, outcome: _Outcome) -> None:
    """Record the outcome, unless the lease ran out meanwhile and another process has the row."""
    row = db.session.get(HotlineHandover, parcel.id, with_for_update=True)
    if row is None or row.attempts != parcel.attempt or row.state != OutgoingState.CALLING:
        return
    if outcome.ticket is not None:
        row.ticket = outcome.ticket
        record(row, OutgoingState.DONE)
    elif outcome.final:
        record(row, OutgoingState.GIVEN_UP, error=outcome.error)
    else:
        put_off(row, DELAYS[min(parcel.attempt, len(DELAYS)) - 1], error=outcome.error[:200])
