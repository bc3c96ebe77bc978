"""A dripping tap in an estate that pays, and what worker and resident say about its price.

T0 is Friday 2026-11-20 22:10:00.000 in China; the worker is on site at 22:20.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.core import clock
from app.core.clock import china
from app.core.db import db
from app.core.roles import Role
from app.orders import desk, queries, quotes
from app.orders.clock_models import Deadline
from app.orders.lifecycle import Action, Menu
from app.orders.models import Order
from app.orders.quote_lines import Wanted
from app.orders.quote_models import Quote
from app.orders.quote_queries import quotes_of
from tests.factories.prices import let_residents_pay
from tests.factories.scene import Scene
from tests.orders.test_clock_vectors import promise

MS, MINUTE, HOUR = timedelta(milliseconds=1), timedelta(minutes=1), timedelta(hours=1)
T0 = china(2026, 11, 20, 22, 10)
ON_SITE = T0 + 10 * MINUTE
TAP = Wanted("W01", material_by="company", material="陶瓷芯水龙头", material_fen=2_500)
HOSE = Wanted("W03", quantity_hundredths=200)
TAPS = "H0201"


def dripping(scene: Scene, *, fee: int = 0, paying: bool = True) -> int:
    """A tap in the first home of an estate that pays; the worker has looked at it."""
    if paying:
        let_residents_pay(scene, visit_fee_fen=fee)
    home = scene.place.homes[0].id
    order_id = scene.submit(
        at=T0, menu=Menu.EMERGENCY, category_code=TAPS, text="水龙头滴水", spot_id=None, home_id=home
    ).order_id
    scene.accept(order_id, after=2 * MINUTE)
    plumber = {"worker_id": scene.worker.id, "override_reason": "他也会修水龙头"}
    scene.do(lambda: desk.assign(order_id, by=scene.by(Role.DSP), **plumber), after=MINUTE)
    scene.check_in(order_id, at=ON_SITE)
    return order_id


def quote(scene: Scene, order_id: int, *lines: Wanted, **step) -> Quote:
    worker = scene.by(Role.WRK)
    scene.do(lambda: quotes.make(order_id, by=worker, lines=lines or [TAP]), **step)
    return newest(order_id)


def newest(order_id: int) -> Quote:
    db.session.rollback()
    return quotes_of(order_id)[-1]


def agree(scene: Scene, order_id: int, **step) -> Order:
    hash_, resident = newest(order_id).hash, scene.by(Role.RES)
    return scene.do(lambda: quotes.agree(order_id, by=resident, hash_=hash_), **step)


def decline(scene: Scene, order_id: int, **step) -> Order:
    return scene.do(lambda: quotes.decline(order_id, by=scene.by(Role.RES), reason="太贵了"), **step)


def actions(scene: Scene, order_id: int, role: Role) -> set[Action]:
    with clock.frozen(scene.at):
        return set(queries.order_line(order_id, scene.by(role)).actions)


def repair(order_id: int):
    return promise(order_id, "C3", "DUE")


def amounts(order: Order) -> tuple:
    return order.quoted_fen, order.agreed_fen, order.final_fen, order.pay_status


def levels(order_id: int, *clocks: str) -> list[Deadline]:
    db.session.rollback()
    mine = (Deadline.order_id == order_id) & Deadline.clock.in_(clocks)
    return list(db.session.scalars(select(Deadline).where(mine).order_by(Deadline.id)))


def working(scene: Scene, **values) -> int:
    order_id = dripping(scene, **values)
    quote(scene, order_id)
    agree(scene, order_id, after=MINUTE)
    return order_id
