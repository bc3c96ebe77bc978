"""Prices and ceilings as people at their desks read them: what counts, what comes, what is proposed, what was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.accounts.models import Account
from app.catalogue.groups import group_name
from app.catalogue.high_prices import TooDear, companies_in, prices_to_lower
from app.catalogue.price_models import CompanyPrice, PriceCeiling, PriceItem, PriceKind
from app.catalogue.price_proposals import decided_proposals, waiting_proposals
from app.catalogue.price_queries import PriceLine, PriceVersion, price_list, price_versions
from app.catalogue.proposal_models import PriceProposal, ProposalKind
from app.companies.models import Company, Office
from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.core.paging import Page
from app.core.scope import Dimension, Scope

FEES = "上门费用"


@dataclass(frozen=True)
class Coming:
    """Fen from an instant that has not come."""

    fen: int
    valid_from: datetime


@dataclass(frozen=True)
class PriceRow:
    """One item of a list with what comes: prices and ceilings that are published already."""

    line: PriceLine
    group: str
    price_coming: Coming | None
    ceiling_coming: Coming | None


@dataclass(frozen=True)
class ProposalRow:
    """One proposal with names instead of ids; `mine` may be taken back."""

    row: PriceProposal
    item: str
    proposed_by: str
    decided_by: str
    mine: bool


@dataclass(frozen=True)
class PricePage:
    """Everything about one company's prices; `version` is the list that is shown, None before the first."""

    company: Company
    rows: Sequence[PriceRow]
    version: PriceVersion | None
    versions: Sequence[PriceVersion]
    too_dear: Sequence[TooDear]
    waiting: Sequence[ProposalRow]
    decided: Page[ProposalRow]
    shown_at: datetime
    now: datetime


@dataclass(frozen=True)
class CeilingPage:
    """Everything about the bureau's ceilings."""

    rows: Sequence[PriceRow]
    too_dear: Sequence[TooDear]
    waiting: Sequence[ProposalRow]
    decided: Page[ProposalRow]
    companies: Sequence[Company]
    now: datetime


def own_company(scope: Scope) -> int | None:
    """The company for which somebody works; None for the bureau, which reads all of them."""
    for dimension in (Dimension.COMPANY, Dimension.FINANCE):
        if scope.ids(dimension):
            return min(scope.ids(dimension))
    if scope.ids(Dimension.OFFICE):
        return db.session.get_one(Office, min(scope.ids(Dimension.OFFICE))).company_id
    return None


def price_page(
    company_id: int, scope: Scope, *, number: int | None = None, cursor: str | None = None
) -> PricePage:
    """The list in force, or that of an earlier (or coming) version; `cursor` pages what was decided. Raises NotFound,
    Invalid."""
    company = db.session.get(Company, company_id)
    at = clock.now()
    versions = price_versions(company_id, at=at)
    shown = _version(versions, number)
    if company is None or (number is not None and shown is None):
        raise NotFound()
    shown_at = shown.valid_from if shown and number is not None else at
    return PricePage(
        company=company,
        rows=_rows(price_list(company_id, at=shown_at), shown_at, company_id),
        version=shown,
        versions=versions,
        too_dear=prices_to_lower(at, {company_id}),
        **_proposals(ProposalKind.PRICE, scope, cursor),
        shown_at=shown_at,
        now=at,
    )


def ceiling_page(scope: Scope, *, cursor: str | None = None) -> CeilingPage:
    """For the bureau: what must come down where a company serves its district; ceilings and lists are everybody's.
    `cursor` pages what was decided. Raises Invalid."""
    at = clock.now()
    published = select(CompanyPrice.company_id).distinct()
    return CeilingPage(
        rows=_rows(price_list(None, at=at), at, None),
        too_dear=prices_to_lower(at, companies_in(scope.ids(Dimension.DISTRICT), at)),
        **_proposals(ProposalKind.CEILING, scope, cursor),
        companies=db.session.scalars(
            select(Company).where(Company.id.in_(published)).order_by(Company.id)
        ).all(),
        now=at,
    )


def _version(versions: Sequence[PriceVersion], number: int | None) -> PriceVersion | None:
    if number is None:
        return next((each for each in versions if not each.coming), None)
    return next((each for each in versions if each.number == number), None)


def _rows(lines: Iterable[PriceLine], at: datetime, company_id: int | None) -> list[PriceRow]:
    """Items of work by group, the fees at the end; what is only passed on has no price."""
    prices = _coming(CompanyPrice, CompanyPrice.price_fen, at, CompanyPrice.company_id == company_id)
    ceilings = _coming(PriceCeiling, PriceCeiling.ceiling_fen, at)
    found = [
        PriceRow(
            line,
            group_name(line.group) if line.group else FEES,
            prices.get(line.code) if company_id else None,
            ceilings.get(line.code),
        )
        for line in lines
        if line.kind is not PriceKind.REFERRAL
    ]
    return sorted(found, key=lambda row: (row.line.group is None, row.line.group or "", row.line.code))


def _coming(model, fen, at: datetime, *which) -> Mapping[str, Coming]:
    """The next one of each item."""
    rows = select(model.item_code, fen, model.valid_from).where(model.valid_from > at, *which)
    found: dict[str, Coming] = {}
    for code, amount, since in db.session.execute(rows.order_by(model.valid_from)):
        found.setdefault(code, Coming(amount, since))
    return found


def _proposals(kind: ProposalKind, scope: Scope, cursor: str | None) -> dict[str, Any]:
    decided = decided_proposals(scope, kind, cursor=cursor)
    return {
        "waiting": _proposal_rows(waiting_proposals(scope, kind), scope),
        "decided": Page(_proposal_rows(decided.items, scope), decided.next_cursor),
    }


def _proposal_rows(rows: Sequence[PriceProposal], scope: Scope) -> list[ProposalRow]:
    people = {row.proposed_by for row in rows} | {row.decided_by for row in rows if row.decided_by}
    names = dict(db.session.execute(select(Account.id, Account.name).where(Account.id.in_(people))).all())
    codes = {row.item_code for row in rows}
    items = dict(
        db.session.execute(select(PriceItem.code, PriceItem.name).where(PriceItem.code.in_(codes))).all()
    )
    return [
        ProposalRow(
            row=row,
            item=items[row.item_code],
            proposed_by=names.get(row.proposed_by) or "未留姓名",
            decided_by=names.get(row.decided_by or 0) or "",
            mine=row.proposed_by == scope.account_id,
        )
        for row in rows
    ]
