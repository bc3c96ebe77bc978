"""派工方式: each office chooses how its accepted orders find a worker; every change is audited."""

from __future__ import annotations

from app.audit import service as audit
from app.companies.errors import OfficeUnknown
from app.companies.models import Dispatching, Office
from app.companies.roster import offices_of
from app.core.db import db
from app.core.errors import Forbidden, Invalid
from app.core.roles import Role
from app.core.scope import Scope

MAY_CHOOSE = frozenset({Role.MGR, Role.CO})


def choose_dispatching(office_id: int, *, by: Scope, mode: str) -> Office:
    """The office's manager or its company chooses. Orders that are with a worker stay with him. Choosing the same again
    changes nothing. Raises Forbidden, OfficeUnknown, Invalid."""
    if by.role not in MAY_CHOOSE:
        raise Forbidden()
    if office_id not in {office.id for office in offices_of(by)}:
        raise OfficeUnknown()
    if mode not in set(Dispatching):
        raise Invalid("请选择派工方式", fields={"mode": "必选"})
    office = db.session.get_one(Office, office_id, with_for_update=True, populate_existing=True)
    before = office.dispatching
    if before != mode:
        office.dispatching = mode
        audit.record(
            "office.dispatching",
            by=by,
            object_kind="office",
            object_id=office.id,
            details={"before": before, "after": mode},
        )
    return office
