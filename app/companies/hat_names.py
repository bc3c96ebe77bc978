"""Who somebody is under a hat, in the words of the console's top bar."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Select, select

from app.accounts.models import Account, Hat
from app.companies.models import Company, Office
from app.core.db import db
from app.core.roles import Role
from app.estates.models import Community, District, Street


@dataclass(frozen=True)
class HatName:
    """A person, a role and the place where it counts; `place` is empty for the three administrators."""

    hat_id: int | None
    name: str
    role: str
    place: str


def who_is(account_id: int, hat_id: int | None) -> HatName:
    """The person under one hat, or without one."""
    if hat_id is not None:
        return _hat_name(db.session.execute(_statement().where(Hat.id == hat_id)).one())
    name = db.session.scalars(select(Account.name).where(Account.id == account_id)).one_or_none()
    return HatName(None, name or "", "", "")


def hat_names(account_id: int) -> list[HatName]:
    """Every hat that a person wears now, oldest first."""
    own = _statement().where(Hat.account_id == account_id, Hat.ended_at.is_(None)).order_by(Hat.id)
    return [_hat_name(row) for row in db.session.execute(own)]


def names_of(account_ids: Collection[int]) -> Mapping[int, str]:
    """Names of many people at once, for lists in which staff are named."""
    statement = select(Account.id, Account.name).where(Account.id.in_(account_ids))
    return {row.id: row.name or "" for row in db.session.execute(statement)}


def _statement() -> Select:
    return (
        select(
            Hat.id,
            Hat.role,
            Account.name,
            Office.name.label("office"),
            Company.name.label("company"),
            Community.name.label("community"),
            Street.name.label("street"),
            District.name.label("district"),
        )
        .join(Account, Account.id == Hat.account_id)
        .outerjoin(Office, Office.id == Hat.office_id)
        .outerjoin(Company, Company.id == Hat.company_id)
        .outerjoin(Community, Community.id == Hat.community_id)
        .outerjoin(Street, Street.id == Hat.street_id)
        .outerjoin(District, District.id == Hat.district_id)
    )


def _hat_name(row) -> HatName:
    place = row.office or row.company or row.community or row.street or row.district or ""
    return HatName(row.id, row.name or "", Role(row.role).label, place)
