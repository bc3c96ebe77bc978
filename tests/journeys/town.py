"""The people of a journey: set into the database before the story, then met only over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from app.accounts.models import Account, Hat
from app.accounts.privacy import PRIVACY, PRIVACY_VERSION
from app.accounts.service import give_consent
from app.companies.models import Worker, WorkerSkill
from app.core import clock
from app.core.calendar import HOLIDAY
from app.core.calendar_days import DayRow, import_rows, install_standard
from app.core.db import db, transact
from app.core.roles import Role
from app.orders import booking
from app.seeds.credentials import sandbox_openid
from app.seeds.pictures import picture
from tests.factories.people import make_certificate, make_credential, make_resident, make_worker
from tests.factories.places import make_home
from tests.factories.scene import Scene, make_scene
from tests.factories.units import saved
from tests.journeys.console import ConsoleClient
from tests.journeys.product import ApiClient, Product

PHONES = {
    Role.WRK: "shifu",
    Role.DSP: "diaodu",
    Role.MGR: "jingli",
    Role.CO: "qiye",
    Role.STR: "jiedao",
    Role.BUR: "fangguan",
}
LIFT_FIRM = "dianti"
"""The phone of the only worker who may open a lift."""
NEIGHBOURS = ("linju1", "linju2", "linju3", "linju4")
"""Phones of four households beside the first."""
CONSOLE_LOGINS = {
    Role.DSP: "j-dsp",
    Role.MGR: "j-mgr",
    Role.CO: "j-co",
    Role.HOT: "j-hot",
    Role.STR: "j-str",
    Role.BUR: "j-bur",
}
LAMP = "G0201"
FOREVER = date(2099, 1, 1)
LAMP_DARK, LAMP_LIT, SIGN = (picture(kind, seed=1) for kind in ("lamp_dark", "lamp_lit", "warning_sign"))


@dataclass
class Town:
    """A product in which everybody can sign in."""

    product: Product
    ids: dict[str, int]
    spot_code: str

    def resident(self) -> ApiClient:
        return ApiClient(self.product, "laowang")

    def neighbours(self) -> list[ApiClient]:
        return [ApiClient(self.product, name) for name in NEIGHBOURS]

    def phone(self, role: Role, *, of: str = "") -> ApiClient:
        """The phone of a member of staff, wearing his hat; `of` names another than the usual one."""
        client = ApiClient(self.product, of or PHONES[role])
        hats = [hat["id"] for hat in client.signed_in["hats"] if hat["role"] == role.value]
        client.wear(hats[0])
        return client

    def now(self) -> datetime:
        """The present of the product, whose clock has been moved."""
        with self.product.looking_in():
            return clock.now()

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
    _give_phone(scene.resident.id, appid, "laowang")
    for role, name in PHONES.items():
        _give_phone(db.session.get_one(Hat, scene.by(role).hat_id).account_id, appid, name)
    for role, login in CONSOLE_LOGINS.items():
        hat = db.session.get_one(Hat, scene.by(role).hat_id)
        make_credential(db.session.get_one(Account, hat.account_id), login_name=login)
    firm = _lift_firm(scene)
    _give_phone(firm.account_id, appid, LIFT_FIRM)
    for number, name in enumerate(NEIGHBOURS, start=1):
        home = make_home(scene.place.unit, number=f"90{number}", floor=9)
        _give_phone(make_resident(home).id, appid, name)
    _learn(scene.worker)
    _know_working_days()
    booking.open_slots(scene.place.office.id, today=clock.china_date(clock.now()))
    db.session.flush()
    return {
        "home": scene.place.homes[0].id,
        "spot": scene.place.spot.id,
        "estate": scene.place.estate.id,
        "worker": scene.worker.id,
        "lift_firm": firm.id,
        "office": scene.place.office.id,
    }


def _give_phone(account_id: int, appid: str, name: str) -> None:
    account = db.session.get_one(Account, account_id)
    account.openid = sandbox_openid(appid, name)
    give_consent(account.id, PRIVACY, PRIVACY_VERSION)


def _lift_firm(scene: Scene) -> Worker:
    worker = make_worker(scene.place.office, district_id=scene.place.district.id, skills=("G01",))
    make_certificate(worker, "电梯修理", valid_to=FOREVER)
    return worker


def _learn(worker: Worker) -> None:
    """Walls and water as well as lamps."""
    for group in ("G05", "G07"):
        saved(WorkerSkill(worker_id=worker.id, category_group=group))
    make_certificate(worker, "高处作业", valid_to=FOREVER)


def _know_working_days() -> None:
    """The notices of this year and the next; of a year that is not in the product yet its National Day will do."""
    install_standard()
    year = clock.china_date(clock.now()).year
    import_rows([DayRow(date(each, 10, 1), HOLIDAY, "国庆节") for each in (year, year + 1)])


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


def at(shown: dict[str, Any], name: str) -> datetime:
    """An instant of an answer."""
    return datetime.fromisoformat(shown[name])


def plus(instant: datetime, **by: float) -> str:
    """So much later, as the API writes it."""
    return (instant + timedelta(**by)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def submit(resident: ApiClient, town: Town, **values: Any) -> dict[str, Any]:
    """A dark lamp at the entrance, unless told otherwise."""
    plain: dict[str, Any] = {
        "menu": "PUB",
        "category_code": LAMP,
        "text": "门厅的灯不亮了,晚上看不见",
        "photo_ids": [resident.upload(LAMP_DARK)],
        "spot_id": town.ids["spot"],
    }
    return resident.post("/orders", {**plain, **values})


def accept_and_assign(town: Town, order_id: int, *, although: str = "") -> ApiClient:
    """The dispatcher at the console; returns the worker's phone. `although` is why him in spite of a doubt."""
    desk = town.console(Role.DSP)
    assert desk.act(order_id, "accept")["status"] == "ACCEPTED"
    sent = desk.act(order_id, "assign", worker_id=town.ids["worker"], override_reason=although)
    assert sent["status"] == "ASSIGNED"
    worker = town.phone(Role.WRK)
    assert order_id in [task["id"] for task in worker.get("/tasks")["items"]]
    worker.post(f"/orders/{order_id}/take")
    worker.post(f"/orders/{order_id}/depart")
    return worker


def check_in(worker: ApiClient, town: Town, order_id: int, *, danger: bool = False) -> dict[str, Any]:
    """Whoever is on site says what he has found."""
    body = {
        "finding": "灯管烧坏,线路完好",
        "hazardous": danger,
        "expected_at": (clock.now() + timedelta(days=30)).isoformat(timespec="milliseconds"),
        "contact_result": "已电话告知报修人",
        "photo_ids": [worker.upload(LAMP_DARK)],
        "protection_photo_ids": [worker.upload(SIGN)] if danger else [],
        "spot_code": town.spot_code,
    }
    return worker.post(f"/orders/{order_id}/check-in", body)


def finish(worker: ApiClient, order_id: int) -> dict[str, Any]:
    """Done, with a photo of it."""
    body = {"result": "已更换灯管,亮度正常", "photo_ids": [worker.upload(LAMP_LIT)]}
    return worker.post(f"/orders/{order_id}/finish", body)


def message_of(town: Town, client: ApiClient, template: str, *words: str) -> dict[str, Any]:
    """The newest message of this kind whose title and text have these words, once it has come."""
    found = town.product.wait_for(
        lambda: [
            each
            for each in client.get("/messages")["items"]
            if each["template"] == template and all(word in each["title"] + each["body"] for word in words)
        ],
        within=30,
        what=f"the message {template} {words}",
    )
    return found[0]


def steps_of(client: ApiClient, order_id: int) -> dict[str, dict[str, Any]]:
    """The last of each kind of step on the timeline, by action."""
    return {each["action"]: each for each in client.get(f"/orders/{order_id}/timeline")["items"]}


@dataclass(frozen=True)
class Figure:
    """A figure of the bureau's dashboard: its number, and the page of the orders behind it."""

    count: int
    page: str


@contextmanager
def figures_anew(town: Town) -> Iterator[None]:
    """A second scheduler: each begins with the figures of the day, which the first one would do within the minute."""
    another = town.product.start_scheduler("scheduler-2")
    try:
        yield
    finally:
        town.product.kill(another)


def figure(desk: ConsoleClient, code: str, *, since: datetime, **more: Any) -> Figure:
    """The list behind a figure from a day in China until today."""
    query = {"figure": code, "from": clock.china_date(since).isoformat(), **more}
    answer = desk.page("/dashboard/orders", **query)
    assert answer.status_code == 200, answer.text[:500]
    found = re.search(r'class="list-number"><b>(\d+)</b>', answer.text)
    assert found, answer.text[:500]
    return Figure(int(found.group(1)), answer.text)
