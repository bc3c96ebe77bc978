"""What may stand on an invoice. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.companies.rules import is_credit_code
from app.core.errors import Invalid
from app.core.texts import cleaned
from app.invoices.lifecycle import How, TitleKind

ISSUE_WITHIN_DAYS = 3
"""Working days from the request (K27)."""
TITLE_MAX, EMAIL_MAX = 60, 100
REVERSE_FIRST = "这笔支付已开发票,请先在“发票”里红冲,再复核退费"
ELECTRONIC_UNDER_WAY = "这笔支付正在开电子发票,开好以后先红冲,再复核退费"
_EMAIL = re.compile(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,24}")
_NUMBER = re.compile(r"[0-9]{8,24}")
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True)
class Wanted:
    """What the payer has chosen; `email` and `tax_no` empty where they do not belong."""

    how: How
    title_kind: TitleKind
    title: str
    tax_no: str = ""
    email: str = ""

    def checked(self) -> Wanted:
        """The same without stray space; raises Invalid naming the field."""
        title = cleaned(self.title, field="title", at_least=1, at_most=TITLE_MAX)
        if _INVISIBLE.search(title) or "]]>" in title:
            raise Invalid("抬头里有不能印在发票上的字符", fields={"title": "有不能用的字符"})
        return Wanted(self.how, self.title_kind, title, self._tax_no(), self._email())

    def _tax_no(self) -> str:
        code = self.tax_no.strip().upper()
        if self.title_kind is TitleKind.PERSON:
            if code:
                raise Invalid("个人发票不用填税号", fields={"tax_no": "个人不填"})
            return ""
        if not is_credit_code(code):
            raise Invalid("税号不对,请核对18位统一社会信用代码", fields={"tax_no": "18位,校验码不符"})
        return code

    def _email(self) -> str:
        address = self.email.strip()
        if self.how is not How.ELECTRONIC:
            if address:
                raise Invalid("只有电子发票要填邮箱", fields={"email": "不用填"})
            return ""
        if len(address) > EMAIL_MAX or not _EMAIL.fullmatch(address):
            raise Invalid("请填写接收电子发票的邮箱", fields={"email": "邮箱不对"})
        return address


def checked_number(text: str, *, field: str = "number") -> str:
    """The digits of an invoice (code and number together where it has both); raises Invalid."""
    number = text.strip()
    if not _NUMBER.fullmatch(number):
        raise Invalid("发票号码应为8到24位数字", fields={field: "8到24位数字"})
    return number


def refund_subject(invoice_id: int) -> str:
    """Under which name an invoice keeps refunds waiting."""
    return f"invoice:{invoice_id}"
