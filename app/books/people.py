"""Whose books somebody may keep, and whom to tell."""

from __future__ import annotations

from sqlalchemy import select

from app.companies.models import ServiceContract
from app.companies.queries import company_accountants, company_admins
from app.core.db import db
from app.core.errors import Forbidden, Invalid
from app.core.roles import Role
from app.core.scope import Dimension, Scope
from app.estates.models import Estate
from app.notifications.service import notify_many

KEEPS_BOOKS = frozenset({Role.FIN, Role.CO})
"""Who reads and decides; only FIN enters."""


def company_of(by: Scope, roles: frozenset[Role] = KEEPS_BOOKS) -> int:
    """The one company whose money this hat sees; raises Forbidden for every other hat."""
    companies = by.ids(Dimension.FINANCE)
    if by.role not in roles or len(companies) != 1:
        raise Forbidden()
    return next(iter(companies))


def estates_of(by: Scope) -> list[Estate]:
    """The estates that the company serves or has served, by name: money of the past stays readable."""
    served = select(ServiceContract.estate_id).where(
        ServiceContract.company_id.in_(sorted(by.ids(Dimension.FINANCE)))
    )
    return list(db.session.scalars(select(Estate).where(Estate.id.in_(served)).order_by(Estate.name)))


def served_estate(estate_id: int, by: Scope) -> Estate:
    """One of them; raises Invalid for any other."""
    found = next((estate for estate in estates_of(by) if estate.id == estate_id), None)
    if found is None:
        raise Invalid("请从列表里选择小区", fields={"estate_id": "没有这个小区"})
    return found


def tell_colleagues(company_id: int, besides: int | None, *, key: str, title: str, body: str) -> None:
    """In the console's inbox of the other accountants and administrators of the company."""
    people = {*company_accountants(company_id), *company_admins(company_id)}
    others = sorted(each for each in people if each != besides)
    notify_many(others, unique_key=key, template="finance", title=title, body=body)
