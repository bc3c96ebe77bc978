"""缴费: what one's homes owe, month by month, and paying any of it together (S0-01, S0-04, S0-06, S0-35)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.fees import paying, queries
from app.fees.rules import BILLS_AT_ONCE
from miniprogram_api.bill_answers import BillOut, BillsOut, SummaryOut, bill_out, sum_out
from miniprogram_api.fields import In, OneOf, Out, PageIn, QueryId, RowId
from miniprogram_api.payment_answers import PaymentOut, payments_out
from miniprogram_api.routing import Routes
from miniprogram_api.session import RESIDENT, Caller, address

routes = Routes("bills", tag="缴费")


class BillsIn(PageIn):
    """Of one home or of all; what is due, what is paid, or everything."""

    home_id: QueryId | None = None
    state: Annotated[str, OneOf(tuple(queries.STATES))] = "all"


@routes.query("/bills", who=RESIDENT, asks=BillsIn, out=BillsOut, title="账单")
def bills(caller: Caller, asked: BillsIn) -> BillsOut:
    """The newest month first; also the old versions of corrected bills, which are void."""
    page, homes = queries.bills_page(
        caller.scope,
        home_id=asked.home_id,
        state=asked.state,
        cursor=asked.cursor or None,
        limit=asked.limit,
    )
    closed = next((home for home in homes if not home.payable), None)
    return BillsOut(
        items=[bill_out(line) for line in page.items],
        next_cursor=page.next_cursor,
        payable=any(home.payable for home in homes),
        not_payable_why=closed.why if closed else "",
        office_phone=next((home.office_phone for home in homes if home.office_phone), ""),
    )


@routes.query("/bills/summary", who=RESIDENT, out=SummaryOut, title="每套住房欠多少")
def summary(caller: Caller) -> SummaryOut:
    """For the entry 缴费; the total counts only homes that can pay here."""
    found = queries.summary(caller.scope)
    total = sum(each.due_fen for each in found if each.home.payable)
    return SummaryOut(homes=[sum_out(each) for each in found], total_fen=total)


@routes.query("/bills/<id:bill_id>", who=RESIDENT, out=BillOut, title="一张账单")
def bill(caller: Caller, bill_id: int) -> BillOut:
    """A bill of a home that is not one's own is a 404."""
    return bill_out(queries.bill_line(bill_id, caller.scope))


class PayBillsIn(In):
    """The chosen months; of up to three homes, whatever their companies."""

    bill_ids: Annotated[list[RowId], Field(min_length=1, max_length=BILLS_AT_ONCE)]


class PayBillsOut(Out):
    """One payment for each company, to be opened one after the other."""

    payments: list[PaymentOut]


@routes.command(
    "/bills/pay", who=RESIDENT, takes=PayBillsIn, out=PayBillsOut, title="合并支付所选账单", consent=True
)
def pay_bills(caller: Caller, given: PayBillsIn) -> PayBillsOut:
    """What it costs is our word, not the client's; the same choice again is the same payment."""
    payments = paying.pay(given.bill_ids, by=caller.scope, client_ip=address())
    return PayBillsOut(payments=payments_out(payments))
