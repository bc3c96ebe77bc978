"""/healthz: whether this node can serve and whether the work behind it goes on; no secrets, no versions."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, Response, json
from sqlalchemy.exc import SQLAlchemyError

from app.bootstrap import begin_unit
from app.core import clock, outbox, shared_values
from app.core.db import db
from app.reconciliation.money_check import Checked, last_check
from miniprogram_api.neighbours import neighbours

HEARTBEAT = "scheduler.heartbeat"
SCHEDULER_MAY_SLEEP = timedelta(seconds=60)
OUTBOX_MAY_WAIT = timedelta(minutes=5)

blueprint = Blueprint("api_health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """200 when database, scheduler and outbox are well, else 503 with the same fields.

    What the daily money check found is for a person and no reason to send anybody to another node: it is said beside.
    """
    try:
        begin_unit(neighbours().settings)
        beat, waiting, checked = _heartbeat_age(), outbox.oldest_waiting_age(), last_check()
    except SQLAlchemyError:
        db.session.rollback()
        return _answer(503, database="down", scheduler_age_s=None, outbox_age_s=None, money_check=None)
    well = beat is not None and beat <= SCHEDULER_MAY_SLEEP and waiting <= OUTBOX_MAY_WAIT
    return _answer(
        200 if well else 503,
        database="ok",
        scheduler_age_s=None if beat is None else round(beat.total_seconds(), 1),
        outbox_age_s=round(waiting.total_seconds(), 1),
        money_check=_money(checked),
    )


def _money(checked: Checked | None) -> dict[str, object] | None:
    """When money was last looked at and how much did not hold: numbers, never what it was."""
    if checked is None:
        return None
    return {"at": checked.at.isoformat(timespec="seconds"), "findings": checked.findings}


def _heartbeat_age() -> timedelta | None:
    """How long ago a scheduler gave a sign of life; None when there never was one."""
    beat = shared_values.read(HEARTBEAT)
    return None if beat is None else max(clock.now() - datetime.fromisoformat(beat), timedelta())


def _answer(status: int, **found: object) -> Response:
    body = {"status": "ok" if status == 200 else "degraded", **found}
    return Response(json.dumps(body), status, mimetype="application/json")
