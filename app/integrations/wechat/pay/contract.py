"""What the product asks of WeChat Pay, whatever version of its interface is spoken (v2 now, v3 may stand beside it).

Every call ends in one of three outcomes. UNKNOWN is no failure: what was asked may have happened, so it is queried, and
never repeated under another number. Amounts are integer fen, instants aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol


class Outcome(StrEnum):
    """OK: done or answered. FAILED: this call was refused and did nothing. UNKNOWN: ask again with the same number.

    FAILED speaks of this call alone: after an UNKNOWN of the same number only a query says what became of it.
    """

    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"


class TradeState(StrEnum):
    """What WeChat says of a payment; MISSING means that it does not know the number."""

    SUCCESS = "SUCCESS"
    REFUND = "REFUND"
    NOTPAY = "NOTPAY"
    USERPAYING = "USERPAYING"
    CLOSED = "CLOSED"
    PAYERROR = "PAYERROR"
    MISSING = "MISSING"


class RefundState(StrEnum):
    """What WeChat says of a refund; ABNORMAL: the card is dead, a person has to act."""

    PROCESSING = "PROCESSING"
    SUCCESS = "SUCCESS"
    CLOSED = "CLOSED"
    ABNORMAL = "ABNORMAL"
    MISSING = "MISSING"


@dataclass(frozen=True)
class PayOrder:
    """A payment as our row knows it. `sub_mch_id` is the company's own account: the money goes straight there."""

    out_trade_no: str
    sub_mch_id: str
    openid: str
    amount_fen: int
    body: str
    client_ip: str
    created_at: datetime
    expires_at: datetime
    attach: str = ""


@dataclass(frozen=True)
class PayRefund:
    """A refund as our row knows it; `total_fen` is what was paid, `refund_fen` what goes back."""

    out_refund_no: str
    out_trade_no: str
    sub_mch_id: str
    total_fen: int
    refund_fen: int
    reason: str = ""


REPEATABLE = frozenset({"FREQUENCY_LIMITED", "INVALID_REQ_TOO_MUCH", "NOTENOUGH"})
"""Refused for now: nothing happened, and the same call with the same number may well succeed later."""


@dataclass(frozen=True)
class Answer:
    """Outcome with WeChat's code (`ORDERPAID`, `NOTENOUGH` ...) and a text for the log, both empty when all is well.

    Codes of our own, all UNKNOWN: NO_ANSWER, UNREADABLE, UNSIGNED, UNVERIFIED, MISMATCH (outcomes.py).
    """

    outcome: Outcome
    code: str = ""
    message: str = ""

    @property
    def is_repeatable(self) -> bool:
        """Refused only for now (too many calls, too little money on the merchant's account)."""
        return self.outcome is Outcome.FAILED and self.code in REPEATABLE


@dataclass(frozen=True)
class Created(Answer):
    """`prepay_id` lives two hours; asking again with the same order gives a fresh one."""

    prepay_id: str = ""


@dataclass(frozen=True)
class Trade:
    """A payment as WeChat knows it: from a query or a notice, signature verified. Whose it is and whether the amount
    is right is for the payments core to check."""

    out_trade_no: str
    state: TradeState
    appid: str = ""
    mch_id: str = ""
    sub_mch_id: str = ""
    transaction_id: str = ""
    openid: str = ""
    amount_fen: int = 0
    currency: str = "CNY"
    paid_at: datetime | None = None
    attach: str = ""


@dataclass(frozen=True)
class TradeAnswer(Answer):
    """Answer to a query; `trade` when the outcome is OK."""

    trade: Trade | None = None


@dataclass(frozen=True)
class RefundRecord:
    """A refund as WeChat knows it."""

    out_refund_no: str
    state: RefundState
    out_trade_no: str = ""
    appid: str = ""
    mch_id: str = ""
    sub_mch_id: str = ""
    refund_id: str = ""
    refund_fen: int = 0
    total_fen: int = 0
    succeeded_at: datetime | None = None


@dataclass(frozen=True)
class RefundAnswer(Answer):
    """Answer to `refund` (acceptance, not arrival) and to `query_refund`; `refund` when the outcome is OK."""

    refund: RefundRecord | None = None


@dataclass(frozen=True)
class BillRow:
    """One line of the trade bill: a payment (`out_refund_no` empty) or a refund. Fen; `fee_fen` may be negative."""

    out_trade_no: str
    transaction_id: str
    sub_mch_id: str
    state: str
    at: datetime
    amount_fen: int
    out_refund_no: str = ""
    refund_id: str = ""
    refund_fen: int = 0
    refund_state: str = ""
    fee_fen: int = 0


@dataclass(frozen=True)
class BillAnswer(Answer):
    """The trade bill of one China day. FAILED with code NO_BILL: nothing happened on that day."""

    rows: tuple[BillRow, ...] = ()
    sha256: str = ""


class NoticeRefused(Exception):
    """A notice that WeChat did not send, or that nobody can read. `reason` is for the log, without its content."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class PayGateway(Protocol):
    """One per process, safe for threads. No method raises for what WeChat or the network do: that is an outcome."""

    api: str
    """`v2`; stored with each payment, which finishes on the interface it began with."""

    def create(self, order: PayOrder) -> Created:
        """Place the order; the same order again is the same payment."""
        ...

    def client_params(self, prepay_id: str) -> Mapping[str, str]:
        """What wx.requestPayment takes: appId, timeStamp, nonceStr, package, signType, paySign."""
        ...

    def query(self, out_trade_no: str, sub_mch_id: str) -> TradeAnswer:
        """What became of the payment."""
        ...

    def close(self, out_trade_no: str, sub_mch_id: str) -> Answer:
        """No more paying; repeatable, also for an order that is closed already or that WeChat never knew (OK with
        code ORDERCLOSED or ORDERNOTEXIST). FAILED/ORDERPAID: it was paid meanwhile. UNKNOWN also while it is too
        early."""
        ...

    def refund(self, refund: PayRefund) -> RefundAnswer:
        """Send money back the way it came; repeatable with the same number."""
        ...

    def query_refund(self, out_refund_no: str, sub_mch_id: str) -> RefundAnswer:
        """What became of the refund."""
        ...

    def parse_pay_notice(self, headers: Mapping[str, str], raw: bytes) -> Trade:
        """The payment that a notice tells of; raises NoticeRefused."""
        ...

    def parse_refund_notice(self, headers: Mapping[str, str], raw: bytes) -> RefundRecord:
        """The refund that a notice tells of, to be confirmed by a query; raises NoticeRefused."""
        ...

    def notice_reply(self, *, accepted: bool) -> tuple[str, str]:
        """Body and content type that tell WeChat whether to send the notice again."""
        ...

    def bill(self, day: date, sub_mch_id: str = "") -> BillAnswer:
        """The trade bill of a China day: of one sub-merchant, or of all; there after 10:00 of the next day."""
        ...

    def shipped(self, transaction_id: str, openid: str, item: str, at: datetime) -> Answer:
        """发货信息 (virtual goods) for accounts that are trade-managed; FAILED/10060004 means not yet."""
        ...

    def is_trade_managed(self) -> bool | None:
        """Whether WeChat freezes the money until shipping information is there; None when it did not answer."""
        ...
