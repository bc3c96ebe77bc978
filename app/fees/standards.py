"""收费标准: set by the company for an estate that it serves, from a month on; public by law (S0-13, S0-27)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.audit import service as audit
from app.companies.models import ServiceContract
from app.companies.queries import serving_office
from app.core import clock
from app.core.db import db, lock, translate_constraint
from app.core.errors import Conflict, Invalid, NotFound, WrongState
from app.core.roles import Role
from app.core.scope import Dimension, Scope
from app.estates.models import Estate
from app.fees import rules
from app.fees.errors import NotYourMoney, ServesNoEstate, StandardBackdated, StandardDatedTwice
from app.fees.models import FeeStandard, LateFeeClause
from app.fees.rules import AGENCY_KINDS, PRICE_MAX, FeeKind

METHOD_MAX = 100
ESTATES_AT_ONCE = 300

translate_constraint("uq_fee_standards_dated", StandardDatedTwice)


@dataclass(frozen=True)
class NewStandard:
    """What is to be charged. `price_hundredths` are hundredths of a fen for one m² or space and month."""

    estate_id: int
    kind: str
    price_hundredths: int
    from_period: str
    method: str = ""


def set_standard(wanted: NewStandard, *, company_id: int, by: Scope) -> FeeStandard:
    """Add the row that counts from its month on; audited. The first of an estate and kind may begin at any month, every
    later one at the next month at the earliest.

    Raises NotYourMoney, Invalid, ServesNoEstate, StandardBackdated, StandardDatedTwice.
    """
    _check_company(company_id, by)
    kind = _checked_kind(wanted.kind)
    if isinstance(wanted.price_hundredths, bool) or not 0 <= wanted.price_hundredths <= PRICE_MAX:
        most = rules.price_words(PRICE_MAX)
        raise Invalid(f"单价请填 0 到 {most} 之间的数", fields={"price": "超出范围"})
    if not rules.is_period(wanted.from_period):
        raise Invalid("月份请写成 2026-12 这样", fields={"from_period": "不是月份"})
    if len(wanted.method) > METHOD_MAX:
        raise Invalid(f"计费方式最多{METHOD_MAX}个字", fields={"method": f"最多{METHOD_MAX}个字"})
    begins = rules.first_day(wanted.from_period)
    estate = _served_estate(wanted.estate_id, company_id, begins)
    _check_begin(estate.id, company_id, kind, begins)
    row = FeeStandard(
        estate_id=estate.id,
        company_id=company_id,
        kind=kind.value,
        price_hundredths=wanted.price_hundredths,
        valid_from=begins,
        method=wanted.method.strip(),
        set_at=clock.now(),
        set_by=by.account_id,
    )
    db.session.add(row)
    db.session.flush()
    details = {
        "estate_id": estate.id,
        "kind": kind.value,
        "price": rules.price_words(wanted.price_hundredths),
    }
    audit.record(
        "fee.standard",
        by=by,
        object_kind="fee_standard",
        object_id=row.id,
        details={**details, "from": wanted.from_period},
        district_id=estate.district_id,
    )
    return row


def set_standards(wanted: Sequence[NewStandard], *, company_id: int, by: Scope) -> list[FeeStandard]:
    """Several at once, all of them or none, each as `set_standard` would and with its own audit record; a refusal names
    the estate. Locked in the order of the estates' ids, so that two such batches do not lock each other out.

    Raises Invalid for none, too many or one estate and kind twice, and what `set_standard` raises.
    """
    _check_company(company_id, by)
    if not 1 <= len(wanted) <= ESTATES_AT_ONCE:
        raise Invalid(f"请填写 1 到 {ESTATES_AT_ONCE} 个小区的新单价", fields={"price": "数量不对"})
    if len({(each.estate_id, each.kind) for each in wanted}) != len(wanted):
        raise Invalid("同一个小区填了两次", fields={"estate_id": "重复"})
    rows = []
    for each in sorted(wanted, key=lambda one: (one.estate_id, one.kind)):
        try:
            rows.append(set_standard(each, company_id=company_id, by=by))
        except (Invalid, WrongState, Conflict) as refusal:
            estate = db.session.get(Estate, each.estate_id)
            name = estate.name if estate else "没有这个小区"
            raise Invalid(
                f"“{name}”:{refusal.sentence}。没有公布任何一个小区", fields=refusal.fields
            ) from refusal
    return rows


def _check_company(company_id: int, by: Scope) -> None:
    own = by.role == Role.CO and company_id in by.ids(Dimension.FINANCE)
    if not (by.everything or own):
        raise NotYourMoney()


def _checked_kind(code: str) -> FeeKind:
    try:
        kind = FeeKind(code)
    except ValueError as error:
        raise Invalid("请选择收费项目", fields={"kind": "没有这一项"}) from error
    if kind in AGENCY_KINDS:
        raise Invalid("代收的水费、电费按表计算,没有收费标准", fields={"kind": "不能设标准"})
    return kind


def _served_estate(estate_id: int, company_id: int, day: date) -> Estate:
    """Locked, so that two prices of the same month are decided one after the other."""
    estate = db.session.scalars(lock(select(Estate).where(Estate.id == estate_id))).one_or_none()
    if estate is None:
        raise NotFound("没有找到这个小区")
    serves = (ServiceContract.estate_id == estate_id) & (ServiceContract.company_id == company_id)
    until = ServiceContract.ends_on.is_(None) | (ServiceContract.ends_on >= day)
    if db.session.scalar(select(ServiceContract.id).where(serves, until).limit(1)) is None:
        raise ServesNoEstate(fields={"estate_id": ServesNoEstate.message})
    return estate


def _check_begin(estate_id: int, company_id: int, kind: FeeKind, begins: date) -> None:
    mine = (
        (FeeStandard.estate_id == estate_id)
        & (FeeStandard.company_id == company_id)
        & (FeeStandard.kind == kind.value)
    )
    known = set(db.session.scalars(select(FeeStandard.valid_from).where(mine)))
    if known and begins <= clock.china_date(clock.now()):
        raise StandardBackdated(fields={"from_period": "最早从下个月起"})
    if begins in known:
        raise StandardDatedTwice(fields={"from_period": "这个月已经有了"})


# ---- asking


@dataclass(frozen=True)
class FeeItem:
    """One line of the fee publicity."""

    kind: FeeKind
    price_hundredths: int
    since: date
    method: str
    next_price_hundredths: int | None
    next_since: date | None


@dataclass(frozen=True)
class FeePublicity:
    """收费公示 of an estate: who charges what since when (发改价检〔2004〕1428号)."""

    estate: Estate
    contract: ServiceContract | None
    items: list[FeeItem]
    clause: LateFeeClause | None


def fee_publicity(estate_id: int) -> FeePublicity:
    """What the company of today charges in the estate, and what is announced; raises NotFound. For everybody."""
    estate = db.session.get(Estate, estate_id)
    if estate is None:
        raise NotFound("没有找到这个小区")
    today = clock.china_date(clock.now())
    contract = serving_office(estate_id, today)
    if contract is None:
        return FeePublicity(estate, None, [], None)
    clause = db.session.scalars(
        select(LateFeeClause).where(LateFeeClause.contract_id == contract.id)
    ).one_or_none()
    rows = standards_of(estate_id, contract.company_id)
    items = [item for kind in FeeKind if (item := _item(kind, rows, today, estate)) is not None]
    return FeePublicity(estate, contract, items, clause)


def _item(kind: FeeKind, rows: list[FeeStandard], today: date, estate: Estate) -> FeeItem | None:
    if kind in rules.SPACE_KINDS and not estate.parking_enabled:
        return None
    mine = [row for row in rows if row.kind == kind]
    now = next((row for row in reversed(mine) if row.valid_from <= today), None)
    following = next((row for row in mine if row.valid_from > today), None)
    current = now or following
    if current is None or (not current.price_hundredths and following is None):
        return None
    return FeeItem(
        kind=kind,
        price_hundredths=current.price_hundredths,
        since=current.valid_from,
        method=current.method,
        next_price_hundredths=following.price_hundredths if following and now else None,
        next_since=following.valid_from if following and now else None,
    )


def standards_of(estate_id: int, company_id: int) -> list[FeeStandard]:
    """Every row of an estate at a company, the oldest first."""
    mine = (FeeStandard.estate_id == estate_id) & (FeeStandard.company_id == company_id)
    return list(db.session.scalars(select(FeeStandard).where(mine).order_by(FeeStandard.valid_from)))
