"""Everything that one sandbox knows, behind one lock."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

from wechat_sandbox.catalogue import Catalogue
from wechat_sandbox.clock import Clock
from wechat_sandbox.einvoice_desk import EInvoiceDesk
from wechat_sandbox.faults import Faults
from wechat_sandbox.hotline_desk import HotlineDesk
from wechat_sandbox.pay_desk import PayDesk
from wechat_sandbox.people import People
from wechat_sandbox.quotas import Quotas
from wechat_sandbox.settings import SandboxSettings
from wechat_sandbox.tokens import TokenDesk

JOURNAL_LENGTH = 20_000
MSGID_START = 1_900_000_000_000_000_000


class World:
    """The state of the platform. Take `lock` before touching it; never sleep or call out while holding it."""

    def __init__(self, settings: SandboxSettings) -> None:
        self.settings = settings
        self.lock = threading.RLock()
        self.woken = threading.Condition(self.lock)
        """Told whenever something new is due, or the clock was moved."""
        self.clock = Clock()
        self.catalogue = Catalogue(settings.pages_file)
        self.changes = 0
        self.age = 0
        self.forget()

    def forget(self) -> None:
        """Begin anew: no people, tokens, faults, orders; the clock is right again."""
        with self.lock:
            self.age += 1  # a call that began before belongs to the world that is gone
            self.clock.hold(False)
            self.clock.offset = 0.0
            self.people = People(self.settings.appid)
            self.tokens = TokenDesk()
            self.quotas = Quotas()
            self.faults = Faults()
            self.hotline = HotlineDesk()
            self.einvoice = EInvoiceDesk()
            self.pay = PayDesk(self.settings)
            self.journal: deque[dict[str, Any]] = deque(maxlen=JOURNAL_LENGTH)
            self.pushes: deque[dict[str, Any]] = deque(maxlen=JOURNAL_LENGTH)
            self.media_verdicts: deque[str] = deque()
            self._last_msgid = MSGID_START
            self.changed()
            self.woken.notify_all()

    def changed(self) -> None:
        """Something happened that outlives a restart (people, consents, messages, hotline orders)."""
        self.changes += 1

    def next_msgid(self) -> int:
        """A number for a sent message, longer than JavaScript can hold exactly, as the real ones are."""
        self._last_msgid += 1
        return self._last_msgid
