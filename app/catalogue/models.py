"""Categories of public-area and in-home matters (domain 3.4)."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.core.scope import EVERYONE


class Category(Base):
    """One kind of trouble: urgency, certificate needed at the visit, tools to bring, first guess of who pays."""

    __tablename__ = "categories"
    __seen_by__ = EVERYONE

    code: Mapped[str] = mapped_column(String(5), primary_key=True)
    name: Mapped[str] = mapped_column(String(24))
    pinyin: Mapped[str] = mapped_column(String(24), index=True)
    in_home: Mapped[bool]
    bookable: Mapped[bool] = mapped_column(default=False)
    urgency: Mapped[str] = mapped_column(String(2))
    certificate: Mapped[str | None] = mapped_column(String(20))
    hazardous: Mapped[bool] = mapped_column(default=False)
    pays: Mapped[str] = mapped_column(String(24), default="")
    tools: Mapped[str] = mapped_column(String(80), default="")
    active: Mapped[bool] = mapped_column(default=True)

    @property
    def group(self) -> str:
        """G02 for G0201: skills, merging and statistics count by group."""
        return self.code[:3]

    def __str__(self) -> str:
        return self.name
