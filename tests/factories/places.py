"""Districts, estates, homes, companies and offices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.companies.models import Admission, Company, Office, ServiceContract
from app.companies.rules import credit_check_digit
from app.core.crypto import blind_index
from app.core.db import db
from app.estates.models import (
    Building,
    Community,
    District,
    Estate,
    Home,
    ManagementMode,
    OwnerRecord,
    PublicSpot,
    Street,
    Unit,
)
from tests.factories.units import committed, next_number, saved

LONG_AGO = date(2020, 1, 1)


@dataclass(frozen=True)
class Place:
    """One served estate with everything around it: one building, one entrance, some homes, one spot."""

    district: District
    street: Street
    community: Community
    estate: Estate
    building: Building
    unit: Unit
    homes: list[Home]
    spot: PublicSpot
    company: Company
    office: Office
    contract: ServiceContract


@committed
def make_place(*, district: District | None = None, homes: int = 4, company: Company | None = None) -> Place:
    """A new estate with its office; in a new district and by a new company unless given."""
    district = district or make_district()
    estate = make_estate(district=district)
    building = make_building(estate)
    unit = make_unit(building)
    company = company or make_company()
    office = make_office(company)
    return Place(
        district=district,
        street=_one(Street, estate.street_id),
        community=_one(Community, estate.community_id),
        estate=estate,
        building=building,
        unit=unit,
        homes=[make_home(unit, number=f"{floor}01", floor=floor) for floor in range(1, homes + 1)],
        spot=make_spot(estate, building=building),
        company=company,
        office=office,
        contract=make_contract(estate, office),
    )


@committed
def make_district(**values: Any) -> District:
    number = next_number()
    return saved(District(**{"code": f"{number:06d}", "name": f"示范区{number}", **values}))


@committed
def make_estate(*, district: District | None = None, **values: Any) -> Estate:
    """An estate in a street and a community of its own."""
    district, number = district or make_district(), next_number()
    street = saved(Street(code=f"S{number}", name=f"示范街道{number}", district_id=district.id))
    community = saved(Community(code=f"C{number}", name=f"示范社区{number}", street_id=street.id))
    plain = {
        "code": f"E{number}",
        "name": f"示范小区{number}",
        "mode": ManagementMode.PROFESSIONAL,
        "latitude": 39.9,
        "longitude": 116.65,
        "in_home_service": True,
    }
    ids = {"district_id": district.id, "street_id": street.id, "community_id": community.id}
    return saved(Estate(**{**plain, **ids, **values}))


@committed
def make_building(estate: Estate, **values: Any) -> Building:
    return saved(Building(**{"estate_id": estate.id, "number": str(next_number()), **values}))


@committed
def make_unit(building: Building, **values: Any) -> Unit:
    return saved(Unit(**{"building_id": building.id, "number": "1", **values}))


@committed
def make_home(unit: Unit, **values: Any) -> Home:
    """A home whose number never meets those that make_place gives by floor (101, 201 ...)."""
    building = unit.building
    plain = {"number": f"A{next_number()}", "area_m2": Decimal("60.00")}
    ids = {"estate_id": building.estate_id, "building_id": building.id, "unit_id": unit.id}
    return saved(Home(**{**plain, **ids, **values}))


@committed
def make_spot(estate: Estate, *, building: Building | None = None, **values: Any) -> PublicSpot:
    plain = {"code": f"SPOT{next_number()}", "name": "1单元门厅", "estate_id": estate.id}
    return saved(PublicSpot(**{**plain, "building_id": building.id if building else None, **values}))


@committed
def make_owner_record(home: Home, *, phone: str, name: str) -> OwnerRecord:
    """A register entry as the import writes it: fingerprints of the phone and of the name's last character."""
    indexes = {"phone_index": blind_index(phone), "last_character_index": blind_index(name[-1])}
    return saved(OwnerRecord(home_id=home.id, estate_id=home.estate_id, **indexes))


@committed
def make_company(**values: Any) -> Company:
    number = next_number()
    code = f"91999999MA{number:07d}"
    plain = {"credit_code": code + credit_check_digit(code), "name": f"示范物业{number}"}
    return saved(Company(**{**plain, "admission": Admission.ADMITTED, **values}))


@committed
def make_office(company: Company | None = None, **values: Any) -> Office:
    company = company or make_company()
    return saved(Office(**{"company_id": company.id, "name": f"示范管理处{next_number()}", **values}))


@committed
def make_contract(estate: Estate, office: Office, **values: Any) -> ServiceContract:
    plain = {"kind": "正式", "begins_on": LONG_AGO, "ends_on": None}
    ids = {"estate_id": estate.id, "office_id": office.id, "company_id": office.company_id}
    return saved(ServiceContract(**{**plain, **ids, **values}))


def _one(model: Any, row_id: int) -> Any:
    return db.session.get_one(model, row_id)
