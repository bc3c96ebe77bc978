"""The gateway against the strict cashier of the sandbox, over real HTTP: neither side shares a line with the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import requests

from app.core import clock
from app.core.clock import china_date
from app.integrations.wechat.client import MemoryTokenStore, MiniClient
from app.integrations.wechat.opening import open_client
from app.integrations.wechat.pay.contract import (
    NoticeRefused,
    Outcome,
    PayGateway,
    PayOrder,
    PayRefund,
    RefundState,
    TradeState,
)
from app.integrations.wechat.pay.opening import open_gateway
from config import SANDBOX_SUB_MERCHANTS, Settings
from tests.fakes.loopback import Heard, Loopback, Reply, loopback
from tests.fakes.sandbox import SandboxHandle
from tests.integrations.wechat.pay.conftest import gateway_to

COMPANY = SANDBOX_SUB_MERCHANTS[0]
RESIDENT = "王阿姨"


@dataclass
class Scene:
    """A gateway, the sandbox that it speaks to, and the door at which notices arrive."""

    sandbox: SandboxHandle
    gateway: PayGateway
    door: Loopback
    number: int = 0

    def order(self, fen: int = 28600, **other) -> PayOrder:
        """A payment of the resident that nobody has placed yet."""
        self.number += 1
        now = clock.now()
        plain = PayOrder(
            out_trade_no=f"A261122TEST{self.number:06d}",
            sub_mch_id=COMPANY,
            openid=self.sandbox.openid(RESIDENT),
            amount_fen=fen,
            body="物业费,2026年10月 😀",
            client_ip="127.0.0.1",
            created_at=now,
            expires_at=now + timedelta(minutes=30),
        )
        return replace(plain, **other)

    def tap(self, prepay_id: str, *, name: str = RESIDENT, outcome: str = "ok") -> requests.Response:
        """What the resident does with the pay sheet."""
        body = {"params": dict(self.gateway.client_params(prepay_id)), "name": name, "outcome": outcome}
        return requests.post(f"{self.sandbox.url}/control/pay", json=body, timeout=10)

    def paid(self, **other) -> PayOrder:
        """An order that was placed and paid."""
        order = self.order(**other)
        created = self.gateway.create(order)
        assert created.outcome is Outcome.OK, created
        assert self.tap(created.prepay_id).status_code == 200
        return order

    def refund(self, order: PayOrder, fen: int, number: str = "R261122TEST000001") -> PayRefund:
        """Money that goes back."""
        return PayRefund(number, order.out_trade_no, order.sub_mch_id, order.amount_fen, fen, "多收了")

    def state(self, order: PayOrder) -> TradeState:
        """What WeChat says of the order."""
        answer = self.gateway.query(order.out_trade_no, order.sub_mch_id)
        assert answer.outcome is Outcome.OK, answer
        assert answer.trade
        return answer.trade.state


@pytest.fixture
def scene(sandbox: SandboxHandle) -> Iterator[Scene]:
    success = Reply(b"<xml><return_code>SUCCESS</return_code></xml>")
    with loopback(lambda _: success) as door:
        settings = Settings(
            wechat_api_base=sandbox.url, wechat_pay_base=sandbox.url, public_base_url=door.url, redis_url=""
        )
        mini = MiniClient(
            settings.wechat_appid,
            settings.wechat_secret,
            api_base=sandbox.url,
            token_store=MemoryTokenStore(),
        )
        gateway = open_gateway(settings, mini)
        assert gateway is not None
        yield Scene(sandbox, gateway, door)


def arrived(scene: Scene, path: str, count: int = 1) -> list[Heard]:
    """The notices at this door, once there are so many."""
    while True:
        heard = [each for each in scene.door.wait_for(1) if each.path == path]
        if len(heard) >= count:
            return heard
        scene.door.wait_for(len(scene.door.heard) + 1)


def test_a_payment_from_the_order_to_the_notice_and_the_query(scene: Scene):
    order = scene.order()
    created = scene.gateway.create(order)
    assert created.outcome is Outcome.OK, created
    assert scene.state(order) is TradeState.NOTPAY
    assert scene.tap(created.prepay_id).status_code == 200
    told = scene.gateway.parse_pay_notice({}, arrived(scene, "/wechat/pay/notice")[0].body)
    asked = scene.gateway.query(order.out_trade_no, order.sub_mch_id).trade
    assert asked
    for trade in (told, asked):
        assert (trade.state, trade.amount_fen, trade.currency) == (TradeState.SUCCESS, 28600, "CNY")
        assert (trade.out_trade_no, trade.sub_mch_id, trade.openid) == (
            order.out_trade_no,
            order.sub_mch_id,
            order.openid,
        )
        assert abs((trade.paid_at or clock.now()) - clock.now()) < timedelta(seconds=30)
    assert told.transaction_id == asked.transaction_id


def test_the_same_order_again_is_the_same_payment_and_another_one_is_unknown(scene: Scene):
    order = scene.order()
    first, second = scene.gateway.create(order), scene.gateway.create(order)
    assert (first.outcome, second.outcome) == (Outcome.OK, Outcome.OK)
    assert first.prepay_id != second.prepay_id
    assert scene.tap(first.prepay_id).status_code == 200
    assert scene.gateway.create(order).code == "ORDERPAID"
    other = scene.order()
    scene.gateway.create(other)
    changed = scene.gateway.create(replace(other, amount_fen=1))
    assert changed.outcome is Outcome.UNKNOWN
    assert scene.state(other) is TradeState.NOTPAY


def test_only_the_one_who_was_asked_can_pay(scene: Scene):
    created = scene.gateway.create(scene.order())
    scene.sandbox.openid("李师傅")
    assert scene.tap(created.prepay_id, name="李师傅").status_code == 422


def test_an_unpaid_order_is_closed_after_five_minutes_and_again(scene: Scene):
    order = scene.order()
    created = scene.gateway.create(order)
    assert scene.gateway.close(order.out_trade_no, COMPANY).outcome is Outcome.UNKNOWN
    scene.sandbox.advance(301)
    for _ in range(2):
        assert scene.gateway.close(order.out_trade_no, COMPANY).outcome is Outcome.OK
    assert scene.state(order) is TradeState.CLOSED
    assert scene.tap(created.prepay_id).status_code == 422
    assert scene.gateway.create(order).code == "ORDERCLOSED"


def test_a_paid_order_is_not_closed_and_an_unknown_one_needs_no_closing(scene: Scene):
    order = scene.paid()
    closed = scene.gateway.close(order.out_trade_no, COMPANY)
    assert (closed.outcome, closed.code) == (Outcome.FAILED, "ORDERPAID")
    unknown = scene.gateway.close("A261122NOBODY", COMPANY)
    assert (unknown.outcome, unknown.code) == (Outcome.OK, "ORDERNOTEXIST")


def test_another_company_does_not_see_the_order(scene: Scene):
    order = scene.paid()
    other = scene.gateway.query(order.out_trade_no, SANDBOX_SUB_MERCHANTS[1])
    assert other.trade and other.trade.state is TradeState.MISSING


def test_a_refund_from_the_request_to_the_notice_and_the_query(scene: Scene):
    order = scene.paid()
    asked = scene.refund(order, 10000)
    for _ in range(2):
        answer = scene.gateway.refund(asked)
        assert answer.outcome is Outcome.OK, answer
        assert answer.refund and answer.refund.state is RefundState.PROCESSING
    told = scene.gateway.parse_refund_notice({}, arrived(scene, "/wechat/pay/refund-notice")[0].body)
    found = scene.gateway.query_refund(asked.out_refund_no, COMPANY).refund
    assert found
    for record in (told, found):
        assert (record.state, record.refund_fen, record.total_fen) == (RefundState.SUCCESS, 10000, 28600)
        assert (record.out_refund_no, record.out_trade_no) == (asked.out_refund_no, order.out_trade_no)
        assert record.succeeded_at is not None
    assert told.refund_id == found.refund_id
    assert scene.state(order) is TradeState.REFUND


def test_more_than_was_paid_does_not_go_back(scene: Scene):
    order = scene.paid()
    assert scene.gateway.refund(scene.refund(order, 28600)).outcome is Outcome.OK
    more = scene.gateway.refund(scene.refund(order, 1, number="R261122TEST000002"))
    assert more.outcome is not Outcome.OK
    missing = scene.gateway.query_refund("R261122TEST000002", COMPANY).refund
    assert missing and missing.state is RefundState.MISSING


@pytest.mark.parametrize(("said", "state"), [("CHANGE", "ABNORMAL"), ("REFUNDCLOSE", "CLOSED")])
def test_a_refund_that_does_not_arrive_says_so(scene: Scene, said, state):
    scene.sandbox.call("POST", "/pay/refund_outcome", {"next": said})
    order = scene.paid()
    asked = scene.refund(order, 100)
    scene.gateway.refund(asked)
    told = scene.gateway.parse_refund_notice({}, arrived(scene, "/wechat/pay/refund-notice")[0].body)
    assert told.state is RefundState(state)


@pytest.mark.parametrize("code", ["NOTENOUGH", "FREQUENCY_LIMITED"])
def test_a_refund_that_is_refused_for_now_succeeds_later_under_the_same_number(scene: Scene, code):
    order = scene.paid()
    asked = scene.refund(order, 100)
    scene.sandbox.fault("/secapi/pay/refund", code)
    refused = scene.gateway.refund(asked)
    assert (refused.outcome, refused.code, refused.is_repeatable) == (Outcome.FAILED, code, True)
    assert scene.gateway.refund(asked).outcome is Outcome.OK


LOST = ("drop", "http_500", "html", "drop_after", "SYSTEMERROR", "SYSTEMERROR_AFTER")
FORGED = ("wrong_answer_signature", "answer_in_other_type")


@pytest.mark.parametrize("kind", LOST + FORGED)
def test_whatever_happens_to_an_order_the_query_says_what_is_true(scene: Scene, kind):
    """Lost before or after it was carried out, or answered by somebody else: never believed, always asked."""
    order = scene.order()
    scene.sandbox.fault("/pay/unifiedorder", kind)
    assert scene.gateway.create(order).outcome is Outcome.UNKNOWN
    carried_out = kind in ("drop_after", "SYSTEMERROR_AFTER", *FORGED)
    assert scene.state(order) is (TradeState.NOTPAY if carried_out else TradeState.MISSING)
    assert scene.gateway.create(order).outcome is Outcome.OK


@pytest.mark.parametrize("kind", LOST + FORGED)
def test_whatever_happens_to_a_refund_it_is_made_once(scene: Scene, kind):
    order = scene.paid()
    asked = scene.refund(order, 28600)
    scene.sandbox.fault("/secapi/pay/refund", kind)
    assert scene.gateway.refund(asked).outcome is Outcome.UNKNOWN
    assert scene.gateway.refund(asked).outcome is Outcome.OK
    assert len(scene.sandbox.call("GET", "/pay/refunds")["refunds"]) == 1


def test_a_forged_notice_comes_before_the_genuine_one(scene: Scene):
    scene.sandbox.fault("notice", "wrong_signature")
    scene.paid()
    arrived(scene, "/wechat/pay/notice")
    scene.sandbox.advance(20)
    forged, genuine = arrived(scene, "/wechat/pay/notice", 2)[:2]
    with pytest.raises(NoticeRefused, match="signature"):
        scene.gateway.parse_pay_notice({}, forged.body)
    assert scene.gateway.parse_pay_notice({}, genuine.body).state is TradeState.SUCCESS


def test_the_bill_of_yesterday_has_every_payment_and_refund(scene: Scene):
    """Payments of two companies, one refund; after 10:00 of the next day, for one company and for all."""
    orders = [
        scene.paid(fen=28600),
        scene.paid(fen=29),
        scene.paid(fen=500, sub_mch_id=SANDBOX_SUB_MERCHANTS[1]),
    ]
    scene.gateway.refund(scene.refund(orders[0], 10001))
    paid_on = china_date(clock.now())
    scene.sandbox.advance(36 * 3600)
    with clock.frozen(clock.now() + timedelta(days=1, hours=12)):
        of_all = scene.gateway.bill(paid_on)
        of_one = scene.gateway.bill(paid_on, SANDBOX_SUB_MERCHANTS[1])
        empty = scene.gateway.bill(paid_on, SANDBOX_SUB_MERCHANTS[2])
    assert of_all.outcome is Outcome.OK, of_all
    payments = {row.out_trade_no: row for row in of_all.rows if not row.out_refund_no}
    assert {number: row.amount_fen for number, row in payments.items()} == {
        order.out_trade_no: order.amount_fen for order in orders
    }
    (refund,) = (row for row in of_all.rows if row.out_refund_no)
    assert (refund.refund_fen, refund.out_trade_no) == (10001, orders[0].out_trade_no)
    assert payments[orders[0].out_trade_no].fee_fen == 172
    assert [row.out_trade_no for row in of_one.rows] == [orders[2].out_trade_no]
    assert (empty.outcome, empty.code) == (Outcome.FAILED, "NO_BILL")


def test_shipping_information_of_a_paid_order_is_taken_once_it_is_managed(scene: Scene):
    assert scene.gateway.is_trade_managed() is False
    scene.sandbox.call("POST", "/pay/switches", {"trade_managed": True})
    assert scene.gateway.is_trade_managed() is True
    order = scene.paid()
    trade = scene.gateway.query(order.out_trade_no, COMPANY).trade
    assert trade
    done = scene.gateway.shipped(trade.transaction_id, order.openid, "物业费", clock.now())
    assert done.outcome is Outcome.OK, done
    early = scene.gateway.shipped("4200000000202611220000000000", order.openid, "物业费", clock.now())
    assert early.outcome is Outcome.FAILED, early


def test_without_a_merchant_number_there_is_no_gateway(scene: Scene):
    settings = Settings(wechat_pay_mch_id="")
    assert open_gateway(settings, open_client(settings)) is None


def test_a_wrong_key_opens_nothing(scene: Scene):
    """The gateway of another merchant with another key: the platform refuses, and nothing is believed."""
    stranger = gateway_to(scene.sandbox.url)
    assert stranger.create(scene.order()).outcome is Outcome.UNKNOWN
