"""Reading the audit log: the audit administrator all of it, the bureau the business records of its district."""

from __future__ import annotations

from app.audit.models import AuditRecord
from app.core.db import db
from app.core.paging import DEFAULT_LIMIT, MAX_LIMIT, Page, decode_id_cursor, page_by_id
from app.core.scope import Scope, visible


def audit_page(
    scope: Scope,
    *,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
    action: str | None = None,
    object_kind: str | None = None,
    account_id: int | None = None,
) -> Page[AuditRecord]:
    """The newest visible records first; raises Invalid for a cursor that was not made here."""
    limit = max(1, min(limit, MAX_LIMIT))
    statement = visible(AuditRecord, scope).order_by(AuditRecord.id.desc()).limit(limit + 1)
    before = decode_id_cursor(cursor)
    if before is not None:
        statement = statement.where(AuditRecord.id < before)
    wanted = {"action": action, "object_kind": object_kind, "account_id": account_id}
    statement = statement.filter_by(**{name: value for name, value in wanted.items() if value is not None})
    return page_by_id(db.session.scalars(statement).all(), limit)
