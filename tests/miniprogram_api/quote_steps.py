"""The commands around quotes and cancelling after the visit, for the tables of tests/miniprogram_api/steps.py."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.core.db import db
from app.core.roles import Role
from app.orders import cancelling, quotes
from app.orders.lifecycle import Menu
from app.orders.quote_lines import Wanted
from app.orders.quote_models import Quote
from app.orders.quote_queries import quotes_of
from tests.factories.prices import let_residents_pay
from tests.factories.scene import HOME_LAMP, Scene
from tests.orders.paying import open_for_money

LAMP_LINE = {"item_code": "E02", "material_by": "company", "material": "LED灯管", "material_fen": 1_500}
BOX_LINE = {"item_code": "E04", "quantity_hundredths": 200}


def looked_at(scene: Scene) -> int:
    """A lamp at home, in an estate that pays; the worker has seen it."""
    let_residents_pay(scene, visit_fee_fen=2_000)
    home = scene.place.homes[0].id
    return scene.until_working(menu=Menu.EMERGENCY, category_code=HOME_LAMP, spot_id=None, home_id=home)


def quoted(scene: Scene) -> int:
    order_id = looked_at(scene)
    worker = scene.by(Role.WRK)
    scene.do(lambda: quotes.make(order_id, by=worker, lines=[Wanted(**LAMP_LINE)]))
    return order_id


def agreed(scene: Scene) -> int:
    order_id = quoted(scene)
    hash_ = quotes_of(order_id)[-1].hash
    scene.do(lambda: quotes.agree(order_id, by=scene.by(Role.RES), hash_=hash_))
    return order_id


def added_to(scene: Scene) -> int:
    order_id = agreed(scene)
    worker = scene.by(Role.WRK)
    scene.do(lambda: quotes.make(order_id, by=worker, lines=[Wanted(**BOX_LINE)]))
    return order_id


def settled(scene: Scene) -> int:
    """45.00 are to be paid."""
    open_for_money(scene)
    order_id = agreed(scene)
    scene.finish(order_id)
    return order_id


def cash_body(scene: Scene) -> Any:
    return {"amount_fen": 4_500, "photo_ids": scene.photos(Role.WRK), "note": "收据 0000123"}


BAD_CASH = (
    {},
    {"amount_fen": 4_500, "photo_ids": []},
    *({"amount_fen": fen, "photo_ids": [1]} for fen in (0, -1, True, "4500", 10**30, 4_501)),
    {"amount_fen": 4_500, "photo_ids": [1], "note": "字" * 101},
    {"amount_fen": 4_500, "photo_ids": [1], "paid": True},
)


def asked_to_cancel(scene: Scene) -> int:
    order_id = looked_at(scene)
    scene.do(lambda: cancelling.ask(order_id, by=scene.by(Role.RES), reason="亲戚会修"))
    return order_id


def quote_body(_: Scene) -> Any:
    return {"lines": [LAMP_LINE], "note": "灯管和镇流器都旧了"}


BAD_QUOTES = (
    {},
    {"lines": []},
    {"lines": [{"item_code": "E02", "quantity_hundredths": 0}]},
    {"lines": [{"item_code": "E02", "unit_price_fen": 3_001}]},
    {"lines": [{"item_code": "G01"}]},
    {"lines": [{"item_code": "E02", "material_fen": 100}]},
    {"lines": [LAMP_LINE], "total_fen": 1},
)


def agree_body(_: Scene) -> Any:
    """The hash of the newest quote there is."""
    newest = db.session.scalar(select(Quote.hash).order_by(Quote.id.desc()).limit(1))
    return {"hash": newest or "0" * 64}


WHY = ({}, {"reason": ""}, {"reason": "x"}, {"reason": "字" * 201})
BAD_HASHES = ({}, {"hash": ""}, {"hash": "A" * 64}, {"hash": "0" * 63})
