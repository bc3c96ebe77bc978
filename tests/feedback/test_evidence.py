"""The database itself refuses a status without its evidence, on both engines."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.core.db import changed, transact
from app.core.errors import Conflict
from app.feedback.lifecycle import Kind, Status
from app.feedback.models import Snap
from tests.engines import both_engines
from tests.feedback import doing

WITHOUT: dict[str, tuple[Status, dict[str, Any]]] = {
    "taken by nobody": (Status.ACCEPTED, {"opened_by": None}),
    "taken at no time": (Status.ACCEPTED, {"opened_at": None}),
    "answered without words": (Status.ANSWERED, {"reply": ""}),
    "answered by nobody": (Status.ANSWERED, {"answered_by": None}),
    "closed without stars": (Status.CLOSED, {"stars": None}),
    "closed with six stars": (Status.CLOSED, {"stars": 6}),
    "closed at no time": (Status.CLOSED, {"closed_at": None}),
    "at the hotline without a reason": (Status.HOTLINE, {"decline_reason": ""}),
    "at no hotline": (Status.HOTLINE, {"hotline_district_id": None}),
    "expired at no time": (Status.EXPIRED, {"closed_at": None}),
    "repaired without a repair": (Status.CONVERTED, {"order_id": None}),
    "praise that is repaired": (Status.CONVERTED, {"kind": "PRAISE"}),
    "a problem without a photo": (Status.SUBMITTED, {"photos": 0}),
    "an unknown kind": (Status.SUBMITTED, {"kind": "RUMOUR"}),
    "an unknown status": (Status.SUBMITTED, {"status": "LOST"}),
    "a status ahead of its evidence": (Status.SUBMITTED, {"status": "ANSWERED"}),
}


@both_engines
@pytest.mark.parametrize("missing", list(WITHOUT))
def test_a_status_without_its_evidence_is_refused(scene, missing):
    status, values = WITHOUT[missing]
    snap_id = doing.in_status(scene, status)
    with pytest.raises(Conflict):
        transact(lambda: changed(update(Snap).where(Snap.id == snap_id).values(**values)))


@both_engines
def test_neither_a_late_answer_nor_an_early_end_can_be_written(scene):
    answered, waiting = doing.in_status(scene, Status.ANSWERED), doing.send(scene, Kind.PRAISE)
    late = doing.snap(answered).due_at + timedelta(milliseconds=1)
    early = {"status": "EXPIRED", "closed_how": "expired", "closed_at": doing.snap(waiting).due_at}
    for snap_id, values in ((answered, {"answered_at": late}), (waiting, early)):
        with pytest.raises(Conflict):
            transact(
                lambda one=snap_id, wrong=values: changed(update(Snap).where(Snap.id == one).values(**wrong))
            )


@both_engines
def test_a_repair_belongs_to_one_problem_only(scene):
    one, other = (doing.in_status(scene, Status.CONVERTED) for _ in range(2))
    same = doing.snap(one).order_id
    with pytest.raises(Conflict):
        transact(lambda: changed(update(Snap).where(Snap.id == other).values(order_id=same)))
