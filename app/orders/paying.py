"""付维修费 (S0-29): what was settled is paid to the company that serves the order, never to the platform.

The payments core takes the money; what it says is noted here (U11, U13). Cash is written down with its receipt (U12)
and nobody is led towards it. An unpaid order is not confirmed (T21), but neither the 72 hours nor the warranty wait for
the money: docs/adr/0019.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.audit import service as audit
from app.books.accounts import Account, Book
from app.books.posting import Line, post
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid
from app.core.money import yuan
from app.core.scope import SYSTEM, Scope
from app.orders.cash_models import CashReceipt
from app.orders.errors import NothingOwed, PaymentRunning
from app.orders.feedback import close_what_was_rated
from app.orders.lifecycle import Action
from app.orders.models import Order
from app.orders.moving import attach_photos, cleaned, get_order, guard, move
from app.orders.order_money import Received, received, subject_of
from app.orders.quote_rules import PayStatus
from app.orders.rules import order_number
from app.orders.settlement import settlement_of
from app.orders.settling import set_pay_status, still_owed_fen
from app.payments.errors import NotPayable
from app.payments.models import Payment, Purpose
from app.payments.opening import Part, open_payment

NOT_ONLINE = "您的小区还没有开通线上付款,请把维修费交给师傅或小区管理处,并要收据"


def pay(order_id: int, *, by: Scope, client_ip: str) -> Payment:
    """The waiting payment of what is owed for this order; again it is the same one.

    Raises NothingOwed, PaymentRunning, and what opening a payment raises (NotPayable, AlreadyPaid, ...).
    """
    order, owed = _owing(order_id, Action.PAY, by)
    if not order.estate.pay_enabled:
        raise NotPayable(NOT_ONLINE)
    number = order_number(order.id, order.menu, order.submitted_at)
    return open_payment(
        [Part(subject_of(order), Account.REPAIR, _label(order, number), owed, order.estate_id)],
        purpose=Purpose.REPAIR,
        title=f"上门维修 {number}",
        company_id=order.company_id,
        estate_id=order.estate_id,
        district_id=order.district_id,
        by=by,
        client_ip=client_ip,
    )


def _label(order: Order, number: str) -> str:
    """What the receipt says: 上门维修 E1120-0007 更换水龙头、更换角阀."""
    settled = settlement_of(order)
    names = settled.names if settled else []
    return f"上门维修 {number} {'、'.join(names)}"[:120].strip()


def record_cash(
    order_id: int, *, by: Scope, photo_ids: Sequence[int], amount_fen: int | None = None, note: str = ""
) -> Order:
    """登记现金 (U12): the whole of what is owed, with a photo of the paper receipt; audited, the resident is told.
    Whoever names the amount names exactly that.

    Raises NothingOwed, PaymentRunning while he is paying on his phone, Invalid for another amount, MissingEvidence.
    """
    words = cleaned(note, field="note", at_least=0, at_most=100)
    order, owed = _owing(order_id, Action.RECORD_CASH, by)
    if received(order).waiting:
        raise PaymentRunning("居民正在手机上付款,请等他付好或取消后再登记", fields={"status": order.status})
    if amount_fen is not None and (isinstance(amount_fen, bool) or amount_fen != owed):
        raise Invalid(f"应收 {yuan(owed)},请按这个金额登记", fields={"amount_fen": f"应为 {yuan(owed)}"})
    attach_photos(order.id, photo_ids, "receipt", by=by, round_=order.round, at_least=1)
    receipt = _write(order, owed, by=by, note=words)
    order.paid_fen += owed
    set_pay_status(order)
    move(order, Action.RECORD_CASH, by=by, note=f"现金 {yuan(owed)}", data={"amount_fen": owed})
    details = {"order_id": order.id, "amount_fen": owed, "note": words}
    audit.record("order.cash", by=by, object_kind="cash_receipt", object_id=receipt.id, details=details)
    close_what_was_rated(order)
    return order


def _write(order: Order, owed: int, *, by: Scope, note: str) -> CashReceipt:
    at = clock.now()
    receipt = CashReceipt(
        order_id=order.id,
        amount_fen=owed,
        taken_at=at,
        taken_by=by.account_id,
        taken_role=by.role.value,
        note=note,
    )
    db.session.add(receipt)
    db.session.flush()
    post(
        f"cash:{receipt.id}",
        [
            Line(Account.CASH, debit_fen=owed, estate_id=order.estate_id),
            Line(Account.REPAIR, credit_fen=owed, estate_id=order.estate_id),
        ],
        book=Book.PROPERTY,
        company_id=order.company_id,
        district_id=order.district_id,
        memo=f"上门维修现金 {order_number(order.id, order.menu, order.submitted_at)}",
        entered_on=clock.china_date(at),
        posted_by=by.account_id,
    )
    return receipt


def _owing(order_id: int, action: Action, by: Scope) -> tuple[Order, int]:
    """The order, locked, with what WeChat has told meanwhile, and what is still owed for it."""
    order = get_order(order_id, by, lock=True)
    guard(order, action, by)
    money = received(order)
    if money.paid_fen > order.paid_fen:  # paid a moment ago: the reaction that notes it is on its way
        raise NothingOwed(fields={"status": order.status})
    owed = still_owed_fen(order)
    if owed == 0:
        raise NothingOwed(fields={"status": order.status})
    if action is Action.PAY and money.waiting and _of_another_round(order, money.payment_id):
        raise PaymentRunning(fields={"status": order.status})
    return order, owed


def _of_another_round(order: Order, payment_id: int | None) -> bool:
    waiting = db.session.get_one(Payment, payment_id)
    return all(line.subject != subject_of(order) for line in waiting.lines)


def take_note(order_id: int) -> None:
    """Bring the order in step with its payments, for the reactions to them; whatever was noted before is not noted
    again. Raises OrderNotFound."""
    order = get_order(order_id, SYSTEM, lock=True)
    money, before = received(order), (order.paid_fen, order.refunded_fen, order.pay_status)
    _lower_settlement(order, money)
    order.paid_fen, order.refunded_fen = money.paid_fen, money.refunded_fen
    set_pay_status(order, refunding=money.refunding)
    if (order.paid_fen, order.refunded_fen, order.pay_status) == before:
        return
    action, data = _what_happened(order, before, money.payment_id)
    if action is not None:
        move(order, action, by=SYSTEM, data=data)
    if order.paid_fen > before[0]:
        close_what_was_rated(order)


def _lower_settlement(order: Order, money: Received) -> None:
    """What went back is not owed again: a refund of what was settled is a lower settlement. What had been paid above
    the settlement goes back without lowering it, and what was not paid yet is owed as before."""
    went_back = money.refunded_fen - order.refunded_fen
    if order.final_fen is None or went_back <= 0:
        return
    too_much = max(0, money.paid_fen - order.refunded_fen - order.final_fen)
    order.final_fen = max(0, order.final_fen - max(0, went_back - too_much))


def _what_happened(
    order: Order, before: tuple[int, int, str], payment_id: int | None
) -> tuple[Action | None, dict[str, Any]]:
    paid, refunded, status = before
    if order.paid_fen > paid:
        return Action.PAID, {"amount_fen": order.paid_fen - paid, "payment_id": payment_id}
    if order.refunded_fen > refunded:
        return Action.REFUNDED, {"amount_fen": order.refunded_fen - refunded, "payment_id": payment_id}
    if order.pay_status != status and order.pay_status == PayStatus.REFUNDING:
        return Action.REFUNDING, {"payment_id": payment_id}
    return None, {}
