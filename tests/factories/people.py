"""Residents, staff, workers and their hats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from argon2 import PasswordHasher

from app.accounts import passwords
from app.accounts.models import (
    Account,
    AccountStatus,
    BindingStatus,
    Credential,
    Hat,
    HomeBinding,
    PrivacyConsent,
    Relation,
)
from app.accounts.privacy import PRIVACY, PRIVACY_VERSION
from app.companies.models import Certificate, Office, Shift, Staff, Worker, WorkerSkill
from app.companies.rules import Duty
from app.core import clock
from app.core.crypto import blind_index
from app.core.roles import OFFICE_ROLES, Role
from app.estates.models import Home
from tests.factories.places import LONG_AGO
from tests.factories.units import committed, next_number, next_phone, saved

GOOD_PASSWORD = "纸鸢-lantern-47-rivers"


@committed
def make_account(
    *, phone: str | None = None, openid: str | None = None, consented: bool = True, **values: Any
) -> Account:
    """An account with a demonstration number and a WeChat identity of its own, that has agreed to the privacy notice
    unless told otherwise."""
    number = phone or next_phone()
    plain = {"status": AccountStatus.ACTIVE, "is_demo": True, "created_at": clock.now(), "name": "示范居民"}
    known = {
        "phone": number,
        "phone_index": blind_index(number),
        "openid": openid or f"openid-{next_number()}",
    }
    account = saved(Account(**{**plain, **known, **values}))
    if consented:
        agreed = {"document": PRIVACY, "version": PRIVACY_VERSION, "given_at": clock.now()}
        saved(PrivacyConsent(account_id=account.id, **agreed))
    return account


@committed
def make_resident(home: Home, *, relation: str = Relation.OWNER, **values: Any) -> Account:
    """A person with an active binding to the home."""
    account = make_account(**values)
    make_binding(account, home, relation=relation)
    return account


@committed
def make_binding(account: Account, home: Home, *, slot: int | None = 1, **values: Any) -> HomeBinding:
    """A binding; `slot` None with a status that is over."""
    live = slot is not None
    plain = {
        "relation": Relation.OWNER,
        "method": "invite",
        "status": BindingStatus.ACTIVE if live else BindingStatus.ENDED,
        "valid_from": LONG_AGO,
        "created_at": clock.now(),
        "live_home_id": home.id if live else None,
    }
    ids = {"account_id": account.id, "home_id": home.id, "estate_id": home.estate_id, "slot": slot}
    if values.get("relation") == Relation.TENANT:
        plain["valid_to"] = date(2099, 12, 31)
    return saved(HomeBinding(**{**plain, **ids, **values}))


@committed
def make_hat(role: Role, *, account: Account | None = None, **place: Any) -> Hat:
    """A hat for a new person unless given: `make_hat(Role.BUR, district_id=district.id)`."""
    account = account or make_account(name=f"示范{role.label}", openid=None)
    return saved(Hat(account_id=account.id, role=role, granted_at=clock.now(), **place))


@committed
def make_staff(
    office: Office, *, role: Role | None = None, account: Account | None = None, **values: Any
) -> Staff:
    """Somebody employed at the office; with a role of the desk also his hat."""
    account = account or make_account(name="示范员工")
    plain = {"post": role.label if role else "员工", "employed_from": LONG_AGO}
    ids = {"account_id": account.id, "company_id": office.company_id, "office_id": office.id}
    staff = saved(Staff(**{**plain, **ids, **values}))
    if role in OFFICE_ROLES:
        make_hat(role, account=account, company_id=office.company_id, office_id=office.id)
    return staff


@committed
def make_worker(
    office: Office,
    *,
    district_id: int,
    skills: Iterable[str] = ("G02", "H01"),
    online: bool = True,
    **values: Any,
) -> Worker:
    """A worker with his employment, his hat and his skills."""
    staff = make_staff(office)
    plain = {"title": f"示范{next_number()}师傅", "online": online}
    ids = {
        "staff_id": staff.id,
        "account_id": staff.account_id,
        "company_id": office.company_id,
        "office_id": office.id,
        "district_id": district_id,
    }
    worker = saved(Worker(**{**plain, **ids, **values}))
    for group in skills:
        saved(WorkerSkill(worker_id=worker.id, category_group=group))
    place = {"company_id": office.company_id, "office_id": office.id, "worker_id": worker.id}
    make_hat(Role.WRK, account=staff.account, **place)
    return worker


@committed
def make_certificate(worker: Worker, kind: str, *, valid_to: date, **values: Any) -> Certificate:
    ids = {"worker_id": worker.id, "office_id": worker.office_id, "company_id": worker.company_id}
    plain = {"kind": kind, "number": f"DEMO{next_number():08d}", "issued_on": LONG_AGO, "valid_to": valid_to}
    return saved(Certificate(**{**plain, **ids, "district_id": worker.district_id, **values}))


@committed
def make_shift(staff: Staff, begins_at: datetime, *, hours: int = 8, duty: str = Duty.DESK) -> Shift:
    ids = {"office_id": staff.office_id, "company_id": staff.company_id, "staff_id": staff.id}
    return saved(Shift(**ids, duty=duty, begins_at=begins_at, ends_at=begins_at + timedelta(hours=hours)))


@committed
def make_credential(
    account: Account, *, login_name: str | None = None, password: str = GOOD_PASSWORD
) -> Credential:
    """A way into the console whose password was changed already."""
    return saved(
        Credential(
            account_id=account.id,
            login_name=login_name or f"user{next_number()}",
            password_hash=_hashed_once(password, passwords._hasher),
            must_change=False,
            changed_at=clock.now(),
        )
    )


@cache
def _hashed_once(password: str, _: PasswordHasher) -> str:
    """Nobody's test is about the salt of somebody else's password, and each hash costs 25 ms."""
    return passwords.hash_password(password)


LIGHT = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@contextmanager
def light_passwords() -> Iterator[None]:
    """For tests in which somebody signs in only to see a page; with the product's own parameters people sign in in
    tests/accounts and wherever the product runs as processes."""
    real = passwords._hasher
    passwords._hasher = LIGHT
    try:
        yield
    finally:
        passwords._hasher = real
        passwords._nobodys_hash.cache_clear()
