"""结算单: what a finished order costs, line by line, to be read before it is paid (价格法 13, 明码标价规定 15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from app.core.db import db
from app.orders.models import Completion, Order
from app.orders.quote_models import QuoteLine
from app.orders.quote_queries import agreed_before
from app.orders.quote_rules import MaterialBy, quantity_words
from app.orders.settling import is_free, still_owed_fen

VISIT = "上门检测费"
LESS, BACK = "少收", "已退款"


@dataclass(frozen=True)
class SettlementLine:
    """One line in fen; `list_fen` is what it would cost by the price list, to be struck through where it differs."""

    label: str
    amount_fen: int
    list_fen: int


@dataclass(frozen=True)
class Settlement:
    """The whole of it. `lines` sum to `total_fen`; `due_fen` is what is still to be paid."""

    lines: Sequence[SettlementLine]
    names: Sequence[str]
    free: bool
    total_fen: int
    paid_fen: int
    refunded_fen: int
    due_fen: int


def settlement_of(order: Order) -> Settlement | None:
    """For an order that the caller sees; None while nothing is settled."""
    if order.final_fen is None:
        return None
    repaired = _repaired_round(order)
    lines, names = _visit(order) if repaired is None else _repair(order, repaired)
    return Settlement(
        lines=lines,
        names=names,
        free=is_free(order),
        total_fen=order.final_fen,
        paid_fen=order.paid_fen,
        refunded_fen=order.refunded_fen,
        due_fen=still_owed_fen(order),
    )


def _repaired_round(order: Order) -> int | None:
    """The round whose repair was settled: of an order that was reopened it is an earlier one until the next repair is
    done. None where nothing was repaired, and what was settled is the fee of a visit."""
    if order.finished_at is not None:
        return order.round
    if order.round == 0:
        return None
    return db.session.scalar(select(func.max(Completion.round)).where(Completion.order_id == order.id))


def _visit(order: Order) -> tuple[list[SettlementLine], list[str]]:
    """It was not repaired: at most the fee that the quote had announced."""
    fen = order.final_fen or 0
    return ([SettlementLine(VISIT, fen, fen)] if fen else [], [VISIT])


def _repair(order: Order, round_: int) -> tuple[list[SettlementLine], list[str]]:
    quote = agreed_before(order.id, round_ + 1)
    if quote is None:
        return [], []
    lines = [each for line in quote.lines for each in _lines(line)]
    settled = (order.final_fen or 0) + order.refunded_fen
    less = max(0, quote.total_fen - settled)
    for label, fen in ((LESS, less), (BACK, quote.total_fen - less - (order.final_fen or 0))):
        if fen > 0:
            lines.append(SettlementLine(label, -fen, -fen))
    return lines, list(dict.fromkeys(line.name for line in quote.lines))


def _lines(line: QuoteLine) -> list[SettlementLine]:
    """Labour, and the material that the worker bought."""
    what = f"{line.name} {quantity_words(line.quantity_hundredths, line.unit)}"
    found = [SettlementLine(f"{what}(保修)" if line.warranty else what, line.work_fen, line.list_fen)]
    if line.material_by == MaterialBy.COMPANY:
        found.append(SettlementLine(f"材料:{line.material}", line.material_fen, line.material_fen))
    return found
