"""收款开通: merchant accounts of companies and payment switches of estates, changed by two persons of the bureau."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from sqlalchemy import or_, select

from app.audit.service import record
from app.companies.models import MAY_RECEIVE_ORDERS, Company
from app.companies.queries import bureau_accounts, serving_office
from app.core import clock
from app.core.db import db, lock
from app.core.errors import Conflict, Forbidden, Invalid, WrongState
from app.core.roles import Role
from app.core.scope import Dimension, Scope, get_visible
from app.core.texts import cleaned
from app.estates.models import Estate
from app.notifications.service import notify_many
from app.payments.merchants import merchant_on
from app.payments.models import Merchant
from app.payments.onboarding_models import ChangeKind, PayChange, Switch

SUB_MCH_ID = re.compile(r"[0-9]{8,10}")
AHEAD = timedelta(days=366)
COLUMNS = {Switch.PAY: "pay_enabled", Switch.PARKING: "parking_enabled", Switch.FUND: "fund_enabled"}


class SameProposer(WrongState):
    """Where money goes is decided by two."""

    code = "same_proposer"
    message = "收款变更要由另一位监管人员批准,不能自己批准自己提出的"


class NoFundAccount(WrongState):
    """Money for the maintenance fund goes into the fund's special account and never to a company (S0-30)."""

    code = "no_fund_account"
    message = "续筹维修资金只能交到维修资金专户;平台还没有接入专户,不能开通"


class MerchantTaken(Conflict):
    """Another company has this account: money would go to the wrong one."""

    code = "merchant_taken"
    message = "这个商户号已经登记在另一家企业名下,请核对微信支付进件结果"


def propose_register(
    company_id: int | None, *, sub_mch_id: str, valid_from: date, own_mch_id: str = "", reason: str, by: Scope
) -> PayChange:
    """Ask for the company's money to go into this account from a day on; it ends the account before.

    `own_mch_id` is the platform's own number, which can never receive (S0-11). Raises Forbidden, Invalid, Conflict.
    """
    district_id, number = bureau_district(by), sub_mch_id.strip()
    company = _admitted(company_id)
    if not SUB_MCH_ID.fullmatch(number):
        raise Invalid("商户号应为8到10位数字", fields={"sub_mch_id": "8到10位数字"})
    if number == own_mch_id:
        raise Invalid("这是平台自己的服务商商户号,不能收居民的钱", fields={"sub_mch_id": "是平台自己的"})
    _not_before_today(valid_from)
    _not_of_another(number, company.id)
    change = PayChange(kind=ChangeKind.REGISTER, company_id=company.id, sub_mch_id=number, on_day=valid_from)
    return _propose(change, district_id, reason, by)


def propose_end(company_id: int | None, *, last_day: date, reason: str, by: Scope) -> PayChange:
    """Ask for the company's account to end with a day; afterwards nobody can pay it online."""
    district_id = bureau_district(by)
    company = _company(company_id)
    _not_before_today(last_day)
    account = merchant_on(company.id, last_day)
    if account is None:
        raise Invalid("这家企业到那天没有收款商户号", fields={"company_id": "没有商户号"})
    change = PayChange(
        kind=ChangeKind.END, company_id=company.id, sub_mch_id=account.sub_mch_id, on_day=last_day
    )
    return _propose(change, district_id, reason, by)


def propose_switch(estate_id: int | None, *, switch: str, on: bool, reason: str, by: Scope) -> PayChange:
    """Ask for online payment of an estate to be opened or shut (S0-28, S0-35)."""
    district_id = bureau_district(by)
    if switch not in set(Switch):
        raise Invalid("请选择开通哪一项", fields={"switch": "没有这个选项"})
    estate = _estate(estate_id, district_id)
    _switchable(estate, Switch(switch), on)
    kind = ChangeKind.OPEN if on else ChangeKind.SHUT
    return _propose(PayChange(kind=kind, estate_id=estate.id, switch=switch), district_id, reason, by)


def decide(change_id: int, *, grant: bool, note: str = "", by: Scope) -> PayChange:
    """Grant or refuse; the proposer himself may only take it back.

    Raises NotFound, SameProposer, WrongState when it was decided or no longer fits.
    """
    bureau_district(by)
    change = get_visible(PayChange, change_id, by, lock=True)
    if change.granted is not None:
        raise WrongState("这项变更已经有结论了")
    if grant and change.proposed_by == by.account_id:
        raise SameProposer()
    words = note.strip()[:200] if grant else cleaned(note, field="note", at_least=2, at_most=200)
    if grant:
        _CARRY_OUT[ChangeKind(change.kind)](change)
    change.granted, change.decided_by, change.decided_at = grant, by.account_id or 0, clock.now()
    change.decision_note = words
    db.session.flush()
    _audit("pay_change.grant" if grant else "pay_change.refuse", change, by)
    if change.proposed_by != by.account_id:
        said = "已批准" if grant else f"没有采纳:{words}"
        _tell({change.proposed_by}, change, "decided", f"您提出的{_what(change)}{said}")
    return change


def install_merchant(company_id: int, sub_mch_id: str, *, valid_from: date) -> Merchant:
    """Write the account at once: for demonstrations, whose people are invented. The caller has checked that."""
    row = Merchant(
        company_id=company_id, sub_mch_id=sub_mch_id, valid_from=valid_from, registered_at=clock.now()
    )
    db.session.add(row)
    db.session.flush()
    return row


def bureau_district(by: Scope) -> int:
    """The district of a bureau's hat; raises Forbidden for every other one."""
    districts = by.ids(Dimension.DISTRICT)
    if by.role is not Role.BUR or len(districts) != 1:
        raise Forbidden()
    return next(iter(districts))


def _propose(change: PayChange, district_id: int, reason: str, by: Scope) -> PayChange:
    change.district_id, change.proposed_by, change.proposed_at = district_id, by.account_id or 0, clock.now()
    change.reason = cleaned(reason, field="reason", at_least=4, at_most=200)
    db.session.add(change)
    db.session.flush()
    _audit("pay_change.propose", change, by)
    others = set(bureau_accounts(district_id)) - {change.proposed_by}
    _tell(others, change, "waiting", f"{_what(change)}等您批准:{change.reason}")
    return change


def _register(change: PayChange) -> None:
    """The accounts before end on the day before; one that would begin later must be ended first."""
    assert change.company_id is not None and change.on_day is not None
    _still_ahead(change.on_day)
    company = _admitted(change.company_id)
    _lock_accounts(company.id)
    _not_of_another(change.sub_mch_id, company.id)
    mine = lock(select(Merchant).where(Merchant.company_id == company.id))
    for each in db.session.scalars(mine):
        if each.valid_from >= change.on_day:
            raise WrongState("这家企业已有同一天或更晚生效的商户号,新商户号的起用日期要更晚")
        if each.valid_until is None or each.valid_until >= change.on_day:
            each.valid_until = change.on_day - timedelta(days=1)
    db.session.add(
        Merchant(
            company_id=company.id,
            sub_mch_id=change.sub_mch_id,
            valid_from=change.on_day,
            registered_at=clock.now(),
            registered_by=change.proposed_by,
        )
    )
    db.session.flush()


def _end(change: PayChange) -> None:
    assert change.company_id is not None and change.on_day is not None
    _still_ahead(change.on_day)
    _lock_accounts(change.company_id)
    account = merchant_on(change.company_id, change.on_day)
    if account is None or account.sub_mch_id != change.sub_mch_id:
        raise WrongState("这家企业的商户号已经变了,请重新提出")
    account.valid_until = change.on_day
    db.session.flush()


def _lock_accounts(company_id: int) -> None:
    """One change of a company's accounts after the other: two that are granted at once would not see each other."""
    db.session.scalars(lock(select(Company).where(Company.id == company_id))).one()


def _turn(change: PayChange) -> None:
    estate = db.session.scalars(lock(select(Estate).where(Estate.id == change.estate_id))).one()
    on, switch = change.kind == ChangeKind.OPEN, Switch(change.switch)
    _switchable(estate, switch, on)
    setattr(estate, COLUMNS[switch], on)
    db.session.flush()


_CARRY_OUT: Mapping[ChangeKind, Callable[[PayChange], None]] = {
    ChangeKind.REGISTER: _register,
    ChangeKind.END: _end,
    ChangeKind.OPEN: _turn,
    ChangeKind.SHUT: _turn,
}


def _company(company_id: int | None) -> Company:
    company = db.session.get(Company, company_id) if company_id else None
    if company is None or company.is_third_party:
        raise Invalid("请从列表里选择企业", fields={"company_id": "没有这家企业"})
    return company


def _admitted(company_id: int | None) -> Company:
    company = _company(company_id)
    if company.admission not in MAY_RECEIVE_ORDERS:
        raise Invalid("这家企业没有准入,不能开通收款", fields={"company_id": "没有准入"})
    return company


def _estate(estate_id: int | None, district_id: int) -> Estate:
    estate = db.session.get(Estate, estate_id) if estate_id else None
    if estate is None or estate.district_id != district_id:
        raise Invalid("请从列表里选择小区", fields={"estate_id": "没有这个小区"})
    return estate


def _switchable(estate: Estate, switch: Switch, on: bool) -> None:
    if getattr(estate, COLUMNS[switch]) is on:
        raise WrongState(f"这个小区的{switch.label}已经{'开通' if on else '关闭'}")
    if on and switch is Switch.FUND:
        raise NoFundAccount()
    today = clock.china_date(clock.now())
    contract = serving_office(estate.id, today)
    if on and (contract is None or merchant_on(contract.company_id, today) is None):
        raise WrongState("服务这个小区的企业还没有收款商户号,请先登记商户号")


def _not_before_today(day: date) -> None:
    today = clock.china_date(clock.now())
    if not today <= day <= today + AHEAD:
        raise Invalid("日期应从今天起,最长一年以后", fields={"on_day": "今天到一年以后"})


def _still_ahead(day: date) -> None:
    if day < clock.china_date(clock.now()):
        raise WrongState("日期已经过了,请重新提出")


def _not_of_another(number: str, company_id: int) -> None:
    today = clock.china_date(clock.now())
    live = or_(Merchant.valid_until.is_(None), Merchant.valid_until >= today)
    other = select(Merchant.id).where(Merchant.sub_mch_id == number, Merchant.company_id != company_id, live)
    if db.session.scalars(other.limit(1)).first() is not None:
        raise MerchantTaken(fields={"sub_mch_id": "已登记在另一家企业名下"})


def _what(change: PayChange) -> str:
    return f"“{ChangeKind(change.kind).label}”"


def _tell(accounts: set[int], change: PayChange, what: str, words: str) -> None:
    notify_many(
        accounts,
        unique_key=f"pay_change:{change.id}:{what}",
        template="proposal",
        title="收款变更",
        body=words,
    )


def _audit(action: str, change: PayChange, by: Scope) -> None:
    details = {
        "what": ChangeKind(change.kind).label,
        "company_id": change.company_id,
        "sub_mch_id": change.sub_mch_id,
        "day": change.on_day.isoformat() if change.on_day else None,
        "estate_id": change.estate_id,
        "switch": Switch(change.switch).label if change.switch else "",
        "reason": change.decision_note or change.reason,
    }
    record(
        action,
        by=by,
        object_kind="pay_change",
        object_id=change.id,
        details=details,
        district_id=change.district_id,
    )
