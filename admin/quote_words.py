"""Quotes as the desk reads them: every line, what it costs, how the resident has answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.money import yuan
from app.orders.quote_models import Quote, QuoteLine
from app.orders.quote_queries import AGREED, ANSWERS
from app.orders.quote_rules import MaterialBy, quantity_words

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


@dataclass(frozen=True)
class QuoteWords:
    """One quote."""

    title: str
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
    )


def price_words(fen: int) -> str:
    """¥65.00, or 免费."""
    return yuan(fen) if fen else FREE
