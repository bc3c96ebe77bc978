"""账目检查: every day, after the reconciliation, what must be true of money is asked of live data; what does not hold
becomes a case for a person of the company in whose books it is. Nothing is repaired here.

Looking and keeping are apart, and both may be repeated: two schedulers at a time find the same and open each case once.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import select

from app.books.people import tell_colleagues
from app.core import clock, shared_values
from app.core.db import db, insert_once, lock, table_of
from app.payments.invariants import Broken, broken_rules
from app.reconciliation.models import BillFile, CaseKind, CaseState, ReconciliationCase
from app.reconciliation.planning import last_billed_day

CHECK_AT, AT_THE_LATEST = time(10, 45), time(12, 0)
"""In China: a quarter of an hour after the bills are due; later while a bill of the day is still on its way."""
CASES_A_RULE = 200
RESULT = "money.check"
GONE_NOTE = "再次检查时账目已经一致"
_CASES = table_of(ReconciliationCase)


@dataclass(frozen=True)
class Checked:
    """The last check: when, and how many things did not hold (of each rule at most CASES_A_RULE)."""

    at: datetime
    findings: int


def last_check() -> Checked | None:
    """None before the first one."""
    kept = shared_values.read(RESULT)
    if kept is None:
        return None
    known = json.loads(kept)
    return Checked(datetime.fromisoformat(known["at"]), known["findings"])


def is_due() -> bool:
    """Whether today's check is still to be made and may begin."""
    there, last = clock.in_china(clock.now()), last_check()
    if there.time() < CHECK_AT or (last is not None and clock.china_date(last.at) >= there.date()):
        return False
    return there.time() >= AT_THE_LATEST or not _bills_on_their_way()


def _bills_on_their_way() -> bool:
    newest = BillFile.bill_on == last_billed_day(clock.now())
    waiting = select(BillFile.id).where(newest, BillFile.compared_at.is_(None))
    return db.session.scalar(waiting.limit(1)) is not None


def look() -> list[Broken]:
    """What does not hold now; reads only."""
    return broken_rules(CASES_A_RULE)


def keep(broken: Sequence[Broken]) -> Checked:
    """Open a case for each new finding, close what is gone, tell the companies, and write down that it was looked."""
    new = Counter(company_id for company_id, row in _cases(broken) if insert_once(_CASES, row))
    _close_what_is_gone(broken)
    for company_id, count in sorted(new.items()):
        tell_colleagues(
            company_id,
            None,
            key=f"money_check:{clock.china_date(clock.now())}",
            title=f"账目检查有 {count} 处不通过",
            body="请在“对账”里逐条核对,写明原因;看不明白的请联系平台运维",
        )
    found = Checked(clock.now(), len(_keys(broken)))
    shared_values.write(RESULT, json.dumps({"at": found.at.isoformat(), "findings": found.findings}))
    return found


def _key(rule: str, number: str) -> str:
    return f"{rule}:{number}"


def _keys(broken: Sequence[Broken]) -> set[str]:
    return {_key(each.rule, finding.number) for each in broken for finding in each.findings}


def _cases(broken: Sequence[Broken]) -> Iterator[tuple[int, dict[str, Any]]]:
    """What is open, or was explained by a person, has its key already and stays as it is."""
    for each in broken:
        for finding in each.findings:
            yield (
                finding.company_id,
                {
                    "file_id": None,
                    "company_id": finding.company_id,
                    "bill_on": clock.china_date(clock.now()),
                    "kind": CaseKind.RULE.value,
                    "number": finding.number,
                    "rule_key": _key(each.rule, finding.number),
                    "theirs": "—",
                    "ours": each.words,
                    "theirs_fen": 0,
                    "ours_fen": 0,
                    "carried_fen": 0,
                    "state": CaseState.OPEN.value,
                    "found_at": clock.now(),
                    "by_rule": False,
                    "note": "",
                },
            )


def _close_what_is_gone(broken: Sequence[Broken]) -> None:
    """An open case that holds again is settled by rule; what was explained keeps its words, and is asked anew should it
    come back. Of a rule with more findings than were read nothing is known to be gone."""
    keys = _keys(broken)
    cut = {each.rule for each in broken if len(each.findings) >= CASES_A_RULE}
    known = select(ReconciliationCase).where(ReconciliationCase.rule_key.is_not(None))
    for case in db.session.scalars(lock(known.order_by(ReconciliationCase.id))):
        key = case.rule_key or ""
        if key in keys or key.partition(":")[0] in cut:
            continue
        case.rule_key = None
        if case.state == CaseState.OPEN:
            case.state, case.by_rule = CaseState.SETTLED.value, True
            case.closed_at, case.note = clock.now(), GONE_NOTE
    db.session.flush()
