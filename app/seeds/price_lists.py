"""The prices of the demonstration's companies: what domain 4.2 gives as an example, the same at each of them; and what
people agree to by them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from app.catalogue.prices import publish_price
from app.catalogue.standard_prices import STANDARD_PRICES
from app.core import clock
from app.core.db import db
from app.core.scope import Scope
from app.orders import paying, quote_lines, quote_queries, quotes, settling
from app.orders.models import Order
from app.orders.quote_rules import PayStatus
from app.seeds.organisations import Desk


def publish_demo_prices(desks: Iterable[Desk]) -> None:
    """Each property company publishes its whole list under its own administrator, once for all its offices."""
    companies = {desk.company_id: desk.company for desk in desks}
    for company_id, administrator in companies.items():
        for row in STANDARD_PRICES:
            if row.demo_fen is not None:
                publish_price(row.code, company_id=company_id, price_fen=row.demo_fen, by=administrator)


def agree_on_a_price(order_id: int, *, crew: Scope, resident: Scope) -> None:
    """Before work with a published price begins: the usual item of its kind, agreed to at once; free of charge for who
    has no account with which to agree."""
    order = db.session.get_one(Order, order_id)
    if not settling.needs_quote(order):
        return
    if order.reporter_id is None:
        settling.waive(order_id, by=crew)
        return
    quote_the_usual(order, crew=crew)
    waiting = quote_queries.waiting_quote(order_id)
    assert waiting is not None
    quotes.agree(order_id, by=resident, hash_=waiting.hash)


USUAL = {
    "H0102": "E04",
    "H0103": "E05",
    "H0104": "E06",
    "H0202": "W02",
    "H0203": "W04",
    "H0204": "W04",
    "H0302": "D02",
    "H0303": "D03",
    "H0304": "D04",
    "H0402": "L02",
    "H0403": "L04",
    "H0404": "L06",
    "H0501": "W05",
    "H0602": "A02",
    "H0603": "A05",
    "H0604": "A04",
}
"""What is usually done, where it is not the first item of the group."""


def quote_the_usual(order: Order, *, crew: Scope) -> None:
    """What is usually done for this kind of trouble, as it is published."""
    listed = quote_lines.listed_prices(order, clock.now())
    first = (line.code for line in listed.values() if line.group == order.category.group and line.price_fen)
    usual = USUAL.get(order.category_code, "")
    quotes.make(order.id, by=crew, lines=[quote_lines.Wanted(usual if usual in listed else next(first))])


def replaces_a_part(order_id: int) -> bool:
    """Whether the agreed quote puts something new in, so that the old part has to be shown."""
    return bool(quote_queries.parts_of_round(order_id, db.session.get_one(Order, order_id).round))


def pay_what_is_owed(order_id: int, *, by: Scope, receipt: Callable[[Scope], list[int]]) -> None:
    """At the office, in cash and with a photo of the receipt: an order is confirmed only when it is paid."""
    if db.session.get_one(Order, order_id).pay_status == PayStatus.TO_PAY:
        paying.record_cash(order_id, by=by, photo_ids=receipt(by))
