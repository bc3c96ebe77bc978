"""Bills as residents read them: those of homes to which they have an active tie, tenants included (S0-04, S0-06)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true

from app.accounts.models import BindingStatus, HomeBinding
from app.companies.models import Company
from app.companies.queries import serving_office
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid
from app.core.money import yuan
from app.core.paging import Page, decode_cursor, encode_cursor
from app.core.scope import Scope
from app.estates.models import Building, Estate, Home, Unit
from app.estates.queries import places
from app.fees import rules
from app.fees.bill_models import Bill, BillCorrection
from app.fees.errors import BillNotFound
from app.fees.models import LateFeeClause
from app.fees.rules import SPACE_KINDS, BillState
from app.payments.errors import NotPayable
from app.payments.merchants import merchant_on

OVER = (BillState.PAID.value, BillState.REFUNDED.value)
STATES = {"due": (BillState.DUE.value,), "paid": OVER, "all": tuple(state.value for state in BillState)}


@dataclass(frozen=True)
class ResidentHome:
    """A home of the person, and whether its bills can be paid here; `why` is the sentence when not."""

    home_id: int
    label: str
    estate_id: int
    estate: str
    has_parking: bool
    payable: bool
    why: str
    office_phone: str


@dataclass(frozen=True)
class BillLine:
    """One bill with everything that a card shows."""

    bill: Bill
    home: ResidentHome
    company: str
    overdue: bool
    late_fee_fen: int
    correction: BillCorrection | None

    @property
    def words(self) -> str:
        """未缴, 已缴, 还差 ¥22.00 ..."""
        bill = self.bill
        money = {"amount": bill.amount_fen, "paid": bill.paid_fen, "refunded": bill.refunded_fen}
        return rules.state_words(BillState(bill.state), overdue=self.overdue, **money)

    @property
    def basis(self) -> str:
        """110.00 m² × ¥2.60; after a correction also what it was before and why."""
        bill = self.bill
        words = rules.basis_words(bill.title, bill.quantity_hundredths, bill.price_hundredths, bill.note)
        if self.correction is None:
            return words
        before = f"原 {yuan(self.correction.before_fen)},更正为 {yuan(self.correction.after_fen)}"
        return f"{words};{before}:{self.correction.reason}" if words else f"{before}:{self.correction.reason}"

    @property
    def actions(self) -> tuple[str, ...]:
        """Paying what is due where payment is open; asking about whatever stands."""
        if self.bill.state == BillState.VOID:
            return ()
        return ("pay", "ask") if self.bill.unpaid_fen and self.home.payable else ("ask",)


@dataclass(frozen=True)
class HomeSum:
    """What one home owes."""

    home: ResidentHome
    due_fen: int
    overdue_fen: int
    due_count: int


def homes_of_resident(scope: Scope) -> list[ResidentHome]:
    """The homes to which the person has an active tie today, at most three, oldest tie first."""
    today = clock.china_date(clock.now())
    statement = (
        select(HomeBinding.home_id, Building.number, Unit.number, Home.number, Estate)
        .join(Home, Home.id == HomeBinding.home_id)
        .join(Building, Building.id == Home.building_id)
        .join(Unit, Unit.id == Home.unit_id)
        .join(Estate, Estate.id == Home.estate_id)
        .where(_active_ties(scope, today))
        .order_by(HomeBinding.id)
    )
    rows = db.session.execute(statement).all()
    reasons: dict[int, tuple[str, str]] = {}
    for *_, estate in rows:
        if estate.id not in reasons:
            reasons[estate.id] = _why_not(estate, today)
    return [
        ResidentHome(
            home_id=home_id,
            label=places(building, unit, number)[1],
            estate_id=estate.id,
            estate=estate.name,
            has_parking=estate.parking_enabled,
            payable=not reasons[estate.id][0],
            why=reasons[estate.id][0],
            office_phone=reasons[estate.id][1],
        )
        for home_id, building, unit, number, estate in rows
    ]


def _active_ties(scope: Scope, today: date) -> ColumnElement[bool]:
    living = or_(HomeBinding.valid_to.is_(None), HomeBinding.valid_to >= today)
    mine = HomeBinding.account_id == (scope.account_id or 0)
    return and_(mine, HomeBinding.status == BindingStatus.ACTIVE.value, living)


def _why_not(estate: Estate, today: date) -> tuple[str, str]:
    """The sentence, empty when one can pay here, and the telephone of the office."""
    contract = serving_office(estate.id, today)
    phone = contract.office.duty_phone if contract else ""
    if contract is None or not estate.pay_enabled:
        return _closed(estate, phone), phone
    if merchant_on(contract.company_id, today) is None:
        return NotPayable.message, phone
    return "", phone


def not_payable_sentence(estate: Estate) -> str:
    """Why nothing can be paid here, with the office's telephone (S0-35)."""
    contract = serving_office(estate.id, clock.china_date(clock.now()))
    return _closed(estate, contract.office.duty_phone if contract else "")


def _closed(estate: Estate, phone: str) -> str:
    where = f"小区管理处缴费,电话 {phone}" if phone else "小区管理处缴费"
    return f"“{estate.name}”还没有开通线上缴费,请到{where}"


def bills_of_resident(scope: Scope) -> Select[Bill]:
    """The bills that the person may see. Of parking, where it is switched off, only what was paid (S0-28)."""
    today = clock.china_date(clock.now())
    home_ids = select(HomeBinding.home_id).where(_active_ties(scope, today))
    with_parking = select(Estate.id).where(Estate.parking_enabled.is_(True))
    shown = or_(
        Bill.kind.not_in([kind.value for kind in SPACE_KINDS]),
        Bill.state.in_(OVER),
        Bill.estate_id.in_(with_parking),
    )
    return select(Bill).where(Bill.home_id.in_(home_ids), shown)


def bills_page(
    scope: Scope,
    *,
    home_id: int | None = None,
    state: str = "all",
    cursor: str | None = None,
    limit: int = 20,
) -> tuple[Page[BillLine], list[ResidentHome]]:
    """Bills, the newest month first, and the homes that were asked for. Raises BillNotFound for a home that is not
    one's own, Invalid for a foreign cursor. As many statements for sixty bills as for one."""
    homes = homes_of_resident(scope)
    if home_id is not None:
        homes = [home for home in homes if home.home_id == home_id]
        if not homes:
            raise BillNotFound("没有找到这套住房")
    statement = _lines(homes).where(Bill.state.in_(STATES[state]))
    position = _position(cursor)
    if position is not None:
        period, bill_id = position
        statement = statement.where(or_(Bill.period < period, and_(Bill.period == period, Bill.id < bill_id)))
    rows = db.session.execute(statement.order_by(Bill.period.desc(), Bill.id.desc()).limit(limit + 1)).all()
    lines = _read(rows[:limit], homes)
    last = rows[limit - 1][0] if len(rows) > limit else None
    return Page(lines, encode_cursor(last.period, last.id) if last else None), homes


def bill_line(bill_id: int, scope: Scope) -> BillLine:
    """One of the resident's own bills; raises BillNotFound."""
    homes = homes_of_resident(scope)
    lines = _read(db.session.execute(_lines(homes).where(Bill.id == bill_id)).all(), homes)
    if not lines:
        raise BillNotFound()
    return lines[0]


def _lines(homes: Sequence[ResidentHome]) -> Select[Bill, str, BillCorrection, LateFeeClause]:
    parking = [home.home_id for home in homes if home.has_parking]
    shown = or_(
        Bill.kind.not_in([kind.value for kind in SPACE_KINDS]),
        Bill.state.in_(OVER),
        Bill.home_id.in_(parking),
    )
    return (
        select(Bill, Company.name, BillCorrection, LateFeeClause)
        .join(Company, Company.id == Bill.company_id)
        .outerjoin(BillCorrection, BillCorrection.new_bill_id == Bill.id)
        .outerjoin(LateFeeClause, LateFeeClause.contract_id == Bill.contract_id)
        .where(Bill.home_id.in_([home.home_id for home in homes]), shown if homes else true())
    )


def _read(rows: Sequence[Any], homes: Sequence[ResidentHome]) -> list[BillLine]:
    today, by_id = clock.china_date(clock.now()), {home.home_id: home for home in homes}
    return [
        BillLine(
            bill=bill,
            home=by_id[bill.home_id],
            company=company,
            overdue=bool(bill.unpaid_fen) and bill.due_on < today,
            late_fee_fen=late_fee_of(bill, clause, today),
            correction=correction,
        )
        for bill, company, correction, clause in rows
    ]


def late_fee_of(bill: Bill, clause: LateFeeClause | None, today: date) -> int:
    """违约金 that the contract's clause would give today, fen; 0 without a clause. Shown, never charged."""
    if clause is None:
        return 0
    return rules.late_fee_fen(
        bill.unpaid_fen,
        due=bill.due_on,
        today=today,
        rate_millionths=clause.rate_millionths,
        grace_days=clause.grace_days,
        cap_percent=clause.cap_percent,
    )


def _position(cursor: str | None) -> tuple[str, int] | None:
    values = decode_cursor(cursor, size=2)
    if values is None:
        return None
    period, bill_id = values
    if not (isinstance(period, str) and rules.is_period(period) and isinstance(bill_id, int)):
        raise Invalid("列表已更新,请回到第一页", fields={"cursor": "无效"})
    if not 0 <= bill_id < 2**63:
        raise Invalid("列表已更新,请回到第一页", fields={"cursor": "无效"})
    return period, bill_id


def summary(scope: Scope) -> list[HomeSum]:
    """What each home of the person owes; homes that owe nothing are listed too."""
    homes, today = homes_of_resident(scope), clock.china_date(clock.now())
    unpaid = Bill.amount_fen - Bill.paid_fen + Bill.refunded_fen
    parking = [home.home_id for home in homes if home.has_parking]
    shown = or_(Bill.kind.not_in([kind.value for kind in SPACE_KINDS]), Bill.home_id.in_(parking))
    statement = (
        select(Bill.home_id, Bill.due_on < today, func.count(), func.sum(unpaid))
        .where(Bill.home_id.in_([home.home_id for home in homes]), Bill.state == BillState.DUE.value, shown)
        .group_by(Bill.home_id, Bill.due_on < today)
    )
    found = [tuple(row) for row in db.session.execute(statement)]
    return [_sum(home, [row for row in found if row[0] == home.home_id]) for home in homes]


def _sum(home: ResidentHome, rows: Sequence[Any]) -> HomeSum:
    return HomeSum(
        home=home,
        due_fen=sum(int(row[3]) for row in rows),
        overdue_fen=sum(int(row[3]) for row in rows if row[1]),
        due_count=sum(row[2] for row in rows),
    )
