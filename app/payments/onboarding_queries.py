"""收款开通 as people read it: the companies' accounts, the estates' switches, what is proposed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from app.accounts.models import Account
from app.companies.models import MAY_RECEIVE_ORDERS, Company, ServiceContract
from app.core import clock
from app.core.db import db
from app.core.paging import Page, newest_page, newest_rows
from app.core.scope import Dimension, Scope, visible
from app.estates.models import Estate
from app.payments.models import Merchant
from app.payments.onboarding_models import ChangeKind, PayChange, Switch

CHANGES = 50


@dataclass(frozen=True)
class MerchantLine:
    """One account of a company; `state` in words."""

    company: str
    sub_mch_id: str
    valid_from: date
    valid_until: date | None
    state: str


@dataclass(frozen=True)
class SwitchLine:
    """An estate with its company of today and what its residents may pay."""

    estate_id: int
    estate: str
    company: str
    sub_mch_id: str
    pay: bool
    parking: bool
    fund: bool

    @property
    def payable(self) -> bool:
        """Whether money can really be taken today."""
        return self.pay and bool(self.sub_mch_id)


@dataclass(frozen=True)
class ChangeLine:
    """A proposed change in words; `granted` None while it waits."""

    id: int
    what: str
    where: str
    content: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    mine: bool
    granted: bool | None
    decided_by: str
    decided_at: datetime | None
    note: str


def merchant_lines(by: Scope) -> list[MerchantLine]:
    """The accounts of the company, for the bureau those of all companies that have served its district."""
    today = clock.china_date(clock.now())
    statement = (
        select(Merchant, Company.name)
        .join(Company, Company.id == Merchant.company_id)
        .where(_companies(by, Merchant.company_id))
        .order_by(Company.id, Merchant.valid_from.desc())
    )
    return [
        MerchantLine(name, row.sub_mch_id, row.valid_from, row.valid_until, _state(row, today))
        for row, name in db.session.execute(statement)
    ]


def _state(row: Merchant, today: date) -> str:
    if row.valid_from > today:
        return "未生效"
    return "已停用" if row.valid_until is not None and row.valid_until < today else "使用中"


def _companies(by: Scope, column: Any) -> ColumnElement[bool]:
    """Merchant rows carry no district: a bureau sees the companies of its estates and those it has proposed for."""
    own = column.in_(sorted(by.ids(Dimension.FINANCE)))
    districts = sorted(by.ids(Dimension.DISTRICT))
    served = (
        select(ServiceContract.company_id)
        .join(Estate, Estate.id == ServiceContract.estate_id)
        .where(Estate.district_id.in_(districts))
    )
    proposed = select(PayChange.company_id).where(
        PayChange.district_id.in_(districts), PayChange.company_id.is_not(None)
    )
    return or_(own, column.in_(served), column.in_(proposed))


def switch_lines(by: Scope, *, cursor: str | None = None, limit: int = 50) -> Page[SwitchLine]:
    """Estates of the bureau's district, or those that the company serves today; the newest first."""
    today = clock.china_date(clock.now())
    contract = _contract_of(today)
    mine = or_(
        Estate.district_id.in_(sorted(by.ids(Dimension.DISTRICT))),
        ServiceContract.company_id.in_(sorted(by.ids(Dimension.FINANCE))),
    )
    live = (
        (Merchant.company_id == ServiceContract.company_id)
        & (Merchant.valid_from <= today)
        & or_(Merchant.valid_until.is_(None), Merchant.valid_until >= today)
    )
    statement = (
        select(Estate, Company.name, Merchant.sub_mch_id)
        .outerjoin(ServiceContract, ServiceContract.id == contract)
        .outerjoin(Company, Company.id == ServiceContract.company_id)
        .outerjoin(Merchant, live)
        .where(mine)
    )
    page = newest_rows(statement, Estate, cursor=cursor, limit=limit)
    return Page([_switch_line(*row) for row in page.items], page.next_cursor)


def _contract_of(today: date) -> ColumnElement[int]:
    """The contract in force of an estate, of two the one that began later, as `serving_office` says."""
    return (
        select(ServiceContract.id)
        .where(
            ServiceContract.estate_id == Estate.id,
            ServiceContract.begins_on <= today,
            or_(ServiceContract.ends_on.is_(None), ServiceContract.ends_on >= today),
        )
        .order_by(ServiceContract.begins_on.desc(), ServiceContract.id.desc())
        .limit(1)
        .correlate(Estate)
        .scalar_subquery()
    )


def _switch_line(estate: Estate, company: str | None, sub_mch_id: str | None) -> SwitchLine:
    return SwitchLine(
        estate_id=estate.id,
        estate=estate.name,
        company=company or "",
        sub_mch_id=sub_mch_id or "",
        pay=estate.pay_enabled,
        parking=estate.parking_enabled,
        fund=estate.fund_enabled,
    )


def changes_page(
    by: Scope, *, decided: bool, cursor: str | None = None, limit: int = CHANGES
) -> Page[ChangeLine]:
    """What waits, or what was decided, the newest first: the history of where money went."""
    wanted = visible(PayChange, by)
    wanted = wanted.where(PayChange.granted.is_not(None) if decided else PayChange.granted.is_(None))
    page = newest_page(wanted, PayChange, cursor=cursor, limit=limit)
    return Page(_change_lines(page.items, by), page.next_cursor)


def _change_lines(rows: Sequence[PayChange], by: Scope) -> list[ChangeLine]:
    people = _names(Account, [each for row in rows for each in (row.proposed_by, row.decided_by) if each])
    companies = _names(Company, [row.company_id for row in rows if row.company_id])
    estates = _names(Estate, [row.estate_id for row in rows if row.estate_id])
    return [
        ChangeLine(
            id=row.id,
            what=ChangeKind(row.kind).label,
            where=companies.get(row.company_id or 0, "") or estates.get(row.estate_id or 0, ""),
            content=_content(row),
            reason=row.reason,
            proposed_by=people.get(row.proposed_by, ""),
            proposed_at=row.proposed_at,
            mine=row.proposed_by == by.account_id,
            granted=row.granted,
            decided_by=people.get(row.decided_by or 0, ""),
            decided_at=row.decided_at,
            note=row.decision_note,
        )
        for row in rows
    ]


def _content(row: PayChange) -> str:
    if row.switch:
        return Switch(row.switch).label
    edge = "起用" if row.kind == ChangeKind.REGISTER else "止用(含当天)"
    return f"{row.sub_mch_id},{row.on_day:%Y-%m-%d} {edge}"


def _names(model: type[Account] | type[Company] | type[Estate], ids: Iterable[int]) -> dict[int, str]:
    rows = db.session.execute(select(model.id, model.name).where(model.id.in_(sorted(set(ids)))))
    return {row.id: row.name or "" for row in rows}


def companies_to_choose() -> list[Company]:
    """Property companies that may receive money, by name; every company is public."""
    admitted = Company.admission.in_([each.value for each in MAY_RECEIVE_ORDERS])
    return list(
        db.session.scalars(
            select(Company).where(admitted, Company.is_third_party.is_(False)).order_by(Company.name)
        )
    )


def estate_named(text: str, by: Scope) -> int | None:
    """The estate of the bureau's district with this full name or code, None when there is none or two."""
    wanted = text.strip()
    mine = Estate.district_id.in_(sorted(by.ids(Dimension.DISTRICT)))
    named = (Estate.name == wanted) | (Estate.code == wanted)
    found = list(db.session.scalars(select(Estate.id).where(mine, named).limit(2))) if wanted else []
    return found[0] if len(found) == 1 else None
