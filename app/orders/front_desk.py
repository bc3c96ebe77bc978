"""A report by telephone or in person, entered by the desk with the same clocks as any other (S3-10, S3-12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.accounts.queries import BoundHome, homes_of_caller
from app.accounts.service import checked_phone, find_by_phone
from app.catalogue.models import Category
from app.catalogue.queries import category
from app.core.crypto import blind_index
from app.core.errors import Forbidden
from app.core.masking import mask_name
from app.core.roles import OFFICE_ROLES
from app.core.scope import Scope
from app.orders.lifecycle import OPEN, Menu
from app.orders.lines import OrderLine
from app.orders.models import Order
from app.orders.queries import orders_page
from app.orders.submitting import Submitted, submit
from app.orders.whereabouts import Submission

RECENT = 8


@dataclass(frozen=True)
class Caller:
    """What the desk learns of a number before it has typed anything else."""

    known: bool
    name: str
    homes: Sequence[BoundHome]
    open_orders: Sequence[OrderLine]
    earlier: Sequence[OrderLine]


def look_up_caller(phone: str, scope: Scope) -> Caller:
    """Homes, open orders and last visits of a number, as far as this desk may see them; raises Invalid."""
    number = checked_phone(phone)
    homes = homes_of_caller(number, scope)
    known = find_by_phone(number) if homes else None
    lines = orders_of_caller(number, scope)
    return Caller(
        known=bool(homes),
        name=mask_name(known.name) if known else "",
        homes=homes,
        open_orders=[line for line in lines if line.status in OPEN],
        earlier=[line for line in lines if line.status not in OPEN],
    )


def orders_of_caller(phone: str, scope: Scope, *, limit: int = RECENT) -> Sequence[OrderLine]:
    """The newest orders with this contact number; raises Invalid."""
    index = blind_index(checked_phone(phone))
    return orders_page(scope, limit=limit, where=[Order.contact_index == index]).items


def enter_report(submission: Submission, *, by: Scope) -> Submitted:
    """Submit for somebody at the desk; a caller whom the desk knows finds the order among his own records.

    Raises Forbidden, Invalid naming the field, NoService, SlotFull.
    """
    if by.role not in OFFICE_ROLES:
        raise Forbidden()
    phone = checked_phone(submission.contact_phone)
    what = category(submission.category_code)
    return submit(
        replace(
            submission,
            contact_phone=phone,
            menu=menu_of(what, submission.slot_id),
            text=submission.text.strip() or f"来电报修:{what.name}",
            **_reporter(phone, submission, by),
        ),
        by=by,
    )


def menu_of(what: Category, slot_id: int | None) -> Menu:
    """Public matters are reports; at home it is a booking when a time was agreed, else as soon as possible."""
    if not what.in_home:
        return Menu.REPORT
    return Menu.BOOKING if slot_id else Menu.EMERGENCY


def _reporter(phone: str, submission: Submission, by: Scope) -> dict:
    if not homes_of_caller(phone, by):
        return {}
    known = find_by_phone(phone)
    if known is None:
        return {}
    return {"reporter_id": known.id, "contact_name": submission.contact_name.strip() or known.name or ""}
