"""Hats: what they let people see, and who may give and take them (domain 3.3, 5.2-B07).

`scope_of` is the single way from a hat to a scope; the table of what each role sees stands in `app/accounts/scopes.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from app.accounts.models import Account, Hat
from app.accounts.scopes import resident_scope, scope_for_hat
from app.accounts.sessions import SignedIn
from app.audit import service as audit
from app.companies.errors import (
    AdministratorsSeparated,
    HatIncomplete,
    HatTaken,
    HatUnknown,
    MayNotGrant,
)
from app.companies.queries import estate_ids_of_office
from app.core import clock
from app.core.db import db, lock
from app.core.roles import Role
from app.core.scope import Dimension, Scope, get_visible

PLACE: Mapping[Role, tuple[str, ...]] = {
    Role.WRK: ("company_id", "office_id", "worker_id"),
    Role.DSP: ("company_id", "office_id"),
    Role.MGR: ("company_id", "office_id"),
    Role.CO: ("company_id",),
    Role.FIN: ("company_id",),
    Role.THIRD: ("company_id",),
    Role.HOT: ("district_id",),
    Role.BUR: ("district_id",),
    Role.APV: ("district_id",),
    Role.FND: ("district_id",),
    Role.STR: ("street_id",),
    Role.COM: ("community_id",),
    Role.SYA: (),
    Role.SEA: (),
    Role.AUA: (),
}
"""The columns that say where a role counts; all of them are needed, and no others are kept."""

COMPANY_GRANTS = frozenset({Role.WRK, Role.DSP, Role.MGR, Role.FIN})
"""What a company gives to its own staff; everything else is the security administrator's (3.3)."""

ADMINISTRATORS = frozenset({Role.SYA, Role.SEA, Role.AUA})


def scope_of(hat: Hat) -> Scope:
    """What this hat may see now. The only way from a hat to a scope."""
    return scope_for_hat(hat, estate_ids_of_office)


def scope_of_session(signed_in: SignedIn) -> Scope:
    """What a session may see: by its hat, or as a resident when it wears none."""
    if signed_in.hat_id is None:
        return resident_scope(signed_in.account_id)
    return scope_of(db.session.get_one(Hat, signed_in.hat_id))


def grant_hat(
    account_id: int,
    role: Role,
    *,
    by: Scope,
    company_id: int | None = None,
    office_id: int | None = None,
    worker_id: int | None = None,
    community_id: int | None = None,
    street_id: int | None = None,
    district_id: int | None = None,
) -> Hat:
    """Give a role to a person; audited. Raises MayNotGrant, HatIncomplete, HatTaken, AdministratorsSeparated.

    The security administrator grants every role but to himself; a company grants work roles of its own.
    """
    given = {
        "company_id": company_id,
        "office_id": office_id,
        "worker_id": worker_id,
        "community_id": community_id,
        "street_id": street_id,
        "district_id": district_id,
    }
    place = _checked_place(role, given)
    _check_grantor(role, company_id, account_id, by)
    worn = _locked_hats(account_id)
    if any(hat.role == role and _same_place(hat, place) for hat in worn):
        raise HatTaken()
    if role in ADMINISTRATORS and any(Role(hat.role) in ADMINISTRATORS for hat in worn):
        raise AdministratorsSeparated()
    hat = Hat(account_id=account_id, role=role, granted_at=clock.now(), **place)
    db.session.add(hat)
    db.session.flush()
    _audit("hat.grant", hat, by)
    return hat


def end_hat(hat_id: int, *, by: Scope) -> None:
    """Take a role away; sessions that wear it are dead at once, because `find_session` looks. Ending twice is no error.

    Raises HatUnknown, MayNotGrant.
    """
    hat = get_visible(Hat, hat_id, by, lock=True, missing=HatUnknown())
    _check_grantor(Role(hat.role), hat.company_id, hat.account_id, by)
    if hat.ended_at is None:
        hat.ended_at = clock.now()
        db.session.flush()
        _audit("hat.end", hat, by)


def _checked_place(role: Role, given: Mapping[str, int | None]) -> dict[str, int]:
    needed = PLACE.get(role)
    if needed is None:
        raise MayNotGrant("这个身份随住房或任职产生,不能单独授予")
    place = {column: given[column] for column in needed}
    missing = [column for column, value in place.items() if value is None]
    if missing:
        raise HatIncomplete(fields=dict.fromkeys(missing, "必填"))
    return {column: value for column, value in place.items() if value is not None}


def _check_grantor(role: Role, company_id: int | None, account_id: int, by: Scope) -> None:
    if by.role == Role.SYS and by.everything:
        return
    if by.role == Role.SEA and by.account_id != account_id:
        return
    if by.role == Role.CO and role in COMPANY_GRANTS and _own_company(company_id, by):
        return
    raise MayNotGrant()


def _own_company(company_id: int | None, by: Scope) -> bool:
    return company_id is not None and company_id in by.ids(Dimension.COMPANY)


def _locked_hats(account_id: int) -> list[Hat]:
    """The hats worn now; the account's row is locked so that two grants cannot pass each other."""
    db.session.execute(lock(select(Account.id).where(Account.id == account_id))).one()
    return list(db.session.scalars(select(Hat).where(Hat.account_id == account_id, Hat.ended_at.is_(None))))


def _same_place(hat: Hat, place: Mapping[str, int]) -> bool:
    return all(getattr(hat, column) == value for column, value in place.items())


def _audit(action: str, hat: Hat, by: Scope) -> None:
    place = {column: getattr(hat, column) for column in PLACE[Role(hat.role)]}
    details = {"role": hat.role, "account_id": hat.account_id, **place}
    audit.record(action, by=by, object_kind="hat", object_id=hat.id, details=details)
