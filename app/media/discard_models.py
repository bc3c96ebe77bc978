"""Files that must disappear from the storage."""

from __future__ import annotations

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Id
from app.core.outgoing import Outgoing


class DiscardedFile(Id, Outgoing, Base):
    """A file of which no row speaks any more; a row before it is a call. It goes when the storage has deleted it."""

    __tablename__ = "discarded_files"
    __table_args__ = (Index("ix_discarded_files_state", "state", "next_at"),)

    key: Mapped[str] = mapped_column(String(140), unique=True)
