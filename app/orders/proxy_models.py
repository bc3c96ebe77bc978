"""代办: that somebody has agreed to be reported for by another person (S2-31, domain 3.8)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Id, UtcDateTime
from app.core.scope import Dimension


class ProxyConsent(Id, Base):
    """Who says that the beneficiary has agreed, in which relation to the home, when and in what way. The beneficiary
    himself stands as the order's contact, encrypted."""

    __tablename__ = "proxy_consents"
    __table_args__ = (UniqueConstraint("order_id"),)
    __seen_by__ = {Dimension.ACCOUNT: "given_to"}

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    given_to: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    relation: Mapped[str] = mapped_column(String(8))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    way: Mapped[str] = mapped_column(String(200))
