"""账目检查: once a day, after the reconciliation."""

from __future__ import annotations

from functools import partial

from structlog import get_logger

from app.core.db import db, transact
from app.reconciliation.money_check import is_due, keep, look
from scheduler.context import Context

log = get_logger("money")


def check_money(context: Context) -> None:
    """From 10:45 on, as soon as yesterday's bills were compared; what does not hold becomes cases for persons."""
    if context.stopping() or not transact(is_due):
        return
    broken = look()
    db.session.rollback()  # SQLite: the long look must not hold up those who write
    checked = transact(partial(keep, broken))
    if checked.findings:
        log.error("money_check", findings=checked.findings, rules=[each.rule for each in broken])
