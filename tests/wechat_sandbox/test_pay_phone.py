"""The phone checks everything before money moves, and the pay sheet for browsers is the same phone: item 18."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from playwright.sync_api import Page, Playwright

from tests.fakes.loopback import Loopback, Reply, loopback
from tests.fakes.sandbox import SandboxHandle
from tests.live import launch, watch
from tests.wechat_sandbox.merchant import PAYER, Merchant, beijing, signature

BACK = "http://127.0.0.1:9/m/?step=pay#/pages/pay/result"


def refusal(merchant: Merchant, params: dict[str, Any], name: str = PAYER) -> str:
    """What the phone says; the order stays as it was."""
    answer = requests.post(
        merchant.sandbox.url + "/control/pay", json={"params": params, "name": name}, timeout=10
    )
    assert answer.status_code == 422
    return answer.json()["error"]


@pytest.fixture
def params(merchant: Merchant) -> dict[str, str]:
    """Of an order that can be paid."""
    return merchant.params(merchant.order("A0000001")["prepay_id"])


def test_paying_gives_the_order_a_transaction(merchant: Merchant, params: dict[str, str]):
    paid = merchant.sandbox.pay_as(PAYER, params, wait=False)
    assert paid["errMsg"] == "requestPayment:ok"
    assert re.fullmatch(r"42\d{26}", paid["transaction_id"])
    assert refusal(merchant, params) == "该订单已支付"


@pytest.mark.parametrize("name", ["appId", "timeStamp", "nonceStr", "package", "signType", "paySign"])
def test_each_parameter_is_needed_and_signed(merchant: Merchant, params: dict[str, str], name: str):
    assert refusal(merchant, {key: value for key, value in params.items() if key != name})
    assert refusal(merchant, {**params, name: params[name] + "1"})
    assert refusal(merchant, {**params, name: 1})
    assert refusal(merchant, {**params, name: ""})
    assert merchant.query("A0000001")["trade_state"] == "NOTPAY"


def test_the_pay_sign_has_the_type_of_the_order(merchant: Merchant, params: dict[str, str]):
    prepay_id = params["package"].removeprefix("prepay_id=")
    assert refusal(merchant, merchant.params(prepay_id, sign_type="MD5")) == "支付验证签名失败"
    lower = {**params, "paySign": params["paySign"].lower()}
    assert refusal(merchant, lower) == "支付验证签名失败"
    other_key = {name: value for name, value in params.items() if name != "paySign"}
    assert (
        refusal(merchant, {**other_key, "paySign": signature(other_key, key="k" * 32)}) == "支付验证签名失败"
    )


def test_only_the_person_of_the_order_pays(merchant: Merchant, params: dict[str, str]):
    merchant.sandbox.user("李大爷")
    assert refusal(merchant, params, "李大爷") == "支付账号与下单账号不一致"
    assert refusal(merchant, params, "nobody") == "支付账号与下单账号不一致"


def test_a_prepay_id_lives_two_hours_and_the_order_until_its_expiry(
    merchant: Merchant, params: dict[str, str]
):
    merchant.sandbox.advance(7199)
    merchant.sandbox.pay_as(PAYER, params, "cancel")
    merchant.sandbox.advance(2)
    assert "两小时" in refusal(merchant, params)
    fresh = merchant.params(merchant.order("A0000001")["prepay_id"])
    assert merchant.sandbox.pay_as(PAYER, fresh, wait=False)["state"] == "SUCCESS"


def test_a_closed_order_is_not_paid(merchant: Merchant, params: dict[str, str]):
    merchant.sandbox.advance(301)
    merchant.close("A0000001")
    assert refusal(merchant, params) == "该订单已关闭"


def test_after_time_expire_nobody_pays(merchant: Merchant):
    params = merchant.params(merchant.order("A0000002", time_expire=beijing(120))["prepay_id"])
    merchant.sandbox.advance(121)
    assert "已过期" in refusal(merchant, params)


@pytest.mark.parametrize("body", [{}, {"params": []}, {"params": {"a": "b"}}, {"params": None}])
def test_a_payment_without_the_six_parameters_is_none(sandbox: SandboxHandle, body: dict[str, Any]):
    assert requests.post(sandbox.url + "/control/pay", json=body, timeout=10).status_code == 422


def sheet(sandbox: SandboxHandle, params: dict[str, str], *, back: str = BACK, name: str = PAYER) -> str:
    """Address of the pay sheet."""
    return f"{sandbox.url}/cashier?" + urlencode({**params, "name": name, "back": back})


def test_the_sheet_goes_back_to_this_machine_only(merchant: Merchant, params: dict[str, str]):
    for back in ("http://192.0.2.1/x", "javascript:alert(1)", "//127.0.0.1/", "http://a@127.0.0.1/", ""):
        answer = requests.get(sheet(merchant.sandbox, params, back=back), timeout=10)
        assert answer.status_code == 422
        assert "立即支付" not in answer.text
        form = {**params, "name": PAYER, "back": back, "tap": "pay"}
        assert requests.post(merchant.sandbox.url + "/cashier", data=form, timeout=10).status_code == 422
    assert merchant.query("A0000001")["trade_state"] == "NOTPAY"


def test_the_sheet_has_no_script_and_a_strict_policy(merchant: Merchant, params: dict[str, str]):
    answer = requests.get(sheet(merchant.sandbox, params), timeout=10)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:9;" in policy
    assert not re.search(r"<script|\son\w+=|\sstyle=", answer.text)


def test_a_sheet_that_cannot_be_paid_says_why(merchant: Merchant, params: dict[str, str]):
    answer = requests.get(sheet(merchant.sandbox, {**params, "paySign": "x"}), timeout=10)
    assert answer.status_code == 409
    assert "支付验证签名失败" in answer.text
    assert "result=cancel" in answer.text


@pytest.fixture
def product() -> Iterator[Loopback]:
    with loopback(lambda _: Reply(b"<!doctype html><link rel=icon href=data:,><p>back</p>")) as server:
        yield server


@pytest.fixture
def page(sandbox: SandboxHandle, playwright_driver: Playwright) -> Iterator[Page]:
    browser = launch(playwright_driver)
    context = browser.new_context(viewport={"width": 375, "height": 667}, locale="zh-CN")
    seen = watch(context, sandbox.url)
    yield context.new_page()
    assert seen.console == []
    browser.close()


@pytest.mark.browser
def test_a_person_cancels_and_then_pays_in_the_browser(
    merchant: Merchant, params: dict[str, str], product: Loopback, page: Page
):
    back = product.url + "/m/?step=pay#/pages/pay/result"
    page.goto(sheet(merchant.sandbox, params, back=back))
    assert "¥123.45" in page.inner_text("main")
    assert "北京潞安示范物业服务有限公司" in page.inner_text("main")
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    page.get_by_role("button", name="取消").click()
    assert _query(page) == {"step": ["pay"], "result": ["cancel"]}
    assert merchant.query("A0000001")["trade_state"] == "NOTPAY"
    page.goto(sheet(merchant.sandbox, params, back=back))
    page.get_by_role("button", name="立即支付").click()
    assert _query(page) == {"step": ["pay"], "result": ["ok"]}
    assert page.url.endswith("#/pages/pay/result")
    assert merchant.query("A0000001")["trade_state"] == "SUCCESS"


@pytest.mark.browser
def test_the_phone_shows_what_was_paid_with_it(merchant: Merchant, page: Page):
    merchant.paid("A0000001", body="物业费 2026年10月")
    page.goto(merchant.sandbox.url)
    entry = page.locator("#payments li").first
    entry.get_by_text("¥123.45").wait_for()
    assert "物业费 2026年10月" in entry.inner_text()


def _query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)
