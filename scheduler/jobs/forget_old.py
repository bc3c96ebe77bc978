"""Rows that have done their service."""

from __future__ import annotations

from datetime import timedelta

from app.accounts.sessions import forget_old_sessions
from app.core import clock
from app.core.db import transact
from app.core.outbox import forget_done
from app.core.receipts import forget_old_receipts
from app.core.shared_values import forget_ended
from app.notifications.consents import forget_old_pushes
from scheduler.context import Context

OUTBOX_KEPT_FOR = timedelta(days=14)
PUSHES_KEPT_FOR = timedelta(days=7)


def forget_old(context: Context) -> None:
    """Delete receipts after 7 days, handled events after 14, and what is past its end."""
    at = clock.now()
    transact(forget_old_receipts)
    transact(lambda: forget_done(at - OUTBOX_KEPT_FOR))
    transact(lambda: forget_old_pushes(at - PUSHES_KEPT_FOR))
    transact(forget_ended)
    transact(forget_old_sessions)
