"""Quotes as the desk reads them: every line, what it costs, how the resident has answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.money import yuan
from app.orders.models import Order
from app.orders.quote_models import Quote, QuoteLine
from app.orders.quote_queries import AGREED, ANSWERS
from app.orders.quote_rules import MaterialBy, quantity_words
from app.orders.settlement import Settlement

FREE = "免费"


@dataclass(frozen=True)
class LineWords:
    """One item: `struck` is the list price where less is charged."""

    name: str
    quantity: str
    struck: str
    amount: str
    material: str
    added: bool
    warranty: bool


@dataclass(frozen=True)
class QuoteWords:
    """One quote."""

    title: str
    version: str
    state: str
    tone: str
    lines: Sequence[LineWords]
    struck: str
    total: str
    visit_fee: str
    note: str
    made_at: datetime
    expires_at: datetime
    waiting: bool


def quote_words(quote: Quote) -> QuoteWords:
    """What stands in the quote and what came of it."""
    how = quote.answered_how
    return QuoteWords(
        title=f"第 {quote.number} 次报价" + ("(增加项目)" if quote.addition else ""),
        version=f"按价目第 {quote.price_version} 版" if quote.price_version else "",
        state=ANSWERS.get(how, how),
        tone="ok" if how == AGREED else "warn" if how == "" else "",
        lines=[_line(line) for line in quote.lines],
        struck=yuan(quote.list_fen) if quote.list_fen != quote.total_fen else "",
        total=price_words(quote.total_fen),
        visit_fee=f"不修时收上门检测费 {yuan(quote.visit_fee_fen)}" if quote.visit_fee_fen else "",
        note=quote.note,
        made_at=quote.made_at,
        expires_at=quote.expires_at,
        waiting=how == "",
    )


def _line(line: QuoteLine) -> LineWords:
    by = MaterialBy(line.material_by)
    bought = f" {price_words(line.material_fen)}" if by is MaterialBy.COMPANY else ""
    owner = {MaterialBy.RESIDENT: "居民自备", MaterialBy.COMPANY: "代买"}.get(by, "")
    return LineWords(
        name=line.name,
        quantity=quantity_words(line.quantity_hundredths, line.unit),
        struck=yuan(line.list_fen) if line.list_fen != line.work_fen else "",
        amount=price_words(line.work_fen),
        material=f"材料:{line.material}({owner}){bought}" if owner else "",
        added=line.added,
        warranty=line.warranty,
    )


@dataclass(frozen=True)
class SettledLine:
    """One line of the settlement."""

    label: str
    amount: str
    struck: str


@dataclass(frozen=True)
class SettlementWords:
    """The settlement list as the resident has it, what of it was received, and what he still has to pay."""

    lines: Sequence[SettledLine]
    total: str
    owed: str
    money: str
    tone: str


def settlement_words(settled: Settlement | None) -> SettlementWords | None:
    """None while nothing is settled. What was paid too much is said, so that somebody gives it back."""
    if settled is None:
        return None
    kept = settled.paid_fen - settled.refunded_fen
    said = [
        f"还要付 {yuan(settled.due_fen)}" if settled.due_fen and kept else "",
        f"收到 {yuan(settled.paid_fen)}" if settled.paid_fen else "",
        f"已退 {yuan(settled.refunded_fen)}" if settled.refunded_fen else "",
        f"多收 {yuan(kept - settled.total_fen)},请由财务退还" if kept > settled.total_fen else "",
    ]
    return SettlementWords(
        lines=[
            SettledLine(
                line.label,
                price_words(line.amount_fen),
                yuan(line.list_fen) if line.list_fen != line.amount_fen else "",
            )
            for line in settled.lines
        ],
        total=price_words(settled.total_fen),
        owed=yuan(settled.due_fen) if settled.due_fen else "",
        money=",".join(each for each in said if each),
        tone="warn" if settled.due_fen else "ok" if settled.paid_fen else "",
    )


def fee_words(order: Order, quotes: Sequence[QuoteWords]) -> str:
    """Where the price of an order stands: what the resident considers, what he has agreed to, what became of it."""
    if quotes and quotes[-1].waiting:
        return f"报价 {quotes[-1].total},等居民同意"
    if order.final_fen is None and order.agreed_fen is not None:
        return f"居民已同意 {price_words(order.agreed_fen)}"
    return order.pay_status


def price_words(fen: int) -> str:
    """¥65.00, or 免费."""
    return yuan(fen) if fen else FREE
