"""我也遇到: who follows a public-area order that somebody else has reported (domain 3.8, Duplicates)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Id, UtcDateTime
from app.core.scope import Dimension


class OrderFollower(Id, Base):
    """One person who has the same problem. A person has one row for an order: who leaves and joins again finds it.

    `home_id` is the home of his in that estate, empty for somebody who stood before the spot's sign; it is there to
    count households and is shown to nobody. `with_reporter`: he lives in a home of the reporter's, so his household has
    been counted with the report. `merged_from`: the order that was merged into this one and brought him (T27).
    """

    __tablename__ = "order_followers"
    __table_args__ = (
        UniqueConstraint("order_id", "account_id"),
        Index("ix_order_followers_account_id", "account_id", "id"),
    )
    __seen_by__ = {Dimension.ACCOUNT: "account_id"}

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    home_id: Mapped[int | None] = mapped_column(ForeignKey("homes.id"))
    with_reporter: Mapped[bool] = mapped_column(default=False)
    merged_from: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
