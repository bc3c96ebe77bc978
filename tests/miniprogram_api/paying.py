"""An application whose WeChat Pay is the fake, and a resident with something to pay."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.core.db import db
from app.core.roles import Role
from app.integrations.wechat.pay.contract import PayGateway
from app.payments.models import Payment
from tests.factories.money import bill_parts, make_payment
from tests.fakes.pay import FakePay
from tests.miniprogram_api.phones import NEIGHBOURS, Api, Phone


def pay_through(api: Api, gateway: PayGateway | None) -> None:
    """Put this gateway in the place of the one that the settings name."""
    known = api.app.extensions[NEIGHBOURS]
    api.app.extensions[NEIGHBOURS] = replace(known, pay=gateway)


@dataclass
class Till:
    """The resident of the scene, his phone, and WeChat."""

    api: Api
    pay: FakePay
    phone: Phone

    def waiting(self, *amounts: int) -> Payment:
        """A payment of the resident that nobody has taken to WeChat yet."""
        parts = bill_parts(*(amounts or (28600,)))
        return make_payment(self.api.scene.place, payer=self.api.scene.resident, parts=parts)

    def opened(self, *amounts: int) -> Payment:
        """One whose cashier is open."""
        payment = self.waiting(*amounts)
        assert self.phone.send(f"/payments/{payment.id}/open").status_code == 200
        return fresh(payment.id)

    def paid(self, *amounts: int) -> Payment:
        """One that was paid, and of which the phone has heard."""
        payment = self.opened(*amounts)
        self.pay.pay(payment.out_trade_no)
        assert self.phone.send(f"/payments/{payment.id}/check").json["state"] == "paid"
        return fresh(payment.id)


def open_till(api: Api) -> Till:
    """A till with a gateway of its own."""
    gateway = FakePay()
    pay_through(api, gateway)
    return Till(api, gateway, api.phone(Role.RES))


def fresh(payment_id: int) -> Payment:
    """The row as it stands now."""
    db.session.rollback()
    return db.session.get_one(Payment, payment_id, populate_existing=True)
