"""Notices come on the real schedule, at least twice, and are judged by the answer: section 4.1, item 19."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from config import SANDBOX_MCH_ID, SANDBOX_PAY_KEY
from tests.fakes.loopback import Heard, Loopback, Reply, loopback
from tests.wechat_sandbox.merchant import PAYER, SUB_MCH_ID, Merchant, parsed, signature, xml
from wechat_sandbox.pay_notices import PAUSES

YES = xml({"return_code": "SUCCESS", "return_msg": "OK"})
NO = xml({"return_code": "FAIL", "return_msg": "later"})


@contextmanager
def product(answer: Callable[[Heard], Reply] = lambda _: Reply(YES)) -> Iterator[Loopback]:
    with loopback(answer) as server:
        yield server


def pay(merchant: Merchant, server: Loopback, number: str = "A0000001", **changes: Any) -> dict[str, Any]:
    """An order of which this server hears."""
    return merchant.paid(number, notify_url=server.url + "/notice", **changes)


def statuses(merchant: Merchant) -> list[str]:
    return [entry["status"] for entry in merchant.sandbox.pay_tries()]


def unsealed(req_info: str) -> dict[str, str]:
    """The sealed part, opened by hand."""
    secret = hashlib.md5(SANDBOX_PAY_KEY.encode(), usedforsecurity=False).hexdigest().encode()
    cipher = Cipher(algorithms.AES(secret), modes.ECB()).decryptor()  # noqa: S305
    plain = cipher.update(base64.b64decode(req_info)) + cipher.finalize()
    return parsed(plain[: -plain[-1]].decode())


@pytest.mark.parametrize("sign_type", ["HMAC-SHA256", "MD5"])
def test_a_notice_says_all_and_is_signed_in_the_type_of_the_order(merchant: Merchant, sign_type: str):
    with product() as server:
        prepay_id = merchant.order(
            "A0000001", notify_url=server.url + "/notice", attach="bill:7", sign_type=sign_type
        )["prepay_id"]
        paid = merchant.sandbox.pay_as(PAYER, merchant.params(prepay_id, sign_type=sign_type))
        heard = server.wait_for(1)[0]
    notice = parsed(heard.body.decode())
    assert (heard.method, heard.path) == ("POST", "/notice")
    assert notice["sign"] == signature(notice, sign_type=sign_type)
    assert "sign_type" not in notice
    expected = {
        "return_code": "SUCCESS",
        "result_code": "SUCCESS",
        "mch_id": SANDBOX_MCH_ID,
        "sub_mch_id": SUB_MCH_ID,
        "out_trade_no": "A0000001",
        "transaction_id": paid["transaction_id"],
        "total_fee": "12345",
        "fee_type": "CNY",
        "attach": "bill:7",
        "openid": paid["payer"],
    }
    assert {name: notice[name] for name in expected} == expected


def test_an_accepted_notice_comes_once_more(merchant: Merchant):
    with product() as server:
        pay(merchant, server)
        merchant.sandbox.deliver()
        merchant.sandbox.advance(2)
        merchant.sandbox.deliver()
        first, second = (parsed(heard.body.decode()) for heard in server.heard)
    assert first["transaction_id"] == second["transaction_id"]
    merchant.sandbox.advance(90_000)
    merchant.sandbox.deliver()
    assert statuses(merchant) == ["SUCCESS", "SUCCESS"]


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (Reply(NO), "FAIL"),
        (Reply(YES, 500), "HTTP 500"),
        (Reply(YES, 302), "HTTP 302"),
        (Reply(b"success"), "no XML"),
        (Reply(b""), "no XML"),
        (Reply(b'{"code":"SUCCESS"}'), "no XML"),
    ],
)
def test_anything_but_success_in_xml_is_a_failure(merchant: Merchant, reply: Reply, status: str):
    with product(lambda _: reply) as server:
        pay(merchant, server)
        merchant.sandbox.deliver()
    assert statuses(merchant) == [status]


def test_an_answer_after_five_seconds_is_none(merchant: Merchant):
    def late(_: Heard) -> Reply:
        time.sleep(5.4)
        return Reply(YES)

    with product(late) as server:
        pay(merchant, server)
        merchant.sandbox.deliver(20)
        assert statuses(merchant) == ["ReadTimeout"]


def test_a_notice_that_nobody_takes_comes_on_the_real_schedule_and_ends_after_a_day(merchant: Merchant):
    merchant.sandbox.call("POST", "/clock", {"hold": True})
    with product(lambda _: Reply(NO)) as server:
        paid_at = pay(merchant, server)["paid_at"]
        merchant.sandbox.deliver()
        merchant.sandbox.advance(14)
        merchant.sandbox.deliver()
        assert len(server.heard) == 1
        for pause in (1, *PAUSES[1:]):
            merchant.sandbox.advance(pause)
            merchant.sandbox.deliver()
        merchant.sandbox.advance(90_000)
        merchant.sandbox.deliver()
    planned = [round(entry["planned_at"] - paid_at) for entry in merchant.sandbox.pay_tries()]
    assert planned[:5] == [0, 15, 30, 60, 240]
    assert len(planned) == 16
    assert planned[-1] == 24 * 3600 + 4 * 60
    assert merchant.sandbox.call("GET", "/pay/notices")["notices"][0]["state"] == "given_up"


def test_a_product_that_wakes_up_late_gets_the_notice(merchant: Merchant):
    answers = iter([Reply(NO), Reply(b"", 503), Reply(YES), Reply(YES)])
    with product(lambda _: next(answers)) as server:
        pay(merchant, server)
        merchant.sandbox.deliver()
        merchant.sandbox.advance(60)
        merchant.sandbox.deliver()
        merchant.sandbox.advance(2)
        merchant.sandbox.deliver()
    assert statuses(merchant) == ["FAIL", "HTTP 503", "SUCCESS", "SUCCESS"]


def test_a_forged_notice_comes_before_the_true_one(merchant: Merchant):
    merchant.sandbox.fault("notice", "wrong_signature")
    with product() as server:
        pay(merchant, server)
        merchant.sandbox.deliver()
        forged = parsed(server.heard[0].body.decode())
        assert forged["sign"] != signature(forged)
        merchant.sandbox.advance(15)
        merchant.sandbox.deliver()
        true = parsed(server.heard[1].body.decode())
    assert true["sign"] == signature(true)


def test_a_notice_may_be_lost_or_come_more_often(merchant: Merchant):
    merchant.sandbox.fault("notice", "lost")
    merchant.sandbox.fault("notice", "duplicate")
    with product() as server:
        pay(merchant, server)
        for seconds in (0, 15, 2, 2):
            merchant.sandbox.advance(seconds)
            merchant.sandbox.deliver()
        assert len(server.heard) == 3
    assert statuses(merchant)[0] == "lost"


def test_a_notice_may_be_held_back(merchant: Merchant):
    merchant.sandbox.fault("notice", "hold")
    with product() as server:
        pay(merchant, server)
        merchant.sandbox.advance(90_000)
        merchant.sandbox.deliver()
        assert server.heard == []
        assert merchant.sandbox.call("POST", "/pay/release")["released"] == 1
        merchant.sandbox.deliver()
        assert len(server.heard) >= 1


def test_notices_may_change_their_order(merchant: Merchant):
    merchant.sandbox.call("POST", "/clock", {"hold": True})
    merchant.sandbox.fault("notice", "reorder")
    with product() as server:
        pay(merchant, server, "A0000001")
        merchant.sandbox.deliver()
        pay(merchant, server, "A0000002")
        merchant.sandbox.deliver()
        came = [parsed(heard.body.decode())["out_trade_no"] for heard in server.heard]
    assert came == ["A0000002", "A0000001"]


def test_a_notice_may_come_before_the_answer_to_the_order(merchant: Merchant):
    order: list[str] = []

    def hear(heard: Heard) -> Reply:
        order.append(parsed(heard.body.decode())["out_trade_no"])
        return Reply(YES)

    merchant.sandbox.fault("/pay/unifiedorder", "paid_before_answer")
    with product(hear) as server:
        answer = merchant.order("A0000001", notify_url=server.url + "/notice")
        assert order == ["A0000001"]
    assert answer["prepay_id"]
    assert merchant.query("A0000001")["trade_state"] == "SUCCESS"


def test_money_for_a_closed_order_arrives_with_its_notice(merchant: Merchant):
    with product() as server:
        merchant.order("A0000001", notify_url=server.url + "/notice")
        merchant.sandbox.advance(301)
        merchant.close("A0000001")
        merchant.sandbox.pay_late("A0000001")
        merchant.sandbox.deliver()
        assert parsed(server.heard[0].body.decode())["result_code"] == "SUCCESS"
    assert merchant.query("A0000001")["trade_state"] == "SUCCESS"


def test_an_old_notice_can_be_sent_again(merchant: Merchant):
    with product() as server:
        pay(merchant, server)
        merchant.sandbox.deliver()
        before = len(server.heard)
        merchant.sandbox.call("POST", "/pay/resend", {"out_trade_no": "A0000001"})
        merchant.sandbox.deliver()
        assert len(server.heard) > before


@pytest.mark.parametrize(("outcome", "status"), [("SUCCESS", "SUCCESS"), ("CHANGE", "CHANGE")])
def test_a_refund_notice_is_sealed_and_not_signed(merchant: Merchant, outcome: str, status: str):
    with product() as server:
        merchant.paid("A0000001")
        merchant.sandbox.call("POST", "/pay/refund_outcome", {"next": outcome})
        merchant.refund("A0000001", "R1", 345, notify_url=server.url + "/refund-notice")
        merchant.sandbox.advance(2)
        notice = parsed(server.wait_for(1)[0].body.decode())
    assert "sign" not in notice
    assert (notice["mch_id"], notice["sub_mch_id"]) == (SANDBOX_MCH_ID, SUB_MCH_ID)
    inner = unsealed(notice["req_info"])
    assert (inner["out_refund_no"], inner["refund_fee"], inner["refund_status"]) == ("R1", "345", status)
    assert ("success_time" in inner) == (status == "SUCCESS")


def test_a_hundred_payments_lose_no_notice(merchant: Merchant):
    with product() as server:
        for number in range(100):
            pay(merchant, server, f"A{number:07d}")
        merchant.sandbox.deliver(60)
        merchant.sandbox.advance(5)
        merchant.sandbox.deliver(60)
        numbers = [parsed(heard.body.decode())["out_trade_no"] for heard in server.heard]
    assert len(set(numbers)) == 100
    assert len(numbers) == 200
