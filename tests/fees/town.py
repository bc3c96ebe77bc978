"""Estates with fee standards, and the persons of their company who deal with money."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from app.accounts.models import Account
from app.accounts.scopes import resident_scope
from app.audit.service import ensure_head
from app.companies.hats import scope_of
from app.core.clock import china
from app.core.db import db, transact
from app.core.roles import Role
from app.core.scope import SYSTEM, Scope
from app.fees import issuing, standards
from app.fees.bill_models import Bill
from app.fees.models import FeeStandard
from app.fees.rules import FeeKind
from app.fees.standards import NewStandard
from app.payments.models import Merchant
from tests.factories.people import make_hat, make_resident
from tests.factories.places import Place, make_company, make_place

NOW = china(2026, 11, 22, 10)
YUAN_2_60 = 26_000


@dataclass
class Town:
    """One estate by one company that may receive money, its residents, and its money people."""

    place: Place
    residents: list[Account] = field(default_factory=list)

    @property
    def company_id(self) -> int:
        return self.place.company.id

    @property
    def home_ids(self) -> list[int]:
        return [home.id for home in self.place.homes]

    def by(self, role: Role) -> Scope:
        """Another accountant or administrator of the company with every call."""
        return transact(lambda: scope_of(make_hat(role, company_id=self.company_id)))

    def resident(self, number: int = 0) -> Scope:
        return resident_scope(self.residents[number].id)


def make_town(*, homes: int = 3, area: str = "110.00", parking: bool = True) -> Town:
    """Homes of one area; each has its owner. Payment is open, and the company has its merchant account."""

    def work() -> Town:
        ensure_head()
        place = make_place(homes=homes)
        place.office.duty_phone = "010-00000010"
        place.estate.pay_enabled, place.estate.parking_enabled = True, parking
        for home in place.homes:
            home.area_m2 = Decimal(area)
        may_receive_money(place.company.id)
        return Town(place, [make_resident(home) for home in place.homes])

    return transact(work)


def may_receive_money(company_id: int) -> None:
    """The company's account at WeChat."""
    db.session.add(
        Merchant(
            company_id=company_id,
            sub_mch_id=f"19{company_id:08d}",
            valid_from=date(2020, 1, 1),
            registered_at=NOW,
        )
    )
    db.session.flush()


def charge(
    place: Place,
    price: int = YUAN_2_60,
    *,
    kind: FeeKind = FeeKind.PROPERTY,
    since: str = "2026-01",
    by: Scope = SYSTEM,
) -> FeeStandard:
    """The company charges this in the estate."""
    wanted = NewStandard(place.estate.id, kind.value, price, since)
    return transact(lambda: standards.set_standard(wanted, company_id=place.company.id, by=by))


def issue(period: str = "2026-11", **options: int) -> issuing.Progress:
    """The month's bills."""
    return issuing.issue(period, by=SYSTEM, **options)


def bills(**which: object) -> list[Bill]:
    """What was written, the oldest first."""
    db.session.rollback()
    return list(db.session.query(Bill).filter_by(**which).order_by(Bill.id))


def other_company() -> int:
    return transact(lambda: make_company().id)
