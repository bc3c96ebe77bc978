"""What a worker may put into a quote: published items, the most that each may cost, the fees beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.catalogue.price_models import PriceKind
from app.catalogue.price_queries import PriceLine
from app.core import clock
from app.core.scope import Scope
from app.orders.moving import get_order
from app.orders.quote_lines import listed_prices, visit_fee_fen
from app.orders.settling import is_free, needs_quote

QUOTED_KINDS = frozenset({PriceKind.WORK, PriceKind.NIGHT})


@dataclass(frozen=True)
class Quotable:
    """`items` begin with those of the order's own kind of trouble; `needed` says that work may not begin without."""

    free: bool
    needed: bool
    visit_fee_fen: int
    items: Sequence[PriceLine]


def quotable(order_id: int, scope: Scope) -> Quotable:
    """For an order that the scope sees; raises OrderNotFound."""
    order = get_order(order_id, scope)
    listed = listed_prices(order, clock.now())
    free, group = is_free(order), order.category_code[:3]
    items = [line for line in listed.values() if line.kind in QUOTED_KINDS]
    return Quotable(
        free=free,
        needed=needs_quote(order),
        visit_fee_fen=0 if free else visit_fee_fen(listed),
        items=sorted(items, key=lambda line: (line.group != group, line.kind is PriceKind.NIGHT)),
    )
