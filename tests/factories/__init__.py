"""Rows for tests, quickly and through the models.

Each `make_*` returns a committed object. Called inside a running `transact` it only flushes, so that a test may build a
scene in one unit of work: `transact(lambda: [make_home(unit) for unit in units])`.
"""

from tests.factories.people import (
    make_account,
    make_binding,
    make_certificate,
    make_credential,
    make_hat,
    make_resident,
    make_shift,
    make_staff,
    make_worker,
)
from tests.factories.places import (
    Place,
    make_building,
    make_company,
    make_contract,
    make_district,
    make_estate,
    make_home,
    make_office,
    make_owner_record,
    make_place,
    make_spot,
    make_unit,
)
from tests.factories.units import committed, next_number, next_phone

__all__ = [
    "Place",
    "committed",
    "make_account",
    "make_binding",
    "make_building",
    "make_certificate",
    "make_company",
    "make_contract",
    "make_credential",
    "make_district",
    "make_estate",
    "make_hat",
    "make_home",
    "make_office",
    "make_owner_record",
    "make_place",
    "make_resident",
    "make_shift",
    "make_spot",
    "make_staff",
    "make_unit",
    "make_worker",
    "next_number",
    "next_phone",
]
