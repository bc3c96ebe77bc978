"""Estates with fee standards, and the persons of their company who deal with money."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from app.accounts.models import Account
from app.accounts.scopes import resident_scope
from app.audit.service import ensure_head
from app.companies.hats import scope_of
from app.core.clock import china
from app.core.db import db, transact
from app.core.roles import Role
from app.core.scope import SYSTEM, Scope
from app.fees import issuing, paying, standards
from app.fees.bill_models import Bill
from app.fees.models import FeeStandard
from app.fees.rules import FeeKind
from app.fees.standards import NewStandard
from app.payments.events import PaymentSettled
from app.payments.models import Payment
from app.reactions.fee_reactions import mark_bills
from tests.factories import money
from tests.factories.money import make_merchant
from tests.factories.people import make_hat, make_resident
from tests.factories.places import Place, make_place

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
        make_merchant(place.company)
        return Town(place, [make_resident(home) for home in place.homes])

    return transact(work)


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


def pay_for(bill_ids: list[int], by: Scope) -> list[Payment]:
    """The payments are opened, arrive, and the bills hear of it."""
    payments = transact(lambda: paying.pay(bill_ids, by=by, client_ip="127.0.0.1"))
    for payment in payments:
        assert money.pay(payment) == "settled"
        settled(payment.id)
    return payments


def settled(payment_id: int) -> None:
    """What the reaction to its arrival does."""

    def work() -> None:
        payment = db.session.get_one(Payment, payment_id)
        subjects = [line.subject for line in payment.lines]
        mark_bills(PaymentSettled(payment.id, payment.purpose, subjects))

    transact(work)
