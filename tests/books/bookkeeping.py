"""People who keep a company's books, and what they enter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from app.books import vouchers
from app.books.accounts import Account, Book
from app.books.voucher_models import Direction, Voucher
from app.books.vouchers import NewVoucher
from app.companies.hats import scope_of
from app.core import clock
from app.core.db import transact
from app.core.roles import Role
from app.core.scope import Scope
from tests.factories.people import make_hat
from tests.factories.places import Place, make_place


@dataclass(frozen=True)
class Keepers:
    """A company with an estate, two accountants and an administrator."""

    place: Place
    first: Scope
    second: Scope
    admin: Scope

    @property
    def company_id(self) -> int:
        return self.place.company.id

    @property
    def estate_id(self) -> int:
        return self.place.estate.id


def make_keepers(place: Place | None = None) -> Keepers:
    place = place or make_place()
    company_id = place.company.id

    def work() -> list[Scope]:
        return [scope_of(make_hat(role, company_id=company_id)) for role in (Role.FIN, Role.FIN, Role.CO)]

    return Keepers(place, *transact(work))


def today() -> date:
    return clock.china_date(clock.now())


def wanted(**values: Any) -> NewVoucher:
    """Cleaning paid from the bank, unless told otherwise."""
    plain: dict[str, Any] = {
        "book": Book.PROPERTY,
        "direction": Direction.EXPENSE,
        "account": Account.CLEANING,
        "counter": Account.BANK,
        "amount_fen": 128_00,
        "happened_on": today(),
        "memo": "十一月保洁费",
    }
    return NewVoucher(**{**plain, **values})


def public_income(keepers: Keepers, fen: int, on: date, **values: Any) -> NewVoucher:
    """Rent of the boards in the lifts of the estate."""
    plain = {"book": Book.REVENUE, "direction": Direction.INCOME, "account": Account.ADVERTISING}
    place = {"estate_id": keepers.estate_id, "amount_fen": fen, "happened_on": on, "memo": "电梯广告场地费"}
    return wanted(**{**plain, **place, **values})


def entered(keepers: Keepers, **values: Any) -> Voucher:
    return transact(lambda: vouchers.enter(wanted(**values), by=keepers.first))


def booked(keepers: Keepers, new: NewVoucher) -> Voucher:
    """Entered by the first accountant, approved by the second."""

    def work() -> Voucher:
        voucher = vouchers.enter(new, by=keepers.first)
        return vouchers.approve(voucher.id, by=keepers.second)

    return transact(work)
