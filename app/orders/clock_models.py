"""Tables of the clocks: parameters, promises with their levels, and what happened to each clock (docs/adr/0007)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, Id, UtcDateTime


class DeadlinePolicy(Id, Base):
    """Dated parameters of a clock; the newest row whose keys fit and whose date has come is taken at the start.

    Rows after the standard ones come from a proposal of two persons. `also_running` takes running orders along, order
    by order; `applied_upto` and `applied_at` say how far that is.
    """

    __tablename__ = "deadline_policies"
    __table_args__ = (
        UniqueConstraint("clock", "menu", "urgency", "estate_id", "valid_from"),
        CheckConstraint("limit_ms > 0 AND extended_ms >= limit_ms", name="limits"),
    )

    clock: Mapped[str] = mapped_column(String(8))
    menu: Mapped[str | None] = mapped_column(String(3))
    urgency: Mapped[str | None] = mapped_column(String(2))
    estate_id: Mapped[int | None] = mapped_column(ForeignKey("estates.id"))
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime)
    limit_ms: Mapped[int] = mapped_column(BigId)
    extended_ms: Mapped[int] = mapped_column(BigId)
    levels: Mapped[Any] = mapped_column(JSON)
    street_id: Mapped[int | None] = mapped_column(ForeignKey("streets.id"))
    district_id: Mapped[int | None] = mapped_column(ForeignKey("districts.id"))
    also_running: Mapped[bool] = mapped_column(default=False)
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposals.id"), unique=True)
    applied_upto: Mapped[int] = mapped_column(BigId, default=0)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Deadline(Id, Base):
    """时限: one level of one clock of one order. The level DUE carries the promise itself and its outcome; other
    levels are warnings before it and escalations after it."""

    __tablename__ = "deadlines"
    __table_args__ = (
        UniqueConstraint("order_id", "clock", "round", "level"),
        Index("ix_deadlines_state", "state", "due_at"),
    )

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    clock: Mapped[str] = mapped_column(String(8))
    round: Mapped[int] = mapped_column(default=0)
    level: Mapped[str] = mapped_column(String(4))
    state: Mapped[str] = mapped_column(String(8))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    anchor: Mapped[str] = mapped_column(String(5))
    offset_ms: Mapped[int] = mapped_column(BigId)
    fired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    breached: Mapped[bool] = mapped_column(default=False)


class FormerPromise(Base):
    """A promise whose outcome was known before its order came to another office: it stays that of the office which had
    the order then. A promise without such a row belongs to the office that has its order now (app/orders/former.py)."""

    __tablename__ = "former_promises"
    __table_args__ = (
        Index("ix_former_promises_order_id", "order_id"),
        Index("ix_former_promises_office_id", "office_id"),
    )

    deadline_id: Mapped[int] = mapped_column(
        ForeignKey("deadlines.id"), primary_key=True, autoincrement=False
    )
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))


class ClockEvent(Id, Base):
    """What happened to a clock: start, stop, pause, resume, extend; the due instant is a pure function of these."""

    __tablename__ = "clock_events"
    __table_args__ = (Index("ix_clock_events_order_id", "order_id", "clock", "round"),)

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    clock: Mapped[str] = mapped_column(String(8))
    round: Mapped[int] = mapped_column(default=0)
    kind: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    limit_ms: Mapped[int | None] = mapped_column(BigId)
    reason: Mapped[str] = mapped_column(String(100), default="")
