"""延期 of an order: asked, decided (T18, T19)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, Id, UtcDateTime

NORMAL, SPECIAL = "NORMAL", "SPECIAL"


class Extension(Id, Base):
    """延期 (S3-17): asked before the due instant, decided by somebody else, granted once per round. `granted` is True
    or empty, so that the unique key counts grants only; a decided request without it was refused.

    `kind` SPECIAL is 特延 (T19): asked with a plan, decided by street or bureau, which name the date; only the bureau
    says that it was force majeure."""

    __tablename__ = "extensions"
    __table_args__ = (
        UniqueConstraint("order_id", "round", "kind", "granted", name="uq_extensions_granted"),
        CheckConstraint("kind IN ('NORMAL', 'SPECIAL')", name="kind"),
        CheckConstraint("kind <> 'SPECIAL' OR plan <> ''", name="special_has_a_plan"),
        CheckConstraint(
            "kind <> 'SPECIAL' OR granted IS NULL OR approved_until IS NOT NULL", name="special_has_a_date"
        ),
        CheckConstraint(
            "NOT force_majeure OR (kind = 'SPECIAL' AND granted IS NOT NULL)", name="force_majeure"
        ),
        CheckConstraint("decided_by IS NULL OR decided_by <> requested_by", name="two_persons"),
        CheckConstraint(
            "granted IS NULL OR (granted AND decided_by IS NOT NULL)", name="granted_by_somebody"
        ),
    )

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    round: Mapped[int] = mapped_column(default=0)
    kind: Mapped[str] = mapped_column(String(8), default="NORMAL")
    requested_by: Mapped[int] = mapped_column(BigId)
    requested_role: Mapped[str] = mapped_column(String(4))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason_code: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(200))
    expected_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(BigId)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    granted: Mapped[bool | None]
    decision_note: Mapped[str] = mapped_column(String(200), default="")
    plan: Mapped[str] = mapped_column(String(300), default="")
    approved_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    force_majeure: Mapped[bool] = mapped_column(default=False)
