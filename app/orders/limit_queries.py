"""Limits, proposals and emergency periods as the bureau reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.accounts.models import Account
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid
from app.core.paging import Page
from app.core.parameters import PARAMETERS, Parameter, value_of
from app.core.scope import Scope
from app.estates.models import Estate, Street
from app.orders.clock_models import DeadlinePolicy
from app.orders.declaration_models import Declaration
from app.orders.declarations import bureau_district, declarations
from app.orders.lifecycle import Menu
from app.orders.limit_words import length, length_of
from app.orders.policy_changes import CHANGEABLE, REPAIRS
from app.orders.proposal_models import Proposal
from app.orders.proposals import POLICY, decided_proposals, waiting_proposals

URGENCY_LABELS = {"P0": "危急 P0", "P1": "紧急 P1", "P2": "一般 P2", "P3": "改善 P3"}
MENU_LABELS = {menu.value: menu.label for menu in Menu}
ANY = "全部"
WHOLE_DISTRICT, EVERYWHERE = "全区", "标准"


@dataclass(frozen=True)
class LimitLine:
    """One dated row; `state` is 生效中, 未生效 or 已被替代."""

    label: str
    menu: str
    urgency: str
    place: str
    limit: str
    extended: str
    valid_from: datetime
    also_running: bool
    state: str


@dataclass(frozen=True)
class ProposalLine:
    """One proposed change in words; `mine` may be taken back, others' may be decided."""

    id: int
    what: str
    place: str
    before: str
    after: str
    valid_from: datetime
    reason: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None
    granted: bool | None
    note: str
    mine: bool
    also_running: bool


@dataclass(frozen=True)
class ValueLine:
    """A parameter and what it is now; `choices` are all its values in words, empty where it is typed."""

    key: str
    label: str
    value: str
    words: str
    choices: Mapping[str, str]
    explanation: str


@dataclass(frozen=True)
class PeriodLine:
    """An emergency period; it may be lifted while it has not ended."""

    id: int
    place: str
    begins_at: datetime
    ends_at: datetime
    lifted_at: datetime | None
    reason: str
    declared_by: str
    state: str


def limit_lines(by: Scope) -> list[LimitLine]:
    """The standard rows and those of the bureau's own district, the newest of each kind first."""
    district_id = bureau_district(by)
    own = DeadlinePolicy.district_id.is_(None) | (DeadlinePolicy.district_id == district_id)
    statement = select(DeadlinePolicy).where(own, DeadlinePolicy.clock.in_(list(CHANGEABLE)))
    rows = list(db.session.scalars(statement))
    order = list(CHANGEABLE)
    rows.sort(key=lambda row: (order.index(row.clock), *_key(row)[1:], -row.valid_from.timestamp(), -row.id))
    names, now, seen = _place_names(rows), clock.now(), set()
    lines = []
    for row in rows:
        state = "未生效" if row.valid_from > now else ("已被替代" if _key(row) in seen else "生效中")
        if row.valid_from <= now:
            seen.add(_key(row))
        lines.append(_limit_line(row, names, state))
    return lines


def _key(row: DeadlinePolicy) -> tuple[Any, ...]:
    places = (row.district_id or 0, row.street_id or 0, row.estate_id or 0)
    return (row.clock, row.urgency or "", row.menu or "", *places)


def _limit_line(row: DeadlinePolicy, names: Mapping[Any, str], state: str) -> LimitLine:
    return LimitLine(
        label=CHANGEABLE[row.clock],
        menu=MENU_LABELS.get(row.menu or "", ANY),
        urgency=URGENCY_LABELS.get(row.urgency or "", ANY),
        place=_place(row, names) if row.district_id or row.estate_id else EVERYWHERE,
        limit=length_of(row.clock, row.limit_ms),
        extended=length(row.extended_ms) if row.clock in REPAIRS else "",
        valid_from=row.valid_from,
        also_running=row.also_running,
        state=state,
    )


def value_lines(by: Scope) -> list[ValueLine]:
    """Every parameter as it is now in the bureau's district."""
    now, district_id = clock.now(), bureau_district(by)
    return [_value_line(each, value_of(each.key, now, district_id)) for each in PARAMETERS.values()]


def _value_line(each: Parameter, value: str) -> ValueLine:
    choices = each.words if each.is_choice else {}
    return ValueLine(each.key, each.label, value, each.said(value), choices, each.explanation)


def waiting_lines(by: Scope) -> list[ProposalLine]:
    """What waits for somebody's word, the newest first."""
    return _proposal_lines(waiting_proposals(by), by)


def decided_lines(by: Scope, *, cursor: str | None = None) -> Page[ProposalLine]:
    """A page of the history, the newest first; raises Invalid for a foreign cursor."""
    page = decided_proposals(by, cursor=cursor)
    return Page(_proposal_lines(page.items, by), page.next_cursor)


def _proposal_lines(rows: Sequence[Proposal], by: Scope) -> list[ProposalLine]:
    """With the names of those who proposed and decided."""
    people = _people({row.proposed_by for row in rows} | {row.decided_by for row in rows if row.decided_by})
    policies = [_Place(row.content) for row in rows if row.kind == POLICY]
    names = _place_names(policies)
    return [_proposal_line(row, people, names, by) for row in rows]


def _proposal_line(
    row: Proposal, people: Mapping[int, str], names: Mapping[Any, str], by: Scope
) -> ProposalLine:
    what, place, before, after = _limit_words(row, names) if row.kind == POLICY else _value_words(row)
    return ProposalLine(
        id=row.id,
        what=what,
        place=place,
        before=before,
        after=after,
        valid_from=row.valid_from,
        reason=row.reason,
        proposed_by=people.get(row.proposed_by, ""),
        proposed_at=row.proposed_at,
        decided_by=people.get(row.decided_by or 0, ""),
        decided_at=row.decided_at,
        granted=row.granted,
        note=row.decision_note,
        mine=row.proposed_by == by.account_id,
        also_running=bool(row.content.get("also_running")),
    )


def _limit_words(row: Proposal, names: Mapping[Any, str]) -> tuple[str, str, str, str]:
    content = row.content
    kinds = (
        MENU_LABELS.get(content["menu"] or "", ""),
        URGENCY_LABELS.get(content["urgency"] or "", ""),
    )
    what = " · ".join(part for part in (f"{CHANGEABLE[content['clock']]}时限", *kinds) if part)
    before, after = (_lengths(content["clock"], each) for each in (row.before, content))
    return what, _place(_Place(content), names), before, after


def _lengths(which: str, lengths: Mapping[str, int]) -> str:
    extended = f"(延期后 {length(lengths['extended_ms'])})" if which in REPAIRS else ""
    return f"{length_of(which, lengths['limit_ms'])}{extended}"


def _value_words(row: Proposal) -> tuple[str, str, str, str]:
    known, before, after = PARAMETERS.get(row.content["key"]), row.before["value"], row.content["value"]
    if known is None:
        return row.content["key"], WHOLE_DISTRICT, before, after
    return known.label, WHOLE_DISTRICT, known.said(before), known.said(after)


def period_lines(by: Scope, *, cursor: str | None = None) -> Page[PeriodLine]:
    """Emergency periods, the newest first; raises Invalid for a foreign cursor."""
    page, now = declarations(by, cursor=cursor), clock.now()
    rows = page.items
    people, names = _people({row.declared_by for row in rows}), _place_names(rows)
    lines = [
        PeriodLine(
            row.id,
            _place(row, names),
            row.begins_at,
            row.ends_at,
            row.lifted_at,
            row.reason,
            people.get(row.declared_by, ""),
            _period_state(row, now),
        )
        for row in rows
    ]
    return Page(lines, page.next_cursor)


def _period_state(row: Declaration, now: datetime) -> str:
    if row.lifted_at is not None:
        return "已提前解除"
    if now < row.begins_at:
        return "未开始"
    return "生效中" if now < row.ends_at else "已结束"


def find_estate(text: str, *, by: Scope) -> int | None:
    """The estate of the bureau's district with this name or code, None for an empty text; raises Invalid."""
    wanted = text.strip()
    if not wanted:
        return None
    mine = Estate.district_id == bureau_district(by)
    statement = select(Estate.id).where(mine, (Estate.name == wanted) | (Estate.code == wanted)).limit(2)
    found = list(db.session.scalars(statement))
    if len(found) != 1:
        words = "没有找到这个小区,请填写全名或编码" if not found else "有同名小区,请填写编码"
        raise Invalid(words, fields={"estate": words})
    return found[0]


def streets_of(by: Scope) -> list[Street]:
    """The streets of the bureau's district."""
    mine = Street.district_id == bureau_district(by)
    return list(db.session.scalars(select(Street).where(mine).order_by(Street.code)))


class _Place:
    """The place columns of a proposal's content."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.street_id: int | None = content.get("street_id")
        self.estate_id: int | None = content.get("estate_id")


def _place(row: Any, names: Mapping[Any, str]) -> str:
    if row.estate_id is not None:
        return names.get(("estate", row.estate_id), "")
    return names.get(("street", row.street_id), WHOLE_DISTRICT)


def _place_names(rows: Iterable[Any]) -> dict[tuple[str, int], str]:
    wanted = list(rows)
    names: dict[tuple[str, int], str] = {}
    for kind, model in (("street", Street), ("estate", Estate)):
        ids = {getattr(row, f"{kind}_id") for row in wanted} - {None}
        if ids:
            found = db.session.execute(select(model.id, model.name).where(model.id.in_(ids)))
            names |= {(kind, row.id): row.name for row in found}
    return names


def _people(account_ids: Iterable[int]) -> dict[int, str]:
    rows = db.session.execute(select(Account.id, Account.name).where(Account.id.in_(set(account_ids))))
    return {row.id: row.name or "" for row in rows}
