"""Reading the audit log: the audit administrator all of it, the bureau the business records of its district."""

from __future__ import annotations

from app.audit.models import AuditRecord
from app.core.paging import DEFAULT_LIMIT, MAX_LIMIT, Page, newest_page
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
    wanted = {"action": action, "object_kind": object_kind, "account_id": account_id}
    chosen = {name: value for name, value in wanted.items() if value is not None}
    statement = visible(AuditRecord, scope).filter_by(**chosen)
    return newest_page(statement, AuditRecord, cursor=cursor, limit=limit)
