"""The quote of an order as worker, resident and desk read it: each line in words, the sum, until when to answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from app.core.money import yuan
from app.core.roles import Role
from app.core.wording import promise_time
from app.orders.models import Order
from app.orders.quote_models import Quote, QuoteLine
from app.orders.quote_queries import ANSWERS, quotes_of
from app.orders.quote_rules import MaterialBy, quantity_words
from app.orders.reading import words_for
from miniprogram_api.fields import Instant, Out

FREE = "免费"


class QuoteLineOut(Out):
    """One item: labour by the price list, and material apart. In a free estate `list_words` is struck through."""

    item_code: str
    name: str
    quantity_hundredths: int = Field(description="数量乘以100:150 是 1.5")
    quantity_words: str
    list_price_fen: int
    unit_price_fen: int
    list_words: str = Field(description="按公布价目应收;与 amount_words 不同时划掉")
    amount_fen: int
    amount_words: str
    material_by: str = Field(description="none、resident(居民自备)或 company(师傅代买)")
    material: str
    material_fen: int
    material_words: str
    added: bool = Field(description="这次新加的项目")
    warranty: bool = Field(description="30天保修:原来修过,这次不收费")


class QuoteOut(Out):
    """The newest quote. Whoever agrees sends `hash` back: it covers everything in here that costs money."""

    number: int
    addition: bool = Field(description="在已同意的报价上增加项目")
    free: bool
    lines: list[QuoteLineOut]
    list_fen: int
    total_fen: int
    total_words: str
    visit_fee_fen: int
    visit_fee_words: str
    price_version: int = Field(description="按企业第几版价目报的价;0 是没有版本的旧报价")
    note: str
    hash: str
    made_at: Instant
    expires_at: Instant
    state: str = Field(description="waiting、agreed、declined、silent 或 cancelled")
    answered_at: Instant | None
    words: str


class QuoteTurnOut(Out):
    """Part of an order's answer: what it costs, and whether the resident wants no repair any more."""

    quote: QuoteOut | None
    quoted_fen: int | None
    agreed_fen: int | None = Field(description="居民同意的总价,分;最后结算不会超过它")
    final_fen: int | None = Field(description="结算金额,分;没有维修时是上门检测费")
    cancel_asked_at: Instant | None = Field(description="报修人申请取消的时间;物业不同意就清空")


def quote_turn(order: Order, *, role: Role, at: datetime) -> dict[str, Any]:
    """The values of QuoteTurnOut; an order without a quote costs no statement."""
    made = quotes_of(order.id) if order.quoted_fen is not None else ()
    return {
        "quote": quote_out(made[-1], role, at) if made else None,
        "quoted_fen": order.quoted_fen,
        "agreed_fen": order.agreed_fen,
        "final_fen": order.final_fen,
        "cancel_asked_at": order.cancel_asked_at,
    }


def quote_out(quote: Quote, role: Role, at: datetime) -> QuoteOut:
    """A quote with its words."""
    return QuoteOut(
        number=quote.number,
        addition=quote.addition,
        free=quote.free,
        lines=[_line(each) for each in quote.lines],
        list_fen=quote.list_fen,
        total_fen=quote.total_fen,
        total_words=_price(quote.total_fen),
        visit_fee_fen=quote.visit_fee_fen,
        visit_fee_words=_visit_fee(quote),
        price_version=quote.price_version,
        note=words_for(role, quote.note),
        hash=quote.hash,
        made_at=quote.made_at,
        expires_at=quote.expires_at,
        state=quote.answered_how or "waiting",
        answered_at=quote.answered_at,
        words=_words(quote, at),
    )


def _line(line: QuoteLine) -> QuoteLineOut:
    quantity = quantity_words(line.quantity_hundredths, line.unit)
    return QuoteLineOut(
        item_code=line.item_code,
        name=line.name,
        quantity_hundredths=line.quantity_hundredths,
        quantity_words=quantity,
        list_price_fen=line.list_price_fen,
        unit_price_fen=line.unit_price_fen,
        list_words=f"{yuan(line.list_price_fen)} × {quantity} = {yuan(line.list_fen)}",
        amount_fen=line.amount_fen,
        amount_words=_price(line.amount_fen),
        material_by=line.material_by,
        material=line.material,
        material_fen=line.material_fen,
        material_words=_material(line),
        added=line.added,
        warranty=line.warranty,
    )


def _material(line: QuoteLine) -> str:
    by = MaterialBy(line.material_by)
    if by is MaterialBy.NONE:
        return ""
    price = f" {_price(line.material_fen)}" if by is MaterialBy.COMPANY else ""
    return f"{by.label}:{line.material}{price}"


def _price(fen: int) -> str:
    return yuan(fen) if fen else FREE


def _visit_fee(quote: Quote) -> str:
    if not quote.visit_fee_fen:
        return "不修也不收费"
    return f"不修的话,收上门检测费 {yuan(quote.visit_fee_fen)};修了就不收这一项"


def _words(quote: Quote, at: datetime) -> str:
    """What has to be done, or what came of it."""
    if quote.answered_at is not None or at > quote.expires_at:
        return ANSWERS[quote.answered_how or "silent"]
    silence = "就按原来同意的修" if quote.addition else "就按不修办结"
    return f"请在 {promise_time(quote.expires_at, at)}答复,不答复{silence}"
