"""Cash that was taken for a repair: recorded with its receipt, never encouraged (domain 3.10)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, Id, UtcDateTime


class CashReceipt(Id, Base):
    """现金收款: fen, who took it, and when it was written down. The photo of the paper receipt stands with the order's
    photos; kept ten years with the books of the company."""

    __tablename__ = "cash_receipts"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        Index("ix_cash_receipts_order_id", "order_id"),
    )

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    amount_fen: Mapped[int]
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_by: Mapped[int | None] = mapped_column(BigId)
    taken_role: Mapped[str] = mapped_column(String(4))
    note: Mapped[str] = mapped_column(String(100), default="")
