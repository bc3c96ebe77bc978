"""Repairs of the demonstration that were paid on the phone after they were mended, and some that are not paid yet."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import func, select, update

from app.accounts.models import Account
from app.accounts.scopes import resident_scope
from app.core import clock
from app.core.db import db, transact
from app.estates.models import Estate
from app.orders import paying
from app.orders.clock_models import Deadline
from app.orders.lifecycle import Status
from app.orders.models import Order
from app.orders.quote_rules import PayStatus
from app.orders.rules import Clock
from app.payments.settling import Receiver, Settlement, settle
from app.seeds.credentials import sandbox_openid
from app.seeds.settled import nothing_is_told, trade_of
from config import Settings

THINKS_IT_OVER = timedelta(hours=2)
NOT_PAID_YET = 4
"""Every fourth still owes what he has agreed to."""


def pay_past_repairs(now: datetime, settings: Settings) -> int:
    """Open online payment where in-home repairs are charged, and pay most of what is owed there; returns how many."""
    transact(_open_where_repairs_are_charged, attempts=1)
    receiver = Receiver(settings.wechat_appid, settings.wechat_pay_mch_id)
    paid = 0
    for number, order_id in enumerate(_owing()):
        if number % NOT_PAID_YET != NOT_PAID_YET - 1:
            paid += transact(partial(_pay, order_id, now, receiver), attempts=1)
    transact(nothing_is_told, attempts=1)
    return paid


def _open_where_repairs_are_charged() -> None:
    charged = (Estate.in_home_service.is_(True)) & (Estate.free_trial.is_(False))
    db.session.execute(update(Estate).where(charged).values(pay_enabled=True))


def _owing() -> list[int]:
    owing = (Order.pay_status == PayStatus.TO_PAY.value) & Order.reporter_id.is_not(None)
    return list(
        db.session.scalars(select(Order.id).where(owing, Order.closed_at.is_not(None)).order_by(Order.id))
    )


def _pay(order_id: int, now: datetime, receiver: Receiver) -> int:
    """Two hours after it was closed, or after he was reminded of it; as far as that has come."""
    order = db.session.get_one(Order, order_id)
    assert order.closed_at is not None
    at = max(order.closed_at, _reminded_at(order_id) or order.closed_at) + THINKS_IT_OVER
    if at >= now or order.status != Status.CLOSED or order.reporter_id is None:
        return 0
    reporter = db.session.get_one(Account, order.reporter_id)
    reporter.openid = reporter.openid or sandbox_openid(receiver.appid, f"resident-{reporter.id}")
    with clock.frozen(clock.to_ms(at)):
        payment = paying.pay(order_id, by=resident_scope(reporter.id), client_ip="127.0.0.1")
    with clock.frozen(clock.to_ms(at + timedelta(seconds=30))):
        settled = settle(payment.out_trade_no, trade_of(payment, receiver), receiver=receiver)
        assert settled is Settlement.SETTLED
        paying.take_note(order_id)
    return 1


def _reminded_at(order_id: int) -> datetime | None:
    mine = (Deadline.order_id == order_id) & (Deadline.clock == Clock.PAY.value)
    return db.session.scalar(select(func.max(Deadline.fired_at)).where(mine))
