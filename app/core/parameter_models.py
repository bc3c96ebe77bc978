"""Dated values of the product's parameters (domain 4.7); a value without a row is the default in parameters.py."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, Id, UtcDateTime


class ParameterValue(Id, Base):
    """参数的一个取值: in force from `valid_from` until a newer one is; never edited. `proposal_id` names the change
    that two persons made."""

    __tablename__ = "parameter_values"
    __table_args__ = (UniqueConstraint("proposal_id"),)

    key: Mapped[str] = mapped_column(String(32))
    value: Mapped[str] = mapped_column(String(40))
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime)
    proposal_id: Mapped[int] = mapped_column(BigId)
