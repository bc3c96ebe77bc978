"""What an order costs in the end and what became of the money: the settlement list that is read before paying."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from app.core.money import yuan
from app.core.roles import Role
from app.core.wording import moment
from app.orders.lifecycle import LIFECYCLE, ON_SITE, Action
from app.orders.lines import OrderLine
from app.orders.models import Order
from app.orders.order_money import received
from app.orders.quote_queries import parts_of_round
from app.orders.quote_rules import PayStatus
from app.orders.rules import WARRANTY
from app.orders.settlement import Settlement, settlement_of
from app.orders.settling import most_to_settle_fen
from miniprogram_api.fields import Out, RowId

FREE, UNCHARGED = "免费", "未收费"
WITH_MONEY = frozenset({PayStatus.TO_PAY, PayStatus.PAID, PayStatus.REFUNDING, PayStatus.REFUNDED})
FINISHES = LIFECYCLE.roles(Action.FINISH)


class PayOut(Out):
    """What is to be paid and what has been; `payment_id` is the resident's own payment, for its page."""

    state: str = Field(description="免费、未计价、待支付、已支付、退款中或已退款")
    due_fen: int = Field(description="还要付多少,分")
    paid_fen: int = Field(description="收到多少,分:微信支付和现金")
    refunded_fen: int
    payment_id: RowId | None = Field(description="正在进行或已付的那一笔;只给报修人")
    words: str


class SettlementLineOut(Out):
    """One line; `list_words` is struck through where it is not empty."""

    label: str
    amount_fen: int
    amount_words: str
    list_words: str


class SettlementOut(Out):
    """结算单: the lines sum to `total_fen`."""

    lines: list[SettlementLineOut]
    total_fen: int
    total_words: str
    list_words: str = Field(description="按公布价目应收;为空就不显示,不为空时划掉")
    words: str


class PayTurnOut(Out):
    """Part of an order's answer."""

    pay: PayOut
    settlement: SettlementOut | None = Field(description="结算以后才有;付款前先给居民看")
    old_parts: list[str] = Field(description="完工时要拍旧件照片的配件(old_part_photo_ids);为空就不用拍")
    settle_up_to_fen: int | None = Field(
        description="完工时最多结算多少,分(final_fen 可以更低);没有同意的报价时为空;只给修的人"
    )
    warranty: bool = Field(description="这一轮是30天保修:原来修过的项目不再收费")
    warranty_words: str


def pay_turn(order: Order, line: OrderLine, *, role: Role, at: datetime) -> dict[str, Any]:
    """The values of PayTurnOut; an order that was never priced costs no statement."""
    settled = settlement_of(order)
    mine = received(order).payment_id if role is Role.RES and line.pay_status in WITH_MONEY else None
    return {
        "pay": PayOut(
            state=line.pay_status,
            due_fen=settled.due_fen if settled else 0,
            paid_fen=order.paid_fen,
            refunded_fen=order.refunded_fen,
            payment_id=mine,
            words=_pay_words(line.pay_status, settled, online=order.estate.pay_enabled),
        ),
        "settlement": _settlement(settled) if settled else None,
        **_to_finish(order, line, role),
        "warranty": order.warranty,
        "warranty_words": _warranty(order, at),
    }


def _to_finish(order: Order, line: OrderLine, role: Role) -> dict[str, Any]:
    """What whoever repairs must know before he finishes."""
    if role not in FINISHES or line.status not in ON_SITE or order.agreed_fen is None:
        return {"old_parts": [], "settle_up_to_fen": None}
    return {
        "old_parts": parts_of_round(order.id, order.round),
        "settle_up_to_fen": most_to_settle_fen(order),
    }


def _pay_words(state: str, settled: Settlement | None, *, online: bool) -> str:
    if settled is None:
        return "" if state != PayStatus.FREE else FREE
    if settled.due_fen:
        where = "" if online else ",请付给师傅或小区管理处,并要收据"
        return f"待支付 {yuan(settled.due_fen)}{where}"
    if settled.refunded_fen and state == PayStatus.PAID:
        return f"已支付 {yuan(settled.paid_fen)},其中已退 {yuan(settled.refunded_fen)}"
    if settled.paid_fen:
        return f"{state} {yuan(settled.refunded_fen if state == PayStatus.REFUNDED else settled.paid_fen)}"
    return UNCHARGED


def _settlement(settled: Settlement) -> SettlementOut:
    listed = sum(line.list_fen for line in settled.lines)
    return SettlementOut(
        lines=[
            SettlementLineOut(
                label=line.label,
                amount_fen=line.amount_fen,
                amount_words=yuan(line.amount_fen) if line.amount_fen else FREE,
                list_words=yuan(line.list_fen) if line.list_fen != line.amount_fen else "",
            )
            for line in settled.lines
        ],
        total_fen=settled.total_fen,
        total_words=yuan(settled.total_fen) if settled.total_fen else UNCHARGED,
        list_words=yuan(listed) if listed != settled.total_fen else "",
        words="付的钱不会超过您同意的报价" if settled.total_fen else "这次没有收费",
    )


def _warranty(order: Order, at: datetime) -> str:
    if order.finished_at is None or not (order.final_fen or order.paid_fen):
        return "在30天保修期内,原来修过的项目不收费" if order.warranty else ""
    until = order.finished_at + WARRANTY
    return f"保修到 {moment(until, at)},同样的问题免费再修" if at <= until else ""
