"""Named questions about companies: who serves an estate, who works where, who is on duty, whom to tell.

These are the domain's own look-ups (dispatching, reactions, stamping of scope columns); lists for a person's eyes
start at `visible(Model, scope)`.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import aliased, joinedload

from app.accounts.models import Account, AccountStatus, Hat
from app.companies.models import Certificate, Office, ServiceContract, Shift, Staff, Worker, WorkerSkill
from app.companies.rules import MIN_ON_DUTY, Duty
from app.core import clock
from app.core.db import db
from app.core.roles import OFFICE_ROLES, Role
from app.estates.models import Estate


def serving_office(estate_id: int, on: date) -> ServiceContract | None:
    """The contract in force on that day, with office and company; of two that overlap the one that began later."""
    statement = (
        select(ServiceContract)
        .options(joinedload(ServiceContract.office), joinedload(ServiceContract.company))
        .where(ServiceContract.estate_id == estate_id, _in_force(ServiceContract, on))
        .order_by(ServiceContract.begins_on.desc(), ServiceContract.id.desc())
        .limit(1)
    )
    return db.session.scalars(statement).first()


def office_of_estate(estate_id: int, on: date | None = None) -> Office | None:
    """The office that serves the estate on that day (today without one)."""
    contract = serving_office(estate_id, on or _today())
    return contract.office if contract else None


def estates_of_office(office_id: int, on: date) -> list[Estate]:
    """The estates that the office serves on that day; agrees with `serving_office`."""
    return list(
        db.session.scalars(select(Estate).where(Estate.id.in_(_served(office_id, on))).order_by(Estate.id))
    )


def estate_ids_of_office(office_id: int, on: date | None = None) -> frozenset[int]:
    """The same as ids, for a scope; today without a day."""
    return frozenset(db.session.scalars(_served(office_id, on or _today())))


def workers_of_office(office_id: int) -> list[Worker]:
    """The workers employed at the office today, with their accounts."""
    statement = (
        select(Worker)
        .join(Staff, Staff.id == Worker.staff_id)
        .options(joinedload(Worker.account))
        .where(Worker.office_id == office_id, employed(_today()))
        .order_by(Worker.id)
    )
    return list(db.session.scalars(statement))


def skills_of(worker_id: int) -> frozenset[str]:
    """Category groups (G02, H01 ...) in which the worker is skilled."""
    return frozenset(
        db.session.scalars(select(WorkerSkill.category_group).where(WorkerSkill.worker_id == worker_id))
    )


def worker_of_account(account_id: int, office_id: int | None = None) -> Worker | None:
    """The newest working profile of a person, at one office if it is named."""
    statement = select(Worker).where(Worker.account_id == account_id).order_by(Worker.id.desc()).limit(1)
    if office_id is not None:
        statement = statement.where(Worker.office_id == office_id)
    return db.session.scalars(statement).first()


def valid_certificate(worker_id: int, kind: str, at: datetime) -> Certificate | None:
    """A certificate of this kind, valid on the China day of `at`, the planned visit (S2-21); the last day counts."""
    day = clock.china_date(at)
    statement = select(Certificate).where(
        Certificate.worker_id == worker_id,
        Certificate.kind == kind,
        Certificate.revoked.is_(False),
        Certificate.issued_on <= day,
        Certificate.valid_to >= day,
    )
    return db.session.scalars(statement.order_by(Certificate.valid_to.desc()).limit(1)).first()


def desk_accounts(office_id: int) -> list[int]:
    """Account ids of dispatchers and managers of the office."""
    return _wearers(Hat.role.in_(sorted(OFFICE_ROLES)), Hat.office_id == office_id)


def managers_of(office_id: int) -> list[int]:
    """Account ids of the office's managers."""
    return _wearers(Hat.role == Role.MGR, Hat.office_id == office_id)


def company_admins(company_id: int) -> list[int]:
    """Account ids of the company's administrators."""
    return _wearers(Hat.role == Role.CO, Hat.company_id == company_id)


def company_accountants(company_id: int) -> list[int]:
    """Account ids of the company's accountants."""
    return _wearers(Hat.role == Role.FIN, Hat.company_id == company_id)


def hotline_accounts(district_id: int) -> list[int]:
    """Account ids of the 962121 operators of the district."""
    return _wearers(Hat.role == Role.HOT, Hat.district_id == district_id)


def bureau_accounts(district_id: int) -> list[int]:
    """Account ids of the bureau's supervisors of the district."""
    return _wearers(Hat.role == Role.BUR, Hat.district_id == district_id)


def accounts_with(roles: frozenset[Role]) -> list[int]:
    """Account ids of everybody who wears one of the roles, wherever."""
    return _wearers(Hat.role.in_(sorted(roles)))


def on_duty(office_id: int, at: datetime) -> list[Staff]:
    """Who keeps the desk at that instant, each person once, with the account; the end of a shift is not included."""
    shift = (
        select(Shift.staff_id)
        .where(Shift.office_id == office_id, Shift.duty == Duty.DESK)
        .where(Shift.begins_at <= at, Shift.ends_at > at)
    )
    statement = select(Staff).options(joinedload(Staff.account)).where(Staff.id.in_(shift))
    return list(db.session.scalars(statement.where(employed(clock.china_date(at))).order_by(Staff.id)))


def crew_on_shift(office_id: int, at: datetime) -> list[int]:
    """Account ids of the office's workers who are online or have a shift at that instant."""
    shift = select(Shift.staff_id).where(
        Shift.office_id == office_id, Shift.begins_at <= at, Shift.ends_at > at
    )
    statement = (
        select(Worker.account_id)
        .join(Account, Account.id == Worker.account_id)
        .where(Worker.office_id == office_id, Account.status == AccountStatus.ACTIVE)
        .where(or_(Worker.online.is_(True), Worker.staff_id.in_(shift)))
        .distinct()
        .order_by(Worker.account_id)
    )
    return list(db.session.scalars(statement))


def duty_gap(office_id: int, at: datetime) -> int:
    """How many persons are missing to the two that must keep the desk (S3-11); 0 when it is staffed."""
    return max(0, MIN_ON_DUTY - len(on_duty(office_id, at)))


def employed(day: date) -> ColumnElement[bool]:
    """The condition that a member of staff is employed on that day; both ends are included."""
    return (Staff.employed_from <= day) & or_(Staff.employed_to.is_(None), Staff.employed_to >= day)


def _wearers(*conditions: ColumnElement[bool]) -> list[int]:
    statement = (
        select(Hat.account_id)
        .join(Account, Account.id == Hat.account_id)
        .where(Hat.ended_at.is_(None), Account.status == AccountStatus.ACTIVE, *conditions)
        .distinct()
        .order_by(Hat.account_id)
    )
    return list(db.session.scalars(statement))


def _served(office_id: int, on: date) -> Select[int]:
    """Estates of the office, but for those where a contract that began later is in force as well."""
    later = aliased(ServiceContract)
    newer = (later.begins_on > ServiceContract.begins_on) | (
        (later.begins_on == ServiceContract.begins_on) & (later.id > ServiceContract.id)
    )
    overtaken = select(later.id).where(
        later.estate_id == ServiceContract.estate_id, _in_force(later, on), newer
    )
    return select(ServiceContract.estate_id).where(
        ServiceContract.office_id == office_id, _in_force(ServiceContract, on), ~overtaken.exists()
    )


def _in_force(contract, on: date) -> ColumnElement[bool]:
    return (contract.begins_on <= on) & or_(contract.ends_on.is_(None), contract.ends_on >= on)


def _today() -> date:
    return clock.china_date(clock.now())
