"""A district of plain rows for the benchmarks: estates with homes, offices, companies, residents, workers.

Ids are dense and begin at 1, so that a benchmark can spread a million orders over them by arithmetic.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import insert

from app.accounts.models import Account, BindingStatus, HomeBinding, PrivacyConsent, Relation
from app.accounts.privacy import PRIVACY, PRIVACY_VERSION
from app.catalogue.service import install_standard as install_categories
from app.companies.models import Admission, Company, Office, ServiceContract, Staff, Worker
from app.core.crypto import blind_index
from app.core.db import db, transact
from app.estates.models import (
    Building,
    Community,
    District,
    Estate,
    Home,
    ManagementMode,
    PublicSpot,
    Street,
    Unit,
)
from app.orders.policies import install_standard as install_policies

ESTATES, OFFICES, COMPANIES, STREETS, HOMES, RESIDENTS = 240, 60, 15, 12, 480, 480
LONG_AGO = date(2020, 1, 1)
THEN = datetime(2024, 1, 1, tzinfo=UTC)


def build_district() -> None:
    """Write the whole district: every resident owns the home with his own id, every estate has one contract."""
    transact(_build)


def office_of(estate: int) -> int:
    """Four estates to an office."""
    return 1 + (estate - 1) % OFFICES


def company_of(office: int) -> int:
    """Four offices to a company."""
    return 1 + (office - 1) % COMPANIES


def estate_of(home: int) -> int:
    """Two homes to an estate: enough for the benchmarks."""
    return 1 + (home - 1) % ESTATES


def _build() -> None:
    install_categories()
    install_policies()
    db.session.execute(insert(District), {"id": 1, "code": "110199", "name": "示范区"})
    _rows(Street, STREETS, lambda n: {"code": f"S{n}", "name": f"示范街道{n}", "district_id": 1})
    _rows(Community, STREETS, lambda n: {"code": f"C{n}", "name": f"示范社区{n}", "street_id": n})
    _rows(Estate, ESTATES, _estate)
    _rows(Building, ESTATES, lambda n: {"estate_id": n, "number": "1"})
    _rows(Unit, ESTATES, lambda n: {"building_id": n, "number": "1"})
    _rows(PublicSpot, ESTATES, lambda n: {"estate_id": n, "code": f"SPOT{n:04d}", "name": "1单元门厅"})
    _rows(Home, HOMES, _home)
    _build_companies()
    _rows(Account, RESIDENTS + OFFICES, _account)
    _rows(PrivacyConsent, RESIDENTS, _consent)
    _rows(HomeBinding, RESIDENTS, _binding)
    _build_workers()


def _rows(model: Any, count: int, row: Any) -> None:
    db.session.execute(insert(model), [{"id": number, **row(number)} for number in range(1, count + 1)])


def _estate(number: int) -> dict[str, Any]:
    street = 1 + (number - 1) % STREETS
    return {
        "code": f"E{number}",
        "name": f"示范小区{number}",
        "mode": ManagementMode.PROFESSIONAL,
        "latitude": 39.9,
        "longitude": 116.65,
        "district_id": 1,
        "street_id": street,
        "community_id": street,
        "is_pilot": True,
        "in_home_service": True,
    }


def _home(number: int) -> dict[str, Any]:
    estate = estate_of(number)
    return {"estate_id": estate, "building_id": estate, "unit_id": estate, "number": f"{number}01"}


def _build_companies() -> None:
    _rows(Company, COMPANIES, _company)
    _rows(Office, OFFICES, lambda n: {"company_id": company_of(n), "name": f"示范管理处{n}"})
    _rows(ServiceContract, ESTATES, _contract)


def _company(number: int) -> dict[str, Any]:
    return {
        "credit_code": f"{number:018d}",
        "name": f"示范物业{number}",
        "admission": Admission.ADMITTED,
    }


def _contract(estate: int) -> dict[str, Any]:
    office = office_of(estate)
    places = {"estate_id": estate, "office_id": office, "company_id": company_of(office)}
    return {**places, "kind": "正式", "begins_on": LONG_AGO}


def _account(number: int) -> dict[str, Any]:
    phone = f"19900000{number:03d}"
    return {
        "phone": phone,
        "phone_index": blind_index(phone),
        "openid": f"bench-{number}",
        "name": "示范居民",
        "created_at": THEN,
    }


def _consent(number: int) -> dict[str, Any]:
    return {"account_id": number, "document": PRIVACY, "version": PRIVACY_VERSION, "given_at": THEN}


def _binding(number: int) -> dict[str, Any]:
    return {
        "account_id": number,
        "home_id": number,
        "live_home_id": number,
        "estate_id": estate_of(number),
        "relation": Relation.OWNER,
        "method": "invite",
        "slot": 1,
        "status": BindingStatus.ACTIVE,
        "valid_from": LONG_AGO,
        "created_at": THEN,
    }


def _build_workers() -> None:
    """One worker to an office, his account after those of the residents."""
    _rows(Staff, OFFICES, _staff)
    _rows(Worker, OFFICES, _worker)


def _staff(office: int) -> dict[str, Any]:
    places = {"company_id": company_of(office), "office_id": office}
    return {**places, "account_id": RESIDENTS + office, "post": "维修", "employed_from": LONG_AGO}


def _worker(office: int) -> dict[str, Any]:
    places = {"company_id": company_of(office), "office_id": office, "district_id": 1}
    return {**places, "staff_id": office, "account_id": RESIDENTS + office, "title": f"示范{office}师傅"}
