"""The people of a journey: set into the database before the story, then met only over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.accounts.models import Account, Hat
from app.accounts.privacy import PRIVACY, PRIVACY_VERSION
from app.accounts.service import give_consent
from app.core import clock
from app.core.db import db, transact
from app.core.roles import Role
from app.orders import booking
from app.seeds.credentials import sandbox_openid
from app.seeds.pictures import picture
from tests.factories.people import make_credential
from tests.factories.scene import Scene, make_scene
from tests.journeys.console import ConsoleClient
from tests.journeys.product import ApiClient, Product

PHONES = {Role.WRK: "shifu", Role.DSP: "diaodu", Role.MGR: "jingli", Role.CO: "qiye"}
CONSOLE_LOGINS = {Role.DSP: "j-dsp", Role.MGR: "j-mgr", Role.HOT: "j-hot", Role.BUR: "j-bur"}
LAMP_DARK, LAMP_LIT, SIGN = (picture(kind, seed=1) for kind in ("lamp_dark", "lamp_lit", "warning_sign"))


@dataclass
class Town:
    """A product in which everybody can sign in."""

    product: Product
    ids: dict[str, int]
    spot_code: str

    def resident(self) -> ApiClient:
        return ApiClient(self.product, "laowang")

    def phone(self, role: Role) -> ApiClient:
        """The phone of a member of staff, wearing his hat."""
        client = ApiClient(self.product, PHONES[role])
        hats = [hat["id"] for hat in client.signed_in["hats"] if hat["role"] == role.value]
        client.wear(hats[0])
        return client

    def console(self, role: Role) -> ConsoleClient:
        return ConsoleClient(self.product, CONSOLE_LOGINS[role])


def found_town(product: Product) -> Town:
    """Build the scene at the present moment and give everybody a phone or a console login."""
    with product.looking_in():
        scene = make_scene(clock.now())
        ids = transact(lambda: _open_doors(product, scene))
        return Town(product, ids, scene.place.spot.code)


def _open_doors(product: Product, scene: Scene) -> dict[str, int]:
    appid = product.settings.wechat_appid
    resident = db.session.get_one(Account, scene.resident.id)
    resident.openid = sandbox_openid(appid, "laowang")
    give_consent(resident.id, PRIVACY, PRIVACY_VERSION)
    for role, name in PHONES.items():
        hat = db.session.get_one(Hat, scene.by(role).hat_id)
        account = db.session.get_one(Account, hat.account_id)
        account.openid = sandbox_openid(appid, name)
        give_consent(account.id, PRIVACY, PRIVACY_VERSION)
    for role, login in CONSOLE_LOGINS.items():
        hat = db.session.get_one(Hat, scene.by(role).hat_id)
        make_credential(db.session.get_one(Account, hat.account_id), login_name=login)
    booking.open_slots(scene.place.office.id, today=clock.china_date(clock.now()))
    db.session.flush()
    return {
        "home": scene.place.homes[0].id,
        "spot": scene.place.spot.id,
        "estate": scene.place.estate.id,
        "worker": scene.worker.id,
        "office": scene.place.office.id,
    }


def soon(hours: float = 3) -> str:
    """An instant some hours ahead, as clients write it; far enough for a clock that was moved meanwhile."""
    return (clock.now() + timedelta(hours=hours)).isoformat(timespec="milliseconds")


def order(client: ApiClient, order_id: int) -> Any:
    """The order as this phone sees it now."""
    return client.get(f"/orders/{order_id}")


def promise(shown: Any, which: str, round_: int = 0) -> Any:
    """One promise of a shown order."""
    return next(each for each in shown["promises"] if each["clock"] == which and each["round"] == round_)


def actions(shown: Any) -> list[str]:
    """The buttons of a shown order."""
    return [each["action"] for each in shown["actions"]]
