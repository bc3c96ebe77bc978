"""What the cashier remembers: orders, refunds and notices. Fen; instants are seconds of the sandbox's clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

BEIJING = timedelta(hours=8)
OPEN_STATES = ("NOTPAY", "USERPAYING", "PAYERROR")
PAID_STATES = ("SUCCESS", "REFUND")


@dataclass
class Merchant:
    """Who signs: the provider, or an ordinary merchant that may not speak for others."""

    mch_id: str
    appid: str
    key: str
    is_provider: bool


@dataclass
class SubMerchant:
    """A company's own account under the provider; its owner can withdraw what it allowed."""

    KIND: ClassVar[str] = "sub_merchant"

    sub_mch_id: str
    name: str
    sub_appid: str = ""
    pays: bool = True
    refunds: bool = True

    @property
    def key(self) -> str:
        return self.sub_mch_id


@dataclass
class Trade:
    """One order; `asked` are the parameters that a repetition must repeat."""

    KIND: ClassVar[str] = "trade"

    out_trade_no: str
    mch_id: str
    sub_mch_id: str
    payer: str
    total_fee: int
    asked: dict[str, str]
    sign_type: str
    created_at: float
    expires_at: float
    state: str = "NOTPAY"
    prepays: dict[str, float] = field(default_factory=dict)
    """When each prepay_id was given out."""
    transaction_id: str = ""
    paid_at: float = 0.0
    bank_type: str = ""
    refunds: list[str] = field(default_factory=list)
    refunded: int = 0
    shipping: list[str] = field(default_factory=list)
    """The upload_time of each shipping information; at most two: the first and one change."""

    @property
    def key(self) -> str:
        """Unique over the whole provider."""
        return f"{self.mch_id}/{self.out_trade_no}"

    @property
    def is_paid(self) -> bool:
        return self.state in PAID_STATES


@dataclass
class Refund:
    """One refund; `asked` are the parameters that a repetition must repeat."""

    KIND: ClassVar[str] = "refund"

    out_refund_no: str
    refund_id: str
    mch_id: str
    out_trade_no: str
    refund_fee: int
    asked: dict[str, str]
    accepted_at: float
    notify_url: str
    state: str = "PROCESSING"
    done_at: float = 0.0

    @property
    def key(self) -> str:
        """Unique over the whole provider."""
        return f"{self.mch_id}/{self.out_refund_no}"


@dataclass
class Notice:
    """A message that the product shall get: about a payment or a refund, sent until it is answered with SUCCESS."""

    KIND: ClassVar[str] = "notice"

    number: int
    about: str
    """`pay` or `refund`."""
    subject: str
    """The key of the order or refund."""
    url: str
    due_at: float
    tries: int = 0
    accepted_at: float = 0.0
    copies: int = 1
    """How many times it comes again after it was accepted."""
    state: str = "waiting"
    """waiting, held, done (accepted and repeated) or given_up."""

    @property
    def key(self) -> str:
        return str(self.number)


Record = SubMerchant | Trade | Refund | Notice
KINDS: dict[str, type[Record]] = {kind.KIND: kind for kind in (SubMerchant, Trade, Refund, Notice)}


def as_dict(record: Record) -> dict[str, Any]:
    """The record's own fields, which go on changing without the copy."""
    return {
        name: value.copy() if isinstance(value, dict | list) else value
        for name, value in vars(record).items()
    }


def beijing(instant: float) -> datetime:
    """The wall clock of Beijing, naive: for writing down only."""
    return datetime.fromtimestamp(instant, UTC).replace(tzinfo=None) + BEIJING


def stamp(instant: float) -> str:
    """yyyyMMddHHmmss in Beijing."""
    return beijing(instant).strftime("%Y%m%d%H%M%S")


def instant_of(text: str) -> float:
    """The instant of yyyyMMddHHmmss in Beijing; raises ValueError."""
    if len(text) != 14 or not (text.isascii() and text.isdecimal()):
        raise ValueError(text)
    return (datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC) - BEIJING).timestamp()
