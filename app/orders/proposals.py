"""Changes of limits and parameters: one person of the bureau proposes, another decides (domain 4.7). Nothing that
counts is ever edited: a granted proposal writes a new dated row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert

from app.audit.service import record
from app.companies.queries import bureau_accounts
from app.core import clock
from app.core.db import db, table_of
from app.core.errors import Invalid, WrongState
from app.core.paging import Page, newest_page
from app.core.parameter_models import ParameterValue
from app.core.parameters import checked, known_values, value_of
from app.core.scope import Scope, get_visible, visible
from app.notifications.service import notify_many
from app.orders.clock_models import DeadlinePolicy
from app.orders.declarations import bureau_district
from app.orders.moving import cleaned
from app.orders.policies import known_policies
from app.orders.policy_changes import NewLimit, in_force, new_row
from app.orders.proposal_models import Proposal

POLICY, PARAMETER = "policy", "parameter"
SHOWN, WAITING_MOST = 30, 200


class SameProposer(WrongState):
    """A change needs two persons."""

    code = "same_proposer"
    message = "改动要由另一位监管人员批准,不能自己批准自己提出的"


def propose_limit(wanted: NewLimit, *, valid_on: date, reason: str, by: Scope) -> Proposal:
    """Ask for another limit from the beginning of a day on. Raises Forbidden, Invalid naming the field."""
    district_id = bureau_district(by)
    content = wanted.checked(district_id)
    valid_from = _from(valid_on)
    standing = in_force(content, at=valid_from)
    if standing is None:
        raise Invalid("这类工单没有这个时限", fields={"clock": "没有这个时限"})
    before = {"limit_ms": standing.limit_ms, "extended_ms": standing.extended_ms}
    wanted_now = {name: content[name] for name in before}
    if wanted_now == before and not content["also_running"]:
        raise Invalid("与现在的时限相同,不用改", fields={"limit": "没有变化"})
    return _propose(POLICY, content, before, valid_from, reason, district_id, by)


def propose_value(key: str, value: str, *, valid_on: date, reason: str, by: Scope) -> Proposal:
    """Ask for another value of a parameter in the bureau's district from the beginning of a day on. Raises Forbidden,
    Invalid."""
    district_id = bureau_district(by)
    text, valid_from = checked(key, value), _from(valid_on)
    before = value_of(key, valid_from, district_id)
    if text == before:
        raise Invalid("与现在的取值相同,不用改", fields={"value": "没有变化"})
    content = {"key": key, "value": text}
    return _propose(PARAMETER, content, {"value": before}, valid_from, reason, district_id, by)


def _from(day: date) -> datetime:
    at = clock.now()
    if day <= clock.china_date(at):
        raise Invalid("生效日期最早是明天", fields={"valid_on": "最早是明天"})
    return clock.start_of_china_day(day)


def _propose(
    kind: str,
    content: dict[str, Any],
    before: dict[str, Any],
    valid_from: datetime,
    reason: str,
    district_id: int,
    by: Scope,
) -> Proposal:
    proposal = Proposal(
        district_id=district_id,
        kind=kind,
        content=content,
        before=before,
        valid_from=valid_from,
        reason=cleaned(reason, field="reason", at_least=4, at_most=200),
        proposed_by=by.account_id or 0,
        proposed_at=clock.now(),
    )
    db.session.add(proposal)
    db.session.flush()
    _audit("proposal.propose", proposal, by)
    others = set(bureau_accounts(district_id)) - {proposal.proposed_by}
    _tell(others, proposal, "waiting", "有时限或参数改动等您批准", proposal.reason)
    return proposal


def decide(proposal_id: int, *, grant: bool, note: str = "", by: Scope) -> Proposal:
    """Grant or refuse; the proposer himself may only take it back.

    Raises NotFound, SameProposer, WrongState when it was decided or its day has come meanwhile.
    """
    bureau_district(by)
    proposal = get_visible(Proposal, proposal_id, by, lock=True)
    at = clock.now()
    if proposal.granted is not None:
        raise WrongState("这个改动已经有结论了")
    if grant and proposal.proposed_by == by.account_id:
        raise SameProposer()
    if grant and proposal.valid_from <= at:
        raise WrongState("生效日期已经到了,不能再批准;请重新提出")
    words = note.strip()[:200] if grant else cleaned(note, field="note", at_least=2, at_most=200)
    proposal.granted, proposal.decided_by, proposal.decided_at = grant, by.account_id or 0, at
    proposal.decision_note = words
    db.session.flush()
    if grant:
        _carry_out(proposal)
    _audit("proposal.grant" if grant else "proposal.refuse", proposal, by)
    if proposal.proposed_by != by.account_id:
        said = "已批准,到日期自动生效" if grant else f"没有采纳:{words}"
        _tell({proposal.proposed_by}, proposal, "decided", "您提出的改动有结论了", said)
    return proposal


def _tell(accounts: set[int], proposal: Proposal, what: str, title: str, words: str) -> None:
    """In the inbox of the console; the page 时限与参数 shows the rest."""
    day = f"{clock.in_china(proposal.valid_from):%m月%d日}起:"
    notify_many(
        accounts,
        unique_key=f"proposal:{proposal.id}:{what}",
        template="proposal",
        title=title,
        body=f"{day}{words}",
    )


def _carry_out(proposal: Proposal) -> None:
    """Write the row that counts from its date on."""
    dated = {"valid_from": proposal.valid_from, "proposal_id": proposal.id}
    if proposal.kind == PARAMETER:
        there = {"district_id": proposal.district_id}
        db.session.execute(insert(table_of(ParameterValue)), [{**proposal.content, **dated, **there}])
        known_values.forget()
        return
    row = new_row(proposal.content, at=proposal.valid_from)
    db.session.execute(insert(table_of(DeadlinePolicy)), [{**row, **dated}])
    known_policies.forget()


def waiting_proposals(by: Scope) -> Sequence[Proposal]:
    """What nobody has decided yet, the newest first; so few that people can decide on each."""
    waiting = visible(Proposal, by).where(Proposal.granted.is_(None))
    return db.session.scalars(waiting.order_by(Proposal.id.desc()).limit(WAITING_MOST)).all()


def decided_proposals(by: Scope, *, cursor: str | None = None, limit: int = SHOWN) -> Page[Proposal]:
    """The history of every value, the newest first; raises Invalid for a foreign cursor."""
    decided = visible(Proposal, by).where(Proposal.granted.is_not(None))
    return newest_page(decided, Proposal, cursor=cursor, limit=limit)


def _audit(action: str, proposal: Proposal, by: Scope) -> None:
    details = {
        **{name: value for name, value in proposal.content.items() if value is not None},
        "before": proposal.before,
        "from": proposal.valid_from.isoformat(),
        "reason": proposal.decision_note or proposal.reason,
    }
    record(
        action,
        by=by,
        object_kind=proposal.kind,
        object_id=proposal.id,
        details=details,
        district_id=proposal.district_id,
    )
