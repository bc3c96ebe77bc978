"""Bills as residents read them."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from app.core.money import yuan
from app.fees.queries import BillLine, HomeSum
from app.fees.rules import period_label
from miniprogram_api.fields import Out, RowId

ACTION_LABELS = {"pay": "缴费", "ask": "费用咨询"}
NOT_CHARGED = "按合同条款计算,仅供参考,不会自动收取"


class BillActionOut(Out):
    """A button."""

    action: str
    label: str


class BillOut(Out):
    """One bill. To be paid now are `due_fen`: after a correction upwards that is only the difference."""

    id: RowId
    home_id: RowId
    home: str
    kind: str
    kind_label: str
    period: str
    period_label: str
    amount_fen: int
    paid_fen: int = Field(description="已付减去已退,分")
    due_fen: int = Field(description="现在要付的,分")
    state: str = Field(description="due | paid | refunded | void")
    words: str
    due_on: date
    overdue: bool
    company: str
    version: int
    corrected: bool
    basis: str = Field(description="怎么算的,例如 110.00 m² × ¥2.60;更正过的写明原金额和原因")
    late_fee_fen: int = Field(description="按合同条款算出的违约金,只显示,不收取")
    late_fee_words: str
    actions: list[BillActionOut]


def bill_out(line: BillLine) -> BillOut:
    """One line of the list."""
    bill = line.bill
    late = f"违约金 {yuan(line.late_fee_fen)}({NOT_CHARGED})" if line.late_fee_fen else ""
    return BillOut(
        id=bill.id,
        home_id=bill.home_id,
        home=line.home.label,
        kind=bill.kind,
        kind_label=bill.title.label,
        period=bill.period,
        period_label=period_label(bill.period),
        amount_fen=bill.amount_fen,
        paid_fen=bill.paid_fen - bill.refunded_fen,
        due_fen=bill.unpaid_fen,
        state=bill.state,
        words=line.words,
        due_on=bill.due_on,
        overdue=line.overdue,
        company=line.company,
        version=bill.version,
        corrected=line.correction is not None,
        basis=line.basis,
        late_fee_fen=line.late_fee_fen,
        late_fee_words=late,
        actions=[BillActionOut(action=each, label=ACTION_LABELS[each]) for each in line.actions],
    )


class BillsOut(Out):
    """A page of bills, and whether they can be paid here at all."""

    items: list[BillOut]
    next_cursor: str | None
    payable: bool
    not_payable_why: str
    office_phone: str


class HomeSumOut(Out):
    """What one home owes; `why` says why it cannot be paid here."""

    home_id: RowId
    home: str
    estate: str
    due_fen: int
    overdue_fen: int
    due_count: int
    payable: bool
    why: str
    office_phone: str
    parking: bool = Field(description="小区开通了停车缴费;否则不显示停车入口")


class SummaryOut(Out):
    """All homes of the person; the total is what can be paid here."""

    homes: list[HomeSumOut]
    total_fen: int


def sum_out(found: HomeSum) -> HomeSumOut:
    """One home."""
    return HomeSumOut(
        home_id=found.home.home_id,
        home=found.home.label,
        estate=found.home.estate,
        due_fen=found.due_fen,
        overdue_fen=found.overdue_fen,
        due_count=found.due_count,
        payable=found.home.payable,
        why=found.home.why,
        office_phone=found.home.office_phone,
        parking=found.home.has_parking,
    )
