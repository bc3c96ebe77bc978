"""我的消息 about money: each leads to the page of what it is about."""

from __future__ import annotations

import pytest

from tests.client import finance, money
from tests.client.district import NEIGHBOURS, District
from tests.client.field import api
from tests.client.phone import Phone

MESSAGES = "pages/messages/messages"
PAYMENT, BILL = "money/payment/payment", "money/bill/bill"
INVOICES, QUESTIONS, BILLS = "money/invoices/invoices", "money/questions/questions", "money/bills/bills"
WHO = NEIGHBOURS[5]


def told(district: District, title: str) -> str:
    """Wait for a message with this title; the page that it names."""

    def newest() -> list[str]:
        items = api(district, WHO).get("/messages")["items"]
        return [each["page"] for each in items if each["title"] == title][:1]

    (page,) = district.wait_for(newest, what=title)
    return str(page)


def opened(phone: Phone, title: str, page: str) -> None:
    """The newest message with this title is tapped."""
    phone.open(MESSAGES)
    phone.tap(title)
    phone.arrives_at(page)


@pytest.fixture
def payment_id(district: District) -> int:
    """A payment that has gone through, and its payer has been told."""
    payment_id = money.paid(district, WHO)
    assert told(district, "缴费成功") == f"{PAYMENT}?id={payment_id}"
    return payment_id


def test_payment_refund_and_invoice_are_opened_from_their_messages(phones, district, payment_id):
    payer = api(district, WHO)
    wanted = {"how": "office", "title_kind": "person", "title": "示范居民"}
    finance.writes_out(district, payer.post(f"/payments/{payment_id}/invoice", wanted)["id"])
    assert told(district, "发票已开好") == INVOICES
    phone = phones(WHO)
    opened(phone, "缴费成功", PAYMENT)
    phone.sees(payer.get(f"/payments/{payment_id}")["receipt_no"])
    opened(phone, "发票已开好", INVOICES)
    phone.sees("示范居民")
    other = money.paid(district, WHO)
    asked = payer.post(f"/payments/{other}/ask-refund", {"reason_code": "wrong", "amount_fen": 100})
    finance.refuses_refund(district, asked["refunds"][0]["id"], "已上门核对,收费没有错")
    assert told(district, "退费没有通过") == f"{PAYMENT}?id={other}"
    opened(phone, "退费没有通过", PAYMENT)
    phone.sees("物业说:已上门核对,收费没有错")


def test_a_corrected_bill_and_an_answer_are_opened_from_their_messages(phones, district):
    payer = api(district, WHO)
    bill_id = money.owe(district, WHO, months=1)[0]
    question = payer.post(f"/bills/{bill_id}/ask", {"text": "面积好像不对"})
    finance.answers(district, question["id"], "已按房产证核对,面积多算了1平方米")
    assert told(district, "物业已答复") == QUESTIONS
    new_id = finance.corrects(district, bill_id, less_fen=260, reason="面积多算了1平方米")
    assert told(district, "账单已更正") == f"{BILL}?id={new_id}"
    phone = phones(WHO)
    opened(phone, "账单已更正", BILL)
    phone.sees(money.yuan(payer.get(f"/bills/{new_id}")["amount_fen"]))
    phone.sees("面积多算了1平方米")
    opened(phone, "物业已答复", QUESTIONS)
    phone.sees("已按房产证核对,面积多算了1平方米")
