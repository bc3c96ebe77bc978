"""The real gateway, the strict cashier of the sandbox and a clock that both share: what the lives of payments are
played on. Processes die where they are told to, and notices wait in a bag until somebody brings them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import requests

from app.core import clock
from app.core.clock import in_china
from app.core.db import db, transact
from app.core.errors import Refusal
from app.integrations.wechat.client import MemoryTokenStore, MiniClient
from app.integrations.wechat.pay.contract import PayGateway, RefundRecord, Trade
from app.integrations.wechat.pay.opening import open_gateway
from app.payments.settling import Receiver
from config import Settings
from tests.fakes.loopback import Heard, Loopback, Reply, loopback
from tests.fakes.sandbox import SandboxHandle, start_sandbox

T = TypeVar("T")
ACCEPTED = Reply(b"<xml><return_code>SUCCESS</return_code></xml>")
OPENS_AT = timedelta(hours=9, minutes=40)
"""The time of day, in China, at which each life begins."""


class Killed(BaseException):
    """kill -9: nothing behind the call is done any more."""


class Mortal:
    """A gateway whose process dies at the next call, before it leaves or after it was carried out."""

    def __init__(self, gateway: PayGateway) -> None:
        self.gateway = gateway
        self.api = gateway.api
        self.dies = ""
        self.deaths = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        real = getattr(self.gateway, name)

        def call(*arguments: Any, **named: Any) -> Any:
            when, self.dies = self.dies, ""
            self.deaths += bool(when)
            if when == "before":
                raise Killed
            answer = real(*arguments, **named)
            if when == "after":
                raise Killed
            return answer

        return call


@dataclass
class Cashier:
    """WeChat Pay on this machine, and ourselves in front of it."""

    sandbox: SandboxHandle
    door: Loopback
    settings: Settings
    mortal: Mortal
    bag: list[Heard] = field(default_factory=list)
    taken: int = 0

    @property
    def gateway(self) -> PayGateway:
        return self.mortal  # type: ignore[return-value]

    @property
    def receiver(self) -> Receiver:
        return Receiver(self.settings.wechat_appid, self.settings.wechat_pay_mch_id)

    @property
    def pay(self) -> Any:
        """The cashier's own books."""
        return self.sandbox.sandbox.world.pay

    def begin(self, *people: str) -> datetime:
        """A new world at 9:40 in China of a day to come, with these people's phones switched on."""
        self.mortal.dies = ""
        self.sandbox.reset()
        now = datetime.fromtimestamp(self.sandbox.call("POST", "/clock", {"hold": True})["now"], UTC)
        midnight = in_china(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        clock.freeze(now)
        self.passes(midnight + OPENS_AT - now)
        for name in people:
            self.sandbox.openid(name)
        self.bag, self.taken = [], len(self.door.heard)
        return clock.now()

    def passes(self, time: timedelta) -> None:
        """Time goes by for everybody, and what WeChat has to tell us goes into the bag."""
        told = self.sandbox.call("POST", "/clock", {"advance_seconds": time.total_seconds()})
        clock.freeze(datetime.fromtimestamp(told["now"], UTC))
        self.collect()

    def until(self, hour: int) -> None:
        """To that hour of the next day in China."""
        there = in_china(clock.now())
        midnight = there.replace(hour=0, minute=0, second=0, microsecond=0)
        self.passes(midnight + timedelta(days=1, hours=hour) - there)

    def collect(self) -> None:
        """Notices that are due now arrive at the door, and wait in the bag."""
        self.sandbox.deliver()
        heard = list(self.door.heard)
        self.bag += heard[self.taken :]
        self.taken = len(heard)

    def taps(self, name: str, params: dict[str, str], outcome: str) -> bool:
        """What the person does with the pay sheet; False when it does not open."""
        try:
            self.sandbox.pay_as(name, params, outcome, wait=False)
        except requests.HTTPError:
            return False
        finally:
            self.collect()
        return True

    def read(self, notice: Heard) -> Trade | RefundRecord:
        """What a notice tells; raises NoticeRefused."""
        gateway = self.mortal.gateway
        if notice.path.endswith("refund-notice"):
            return gateway.parse_refund_notice(notice.headers, notice.body)
        return gateway.parse_pay_notice(notice.headers, notice.body)


@contextmanager
def open_cashier() -> Iterator[Cashier]:
    """A sandbox, a door for its notices, and a gateway between them."""
    guard = threading.Lock()

    def accept(_: Heard) -> Reply:
        with guard:
            return ACCEPTED

    with start_sandbox() as sandbox, loopback(accept) as door:
        settings = Settings(
            wechat_api_base=sandbox.url, wechat_pay_base=sandbox.url, public_base_url=door.url, redis_url=""
        )
        mini = MiniClient(
            settings.wechat_appid,
            settings.wechat_secret,
            api_base=sandbox.url,
            token_store=MemoryTokenStore(),
        )
        gateway = open_gateway(settings, mini)
        assert gateway is not None
        yield Cashier(sandbox, door, settings, Mortal(gateway))


def unless_refused(work: Callable[[], T]) -> T | None:
    """What the unit gives, or None where the product politely says no; then nothing has happened."""
    try:
        return transact(work)
    except Refusal:
        db.session.rollback()
        return None


def or_dies(work: Callable[[], Any]) -> Any:
    """What the process does, until it is killed."""
    try:
        return work()
    except Killed:
        db.session.rollback()
        return None
