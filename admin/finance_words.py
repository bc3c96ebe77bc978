"""Where a bill stands, and what an entry is of, in words."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.outgoing import OutgoingState
from app.reconciliation.models import BillFile


@dataclass(frozen=True)
class Words:
    """A word and the colour of its tag."""

    text: str
    tone: str


def bill_words(file: BillFile, open_cases: int) -> Words:
    """How far one day's reconciliation has come."""
    if file.state == OutgoingState.GIVEN_UP:
        return Words("微信一直没有给出账单", "late")
    if file.fetched_at is None:
        again = f",已试 {file.attempts} 次" if file.attempts else ""
        return Words(f"等微信账单{again}", "warn")
    if file.compared_at is None:
        return Words("账单已取到,正在核对", "warn")
    if open_cases:
        return Words(f"{open_cases} 处差异待处理", "late")
    return Words("已核对,无差异" if file.line_count else "当天没有交易", "ok")


_OF = {
    "payment": "收款",
    "refund": "退款",
    "settlement": "结算",
    "voucher": "凭证",
    "case": "对账",
    "cash": "现金收款",
}


def subject_words(subject: str) -> str:
    """凭证 31 for voucher:31."""
    kind, _, number = subject.partition(":")
    return f"{_OF.get(kind, kind)} {number}"


def subject_page(subject: str) -> tuple[str, dict[str, int]] | None:
    """The endpoint and the id of the page that shows it, where there is one."""
    kind, _, number = subject.partition(":")
    if not number.isdigit():
        return None
    if kind == "voucher":
        return "finance_vouchers.show", {"voucher_id": int(number)}
    if kind == "settlement":
        return "finance_settlements.show", {"batch_id": int(number)}
    if kind == "payment":
        return "payments.show", {"payment_id": int(number)}
    return None
