"""付款: from the button through the sandbox's cashier to receipt, ledger and the bureau's 收缴监管, in a browser.

The must-show of issue 5: three months of three homes that two companies serve, and the 65.00 of story Z7.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
import requests
from playwright.sync_api import Route, expect
from sqlalchemy import func, select

from app.books.models import LedgerEntry, LedgerLine
from app.core.db import db
from app.fees.bill_models import Bill
from tests.client import money, office
from tests.client.district import FAMILY_OF_THREE_HOMES, NEIGHBOURS, RESIDENT, TENANT, District
from tests.client.field import api
from tests.client.money import yuan
from tests.client.phone import Phone, Phones
from tests.client.sight_money import OTHER_COMPANYS_ESTATE, TWO_COMPANIES

BILLS, PAY, PAYMENT = "money/bills/bills", "money/pay/pay", "money/payment/payment"
ORDER, SETTLEMENT = "pages/order/order", "money/settlement/settlement"
CASHIER = "立即支付"


def in_the_cashier(phone: Phone, tap: str = CASHIER) -> None:
    """WeChat's window, which a browser does not have: the sandbox's page stands for it."""
    phone.page.get_by_role("button", name=tap).tap()


def payment_of(district: District, who: str, place: int = 0) -> dict[str, Any]:
    """The newest, or an older one."""
    return dict(api(district, who).get("/payments")["items"][place])


def in_the_books(district: District, payment_id: int) -> dict[str, int]:
    """What the payment's entries add to each account: debit minus credit, in fen."""
    statement = (
        select(LedgerLine.account, func.sum(LedgerLine.debit_fen - LedgerLine.credit_fen))
        .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
        .where(LedgerEntry.subject == f"payment:{payment_id}")
        .group_by(LedgerLine.account)
    )
    with district.product.looking_in():
        return {account: int(fen) for account, fen in db.session.execute(statement)}


def bill_states(district: District, ids: list[int]) -> set[str]:
    with district.product.looking_in():
        return set(db.session.scalars(select(Bill.state).where(Bill.id.in_(ids))))


def test_three_months_of_three_homes_are_paid_to_two_companies_one_after_the_other(phones, district):
    money.owns_too(district, TWO_COMPANIES, OTHER_COMPANYS_ESTATE)
    money.nothing_waits(district, TWO_COMPANIES)
    bill_ids = money.owe(district, TWO_COMPANIES, months=3)
    assert len(bill_ids) == 9
    total = api(district, TWO_COMPANIES).get("/bills/summary")["total_fen"]
    with office.at_the_console(phones.browser, district, office.BUREAU) as bureau:
        places = set(office.places_of(district, bill_ids).values())
        before = office.collected(bureau, district, places)
        payments = _paid_on_the_phone(phones, district, bill_ids, total)
        paid = office.paid_at(district, payments)
        assert sum(paid.values()) == total
        office.has_moved(district, partial(office.collected, bureau, district), before, paid)
    for payment in payments:
        with office.at_the_console(phones.browser, district, office.FINANCE[payment["payee"]]) as finance:
            found = office.entry_and_receipt(finance, district, payment)
        assert found == office.receipt(district, payment)


def _paid_on_the_phone(
    phones: Phones, district: District, bill_ids: list[int], total: int
) -> list[dict[str, Any]]:
    """From the first page through two cashiers to both receipts; the two payments."""
    phone = phones(TWO_COMPANIES, pays=True).open()
    phone.tap("家里的账单")
    phone.sees(f"要交 {yuan(total)}")
    phone.sees("分 2 笔付,一笔一笔来:")
    phone.tap(f"去支付 {yuan(total)}")
    phone.arrives_at(PAY)
    phone.sees("第 1 笔 / 共 2 笔")
    phone.sees("钱直接付给")
    phone.tap("微信支付")
    in_the_cashier(phone)
    phone.sees("第 2 笔 / 共 2 笔")
    phone.sees("✓ 已支付")
    phone.tap("微信支付")
    in_the_cashier(phone)
    phone.sees("收据号")
    phone.sees(yuan(total))
    payments = [payment_of(district, TWO_COMPANIES, place) for place in (0, 1)]
    assert {payment["state"] for payment in payments} == {"paid"}
    assert len({payment["payee"] for payment in payments}) == 2
    assert sum(payment["amount_fen"] for payment in payments) == total
    for payment in payments:
        phone.sees(payment["receipt_no"])
        assert in_the_books(district, payment["id"]) == {
            "wechat": payment["amount_fen"],
            "property_fee": -payment["amount_fen"],
        }
    for payment in payments:
        phone.tap(f"收据、发票 {yuan(payment['amount_fen'])}")
        phone.arrives_at(PAYMENT)
        assert downloaded(phone) == office.receipt(district, payment)
        phone.back()
        phone.arrives_at(PAY)
    district.wait_for(lambda: bill_states(district, bill_ids) == {"paid"}, what="paid bills")
    phone.open(BILLS).sees("都交清了")
    return payments


def downloaded(phone: Phone) -> bytes:
    """The receipt, as the phone has saved it."""
    with phone.page.expect_download() as download:
        phone.tap("收据", exact=True)
    assert download.value.suggested_filename.startswith("收据-")
    phone.sees("已存为")
    return download.value.path().read_bytes()


def test_the_repair_of_Z7_is_read_and_paid_and_shows_its_receipt(phones, district):
    order_id = money.repaired(district, RESIDENT)
    phone = phones(RESIDENT, pays=True).open(ORDER, id=order_id)
    phone.sees("请付维修费 ¥65.00")
    phone.tap("去支付")
    phone.arrives_at(SETTLEMENT)
    for words in ("更换水龙头", "普通铜龙头", "¥40.00", "¥25.00", "一共 ¥65.00"):
        phone.sees(words)
    phone.tap("去支付 ¥65.00")
    phone.arrives_at(PAY)
    phone.tap("微信支付 ¥65.00")
    in_the_cashier(phone)
    phone.sees("✓ 已支付")
    phone.sees("收据号")
    payment_id = api(district, RESIDENT).get(f"/orders/{order_id}")["pay"]["payment_id"]
    payment = api(district, RESIDENT).get(f"/payments/{payment_id}")
    assert in_the_books(district, payment["id"]) == {"wechat": 6500, "repair": -6500}
    district.wait_for(
        lambda: api(district, RESIDENT).get(f"/orders/{order_id}")["pay"]["paid_fen"] == 6500,
        what="a paid order",
    )
    phone.open(ORDER, id=order_id).sees("费用:已支付 ¥65.00")
    phone.tap("结算单")
    phone.tap("收据、发票")
    phone.arrives_at(PAYMENT)
    phone.sees(payment["receipt_no"])
    assert payment["amount_fen"] == 6500
    assert downloaded(phone) == office.receipt(district, payment)
    with office.at_the_console(phones.browser, district, office.FINANCE[payment["payee"]]) as finance:
        found = office.entry_and_receipt(finance, district, payment)
    assert found == office.receipt(district, payment)


def test_the_phone_asks_for_the_money_before_it_asks_whether_it_is_mended(phones, district):
    """Nobody can say 修好了 before he has paid; 没修好 he can say at any time (ADR 0019)."""
    who = NEIGHBOURS[6]
    order_id, resident = money.repaired(district, who), api(district, who)
    district.advance("24h")
    phone = phones(who).open()
    phone.sees("请付维修费 ¥65.00")
    phone.tap("去支付")
    phone.arrives_at(ORDER)
    phone.sees("没修好先不用付")
    phone.sees_no("修好了吗?")
    expect(phone.pressable("确认修好了")).to_have_count(0)
    phone.tap("没修好")
    phone.arrives_at("pages/reopen/reopen")
    money.pay(district, who, resident.post(f"/orders/{order_id}/pay")["id"])
    district.wait_for(lambda: resident.get(f"/orders/{order_id}")["asks_if_fixed"], what="the question")
    phone.open(ORDER, id=order_id).sees("修好了吗?")
    phone.tap("修好了", exact=True)
    phone.sees("已办结,谢谢您")
    assert resident.get(f"/orders/{order_id}")["status"] == "CLOSED"


def owing(district: District, who: str, months: int = 1) -> int:
    """A payment of this person that waits."""
    [payment_id] = money.asked_to_pay(district, who, money.owe(district, who, months=months)[:months])
    return payment_id


def test_who_cancels_in_the_cashier_has_paid_nothing_and_can_go_on(phones, district):
    payment_id = owing(district, RESIDENT)
    phone = phones(RESIDENT, pays=True).open(PAY, id=payment_id)
    phone.tap("微信支付")
    in_the_cashier(phone, "取消")
    phone.sees("您取消了付款,钱没有动。账单还在,可以接着付。")
    phone.tap("微信支付")
    in_the_cashier(phone)
    phone.sees("收据号")
    assert api(district, RESIDENT).get(f"/payments/{payment_id}")["state"] == "paid"


def test_a_double_tap_opens_one_payment(phones, district):
    bill_ids = money.owe(district, FAMILY_OF_THREE_HOMES, months=1)
    before = {each["id"] for each in api(district, FAMILY_OF_THREE_HOMES).get("/payments")["items"]}
    phone = phones(FAMILY_OF_THREE_HOMES, pays=True).open(BILLS)
    phone.sees("要交")
    phone.settles()
    button = phone.pressable("去支付").last
    button.evaluate("each => { for (let i = 0; i < 5; i += 1) each.click() }")
    phone.arrives_at(PAY)
    items = api(district, FAMILY_OF_THREE_HOMES).get("/payments")["items"]
    [new] = [each for each in items if each["id"] not in before]
    assert {line["subject"] for line in new["lines"]} >= {f"bill:{each}" for each in bill_ids}
    opened: list[str] = []
    phone.context.on(
        "request", lambda request: opened.append(request.url) if "/open" in request.url else None
    )
    phone.pressable("微信支付").first.evaluate("each => { for (let i = 0; i < 5; i += 1) each.click() }")
    expect(phone.page.get_by_role("button", name=CASHIER)).to_be_visible()
    assert len(opened) == 1
    in_the_cashier(phone)
    phone.sees("收据号")


def test_a_killed_app_comes_back_to_where_it_was(phones, district):
    payment_id = owing(district, RESIDENT)
    phone = phones(RESIDENT, pays=True).open(PAY, id=payment_id)
    phone.tap("微信支付")
    expect(phone.page.get_by_role("button", name=CASHIER)).to_be_visible()
    params = dict(api(district, RESIDENT).post(f"/payments/{payment_id}/open")["wechat"])
    phone.close_app()
    body = {"params": params, "name": RESIDENT, "outcome": "ok"}
    assert requests.post(f"{district.product.sandbox}/control/pay", json=body, timeout=20).ok
    phone.open().sees("有一笔钱没付完")
    phone.tap("接着付")
    phone.arrives_at(PAY)
    phone.sees("收据号")
    phone.open().sees_no("有一笔钱没付完")


def test_while_nobody_can_say_whether_it_is_paid_nothing_can_be_paid_again(phones, district):
    """WeChat neither answers nor sends its notice: the server says so, and the phone does not take that for unpaid."""
    payment_id = owing(district, RESIDENT)
    phone = phones(RESIDENT, pays=True, tolerated=("status of 503",))
    phone.open(PAY, id=payment_id)
    phone.tap("微信支付")
    with silent_wechat(district):
        in_the_cashier(phone)
        phone.sees("还没有收到微信的付款结果,请不要重复付款,我们正在核对")
        phone.sees("微信暂时不可用")
        expect(phone.pressable("微信支付")).to_have_count(0)
        phone.tap("再看一次结果")
        phone.sees("微信暂时不可用")
        phone.sees_no("错误:")
        assert api(district, RESIDENT).get(f"/payments/{payment_id}")["state"] == "open"
    phone.tap("再看一次结果")
    phone.sees("收据号")


@contextmanager
def silent_wechat(district: District) -> Iterator[None]:
    """Payments are taken; what became of them is neither answered nor told."""
    faults = f"{district.product.sandbox}/sandbox/faults"
    for path, kind in (("/pay/orderquery", "http_500"), ("notice", "lost")):
        body = {"path": path, "kind": kind, "times": 500}
        requests.post(faults, json=body, timeout=10).raise_for_status()
    try:
        yield
    finally:
        requests.delete(faults, timeout=10).raise_for_status()


@pytest.mark.parametrize("who", [RESIDENT])
def test_history_of_a_home_a_refund_and_its_state(phones, district, who):
    payment_id = money.paid(district, who)
    phone = phones(who).open("money/payments/payments")
    phone.tap(payment_of(district, who)["title"])
    phone.arrives_at(PAYMENT)
    phone.tap("申请退款")
    phone.sees("请选一个原因")
    phone.tap("付错了")
    phone.tap("只退一部分")
    phone.type("退多少钱", "999999")
    phone.sees("退多少")
    phone.type("退多少钱", "10.50")
    phone.tap("申请退款", exact=True)
    phone.arrives_at(PAYMENT)
    phone.sees("退款 ¥10.50")
    phone.sees("物业财务正在核对")
    [refund] = api(district, who).get(f"/payments/{payment_id}")["refunds"]
    assert (refund["amount_fen"], refund["step"]) == (1050, "requested")


def test_the_history_is_filtered_by_home(phones, district):
    """S0-06."""
    bill_ids = money.owe(district, FAMILY_OF_THREE_HOMES, months=1)
    [payment_id] = money.asked_to_pay(district, FAMILY_OF_THREE_HOMES, bill_ids[:1])
    money.pay(district, FAMILY_OF_THREE_HOMES, payment_id)
    homes = api(district, FAMILY_OF_THREE_HOMES).get("/me/homes")["items"]
    others = api(district, FAMILY_OF_THREE_HOMES).get("/bills", home_id=homes[2]["home_id"])["items"]
    assert bill_ids[2] in {each["id"] for each in others}
    phone = phones(FAMILY_OF_THREE_HOMES).open("money/payments/payments")
    found = phone.page.get_by_role("link").filter(visible=True)
    expect(found.first).to_be_visible()
    count = found.count()
    phone.tap("看哪一处:全部")
    phone.tap(homes[2]["place"])
    phone.sees(f"看哪一处:{homes[2]['place']}")
    phone.settles()
    assert found.count() < count


def test_an_invoice_for_a_company_is_checked_and_asked_for(phones, district):
    payment_id = money.paid(district, RESIDENT)
    phone = phones(RESIDENT).open(PAYMENT, id=payment_id)
    phone.tap("要发票")
    phone.settles()
    phone.sees_no("电子发票")  # no service for them is connected here
    phone.tap("投到信报箱")
    phone.tap("单位")
    phone.type("单位名称", "某某商贸有限公司")
    phone.type("税号", "91350100M000100Y44")
    phone.tap("下一步")
    phone.sees("税号不对")
    phone.type("税号", "91350100m000100y43")
    phone.tap("下一步")
    phone.sees("91350100M000100Y43")
    phone.tap("要发票", exact=True)
    phone.arrives_at(PAYMENT)
    phone.tap("发票,")
    phone.sees("某某商贸有限公司")
    phone.sees("91350100M000100Y43")
    phone.tap("不要了")
    phone.page.get_by_role("alertdialog").get_by_role("button", name="不要了").tap()
    phone.sees("已撤回")


def test_an_electronic_invoice_opens_at_its_service_which_does_not_learn_who_asks(phones, district):
    payment_id = money.paid(district, RESIDENT)
    wanted = {"how": "office", "title_kind": "person", "title": "王秀兰"}
    asked = api(district, RESIDENT).post(f"/payments/{payment_id}/invoice", wanted)
    there = f"{district.product.sandbox}/einvoice/pdf/24117000000000000001"
    issued = {
        "how": "electronic",
        "how_label": "电子发票",
        "state": "issued",
        "words": "已开,已发到邮箱",
        "actions": [],
        "email": "wang@example.com",
        "number": "24117000000000000001",
        "pdf_url": there,
    }
    phone = phones(RESIDENT, pays=True)
    answer = {"items": [{**asked, **issued}], "next_cursor": None}
    phone.context.route(re.compile(r"/api/v1/invoices(\?|$)"), lambda route: route.fulfill(json=answer))
    headers: list[dict[str, str]] = []

    def file(route: Route) -> None:
        headers.append(route.request.all_headers())
        route.fulfill(body="<!DOCTYPE html><title>.</title>", content_type="text/html")

    phone.context.route(there, file)
    phone.open("money/invoices/invoices")
    phone.sees("邮箱:wang@example.com")
    expect(phone.pressable("不要了")).to_have_count(0)  # only the service can take it back now
    with phone.context.expect_page() as opened:
        phone.tap("看发票")
    assert opened.value.url in (there, "about:blank")
    phone.sees("已在新的页面打开")
    district.wait_for(lambda: headers, what="the asked service")
    assert not {"authorization", "cookie", "referer"} & set(headers[0])


def test_a_tenant_pays_for_the_home_he_lives_in(phones, district):
    payment_id = owing(district, TENANT)
    phone = phones(TENANT, pays=True).open(PAY, id=payment_id)
    phone.tap("微信支付")
    in_the_cashier(phone)
    phone.sees("收据号")
