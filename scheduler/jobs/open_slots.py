"""Times that residents can book in the coming days."""

from __future__ import annotations

from functools import partial

from sqlalchemy import select

from app.companies.models import Office
from app.core import clock
from app.core.db import db, transact
from app.core.errors import Conflict
from app.orders import booking
from scheduler.context import Context


def open_slots(context: Context) -> None:
    """Every office offers its slots of the next days; another process may have opened them first."""
    today = clock.china_date(clock.now())
    for office_id in db.session.scalars(select(Office.id)).all():
        if context.stopping():
            return
        try:
            transact(partial(booking.open_slots, office_id, today=today))
        except Conflict:
            continue
