"""Daily figures: what the dashboard reads instead of scanning orders (docs/benchmarks.md)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, UtcDateTime
from app.core.scope import Dimension

SEEN_BY_PLACE = {
    Dimension.DISTRICT: "district_id",
    Dimension.STREET: "street_id",
    Dimension.COMPANY: "company_id",
}


class Place:
    """Mixin: where a row counts. A column stays empty when the row reaches over several of its kind, and so nobody
    who may see one street or one company finds figures of others."""

    district_id: Mapped[int] = mapped_column(BigId)
    street_id: Mapped[int | None] = mapped_column(BigId)
    company_id: Mapped[int | None] = mapped_column(BigId)


class DailyFigure(Place, Base):
    """The counters of one place on one day in China.

    `level` and `entity_id` name the place; `part_id` cuts it where two people see different parts of it: an estate by
    office, an office and a company by street (0 elsewhere).
    """

    __tablename__ = "daily_figures"
    __table_args__ = (Index("ix_daily_figures_entity", "level", "entity_id", "day"),)
    __seen_by__ = SEEN_BY_PLACE

    level: Mapped[str] = mapped_column(String(8), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    entity_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    part_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)

    new: Mapped[int] = mapped_column(default=0)
    effective: Mapped[int] = mapped_column(default=0)
    hotline: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    wrong_rejected: Mapped[int] = mapped_column(default=0)
    c1_due: Mapped[int] = mapped_column(default=0)
    c1_met: Mapped[int] = mapped_column(default=0)
    c2_due: Mapped[int] = mapped_column(default=0)
    c2_met: Mapped[int] = mapped_column(default=0)
    apt_due: Mapped[int] = mapped_column(default=0)
    apt_met: Mapped[int] = mapped_column(default=0)
    c3_due: Mapped[int] = mapped_column(default=0)
    c3_met: Mapped[int] = mapped_column(default=0)
    c3_strict_met: Mapped[int] = mapped_column(default=0)
    c3_done: Mapped[int] = mapped_column(default=0)
    extended: Mapped[int] = mapped_column(default=0)
    promised: Mapped[int] = mapped_column(default=0)
    late: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    done_once: Mapped[int] = mapped_column(default=0)
    reopened: Mapped[int] = mapped_column(default=0)
    done_rated: Mapped[int] = mapped_column(default=0)
    ratings: Mapped[int] = mapped_column(default=0)
    satisfied: Mapped[int] = mapped_column(default=0)
    low: Mapped[int] = mapped_column(default=0)
    stars_sum: Mapped[int] = mapped_column(default=0)
    snap_due: Mapped[int] = mapped_column(default=0)
    snap_answered: Mapped[int] = mapped_column(default=0)


class DailyCategory(Place, Base):
    """How many orders of each category were submitted in one place on one day."""

    __tablename__ = "daily_categories"
    __seen_by__ = SEEN_BY_PLACE

    level: Mapped[str] = mapped_column(String(8), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    entity_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    part_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    category_code: Mapped[str] = mapped_column(String(5), primary_key=True)
    new: Mapped[int] = mapped_column(default=0)


class RollUpDay(Base):
    """That a day was rolled up, with the cases up to `as_of`; `stale` when something has changed it since."""

    __tablename__ = "roll_up_days"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    as_of: Mapped[datetime] = mapped_column(UtcDateTime)
    stale: Mapped[bool] = mapped_column(default=False)
