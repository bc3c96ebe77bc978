"""家里的账单: what is due in up to three homes, chosen month by month, explained, asked about."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from app.core.db import db, transact
from app.estates.models import Estate
from app.fees.bill_models import Bill
from app.fees.rules import FeeKind
from tests.client import finance, money
from tests.client.district import FAMILY_OF_THREE_HOMES, NEIGHBOURS, NON_PILOT, District
from tests.client.field import api
from tests.client.money import yuan
from tests.client.phone import Phone

BILLS, BILL, PAY = "money/bills/bills", "money/bill/bill", "money/pay/pay"
ASK, QUESTIONS = "money/ask/ask", "money/questions/questions"
ONE, TWO, THREE, FOUR = NEIGHBOURS[1], NEIGHBOURS[2], NEIGHBOURS[3], NEIGHBOURS[4]


def bill_of(district: District, bill_id: int) -> Bill:
    with district.product.looking_in():
        return db.session.get_one(Bill, bill_id)


def due(district: District, who: str) -> str:
    """What is owed in all, as it is written."""
    return yuan(api(district, who).get("/bills/summary")["total_fen"])


@pytest.mark.parametrize("first_tap", ["家里的账单", "我的"])
def test_the_bills_are_two_taps_from_home(phones, district, first_tap):
    money.owe(district, ONE, months=1)
    phone = phones(ONE).open()
    phone.sees(f"要交 {due(district, ONE)}")
    phone.tap(first_tap if first_tap != "我的" else "我的,")
    if first_tap == "我的":
        phone.arrives_at("pages/mine/mine")
        phone.tap("家里的账单")
    phone.arrives_at(BILLS)
    phone.sees(f"要交 {due(district, ONE)}")


def test_all_of_three_homes_is_chosen_first_and_single_months_can_be(phones, district):
    ids = money.owe(district, FAMILY_OF_THREE_HOMES, months=2)
    phone = phones(FAMILY_OF_THREE_HOMES).open(BILLS)
    phone.sees(f"要交 {due(district, FAMILY_OF_THREE_HOMES)}")
    expect(phone.page.get_by_role("radio", name="全部交清")).to_have_attribute("aria-checked", "true")
    expect(phone.pressable(f"去支付 {due(district, FAMILY_OF_THREE_HOMES)}")).to_be_visible()
    phone.tap("自己选")
    phone.sees("还差一样:选要交的月份")
    expect(phone.pressable("去支付 ¥0.00")).to_have_attribute("aria-disabled", "true")
    boxes = phone.page.get_by_role("checkbox").filter(visible=True)
    assert boxes.count() >= len(ids)
    boxes.nth(0).tap()
    boxes.nth(1).tap()
    first, second = (boxes.nth(place).get_attribute("aria-label") for place in (0, 1))
    both = fen_in(first) + fen_in(second)
    expect(phone.pressable(f"去支付 {yuan(both)}")).to_be_visible()
    boxes.nth(1).tap()
    expect(phone.pressable(f"去支付 {yuan(fen_in(first))}")).to_be_visible()


def fen_in(line: str) -> int:
    """2026年5月 物业费 ¥156.00,未缴 -> 15600"""
    return round(float(line.partition("¥")[2].partition(",")[0]) * 100)


def test_a_choice_survives_a_closed_app_and_two_months_are_their_sum(phones, district):
    """S0-04: two months chosen, the amount is the sum of both."""
    first, second, _ = money.owe(district, TWO, months=3)
    both = bill_of(district, first).amount_fen + bill_of(district, second).amount_fen
    phone = phones(TWO).open(BILLS)
    phone.tap("自己选")
    for bill_id in (first, second):
        phone.page.get_by_role("checkbox", name=title(district, bill_id)).tap()
    phone.close_app()
    phone.open(BILLS)
    phone.tap(f"去支付 {yuan(both)}")
    phone.arrives_at(PAY)
    phone.sees(yuan(both))
    [payment] = api(district, TWO).get("/payments")["items"]
    assert (payment["amount_fen"], payment["state"]) == (both, "created")


def title(district: District, bill_id: int) -> str:
    row = bill_of(district, bill_id)
    year, month = row.period.split("-")
    return f"{year}年{int(month)}月 {FeeKind(row.kind).label}"


def test_who_cannot_pay_here_reads_why_and_whom_to_call(phones, district):
    """S0-35."""
    phone = phones(NON_PILOT).open(BILLS)
    phone.sees("还没有开通线上缴费")
    expect(phone.pressable("打电话给物业")).to_be_visible()
    expect(phone.pressable("去支付")).to_have_count(0)


def test_parking_is_there_only_where_it_is_switched_on(phones, district):
    """S0-28."""
    [bill_id] = money.owe(district, THREE, months=1, kind=FeeKind.PARKING_OWN)
    phone = phones(THREE).open(BILLS)
    phone.sees("家里的账单")
    phone.settles()
    phone.sees_no("车位管理费")

    def switch_on() -> None:
        db.session.get_one(Estate, db.session.get_one(Bill, bill_id).estate_id).parking_enabled = True

    with district.product.looking_in():
        transact(switch_on)
    phone.open(BILLS).sees("车位管理费")


def test_a_bill_says_how_it_was_calculated_and_is_asked_about(phones, district):
    bill_id = money.owe(district, ONE, months=1)[0]
    row = bill_of(district, bill_id)
    phone = phones(ONE).open(BILLS)
    phone.tap(title(district, bill_id))
    phone.arrives_at(BILL)
    phone.sees(f"{row.quantity_hundredths / 100:.2f} m² × ¥2.60")
    phone.sees(yuan(row.amount_fen))
    phone.tap("问一问")
    phone.arrives_at(ASK)
    phone.sees("还差一样:选一个问题")
    phone.tap("面积好像不对")
    phone.type("再说几句", "房产证上是 52 平")
    phone.tap("问物业")
    phone.arrives_at(QUESTIONS)
    phone.sees("您问:面积好像不对 房产证上是 52 平")
    asked = api(district, ONE).get("/fee-questions")["items"][0]
    assert asked["bill"]["id"] == bill_id
    phone.sees(asked["due_words"])
    assert asked["due_words"].startswith("物业最晚 ")


def test_an_answer_is_said_to_be_one_and_another_goes_one_step_up(phones, district):
    """S4-15: 解决了 ends it, 没解决 brings it to the company, and both stand there with their day."""
    asker, text = api(district, FOUR), "单价好像不对"
    first, second = (
        asker.post(f"/bills/{bill_id}/ask", {"text": f"{text}{place}"})["id"]
        for place, bill_id in enumerate(money.owe(district, FOUR, months=2))
    )
    for question_id in (first, second):
        finance.answers(district, question_id, "单价按合同第三条,每平方米每月2.60元")
    phone = phones(FOUR).open(QUESTIONS)
    phone.sees("单价按合同第三条")
    phone.tap(f"解决了:{text}0")
    phone.sees("谢谢您,这个问题办结了")
    expect(phone.pressable(f"解决了:{text}0")).to_have_count(0)
    phone.tap(f"没解决:{text}1")
    phone.sees("已告诉物业没有解决,会再答复您")
    phone.sees("未解决,已转物业公司答复")
    phone.sees("物业公司最晚 ")
    states = {each["id"]: each["state"] for each in asker.get("/fee-questions")["items"]}
    assert (states[first], states[second]) == ("solved", "company")


def test_a_question_that_waits_for_the_network_is_sent_by_itself(phones, district):
    bill_id = money.owe(district, TWO, months=1)[0]
    phone = phones(TWO).open(ASK, id=bill_id)
    phone.tap("这笔我已经交过了")
    with phone.offline():
        phone.tap("问物业")
        phone.sees("已保存,联网后自动发送")
    phone.sees("您问:这笔我已经交过了")


def waiting(phone: Phone) -> int:
    return phone.pressable("接着付").count()


def test_a_payment_that_waits_is_gone_on_with_or_given_up(phones, district):
    bill_id = money.owe(district, THREE, months=1)[0]
    [payment_id] = money.asked_to_pay(district, THREE, [bill_id])
    phone = phones(THREE).open(BILLS)
    phone.sees("有一笔没付完")
    phone.tap("接着付")
    phone.arrives_at(PAY)
    phone.tap("不付了")
    phone.tap("接着付")
    phone.tap("不付了")
    phone.page.get_by_role("alertdialog").get_by_role("button", name="不付了").tap()
    phone.sees("没有付钱。账单还在,可以再付。")
    assert api(district, THREE).get(f"/payments/{payment_id}")["state"] == "closed"
    phone.tap("家里的账单")
    phone.sees("要交")
    assert waiting(phone) == 0
