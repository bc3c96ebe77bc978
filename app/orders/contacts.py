"""Whom to call about an order. The number is masked until somebody reveals it with a reason; that is audited (3.3)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from app.audit import service as audit
from app.audit.models import AuditRecord
from app.core import clock
from app.core.db import db
from app.core.errors import Forbidden, TooMany
from app.core.masking import mask_name, mask_phone
from app.core.roles import Role
from app.core.scope import Scope
from app.orders.models import Order
from app.orders.moving import cleaned, get_order

MAY_REVEAL = frozenset({Role.DSP, Role.MGR, Role.HOT, Role.BUR})
PER_DAY = 30
REVEALED = "order.reveal_phone"


class RevealedEnough(TooMany):
    """Thirty numbers a day are enough for any desk (domain P12)."""

    code = "revealed_enough"
    message = f"今天已查看{PER_DAY}个号码,如确有需要请联系安全管理员"


@dataclass(frozen=True)
class Contact:
    """A person to call; masked or in full, as asked."""

    name: str
    phone: str
    may_reveal: bool = False


def masked_contact(order: Order, scope: Scope) -> Contact | None:
    """The reporter as everybody who sees the order may know him; None when nobody left a number."""
    if not order.contact_phone and not order.contact_name:
        return None
    may = scope.role in MAY_REVEAL and bool(order.contact_phone)
    return Contact(mask_name(order.contact_name), mask_phone(order.contact_phone), may)


def reveal_contact(order_id: int, *, by: Scope, reason: str, address: str = "") -> Contact:
    """显示号码: name and number in full, with an audit record of who looked and why; thirty a day by one person.

    Raises OrderNotFound, Forbidden, Invalid naming `reason`, RevealedEnough.
    """
    why = cleaned(reason, field="reason", at_least=2, at_most=100)
    order = get_order(order_id, by)
    if by.role not in MAY_REVEAL:
        raise Forbidden()
    audit.record(
        REVEALED,
        by=by,
        object_kind="order",
        object_id=order.id,
        details={"reason": why},
        address=address,
        district_id=order.district_id,
    )
    # Counted under the lock of the audit log's head: two reveals at once cannot both be the thirtieth.
    if _revealed_today(by) > PER_DAY:
        raise RevealedEnough()
    return Contact(order.contact_name or "", order.contact_phone or "")


def _revealed_today(by: Scope) -> int:
    begin = clock.start_of_china_day(clock.china_date(clock.now()))
    mine = (AuditRecord.account_id == by.account_id) & (AuditRecord.action == REVEALED)
    counted = select(func.count()).select_from(AuditRecord).where(mine, AuditRecord.at >= begin)
    return int(db.session.scalar(counted) or 0)
