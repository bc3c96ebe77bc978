"""Small values that all processes share: the WeChat token, scheduler heartbeats, the moved clock of a demo.

They live in the database so that any number of web and scheduler nodes may run without Redis.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import String, Text, bindparam, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Base, UtcDateTime, changed, db, insert_once, table_of, transact


class SharedValue(Base):
    """One named value with an optional end."""

    __tablename__ = "shared_values"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


_TABLE = table_of(SharedValue)
# Built once: the moved clock is looked for at the beginning of every unit of work.
_READ = select(_TABLE.c.value, _TABLE.c.expires_at).where(_TABLE.c.name == bindparam("name"))


def read(name: str) -> str | None:
    """The value, or None when it is missing or past its end."""
    row = db.session.execute(_READ, {"name": name}).one_or_none()
    if row is None or (row.expires_at and row.expires_at <= clock.now()):
        return None
    return row.value


def write(name: str, value: str, *, lives_for: timedelta | None = None) -> None:
    """Store the value inside the running transaction."""
    at = clock.now()
    values = {"value": value, "changed_at": at, "expires_at": at + lives_for if lives_for else None}
    mine = update(SharedValue).where(SharedValue.name == name).values(**values)
    if changed(mine) == 0 and not insert_once(table_of(SharedValue), {"name": name, **values}):
        changed(mine)  # another process wrote it first; ours is as good


def remove(name: str) -> None:
    """Forget the value."""
    db.session.execute(delete(SharedValue).where(SharedValue.name == name))


def forget_ended() -> int:
    """Delete values past their end; returns how many."""
    return changed(delete(SharedValue).where(SharedValue.expires_at <= clock.now()))


CLOCK_OFFSET = "clock.offset_ms"


def advance_clock(by: timedelta) -> timedelta:
    """Move the clock of a development instance forward for all its processes; returns the whole offset.

    Raises ValueError for a step backwards: clocks that had fired would un-fire.
    """
    if by < timedelta():
        raise ValueError("时钟只能向前拨")

    def work() -> timedelta:
        total = timedelta(milliseconds=int(read(CLOCK_OFFSET) or 0)) + by
        write(CLOCK_OFFSET, str(int(total.total_seconds() * 1000)))
        return total

    total = transact(work)
    clock.set_offset(total)
    return total


def follow_moved_clock() -> None:
    """Take over the offset that another process may have set; called at the start of each unit of work."""
    clock.set_offset(timedelta(milliseconds=int(read(CLOCK_OFFSET) or 0)))
