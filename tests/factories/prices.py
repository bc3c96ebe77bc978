"""An estate whose residents pay, and a company that has published its prices."""

from __future__ import annotations

from app.catalogue.prices import install_standard_prices, publish_price
from app.catalogue.standard_prices import STANDARD_PRICES
from app.core import clock
from app.core.db import db, transact
from app.core.scope import SYSTEM
from app.estates.models import Estate
from tests.factories.scene import Scene

VISIT_FEE, NIGHT_FEE = "F01", "F02"


def let_residents_pay(scene: Scene, *, visit_fee_fen: int = 0) -> None:
    """The company of the scene publishes what the demonstration asks, and a fee for a visit without a repair; from now
    on its estate is charged."""

    def write() -> None:
        install_standard_prices()
        for row in STANDARD_PRICES:
            price = visit_fee_fen if row.code == VISIT_FEE else row.demo_fen
            if price is not None:
                publish_price(row.code, company_id=scene.place.company.id, price_fen=price, by=SYSTEM)
        db.session.get_one(Estate, scene.place.estate.id).free_trial = False

    with clock.frozen(scene.at):
        transact(write)
