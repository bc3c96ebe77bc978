"""Fees and bills as the company's accountant and administrator see them; every list begins at the scope."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Select, or_, select

from app.companies.models import ServiceContract
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid
from app.core.paging import Page, decode_id_cursor, page_by_id
from app.core.scope import Dimension, Scope, get_visible, visible
from app.estates.models import Building, Estate, Home, Unit
from app.estates.queries import places, search_homes
from app.fees import rules
from app.fees.bill_models import Bill, BillCorrection
from app.fees.errors import BillNotFound
from app.fees.issuing import Progress, progress_of
from app.fees.models import FeeStandard, LateFeeClause, ParkingSpace
from app.fees.rules import SPACE_KINDS, BillState, FeeKind
from app.fees.run_models import EVERY_COMPANY, BillingRun

SHOWN, RUNS_SHOWN = 50, 6


@dataclass(frozen=True)
class ServedEstate:
    """An estate of the company today, with its contract and what the contract says of paying late."""

    id: int
    name: str
    contract_id: int
    pay_enabled: bool
    parking_enabled: bool
    clause: LateFeeClause | None


@dataclass(frozen=True)
class StandardLine:
    """One dated price; `state` is 执行中, 未生效 or 已被新价替代."""

    estate: str
    kind: FeeKind
    price: str
    unit: str
    method: str
    valid_from: date
    state: str


@dataclass(frozen=True)
class OfficeBill:
    """A bill with its home and, when it was corrected, why."""

    id: int
    bill: Bill
    estate: str
    place: str
    correction: BillCorrection | None

    @property
    def words(self) -> str:
        """未缴, 已缴 ..."""
        bill = self.bill
        today = clock.china_date(clock.now())
        money = {"amount": bill.amount_fen, "paid": bill.paid_fen, "refunded": bill.refunded_fen}
        overdue = bool(bill.unpaid_fen) and bill.due_on < today
        return rules.state_words(BillState(bill.state), overdue=overdue, **money)

    @property
    def basis(self) -> str:
        """110.00 m² × ¥2.60."""
        bill = self.bill
        return rules.basis_words(bill.title, bill.quantity_hundredths, bill.price_hundredths, bill.note)


@dataclass(frozen=True)
class Wanted:
    """Which bills: all of the company unless something is said. `home` is what people say: 5-2-301."""

    estate_id: int | None = None
    home: str = ""
    period: str = ""
    state: str = ""


@dataclass(frozen=True)
class RunLine:
    """A run of a month, of the whole city or of one's own company."""

    run: BillingRun
    progress: Progress

    @property
    def whose(self) -> str:
        """全区 or 本企业."""
        return "全区" if self.run.company_id == EVERY_COMPANY else "本企业"


def company_of(scope: Scope) -> int:
    """The company of the accountant; raises BillNotFound for a hat without one."""
    ids = sorted(scope.ids(Dimension.FINANCE))
    if not ids:
        raise BillNotFound("没有找到您的企业")
    return ids[0]


def served_estates(scope: Scope) -> list[ServedEstate]:
    """By name."""
    today = clock.china_date(clock.now())
    in_force = (ServiceContract.begins_on <= today) & or_(
        ServiceContract.ends_on.is_(None), ServiceContract.ends_on >= today
    )
    statement = (
        select(Estate, ServiceContract.id, LateFeeClause)
        .join(ServiceContract, ServiceContract.estate_id == Estate.id)
        .outerjoin(LateFeeClause, LateFeeClause.contract_id == ServiceContract.id)
        .where(ServiceContract.company_id.in_(sorted(scope.ids(Dimension.FINANCE))), in_force)
        .order_by(Estate.name, ServiceContract.begins_on)
    )
    return [
        ServedEstate(estate.id, estate.name, contract_id, estate.pay_enabled, estate.parking_enabled, clause)
        for estate, contract_id, clause in db.session.execute(statement)
    ]


def standard_lines(scope: Scope) -> list[StandardLine]:
    """Every price that the company ever set, the newest of each estate and kind first."""
    mine = FeeStandard.company_id.in_(sorted(scope.ids(Dimension.FINANCE)))
    statement = (
        select(FeeStandard, Estate.name)
        .join(Estate, Estate.id == FeeStandard.estate_id)
        .where(mine)
        .order_by(Estate.name, FeeStandard.estate_id, FeeStandard.kind, FeeStandard.valid_from.desc())
    )
    today, seen, lines = clock.china_date(clock.now()), set(), []
    for row, estate in db.session.execute(statement):
        key = (row.estate_id, row.kind)
        if row.valid_from > today:
            state = "未生效"
        else:
            state = "已被新价替代" if key in seen else "执行中"
            seen.add(key)
        kind = FeeKind(row.kind)
        price = rules.price_words(row.price_hundredths)
        lines.append(
            StandardLine(estate, kind, price, rules.unit_of(kind), row.method, row.valid_from, state)
        )
    return lines


@dataclass(frozen=True)
class PriceRow:
    """An estate in the form for many: what is charged there for the kind now, and what is announced already."""

    estate_id: int
    estate: str
    price_hundredths: int | None
    coming_hundredths: int | None
    coming_from: date | None


def price_rows(scope: Scope, kind: FeeKind) -> list[PriceRow]:
    """Every estate that the company serves today, by name; where parking is off, no parking."""
    estates = served_estates(scope)
    if kind in SPACE_KINDS:
        estates = [each for each in estates if each.parking_enabled]
    mine = FeeStandard.company_id.in_(sorted(scope.ids(Dimension.FINANCE))) & (FeeStandard.kind == kind.value)
    statement = select(FeeStandard).where(mine, FeeStandard.estate_id.in_({each.id for each in estates}))
    today = clock.china_date(clock.now())
    now: dict[int, FeeStandard] = {}
    coming: dict[int, FeeStandard] = {}
    for row in db.session.scalars(statement.order_by(FeeStandard.valid_from)):
        (now if row.valid_from <= today else coming)[row.estate_id] = row
    return [_price_row(each, now.get(each.id), coming.get(each.id)) for each in estates]


def _price_row(estate: ServedEstate, now: FeeStandard | None, coming: FeeStandard | None) -> PriceRow:
    return PriceRow(
        estate.id,
        estate.name,
        now.price_hundredths if now else None,
        coming.price_hundredths if coming else None,
        coming.valid_from if coming else None,
    )


def bills_page(scope: Scope, wanted: Wanted, *, cursor: str | None = None) -> Page[OfficeBill]:
    """The newest first; raises Invalid for a foreign cursor."""
    statement = visible(Bill, scope)
    if wanted.estate_id is not None:
        statement = statement.where(Bill.estate_id == wanted.estate_id)
    if wanted.home.strip():
        estates = {wanted.estate_id} if wanted.estate_id else {each.id for each in served_estates(scope)}
        statement = statement.where(
            Bill.home_id.in_([home.id for home in search_homes(estates, wanted.home)])
        )
    if wanted.period:
        statement = statement.where(Bill.period == wanted.period)
    if wanted.state:
        statement = statement.where(Bill.state == wanted.state)
    before = decode_id_cursor(cursor)
    if before is not None:
        statement = statement.where(Bill.id < before)
    ids = statement.with_only_columns(Bill.id).order_by(Bill.id.desc()).limit(SHOWN + 1)
    return page_by_id(_with_places(ids), SHOWN)


def _with_places(ids: Select[Any]) -> list[OfficeBill]:
    found = list(db.session.scalars(ids))
    statement = (
        select(Bill, Estate.name, Building.number, Unit.number, Home.number, BillCorrection)
        .join(Home, Home.id == Bill.home_id)
        .join(Estate, Estate.id == Bill.estate_id)
        .join(Building, Building.id == Home.building_id)
        .join(Unit, Unit.id == Home.unit_id)
        .outerjoin(BillCorrection, BillCorrection.new_bill_id == Bill.id)
        .where(Bill.id.in_(found))
        .order_by(Bill.id.desc())
    )
    return [
        OfficeBill(bill.id, bill, estate, places(building, unit, number)[1], correction)
        for bill, estate, building, unit, number, correction in db.session.execute(statement)
    ]


def versions_of(bill_id: int, scope: Scope) -> list[OfficeBill]:
    """All versions of a bill, the newest first; raises BillNotFound."""
    bill = get_visible(Bill, bill_id, scope, missing=BillNotFound())
    chain = (Bill.home_id == bill.home_id) & (Bill.period == bill.period) & (Bill.kind == bill.kind)
    return _with_places(visible(Bill, scope).where(chain).with_only_columns(Bill.id))


def runs_of(scope: Scope) -> list[RunLine]:
    """The last runs that concern the company, the newest first."""
    whose = {EVERY_COMPANY, *scope.ids(Dimension.FINANCE)}
    statement = select(BillingRun).where(BillingRun.company_id.in_(whose))
    runs = db.session.scalars(statement.order_by(BillingRun.id.desc()).limit(RUNS_SHOWN))
    return [RunLine(run, _own_count(run, scope)) for run in list(runs)]


def _own_count(run: BillingRun, scope: Scope) -> Progress:
    """How far it is; of a run of the whole city the bills of others are not the company's matter."""
    progress = progress_of(run.id)
    return progress if run.company_id in scope.ids(Dimension.FINANCE) else replace(progress, bills=0)


def spaces_in(scope: Scope) -> list[tuple[ParkingSpace, str, str]]:
    """Spaces in use in the company's estates with estate and home, at most two hundred, by estate and number."""
    estates = {each.id for each in served_estates(scope)}
    statement = (
        select(ParkingSpace, Estate.name, Building.number, Unit.number, Home.number)
        .join(Home, Home.id == ParkingSpace.home_id)
        .join(Estate, Estate.id == ParkingSpace.estate_id)
        .join(Building, Building.id == Home.building_id)
        .join(Unit, Unit.id == Home.unit_id)
        .where(ParkingSpace.estate_id.in_(estates), ParkingSpace.taken == 1)
        .order_by(Estate.name, ParkingSpace.number)
        .limit(200)
    )
    return [
        (space, estate, places(building, unit, number)[1])
        for space, estate, building, unit, number in db.session.execute(statement)
    ]


def one_home(estate_id: int, said: str, scope: Scope) -> Home:
    """The one home of the company's estate that the words mean; raises Invalid for none or several."""
    if estate_id not in {each.id for each in served_estates(scope)}:
        raise Invalid("请选择小区", fields={"estate_id": "请选择"})
    homes = search_homes({estate_id}, said)
    if len(homes) != 1:
        raise Invalid("请把房号写全,例如 5-2-301", fields={"home": "找不到唯一的一户"})
    return homes[0]
