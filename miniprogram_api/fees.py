"""收费公示: who charges what in an estate since when, and where to complain; for everybody, signed in or not
(价格法 13, 发改价检〔2004〕1428号, S0-13)."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from app.fees import rules
from app.fees.standards import FeeItem, FeePublicity, fee_publicity
from miniprogram_api.fields import Out, RowId
from miniprogram_api.routing import Routes
from miniprogram_api.session import PUBLIC

routes = Routes("fees", tag="缴费")
COMPLAINT_PHONE = "12315"
AGENCY_WORDS = "代收水费、电费按供应单位的价格收取,不加手续费"
NO_LATE_FEE = "服务合同没有约定违约金"


class FeeItemOut(Out):
    """One item of the publicity."""

    kind: str
    label: str
    price_words: str
    unit: str
    method: str
    since: date
    next_price_words: str = Field(description="已公布的新价;没有时为空")
    next_since: date | None


class FeesOut(Out):
    """收费公示表 of an estate."""

    estate_id: RowId
    estate: str
    company: str
    contract_kind: str
    contract_from: date | None
    contract_until: date | None
    office_phone: str
    items: list[FeeItemOut]
    late_fee: str
    agency: str
    complaint_phone: str
    why_empty: str


@routes.query("/estates/<id:estate_id>/fees", who=PUBLIC, out=FeesOut, title="收费公示", personal=False)
def fees(estate_id: int) -> FeesOut:
    """What is charged today, and what is announced for later months."""
    found = fee_publicity(estate_id)
    contract = found.contract
    return FeesOut(
        estate_id=found.estate.id,
        estate=found.estate.name,
        company=contract.company.name if contract else "",
        contract_kind=contract.kind if contract else "",
        contract_from=contract.begins_on if contract else None,
        contract_until=contract.ends_on if contract else None,
        office_phone=contract.office.duty_phone if contract else "",
        items=[_item(item) for item in found.items],
        late_fee=_late_fee(found),
        agency=AGENCY_WORDS,
        complaint_phone=COMPLAINT_PHONE,
        why_empty=_why_empty(found),
    )


def _item(item: FeeItem) -> FeeItemOut:
    following = item.next_price_hundredths
    return FeeItemOut(
        kind=item.kind.value,
        label=item.kind.label,
        price_words=rules.price_words(item.price_hundredths),
        unit=rules.unit_of(item.kind),
        method=item.method,
        since=item.since,
        next_price_words="" if following is None else rules.price_words(following),
        next_since=item.next_since,
    )


def _late_fee(found: FeePublicity) -> str:
    clause = found.clause
    if clause is None:
        return NO_LATE_FEE
    rate = f"{clause.rate_millionths / 10_000:.4f}".rstrip("0").rstrip(".")
    return (
        f"合同约定:逾期{f'超过{clause.grace_days}天' if clause.grace_days else ''}每天按欠费的 {rate}% 计违约金,"
        f"最多为欠费的 {clause.cap_percent}%;平台只计算和显示,不自动收取"
    )


def _why_empty(found: FeePublicity) -> str:
    if found.contract is None:
        return "这个小区现在没有物业公司服务"
    return "" if found.items else "物业公司还没有登记收费标准,可以打电话问管理处"
