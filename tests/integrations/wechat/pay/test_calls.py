"""What each call sends, and what each answer becomes: OK, FAILED or UNKNOWN."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.core import clock
from app.core.clock import china
from app.integrations.wechat.pay.contract import Outcome, RefundState, TradeState
from app.integrations.wechat.pay.outcomes import CREATE_REFUSED, REFUND_REFUSED
from tests.fakes.loopback import Reply
from tests.integrations.wechat.pay.conftest import (
    APPID,
    AT,
    DONE,
    MCH_ID,
    OPENID,
    PAID,
    REFUND_NO,
    REFUSED,
    SUB_MCH_ID,
    TRADE_NO,
    answering,
    fields_of,
    order,
    refund,
    signed,
    vector,
    xml,
)

CREATED = {**DONE, "trade_type": "JSAPI", "prepay_id": "wx22201500123456"}
ACCEPTED = {
    **DONE,
    "transaction_id": PAID["transaction_id"],
    "out_trade_no": TRADE_NO,
    "out_refund_no": REFUND_NO,
    "refund_id": "50000000012026112200000000001",
    "refund_fee": "10000",
    "total_fee": "28600",
}
REFUNDED = {
    **DONE,
    "transaction_id": PAID["transaction_id"],
    "out_trade_no": TRADE_NO,
    "total_fee": "28600",
    "refund_count": "2",
    "out_refund_no_0": "R261122another",
    "refund_id_0": "50000000012026112200000000000",
    "refund_fee_0": "1",
    "refund_status_0": "CHANGE",
    "out_refund_no_1": REFUND_NO,
    "refund_id_1": "50000000012026112200000000001",
    "refund_fee_1": "10000",
    "refund_status_1": "SUCCESS",
    "refund_success_time_1": "2026-11-22 21:00:01",
}
NO_OUTCOME = ("NO_ANSWER", "UNREADABLE", "UNSIGNED", "UNVERIFIED", "MISMATCH")


def refusal(code: str) -> bytes:
    return xml(signed({**REFUSED, "err_code": code, "err_code_des": "说明"}))


def test_an_order_is_placed_for_the_company_with_everything_that_we_know():
    with answering(xml(signed(CREATED))) as wechat:
        created = wechat.gateway.create(order(attach="payment 12"))
        sent = wechat.sent()
    assert (created.outcome, created.prepay_id, created.code) == (Outcome.OK, "wx22201500123456", "")
    assert wechat.server.heard[0].path == "/pay/unifiedorder"
    assert sent == {
        "appid": APPID,
        "mch_id": MCH_ID,
        "sub_mch_id": SUB_MCH_ID,
        "openid": OPENID,
        "body": "物业费 2026年10月",
        "attach": "payment 12",
        "out_trade_no": TRADE_NO,
        "total_fee": "28600",
        "fee_type": "CNY",
        "spbill_create_ip": "192.0.2.7",
        "time_start": "20261122200500",
        "time_expire": "20261122203500",
        "trade_type": "JSAPI",
        "notify_url": "https://anju.example/wechat/pay/notice",
        "sign_type": "HMAC-SHA256",
        "nonce_str": sent["nonce_str"],
        "sign": signed(sent)["sign"],
    }


def test_the_same_order_is_asked_for_with_the_same_parameters():
    """Else WeChat takes the second for another order of the same number; only the nonce differs."""
    with answering(xml(signed(CREATED))) as wechat:
        for _ in range(2):
            wechat.gateway.create(order())
        first, second = (fields_of(heard.body) for heard in wechat.server.heard)
    assert first["nonce_str"] != second["nonce_str"]
    changing = ("nonce_str", "sign")
    assert {n: t for n, t in first.items() if n not in changing} == {
        n: t for n, t in second.items() if n not in changing
    }


@pytest.mark.parametrize("code", sorted(CREATE_REFUSED))
def test_a_refused_order_is_failed_with_the_code(code):
    with answering(refusal(code)) as wechat:
        created = wechat.gateway.create(order())
    assert (created.outcome, created.code, created.message, created.prepay_id) == (
        Outcome.FAILED,
        code,
        "说明",
        "",
    )


@pytest.mark.parametrize(
    "code", ["SYSTEMERROR", "BANKERROR", "OUT_TRADE_NO_USED", "INVALID_REQUEST", "A_NEW_CODE", ""]
)
def test_an_order_that_may_stand_is_unknown(code):
    """OUT_TRADE_NO_USED and INVALID_REQUEST say that an order of this number stands already."""
    with answering(refusal(code)) as wechat:
        created = wechat.gateway.create(order())
    assert (created.outcome, created.code) == (Outcome.UNKNOWN, code)


def test_too_many_calls_and_too_little_money_may_be_repeated_later():
    for code in ("FREQUENCY_LIMITED", "NOTENOUGH", "INVALID_REQ_TOO_MUCH"):
        with answering(refusal(code)) as wechat:
            answer = wechat.gateway.refund(refund())
        assert answer.outcome is Outcome.FAILED
        assert answer.is_repeatable
    with answering(refusal("TRADE_OVERDUE")) as wechat:
        assert not wechat.gateway.refund(refund()).is_repeatable
    with answering(refusal("SYSTEMERROR")) as wechat:
        assert not wechat.gateway.refund(refund()).is_repeatable


@pytest.mark.parametrize("amount", [0, -1, True, 1.0, "28600", None, 10**11, 2**63])
def test_an_amount_that_is_none_never_leaves_the_house(amount):
    """D17: wechatpy sends 0 as an empty element."""
    with answering(xml(signed(CREATED))) as wechat:
        created = wechat.gateway.create(order(amount_fen=amount))
        assert wechat.server.heard == []
    assert (created.outcome, created.code, created.message) == (Outcome.FAILED, "PARAM_ERROR", "amount_fen")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"out_trade_no": ""}, "out_trade_no"),
        ({"out_trade_no": "A2611"}, "out_trade_no"),
        ({"out_trade_no": "A" * 33}, "out_trade_no"),
        ({"out_trade_no": "A261122|BCDEF"}, "out_trade_no"),
        ({"out_trade_no": "A261122\nBCDEF"}, "out_trade_no"),
        ({"openid": ""}, "openid"),
        ({"openid": "o]]>"}, "openid"),
        ({"body": ""}, "body"),
        ({"body": "]]>\n"}, "body"),
        ({"client_ip": ""}, "client_ip"),
        ({"client_ip": "unknown"}, "client_ip"),
        ({"client_ip": "fe80::1%eth0"}, "client_ip"),
        ({"sub_mch_id": ""}, "sub_mch_id"),
        ({"sub_mch_id": "一九零零"}, "sub_mch_id"),
        ({"created_at": datetime(2026, 11, 22, 20, 5)}, "created_at or expires_at without its zone"),  # noqa: DTZ001
        ({"expires_at": AT}, "expires_at"),
    ],
)
def test_an_order_that_wechat_would_refuse_is_refused_here_by_name(unreachable, change, named):
    created = unreachable.create(order(**change))
    assert (created.outcome, created.code, created.message) == (Outcome.FAILED, "PARAM_ERROR", named)


@pytest.mark.parametrize("address", ["2001:db8::7", "::ffff:192.0.2.7", "127.0.0.1"])
def test_any_address_of_the_payer_is_passed_on(address):
    """D14: without one wechatpy asks the DNS for WeChat's host and tells it our address in the local network."""
    with answering(xml(signed(CREATED))) as wechat:
        wechat.gateway.create(order(client_ip=address))
        assert wechat.sent()["spbill_create_ip"] == address


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-5)), timezone(timedelta(hours=8))])
def test_instants_are_written_on_the_clock_of_beijing(zone):
    """D13: wechatpy 1.8.18 prints an instant in the zone that it came in."""
    with answering(xml(signed(CREATED))) as wechat:
        wechat.gateway.create(
            order(created_at=AT.astimezone(zone), expires_at=(AT + timedelta(hours=4)).astimezone(zone))
        )
        sent = wechat.sent()
    assert (sent["time_start"], sent["time_expire"]) == ("20261122200500", "20261123000500")


def test_an_answer_without_prepay_id_is_unknown():
    with answering(xml(signed(DONE))) as wechat:
        assert wechat.gateway.create(order()).outcome is Outcome.UNKNOWN


def test_the_client_pays_with_six_parameters_of_the_orders_own_type(unreachable):
    """wechatpy always signs them with MD5, which WeChat refuses for an order made with HMAC-SHA256."""
    with clock.frozen(AT):
        params = dict(unreachable.client_params("wx22201500123456"))
    bare = {name: text for name, text in params.items() if name != "paySign"}
    assert sorted(params) == ["appId", "nonceStr", "package", "paySign", "signType", "timeStamp"]
    assert params["paySign"] == signed(bare)["sign"]
    assert (params["signType"], params["package"]) == ("HMAC-SHA256", "prepay_id=wx22201500123456")
    assert (params["appId"], params["timeStamp"]) == (APPID, str(int(AT.timestamp())))


def test_a_paid_order_is_told_with_everything_that_the_core_checks():
    with answering(xml(signed({**PAID, "trade_state": "SUCCESS", "attach": "payment 12"}))) as wechat:
        answer = wechat.gateway.query(TRADE_NO, SUB_MCH_ID)
        sent = wechat.sent()
    assert (sent["out_trade_no"], sent["sub_mch_id"]) == (TRADE_NO, SUB_MCH_ID)
    trade = answer.trade
    assert trade is not None
    assert (trade.state, trade.amount_fen, trade.currency) == (TradeState.SUCCESS, 28600, "CNY")
    assert (trade.appid, trade.mch_id, trade.sub_mch_id, trade.openid) == (APPID, MCH_ID, SUB_MCH_ID, OPENID)
    assert trade.paid_at == china(2026, 11, 22, 20, 15, 30)
    assert (trade.transaction_id, trade.attach) == (PAID["transaction_id"], "payment 12")


@pytest.mark.parametrize("state", ["NOTPAY", "USERPAYING", "CLOSED", "PAYERROR"])
def test_an_unpaid_order_needs_no_amount(state):
    with answering(xml(signed({**DONE, "out_trade_no": TRADE_NO, "trade_state": state}))) as wechat:
        answer = wechat.gateway.query(TRADE_NO, SUB_MCH_ID)
    assert answer.outcome is Outcome.OK
    assert answer.trade and answer.trade.state == state


def test_an_order_that_wechat_does_not_know_is_a_fact():
    with answering(refusal("ORDERNOTEXIST")) as wechat:
        answer = wechat.gateway.query(TRADE_NO, SUB_MCH_ID)
    assert (answer.outcome, answer.code) == (Outcome.OK, "")
    assert answer.trade and answer.trade.state is TradeState.MISSING


@pytest.mark.parametrize("code", ["SYSTEMERROR", "FREQUENCY_LIMITED", "PARAM_ERROR", "NOAUTH"])
def test_a_refused_question_tells_nothing(code):
    with answering(refusal(code)) as wechat:
        assert wechat.gateway.query(TRADE_NO, SUB_MCH_ID).outcome is Outcome.UNKNOWN
        assert wechat.gateway.query_refund(REFUND_NO, SUB_MCH_ID).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "change",
    [
        {"trade_state": "REVOKED"},
        {"trade_state": ""},
        {"total_fee": "286.00"},
        {"total_fee": "+28600"},
        {"total_fee": "-1"},
        {"total_fee": "٢٨٦٠٠"},
        {"total_fee": ""},
        {"transaction_id": ""},
        {"time_end": "2026112220153"},
        {"time_end": "20261322201530"},
        {"time_end": ""},
        {"trade_type": "MICROPAY"},
        {"out_trade_no": "A261122another"},
    ],
)
def test_a_signed_answer_that_makes_no_sense_is_unknown(change):
    with answering(xml(signed({**PAID, "trade_state": "SUCCESS", **change}))) as wechat:
        answer = wechat.gateway.query(TRADE_NO, SUB_MCH_ID)
    assert answer.outcome is Outcome.UNKNOWN
    assert answer.trade is None
    assert answer.code in NO_OUTCOME


def test_the_published_answer_is_read_once_it_is_ours():
    fields = {**fields_of(vector("v2_orderquery_response_coupons.xml")), **DONE, "trade_type": "JSAPI"}
    with answering(xml(signed(fields))) as wechat:
        answer = wechat.gateway.query("1415757673", SUB_MCH_ID)
    assert answer.trade and (answer.trade.amount_fen, answer.trade.attach) == (1, "订单额外描述")


@pytest.mark.parametrize(
    "name", ["v2_orderquery_response_coupons.xml", "v2_refund_response.xml", "v2_refundquery_response.xml"]
)
def test_the_published_answers_are_refused_as_they_are(name):
    """They are signed with MD5, under a key that nobody published."""
    with answering(vector(name).encode()) as wechat:
        for answer in (
            wechat.gateway.query("1415757673", SUB_MCH_ID),
            wechat.gateway.refund(refund()),
            wechat.gateway.query_refund("1415701182", SUB_MCH_ID),
        ):
            assert (answer.outcome, answer.code) == (Outcome.UNKNOWN, "UNVERIFIED")


def test_the_published_refunds_are_read_once_they_are_ours():
    told = {**fields_of(vector("v2_refundquery_response.xml")), **DONE}
    with answering(xml(signed(told))) as wechat:
        record = wechat.gateway.query_refund("1415701182", SUB_MCH_ID).refund
    assert record and (record.state, record.refund_fen, record.out_trade_no) == (
        RefundState.PROCESSING,
        1,
        "1415757673",
    )
    accepted = {**fields_of(vector("v2_refund_response.xml")), **DONE}
    with answering(xml(signed(accepted))) as wechat:
        asked = refund(out_refund_no="1415701182", out_trade_no="1415757673", total_fen=2, refund_fen=2)
        record = wechat.gateway.refund(asked).refund
    assert record and (record.refund_id, record.refund_fen) == ("2008450740201411110000174436", 2)


@pytest.mark.parametrize(
    ("answer", "outcome", "code"),
    [
        (signed(DONE), Outcome.OK, ""),
        (signed({**REFUSED, "err_code": "ORDERCLOSED"}), Outcome.OK, "ORDERCLOSED"),
        (signed({**REFUSED, "err_code": "ORDERNOTEXIST"}), Outcome.OK, "ORDERNOTEXIST"),
        (signed({**REFUSED, "err_code": "ORDERPAID"}), Outcome.FAILED, "ORDERPAID"),
        (signed({**REFUSED, "err_code": "INVALID_REQUEST"}), Outcome.UNKNOWN, "INVALID_REQUEST"),
        (signed({**REFUSED, "err_code": "SYSTEMERROR"}), Outcome.UNKNOWN, "SYSTEMERROR"),
        (DONE, Outcome.UNKNOWN, "UNVERIFIED"),
    ],
)
def test_closing_is_done_when_nobody_can_pay_any_more(answer, outcome, code):
    """INVALID_REQUEST is said in the first five minutes, and for other things too."""
    with answering(xml(answer)) as wechat:
        closed = wechat.gateway.close(TRADE_NO, SUB_MCH_ID)
    assert (closed.outcome, closed.code) == (outcome, code)


def test_a_refund_is_sent_to_the_door_that_asks_for_the_certificate():
    with answering(xml(signed(ACCEPTED))) as wechat:
        answer = wechat.gateway.refund(refund())
        sent = wechat.sent()
    assert wechat.server.heard[0].path == "/secapi/pay/refund"
    assert wechat.server.heard[0].headers["X-Client-Certificate"] == MCH_ID
    assert sent == {
        "appid": APPID,
        "mch_id": MCH_ID,
        "sub_mch_id": SUB_MCH_ID,
        "out_trade_no": TRADE_NO,
        "out_refund_no": REFUND_NO,
        "total_fee": "28600",
        "refund_fee": "10000",
        "refund_fee_type": "CNY",
        "op_user_id": MCH_ID,
        "refund_desc": "多收了",
        "notify_url": "https://anju.example/wechat/pay/refund-notice",
        "sign_type": "HMAC-SHA256",
        "nonce_str": sent["nonce_str"],
        "sign": signed(sent)["sign"],
    }
    assert answer.outcome is Outcome.OK
    assert answer.refund and answer.refund.state is RefundState.PROCESSING
    assert (answer.refund.refund_fen, answer.refund.refund_id) == (10000, ACCEPTED["refund_id"])


@pytest.mark.parametrize("code", sorted(REFUND_REFUSED))
def test_a_refused_refund_is_failed_with_the_code(code):
    with answering(refusal(code)) as wechat:
        answer = wechat.gateway.refund(refund())
    assert (answer.outcome, answer.code, answer.refund) == (Outcome.FAILED, code, None)


@pytest.mark.parametrize("code", ["SYSTEMERROR", "BIZERR_NEED_RETRY", "ERROR", "INVALID_REQUEST", "NEW"])
def test_a_refund_that_may_be_on_its_way_is_unknown(code):
    with answering(refusal(code)) as wechat:
        assert wechat.gateway.refund(refund()).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "change",
    [{"refund_fee": "9999"}, {"out_refund_no": "R261122another"}, {"out_trade_no": "A261122another"}],
)
def test_an_answer_about_another_refund_is_unknown(change):
    with answering(xml(signed({**ACCEPTED, **change}))) as wechat:
        answer = wechat.gateway.refund(refund())
    assert (answer.outcome, answer.code) == (Outcome.UNKNOWN, "MISMATCH")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"refund_fen": 0}, "refund_fen"),
        ({"refund_fen": True}, "refund_fen"),
        ({"refund_fen": -100}, "refund_fen"),
        ({"refund_fen": 28601}, "refund_fen"),
        ({"total_fen": 0}, "total_fen"),
        ({"out_refund_no": "R"}, "out_refund_no"),
        ({"out_trade_no": "😀😀😀😀😀😀"}, "out_trade_no"),
        ({"sub_mch_id": ""}, "sub_mch_id"),
    ],
)
def test_a_refund_that_makes_no_sense_is_refused_here_by_name(unreachable, change, named):
    answer = unreachable.refund(refund(**change))
    assert (answer.outcome, answer.code, answer.message) == (Outcome.FAILED, "PARAM_ERROR", named)


def test_our_refund_is_found_among_those_of_the_order():
    with answering(xml(signed(REFUNDED))) as wechat:
        record = wechat.gateway.query_refund(REFUND_NO, SUB_MCH_ID).refund
    assert record is not None
    assert (record.state, record.refund_fen, record.total_fen) == (RefundState.SUCCESS, 10000, 28600)
    assert record.succeeded_at == china(2026, 11, 22, 21, 0, 1)


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("PROCESSING", RefundState.PROCESSING),
        ("REFUNDCLOSE", RefundState.CLOSED),
        ("CHANGE", RefundState.ABNORMAL),
    ],
)
def test_every_state_of_a_refund_has_its_word(said, state):
    with answering(xml(signed({**REFUNDED, "refund_status_1": said, "refund_success_time_1": ""}))) as wechat:
        record = wechat.gateway.query_refund(REFUND_NO, SUB_MCH_ID).refund
    assert record and (record.state, record.succeeded_at) == (state, None)


@pytest.mark.parametrize(
    "change",
    [
        {"refund_status_1": "A_NEW_STATE"},
        {"refund_fee_1": "100.00"},
        {"out_refund_no_1": "R261122third"},
        {"out_refund_no_0": REFUND_NO},
        {"refund_success_time_1": "20261122210001"},
    ],
)
def test_an_answer_in_which_our_refund_cannot_be_read_is_unknown(change):
    with answering(xml(signed({**REFUNDED, **change}))) as wechat:
        answer = wechat.gateway.query_refund(REFUND_NO, SUB_MCH_ID)
    assert (answer.outcome, answer.refund) == (Outcome.UNKNOWN, None)


def test_a_refund_that_wechat_does_not_know_is_a_fact():
    with answering(refusal("REFUNDNOTEXIST")) as wechat:
        answer = wechat.gateway.query_refund(REFUND_NO, SUB_MCH_ID)
    assert answer.outcome is Outcome.OK
    assert answer.refund and answer.refund.state is RefundState.MISSING


def test_shipping_information_goes_through_the_mini_program(unreachable):
    def answer(heard):
        body = b'{"access_token": "t", "expires_in": 7200, "errcode": 0, "errmsg": "ok", "is_trade_managed": true}'
        return Reply(body)

    with answering(answer) as wechat:
        done = wechat.gateway.shipped(PAID["transaction_id"], OPENID, "物业费", AT)
        managed = wechat.gateway.is_trade_managed()
    assert done.outcome is Outcome.OK
    assert managed is True
    shipping = wechat.server.heard[1]
    assert shipping.path.startswith("/wxa/sec/order/upload_shipping_info")
    assert b'"upload_time": "2026-11-22T20:05:00.000+08:00"' in shipping.body
    assert PAID["transaction_id"].encode() in shipping.body
    assert unreachable.is_trade_managed() is None
    assert unreachable.shipped("42", OPENID, "物业费", AT).outcome is Outcome.UNKNOWN


def test_shipping_that_comes_too_early_is_failed_with_the_code():
    body = b'{"access_token": "t", "expires_in": 7200, "errcode": 10060004, "errmsg": "not yet"}'
    token = b'{"access_token": "t", "expires_in": 7200}'
    with answering(lambda heard: Reply(token if "token" in heard.path[:24] else body)) as wechat:
        answer = wechat.gateway.shipped(PAID["transaction_id"], OPENID, "物业费", AT)
    assert (answer.outcome, answer.code) == (Outcome.FAILED, "10060004")


def test_orders_are_values():
    """Nothing of the contract can be changed on its way."""
    with pytest.raises(AttributeError):
        order().amount_fen = 1  # type: ignore[misc]
    assert replace(order(), amount_fen=1).amount_fen == 1
