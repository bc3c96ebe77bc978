"""The prices of the demonstration's companies: what domain 4.2 gives as an example, the same at each of them."""

from __future__ import annotations

from collections.abc import Iterable

from app.catalogue.prices import publish_price
from app.catalogue.standard_prices import STANDARD_PRICES
from app.seeds.organisations import Desk


def publish_demo_prices(desks: Iterable[Desk]) -> None:
    """Each property company publishes its whole list under its own administrator, once for all its offices."""
    companies = {desk.company_id: desk.company for desk in desks}
    for company_id, administrator in companies.items():
        for row in STANDARD_PRICES:
            if row.demo_fen is not None:
                publish_price(row.code, company_id=company_id, price_fen=row.demo_fen, by=administrator)
