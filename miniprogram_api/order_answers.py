"""How an order is told to whoever asks: what he may do now, what was promised, and no more than he needs to know.

Masking follows domain 3.3 and 5.1 (P11, P13): the worker reads the contact only while the order is his and open or was
finished less than a day ago; the desk and the hotline reveal it with a reason; company, street and bureau never see it
here. What is hidden is absent from the answer, not covered by the client.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field

from app.core import clock
from app.core.masking import mask_name, mask_phone
from app.core.redaction import without_personal_data
from app.core.roles import Role
from app.core.scope import Scope
from app.core.wording import moment
from app.orders import evidence, queries
from app.orders.contacts import MAY_REVEAL
from app.orders.following import other_households
from app.orders.lifecycle import OPEN, Action
from app.orders.lines import OrderLine
from app.orders.models import Order
from app.orders.moving import get_order
from app.orders.on_behalf import is_on_behalf
from app.orders.voices import order_voices
from miniprogram_api.explained import ExplainedOut, explained
from miniprogram_api.fields import Instant, Out, RowId
from miniprogram_api.photo_answers import LINKS_LIVE_FOR, PhotoOut, photo_link, photo_out
from miniprogram_api.promise_answers import PromiseOut, due_words, promise_out
from miniprogram_api.quote_answers import QuoteTurnOut, quote_turn
from miniprogram_api.resident_turn import ResidentTurnOut, resident_turn, status_label
from miniprogram_api.settlement_answers import PayTurnOut, pay_turn
from miniprogram_api.voices import VoiceOut, voices_out

CONTACT_AFTER_DONE = timedelta(hours=24)
KNOWS_THE_HOME = frozenset({Role.RES, Role.DSP, Role.MGR, Role.HOT})


class ActionOut(Out):
    """A button: the client draws these and no others."""

    action: str
    label: str


class LineOut(Out):
    """An order in a list."""

    id: RowId
    number: str
    menu: str
    menu_label: str
    status: str
    status_label: str
    urgency: str
    hazardous: bool
    category_code: str
    category: str
    text: str
    place: str
    estate: str
    office: str
    worker: str | None
    submitted_at: Instant
    slot_begins_at: Instant | None
    slot_ends_at: Instant | None
    next_due_at: Instant | None
    next_due_words: str
    late: bool
    extended: bool
    pay_status: str
    thumb: str | None
    voiced: bool = Field(description="报修人附了录音")
    actions: list[ActionOut]


class LinesOut(Out):
    """A page of orders."""

    items: list[LineOut]
    next_cursor: str | None


class ContactOut(Out):
    """Whom to call; `masked` says that the real number is not in here."""

    name: str
    phone: str
    masked: bool
    can_reveal: bool
    on_behalf: bool = Field(description="别人代报:联系人是住户本人,不是报修人")


class OrderOut(LineOut, ResidentTurnOut, QuoteTurnOut, PayTurnOut, ExplainedOut):
    """One order with its promises, photos, recordings and the person to call."""

    company: str
    channel: str
    version: int
    round: int
    accepted_at: Instant | None
    expected_at: Instant | None
    finished_at: Instant | None
    closed_at: Instant | None
    contact: ContactOut
    text_check: str = Field(description="pass、review(待人工查看)或 pending(待检查)")
    promises: list[PromiseOut]
    photos: list[PhotoOut]
    also_reported: int = Field(description="另有几户反映(我也遇到)")
    voices: list[VoiceOut]


_BUTTONS = {action: {"action": action.value, "label": action.label} for action in Action}


def lines_out(found: Iterable[OrderLine], scope: Scope, *, next_cursor: str | None = None) -> LinesOut:
    """A page of orders, masked for the scope; buttons stand in the lifecycle table's order."""
    at = clock.now()
    items = [_line_values(line, scope, at) for line in found]
    return LinesOut.model_validate({"items": items, "next_cursor": next_cursor})


def _line_values(line: OrderLine, scope: Scope, at: datetime) -> dict[str, Any]:
    trusted = _trusted(line, scope.role, at)
    return {
        "id": line.id,
        "number": line.number,
        "menu": line.menu.value,
        "menu_label": line.menu.label,
        "status": line.status.value,
        "status_label": status_label(line),
        "urgency": line.urgency,
        "hazardous": line.hazardous,
        "category_code": line.category_code,
        "category": line.category,
        "text": line.text if trusted else without_personal_data(line.text),
        "place": line.place if trusted else line.place_public,
        "estate": line.estate,
        "office": line.office,
        "worker": line.worker,
        "submitted_at": line.submitted_at,
        "slot_begins_at": line.slot_begins_at,
        "slot_ends_at": line.slot_ends_at,
        "next_due_at": line.next_due_at,
        "next_due_words": due_words(line.next_due_at, at),
        "late": line.late_accept or line.late_visit or line.late_repair,
        "extended": line.extended,
        "pay_status": line.pay_status,
        "thumb": photo_link(line.photo_id, "thumb", at) if line.photo_id else None,
        "voiced": line.voiced,
        "actions": [_BUTTONS[action] for action in line.actions],
    }


def _trusted(line: OrderLine, role: Role, at: datetime) -> bool:
    """Whether this role may know the home and the words as they were written."""
    return role in KNOWS_THE_HOME or (role is Role.WRK and _worker_needs_it(line, at))


def _worker_needs_it(line: OrderLine, at: datetime) -> bool:
    """P13: his and open, or at most 24 hours after it was done; visibility already says that it is his."""
    if line.status in OPEN:
        return True
    return line.finished_at is not None and at <= line.finished_at + CONTACT_AFTER_DONE


def order_out(order_id: int, scope: Scope) -> OrderOut:
    """The order as this scope may see it, in six statements and one more for recordings if there are any; raises
    OrderNotFound when it is hidden."""
    order, line = get_order(order_id, scope), queries.order_line(order_id, scope)
    at = clock.now()
    values, clocks = _line_values(line, scope, at), evidence.clocks(order_id)
    heard = order_voices(order_id, scope) if line.voiced and _trusted(line, scope.role, at) else []
    return OrderOut(
        **values,
        **resident_turn(order, line, clocks, role=scope.role, at=at),
        **explained(order, at),
        **quote_turn(order, role=scope.role, at=at),
        **pay_turn(order, line, role=scope.role, at=at),
        company=line.company,
        channel=line.channel,
        version=line.version,
        round=line.round,
        accepted_at=line.accepted_at,
        expected_at=line.expected_at,
        finished_at=line.finished_at,
        closed_at=line.closed_at,
        contact=_contact(order, line, scope, at),
        text_check=order.text_check,
        promises=[promise_out(each, at) for each in clocks],
        photos=[photo_out(each, at) for each in evidence.order_photos(order_id)],
        also_reported=other_households([order_id]).get(order_id, 0),
        voices=voices_out(heard, until=at + LINKS_LIVE_FOR),
    )


def _contact(order: Order, line: OrderLine, scope: Scope, at: datetime) -> ContactOut:
    name, phone = order.contact_name or "", order.contact_phone or ""
    plain = scope.role is Role.RES or (scope.role is Role.WRK and _worker_needs_it(line, at))
    return ContactOut(
        name=name if plain else mask_name(name),
        phone=phone if plain else mask_phone(phone),
        masked=not plain,
        can_reveal=scope.role in MAY_REVEAL and bool(phone),
        on_behalf=is_on_behalf(order),
    )


def said_moment(at: datetime) -> str:
    """今天 14:44, for sentences."""
    return moment(at, clock.now())
