"""The audit log: append-only, each record sealed by a hash over its predecessor (domain 3.11, 5.2-B10)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, Id, UtcDateTime
from app.core.scope import Dimension


class AuditRecord(Id, Base):
    """One audited act; never updated, never deleted by the product."""

    __tablename__ = "audit_records"
    __table_args__ = (Index(None, "at"), Index(None, "object_kind", "object_id"))
    __seen_by__ = {Dimension.AUDIT: "audit_domain", Dimension.DISTRICT: "business_district_id"}

    at: Mapped[datetime] = mapped_column(UtcDateTime)
    account_id: Mapped[int | None] = mapped_column(BigId)
    role: Mapped[str] = mapped_column(String(4))
    address: Mapped[str] = mapped_column(String(45), default="")
    action: Mapped[str] = mapped_column(String(64))
    object_kind: Mapped[str] = mapped_column(String(32))
    object_id: Mapped[str] = mapped_column(String(64), default="")
    details: Mapped[Any] = mapped_column(JSON)
    result: Mapped[str] = mapped_column(String(16), default="ok")
    audit_domain: Mapped[int] = mapped_column(default=1)
    business_district_id: Mapped[int | None] = mapped_column(BigId)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The newest hash; its row lock puts the records into one order."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[str] = mapped_column(String(64))
    records: Mapped[int] = mapped_column(default=0)
