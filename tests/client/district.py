"""The demonstration district as a running product, and the people whose phones the tests hold."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import requests
from PIL import Image
from sqlalchemy import create_engine, select

from app import tables
from app.accounts.models import Account, BindingStatus, Hat, HomeBinding, Relation
from app.core import clock
from app.core.db import db, transact
from app.core.roles import Role
from app.core.shared_values import advance_clock
from app.estates.models import Estate
from app.integrations.storage import LocalStorage
from app.seeds.credentials import sandbox_openid
from app.seeds.demo import seed_demo
from app.seeds.pictures import KINDS
from tests.client.seeded import seeded_copy
from tests.journeys.product import ApiClient, Product

RESIDENT, FAMILY_OF_THREE_HOMES, TENANT = "wang", "liu", "zhang"
WORKER, SECOND_WORKER = "shifu-li", "shifu-zhou"
DISPATCHER, MANAGER = "diaodu", "jingli"
NON_PILOT, NEWCOMER = "he", "xinlai"
"""An owner where only public matters can be reported; somebody whose phone nobody has seen before."""
NEIGHBOURS = tuple(f"linju-{number}" for number in range(1, 9))
"""Owners in the resident's estate, so that files of tests do not meet in each other's records."""
HATS = {WORKER: Role.WRK, SECOND_WORKER: Role.WRK, DISPATCHER: Role.DSP, MANAGER: Role.MGR}
PILOT_ESTATE = "DEMO-001"
STORIES = "stories.json"
ONE_ADDRESS_FOR_ALL = dict.fromkeys(("login", "public", "orders", "photos"), "10000/minute")
"""All phones of the tests stand behind 127.0.0.1, and a dozen people do in minutes what a district does in a day."""


def plain_picture(kind: str, *, seed: int) -> bytes:
    """A small JPEG of one colour, different for each kind and seed: drawing all of them would take long."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (KINDS.index(kind) * 12, seed * 90 % 256, 120)).save(out, "JPEG")
    return out.getvalue()


class ClockFollower(Protocol):
    """A phone that shows the time of the product."""

    def follow_clock(self, ahead_ms: int) -> None: ...


@dataclass
class District:
    """The served product. `address` is its origin, `client` the start page of the client.

    It begins at half past ten on a Wednesday; its clock only moves forward and is shared by all tests of a worker, so
    a test never relies on what time it is, only on what it has done itself. `draw` makes the photos that people of
    whom no phone is shown send over plain HTTP: `upload(district.draw("lamp_dark", seed=3))`.
    """

    product: Product
    stories: dict[str, int]
    draw: Callable[..., bytes] = plain_picture
    followers: list[ClockFollower] = field(default_factory=list)

    @property
    def address(self) -> str:
        return self.product.base

    @property
    def client(self) -> str:
        return f"{self.address}/m/"

    def now(self) -> datetime:
        """The instant that the product takes for the present."""
        with self.product.looking_in():
            return clock.now()

    @property
    def ahead_ms(self) -> int:
        """How far the product's clock is ahead of this machine's."""
        with self.product.looking_in():
            return int(clock._State.offset.total_seconds() * 1000)

    def advance(self, *steps: str) -> None:
        """Move the clock of the product and of every open phone: "1m" "10m" "15m" "30m" "4h" "24h" "72h"."""
        self.product.advance(*steps)
        ahead = self.ahead_ms
        for follower in self.followers:
            follower.follow_clock(ahead)

    def api(self, name: str) -> ApiClient:
        """The same person over plain HTTP, wearing his hat: for preparing what a test does not tell."""
        client = ApiClient(self.product, name)
        # An idle connection would be let go by the server just when it is used again.
        client.http.headers["Connection"] = "close"
        if name in HATS:
            hats = [hat["id"] for hat in client.signed_in["hats"] if hat["role"] == HATS[name].value]
            client.wear(hats[0])
        return client

    def wait_for(self, question, *, within: float = 20, what: str = ""):
        """Ask until the answer is true."""
        return self.product.wait_for(question, within=within, what=what)


@contextmanager
def running_district(folder: Path, *, draw: Callable[..., bytes] | None = None) -> Iterator[District]:
    """Seed the demonstration and start web, scheduler and sandbox; ends them afterwards. `draw` makes its photos:
    plain ones, unless somebody wants to look at them."""
    begin, camera = _next_wednesday(clock.now()), draw or plain_picture
    seeded_copy(folder, f"{begin} {camera.__name__}", lambda: _seed(folder, begin, camera))
    product = Product(folder, _database(folder), rate_limits=ONE_ADDRESS_FOR_ALL)
    try:
        with product.looking_in():
            advance_clock(begin - clock.now())
            transact(lambda: _give_phones(product.settings.wechat_appid))
        stories = json.loads((folder / STORIES).read_text(encoding="utf-8"))
        product.start_sandbox()
        product.start_web(workers=1)
        product.start_scheduler()
        product.wait_for(lambda: _is_well(product), what="a healthy product")
        yield District(product, stories, camera)
    finally:
        product.stop()
        with product.app.app_context():
            db.session.remove()
            db.engine.dispose()


def _is_well(product: Product) -> bool:
    """Both answer; a process that has ended will not come back, so nobody waits for it."""
    assert all(process.poll() is None for process in product.processes), product.last_words()
    try:
        return all(
            requests.get(url, timeout=2).status_code == 200
            for url in (f"{product.base}/healthz", f"{product.sandbox}/sandbox/health")
        )
    except requests.RequestException:
        return False


def _database(folder: Path) -> str:
    return f"sqlite:///{folder / 'district.db'}"


def _seed(folder: Path, begin: datetime, draw: Callable[..., bytes]) -> None:
    """Write the demonstration of that instant, and which order is which story."""
    engine = create_engine(_database(folder))
    tables.metadata.create_all(engine)
    engine.dispose()
    product = Product(folder, _database(folder))
    with product.looking_in():
        storage = LocalStorage(folder / "media")
        # Nobody looks at what the neighbours have paid, and without them it is made in less time.
        summary = seed_demo(
            storage=storage, now=begin, settings=product.settings, draw=draw, with_neighbours=False
        )
        db.session.remove()
        db.engine.dispose()
    (folder / STORIES).write_text(json.dumps(summary.stories), encoding="utf-8")


def _next_wednesday(now: datetime) -> datetime:
    day = clock.china_date(now) + timedelta(days=1)
    while day.weekday() != 2:
        day += timedelta(days=1)
    return clock.china(day.year, day.month, day.day, 10, 30)


def _give_phones(appid: str) -> None:
    """Everybody whom the demonstration names has a phone in the sandbox already; some neighbours get theirs."""
    for name, account in zip(NEIGHBOURS, _owners_without_phone(), strict=False):
        account.openid = sandbox_openid(appid, name)


def _owners_without_phone() -> list[Account]:
    statement = (
        select(Account)
        .join(HomeBinding, HomeBinding.account_id == Account.id)
        .join(Estate, Estate.id == HomeBinding.estate_id)
        .where(Estate.code == PILOT_ESTATE, Account.openid.is_(None))
        .where(HomeBinding.status == BindingStatus.ACTIVE, HomeBinding.relation == Relation.OWNER)
        .where(~select(Hat.id).where(Hat.account_id == Account.id).exists())
        .order_by(Account.id)
    )
    return list(db.session.scalars(statement).unique())
