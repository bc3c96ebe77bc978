"""What must happen before money of a payment can go back; who knows of it (an invoice) stands above this domain."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Id


class RefundHold(Id, Base):
    """`subject` is who holds (`invoice:12`), `words` what to do first."""

    __tablename__ = "refund_holds"
    __table_args__ = (UniqueConstraint("payment_id", "subject"),)

    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    subject: Mapped[str] = mapped_column(String(40))
    words: Mapped[str] = mapped_column(String(120))
