"""What a person says of a difference. Money that it left on 待处理差异 stays there until a voucher of three persons
moves it (app/books/vouchers.py)."""

from __future__ import annotations

from app.audit.service import record
from app.books.people import company_of
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid
from app.core.scope import Scope, get_visible
from app.core.texts import cleaned
from app.reconciliation.errors import CaseClosed, CaseUnknown
from app.reconciliation.models import CaseState, ReconciliationCase

CLOSES_AS = (CaseState.EXPLAINED, CaseState.SETTLED)


def close(case_id: int, *, state: CaseState, note: str, by: Scope) -> ReconciliationCase:
    """已说明 (nothing more is to be done) or 已处理 (it was set right), with what it was.

    Raises Forbidden, CaseUnknown, CaseClosed, Invalid."""
    company_of(by)
    case = get_visible(ReconciliationCase, case_id, by, lock=True, missing=CaseUnknown())
    if state not in CLOSES_AS:
        raise Invalid("请选择已说明或已处理", fields={"state": "请选择"})
    if case.state != CaseState.OPEN:
        raise CaseClosed(fields={"state": case.state})
    case.note = cleaned(note, field="note", at_least=4, at_most=200)
    case.state, case.closed_at, case.closed_by = state.value, clock.now(), by.account_id
    if state is CaseState.SETTLED:
        case.rule_key = None  # what was set right and does not hold the next night is a case again
    db.session.flush()
    details = {"number": case.number, "kind": case.kind, "fen": case.carried_fen, "reason": case.note}
    record(
        f"case.{state.value}", by=by, object_kind="reconciliation_case", object_id=case.id, details=details
    )
    return case
