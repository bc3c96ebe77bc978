"""Facts about money, in the past tense. `subjects` are what the lines were for (`bill:77`, `order:12`)."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.outbox import event


@event
@dataclass(frozen=True)
class PaymentSettled:
    """The money has arrived and was posted to the books in the same transaction."""

    payment_id: int
    purpose: str
    subjects: list[str]


@event
@dataclass(frozen=True)
class PaymentEnded:
    """Nothing was paid and nothing will be: the subjects are free for another payment."""

    payment_id: int
    purpose: str
    subjects: list[str]


@event
@dataclass(frozen=True)
class LateMoneyArrived:
    """A payment that had ended was paid all the same; the money goes back by itself (`refund_id`)."""

    payment_id: int
    refund_id: int


@event
@dataclass(frozen=True)
class RefundRequested:
    """Somebody asked for money back; two persons decide."""

    refund_id: int


@event
@dataclass(frozen=True)
class RefundDecided:
    """`step`: reviewed, sending or rejected."""

    refund_id: int
    step: str


@event
@dataclass(frozen=True)
class RefundFinished:
    """`step`: done or failed. `subjects` are those of whose line something went back."""

    refund_id: int
    payment_id: int
    purpose: str
    step: str
    subjects: list[str]
