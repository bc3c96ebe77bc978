"""Dated values of the product's parameters (domain 4.7), of a district or for all; without a row the default in
parameters.py counts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, Id, UtcDateTime


class ParameterValue(Id, Base):
    """参数的一个取值: in force from `valid_from` until a newer one is; never edited. One without a district counts for
    every district that has none of its own. `proposal_id` names the change of two persons; the rows with which an
    instance begins have none."""

    __tablename__ = "parameter_values"
    __table_args__ = (UniqueConstraint("proposal_id"),)

    key: Mapped[str] = mapped_column(String(32))
    value: Mapped[str] = mapped_column(String(40))
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime)
    proposal_id: Mapped[int | None] = mapped_column(BigId)
    district_id: Mapped[int | None] = mapped_column(BigId)
