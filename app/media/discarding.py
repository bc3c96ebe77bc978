"""Deleting files for good: written down in the transaction that takes their row away, carried out by a job.

The storage is never called from inside a transaction: what was rolled back would be gone all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial

from sqlalchemy import delete

from app.core import clock
from app.core.db import db, insert_once, table_of, transact
from app.core.outgoing import Claimed, OutgoingState, put_off, take
from app.integrations.storage.contract import Storage
from app.integrations.storage.errors import StorageDown
from app.media.discard_models import DiscardedFile

DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120))


def discard(keys: Iterable[str]) -> None:
    """Have these files deleted; naming one twice is no error."""
    for key in keys:
        row = {"key": key, "state": OutgoingState.WAITING, "attempts": 0, "next_at": clock.now()}
        insert_once(table_of(DiscardedFile), row)


def remove_due(storage: Storage, *, limit: int) -> int:
    """Delete up to `limit` files that wait for it; returns how many were tried. Never given up: a file of somebody who
    has left must go, however long the storage is away."""
    for tried in range(limit):
        found = transact(_take_one)
        if found is None:
            return tried
        claimed, key = found
        try:
            storage.delete(key)
        except StorageDown as down:
            transact(partial(_later, claimed, type(down).__name__))
        else:
            transact(partial(_gone, claimed))
    return limit


def _take_one() -> tuple[Claimed, str] | None:
    claimed = next(iter(take(DiscardedFile, 1)), None)
    return None if claimed is None else (claimed, db.session.get_one(DiscardedFile, claimed.id).key)


def _gone(claimed: Claimed) -> None:
    db.session.execute(delete(DiscardedFile).where(DiscardedFile.id == claimed.id))


def _later(claimed: Claimed, why: str) -> None:
    row = db.session.get(DiscardedFile, claimed.id)
    if row is not None:
        put_off(row, DELAYS[min(claimed.attempt, len(DELAYS)) - 1], error=why)
