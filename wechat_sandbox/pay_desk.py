"""The cashier's books: every order, refund and notice with its indexes, so that no call reads more than its own.

Restarting keeps all of it (`storage.py` writes each changed record once); the switches begin anew.
"""

from __future__ import annotations

import heapq
import itertools
import secrets
from collections import deque
from dataclasses import dataclass
from typing import Any

from wechat_sandbox.pay_records import (
    KINDS,
    Merchant,
    Notice,
    Record,
    Refund,
    SubMerchant,
    Trade,
    as_dict,
    beijing,
)
from wechat_sandbox.settings import SandboxSettings

NAMES = (  # the property companies of the demonstration, in its order
    "北京潞安示范物业服务有限公司",
    "通惠示例物业管理有限公司",
    "运河样例城市服务有限公司",
    "虚拟待审物业有限公司",
    "已暂停样例物业有限公司",
)
FIRST_SUB_MERCHANT = 1_900_000_201
ORDINARY = Merchant(
    "1900000999", "wx0000ordinary00001", "ordinarymerchantkeyopensnothing1", is_provider=False
)
"""A merchant of its own who may not name a sub-merchant."""
NONCE_WINDOW = 600
MAX_TRIES_KEPT = 20_000
REFUND_OUTCOMES = ("SUCCESS", "CHANGE", "REFUNDCLOSE", "PROCESSING")


@dataclass
class Switches:
    """How strict and how quick the cashier is."""

    certificate: bool = True
    """Refunds need the client certificate; on loopback the header X-Client-Certificate stands for it."""
    close_after: float = 300.0
    """An order cannot be closed in its first seconds."""
    loopback_notify: bool = True
    """Off: a notify_url of this machine is an intranet address, as for the real platform."""
    trade_managed: bool = False
    """Money is frozen until shipping information is there."""
    refund_takes: float = 1.0
    """Seconds until a refund has arrived."""
    copies: int = 1
    """How many times an accepted notice comes again; never less than once."""
    copy_after: float = 1.0
    """Seconds between an accepted notice and its repetition."""


class PayDesk:
    """All of WeChat Pay. The caller holds the world's lock."""

    def __init__(self, settings: SandboxSettings) -> None:
        provider = Merchant(settings.mch_id, settings.appid, settings.pay_key, is_provider=True)
        self.merchants = {each.mch_id: each for each in (provider, ORDINARY)}
        self.provider = provider
        self.switches = Switches()
        self.sub_merchants: dict[str, SubMerchant] = {}
        self.trades: dict[str, Trade] = {}
        self.by_prepay: dict[str, Trade] = {}
        self.by_transaction: dict[str, Trade] = {}
        self.by_payer: dict[str, list[Trade]] = {}
        self.paid_on: dict[str, list[Trade]] = {}
        self.refunds: dict[str, Refund] = {}
        self.by_refund_id: dict[str, Refund] = {}
        self.refunded_on: dict[str, list[Refund]] = {}
        self.notices: dict[int, Notice] = {}
        self.tries: deque[dict[str, Any]] = deque(maxlen=MAX_TRIES_KEPT)
        self.behind_the_next: list[int] = []
        self.refund_outcomes: deque[str] = deque()
        self.queue: list[tuple[float, int, str, str]] = []
        """What is due when: (instant, order, "notice" or "refund", key)."""
        self.in_flight = 0
        self.unwritten: dict[tuple[str, str], Record] = {}
        self._order = itertools.count()
        self._nonces: set[str] = set()
        self._nonce_line: deque[tuple[float, str]] = deque()
        for offset, name in enumerate(NAMES):
            sub_mch_id = str(FIRST_SUB_MERCHANT + offset)
            self.sub_merchants[sub_mch_id] = SubMerchant(sub_mch_id, name)

    def merchant_of(self, trade: Trade | Refund) -> Merchant:
        """Who signed for it."""
        return self.merchants[trade.mch_id]

    def use_nonce(self, mch_id: str, nonce: str, now: float) -> bool:
        """False when the merchant used this nonce within the window."""
        while self._nonce_line and now - self._nonce_line[0][0] > NONCE_WINDOW:
            self._nonces.discard(self._nonce_line.popleft()[1])
        mark = f"{mch_id}/{nonce}"
        if mark in self._nonces:
            return False
        self._nonces.add(mark)
        self._nonce_line.append((now, mark))
        return True

    def keep(self, record: Record) -> None:
        """Know the record under every name by which it is asked for, and write it down soon."""
        self.unwritten[(record.KIND, record.key)] = record
        if isinstance(record, Trade):
            self._keep_trade(record)
        elif isinstance(record, Refund):
            if record.key not in self.refunds:
                self.refunds[record.key] = self.by_refund_id[record.refund_id] = record
                self.refunded_on.setdefault(day_of(record.accepted_at), []).append(record)
        elif isinstance(record, Notice):
            self.notices[record.number] = record
        else:
            self.sub_merchants[record.key] = record

    def later(self, instant: float, kind: str, key: str) -> None:
        """Do it when the clock says so."""
        heapq.heappush(self.queue, (instant, next(self._order), kind, key))

    def add_notice(self, about: str, subject: str, url: str, now: float) -> Notice:
        """A message that goes out at once, and again until it is accepted."""
        notice = Notice(len(self.notices) + 1, about, subject, url, due_at=now, copies=self.switches.copies)
        self.keep(notice)
        self.later(now, "notice", notice.key)
        return notice

    def new_transaction_id(self, now: float) -> str:
        """28 digits beginning with 42."""
        while True:
            value = f"4200{secrets.randbelow(10**6):06d}{day_of(now)}{secrets.randbelow(10**10):010d}"
            if value not in self.by_transaction:
                return value

    def new_refund_id(self, now: float) -> str:
        """28 digits beginning with 50."""
        while True:
            value = f"5030{secrets.randbelow(10**6):06d}{day_of(now)}{secrets.randbelow(10**10):010d}"
            if value not in self.by_refund_id:
                return value

    def take_unwritten(self) -> list[dict[str, Any]]:
        """What has changed since the last call, as plain data."""
        lines = [{"kind": record.KIND, "fields": as_dict(record)} for record in self.unwritten.values()]
        self.unwritten.clear()
        return lines

    def everything(self) -> list[dict[str, Any]]:
        """All records as plain data, for a fresh file."""
        records: list[Record] = [
            *self.sub_merchants.values(),
            *self.trades.values(),
            *self.refunds.values(),
            *self.notices.values(),
        ]
        return [{"kind": record.KIND, "fields": as_dict(record)} for record in records]

    def restore(self, lines: list[dict[str, Any]]) -> None:
        """Put records back; a later one of the same key replaces an earlier one. What was due is due again."""
        latest: dict[tuple[str, str], Record] = {}
        for line in lines:
            record: Record = KINDS[line["kind"]](**line["fields"])
            latest[(record.KIND, record.key)] = record
        for record in latest.values():
            self.keep(record)
            if isinstance(record, Notice) and record.state == "waiting":
                self.later(record.due_at, "notice", record.key)
            if isinstance(record, Refund) and record.state == "PROCESSING":
                self.later(record.accepted_at + self.switches.refund_takes, "refund", record.key)
        self.unwritten.clear()

    def _keep_trade(self, trade: Trade) -> None:
        if self.trades.setdefault(trade.key, trade) is not trade:
            raise ValueError("two orders under one key")
        for prepay_id in trade.prepays:
            self.by_prepay[prepay_id] = trade
        if trade.transaction_id and trade.transaction_id not in self.by_transaction:
            self.by_transaction[trade.transaction_id] = trade
            self.paid_on.setdefault(day_of(trade.paid_at), []).append(trade)
            self.by_payer.setdefault(trade.payer, []).append(trade)


def day_of(instant: float) -> str:
    """yyyyMMdd in Beijing, as the bill is named."""
    return beijing(instant).strftime("%Y%m%d")
