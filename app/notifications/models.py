"""Messages to people: in-app first, WeChat where a consent is in stock (domain 3.13, X06)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, Id, UtcDateTime
from app.core.outgoing import Outgoing
from app.core.scope import Dimension


class Notification(Id, Base):
    """One message to one person; `unique_key` makes a repeated reaction write it once. The text names no home and no
    full name."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("account_id", "unique_key"),
        Index("ix_notifications_account_id", "account_id", "id"),
        Index("ix_notifications_order_id", "order_id"),
    )
    __seen_by__ = {Dimension.ACCOUNT: "account_id"}

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    unique_key: Mapped[str] = mapped_column(String(80))
    template: Mapped[str] = mapped_column(String(24))
    title: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(String(300))
    order_id: Mapped[int | None] = mapped_column(BigId)
    snap_id: Mapped[int | None] = mapped_column(BigId)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WeChatDelivery(Id, Outgoing, Base):
    """The WeChat copy of a notification; a row before it is a call."""

    __tablename__ = "wechat_deliveries"
    __table_args__ = (
        UniqueConstraint("notification_id"),
        Index("ix_wechat_deliveries_state", "state", "next_at"),
    )

    notification_id: Mapped[int] = mapped_column(ForeignKey("notifications.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    template: Mapped[str] = mapped_column(String(24))
    fields: Mapped[Any] = mapped_column(JSON)
    page: Mapped[str] = mapped_column(String(120), default="")


class WeChatConsent(Id, Base):
    """How many more messages of a template a person has agreed to: one tap, one message."""

    __tablename__ = "wechat_consents"
    __table_args__ = (
        UniqueConstraint("account_id", "template"),
        CheckConstraint("stock >= 0", name="stock"),
    )
    __seen_by__ = {Dimension.ACCOUNT: "account_id"}

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    template: Mapped[str] = mapped_column(String(24))
    stock: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PushReceipt(Base):
    """A message push of WeChat that was handled already; WeChat sends each up to three times."""

    __tablename__ = "push_receipts"

    dedupe_key: Mapped[str] = mapped_column(String(100), primary_key=True)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


class HotlineHandover(Id, Outgoing, Base):
    """An order handed to 962121: sent until acknowledged, retried after 1, 2, 5, 10 minutes (domain 3.8)."""

    __tablename__ = "hotline_handovers"
    __table_args__ = (
        UniqueConstraint("order_id", "order_version"),
        Index("ix_hotline_handovers_state", "state", "next_at"),
    )

    order_id: Mapped[int] = mapped_column(BigId)
    order_version: Mapped[int]
    payload: Mapped[Any] = mapped_column(JSON)
    ticket: Mapped[str | None] = mapped_column(String(40))
