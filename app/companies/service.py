"""Employment: who works for a company, with which account, and what happens when he leaves (3.2, S1-20, S1-21)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select, update

from app.accounts.models import Hat
from app.accounts.passwords import initial_password
from app.accounts.service import checked_phone, create_account, find_by_phone
from app.accounts.sessions import revoke_all
from app.accounts.signing_in import create_credential
from app.audit import service as audit
from app.companies.errors import (
    AlreadyEmployed,
    BadCreditCode,
    CreditCodeTaken,
    MayNotGrant,
    OfficeUnknown,
    OnlyCompany,
    StaffUnknown,
    WorkerUnknown,
)
from app.companies.hats import end_hat, grant_hat
from app.companies.models import Company, Office, Staff, Worker, WorkerSkill
from app.companies.queries import employed
from app.companies.rules import is_credit_code
from app.core import clock
from app.core.db import db, translate_constraint
from app.core.errors import Invalid
from app.core.roles import OFFICE_ROLES, Role
from app.core.scope import Dimension, Scope, get_visible

__all__ = [
    "NewAccount",
    "checked_credit_code",
    "create_company_account",
    "create_office_account",
    "employ",
    "end_hat",
    "grant_hat",
    "leave",
    "make_worker",
    "register_company",
    "set_online",
]

translate_constraint("uq_companies_credit_code", CreditCodeTaken)


@dataclass(frozen=True)
class NewAccount:
    """A way into the console just made; the password is shown once, lives 24 hours and must be changed."""

    account_id: int
    hat_id: int
    login_name: str
    password: str


def checked_credit_code(code: str) -> str:
    """The code in capital letters without spaces; raises BadCreditCode when the check digit does not fit (S1-20)."""
    written = code.strip().replace(" ", "").upper()
    if not is_credit_code(written):
        raise BadCreditCode(fields={"credit_code": BadCreditCode.message})
    return written


def register_company(credit_code: str, *, name: str, by: Scope, contact_phone: str = "") -> Company:
    """Enter a company, waiting for admission (待审); raises BadCreditCode, CreditCodeTaken, MayNotGrant."""
    if not (by.everything or by.role == Role.BUR):
        raise MayNotGrant("企业由房管局登记")
    company = Company(credit_code=checked_credit_code(credit_code), name=name, contact_phone=contact_phone)
    db.session.add(company)
    db.session.flush()
    audit.record(
        "company.register", by=by, object_kind="company", object_id=company.id, details={"name": name}
    )
    return company


def create_company_account(company_id: int, *, name: str, phone: str, by: Scope) -> NewAccount:
    """The company's own administrator signs in with the credit code (S1-20); the security administrator makes him."""
    company = db.session.get_one(Company, company_id)
    account = find_by_phone(checked_phone(phone), locked=True) or create_account(phone=phone, name=name)
    hat = grant_hat(account.id, Role.CO, by=by, company_id=company.id)
    password = initial_password()
    credential = create_credential(account, company.credit_code, password, by=by)
    return NewAccount(account.id, hat.id, credential.login_name, password)


def create_office_account(
    office_id: int, *, name: str, phone: str, login_name: str, role: Role, by: Scope
) -> NewAccount:
    """Open a desk account (dispatcher or manager) for an office of one's own company (S1-21): only the company can.

    Returns a random first password that must be changed at the first sign-in. Raises OnlyCompany, OfficeUnknown,
    AlreadyEmployed, LoginNameTaken, Invalid.
    """
    if role not in OFFICE_ROLES:
        raise Invalid(fields={"role": "请选择调度或小区经理"})
    office = _own_office(office_id, by)
    staff = employ(office.company_id, name=name, phone=phone, post=role.label, office_id=office.id, by=by)
    hat = grant_hat(staff.account_id, role, by=by, company_id=office.company_id, office_id=office.id)
    password = initial_password()
    credential = create_credential(staff.account, login_name, password, by=by)
    return NewAccount(staff.account_id, hat.id, credential.login_name, password)


def employ(
    company_id: int,
    *,
    name: str,
    phone: str,
    post: str,
    by: Scope,
    office_id: int | None = None,
    employed_from: date | None = None,
) -> Staff:
    """Take somebody on; a person already known by this number keeps his account. Raises OnlyCompany, OfficeUnknown,
    AlreadyEmployed, Invalid."""
    _check_company(company_id, by)
    if office_id is not None and _own_office(office_id, by).company_id != company_id:
        raise OfficeUnknown()
    account = find_by_phone(checked_phone(phone), locked=True) or create_account(phone=phone, name=name)
    if account.name is None:
        account.name = name
    begins = employed_from or _today()
    still = select(Staff.id).where(Staff.account_id == account.id, Staff.company_id == company_id)
    if db.session.scalar(still.where(employed(begins))) is not None:
        raise AlreadyEmployed()
    staff = Staff(
        account_id=account.id, company_id=company_id, office_id=office_id, post=post, employed_from=begins
    )
    db.session.add(staff)
    db.session.flush()
    audit.record("staff.employ", by=by, object_kind="staff", object_id=staff.id, details={"post": post})
    return staff


def make_worker(
    staff_id: int,
    *,
    district_id: int,
    title: str,
    by: Scope,
    skills: Iterable[str] = (),
    max_parallel: int = 3,
) -> Worker:
    """Give a member of staff at an office the working profile and the worker's hat; `skills` are category groups.

    `title` is what residents read (张师傅). Raises OnlyCompany, StaffUnknown, OfficeUnknown.
    """
    staff = get_visible(Staff, staff_id, by, lock=True, missing=StaffUnknown())
    _check_company(staff.company_id, by)
    if staff.office_id is None:
        raise OfficeUnknown("请先为这名员工指定管理处")
    worker = Worker(
        staff_id=staff.id,
        account_id=staff.account_id,
        company_id=staff.company_id,
        office_id=staff.office_id,
        district_id=district_id,
        title=title,
        max_parallel=max_parallel,
    )
    db.session.add(worker)
    db.session.flush()
    db.session.add_all(
        WorkerSkill(worker_id=worker.id, category_group=group) for group in sorted(set(skills))
    )
    place = {"company_id": staff.company_id, "office_id": staff.office_id, "worker_id": worker.id}
    grant_hat(staff.account_id, Role.WRK, by=by, **place)
    return worker


def leave(staff_id: int, *, by: Scope) -> None:
    """The person leaves the company: hats and sessions end in this transaction (domain 3.2: within a minute).

    Hats of other companies stay. His last day is yesterday, so that every list of today is free of him at once.
    Raises OnlyCompany, StaffUnknown.
    """
    staff = get_visible(Staff, staff_id, by, lock=True, missing=StaffUnknown())
    _check_company(staff.company_id, by)
    staff.employed_to = _today() - timedelta(days=1)
    worn = (Hat.account_id == staff.account_id) & (Hat.company_id == staff.company_id)
    db.session.execute(update(Hat).where(worn, Hat.ended_at.is_(None)).values(ended_at=clock.now()))
    db.session.execute(update(Worker).where(Worker.staff_id == staff.id).values(online=False))
    revoke_all(staff.account_id)
    db.session.flush()
    audit.record("staff.leave", by=by, object_kind="staff", object_id=staff.id)


def set_online(worker_id: int, online: bool, *, by: Scope) -> Worker:
    """The worker says whether he takes work now; only he himself or his desk may. Raises WorkerUnknown."""
    worker = get_visible(Worker, worker_id, by, lock=True, missing=WorkerUnknown())
    if not (by.everything or by.role in OFFICE_ROLES | {Role.WRK}):
        raise WorkerUnknown()
    worker.online = online
    db.session.flush()
    return worker


def _check_company(company_id: int, by: Scope) -> None:
    if not (by.everything or (by.role == Role.CO and company_id in by.ids(Dimension.COMPANY))):
        raise OnlyCompany()


def _own_office(office_id: int, by: Scope) -> Office:
    if not (by.everything or by.role == Role.CO):
        raise OnlyCompany()
    office = db.session.get(Office, office_id)
    if office is None or not (by.everything or office.company_id in by.ids(Dimension.COMPANY)):
        raise OfficeUnknown()
    return office


def _today() -> date:
    return clock.china_date(clock.now())
