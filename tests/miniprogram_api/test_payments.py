"""Payments over the API: opened, paid, checked, cancelled, asked back; strangers, wrong states, bad bodies, repeats."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from app.accounts.scopes import resident_scope
from app.books.accounts import Account
from app.bootstrap import settings_of
from app.core.roles import Role
from app.orders.lifecycle import Menu
from app.payments.models import PaymentState
from app.payments.opening import Part
from app.seeds.credentials import PEOPLE, sandbox_openid
from miniprogram_api.routing import ROUTES
from tests.factories import make_account
from tests.factories.money import make_payment
from tests.factories.scene import HOME_LAMP
from tests.fakes.pay import APPID
from tests.miniprogram_api.paying import fresh, open_till, pay_through
from tests.miniprogram_api.phones import counted_statements

COMMANDS = {"open": None, "check": None, "cancel": None, "ask-refund": {"reason_code": "double"}}


@pytest.fixture
def till(api):
    return open_till(api)


@pytest.fixture(params=COMMANDS)
def verb(request):
    return request.param


def test_opening_gives_what_the_cashier_of_wechat_takes(till):
    payment = till.waiting(28600, 15000)
    answer = till.phone.send(f"/payments/{payment.id}/open").json
    assert (answer["state"], answer["words"], answer["amount_fen"]) == ("open", "待支付", 43600)
    assert sorted(answer["wechat"]) == ["appId", "nonceStr", "package", "paySign", "signType", "timeStamp"]
    assert answer["wechat"]["appId"] == APPID
    assert answer["cashier_url"] is None
    assert [line["label"] for line in answer["lines"]] == ["2026年1月物业费", "2026年2月物业费"]
    assert [each["action"] for each in answer["actions"]] == ["open", "cancel"]
    assert till.phone.get(f"/payments/{payment.id}").json["wechat"] is None


def test_an_invented_person_of_the_demonstration_pays_in_a_browser(till):
    name = PEOPLE[0].name
    settings = settings_of(till.api.app)
    payer = make_account(openid=sandbox_openid(settings.wechat_appid, name))
    payment = make_payment(till.api.scene.place, payer=payer)
    phone = till.api.phone(resident_scope(payer.id))
    answer = phone.send(f"/payments/{payment.id}/open").json
    address = urlsplit(answer["cashier_url"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{settings.wechat_pay_base}/cashier"
    assert dict(parse_qsl(address.query)) == {**answer["wechat"], "name": name}


def test_the_order_at_wechat_is_our_row_and_not_what_a_phone_says(till):
    payment = till.opened(28600)
    order = till.pay.placed[payment.out_trade_no]
    assert (order.sub_mch_id, order.amount_fen, order.openid) == (
        payment.sub_mch_id,
        28600,
        till.api.scene.resident.openid,
    )
    assert order.expires_at == payment.created_at + timedelta(minutes=30)


def test_opening_again_is_the_same_order_with_a_fresh_prepay_id(till):
    payment = till.waiting()
    first, second = (till.phone.send(f"/payments/{payment.id}/open").json for _ in range(2))
    assert first["wechat"]["package"] != second["wechat"]["package"]
    assert list(till.pay.orders) == [payment.out_trade_no]


def test_a_lost_answer_is_no_loss_and_the_row_is_looked_after_in_five_seconds(till):
    payment = till.waiting()
    till.pay.after.append("create")
    answer = till.phone.send(f"/payments/{payment.id}/open")
    assert (answer.status_code, answer.json["code"]) == (503, "pay_unavailable")
    assert "不会重复扣款" in answer.json["message"]
    row = fresh(payment.id)
    assert (row.state, row.next_at) == ("created", till.api.scene.at + timedelta(seconds=5))
    assert till.phone.send(f"/payments/{payment.id}/open").json["state"] == "open"


def test_what_wechat_refuses_is_said_and_nothing_is_promised(till):
    payment = till.waiting()
    till.pay.codes.append(("create", "NOAUTH"))
    answer = till.phone.send(f"/payments/{payment.id}/open")
    assert (answer.status_code, answer.json["code"]) == (503, "pay_refused")


def test_opening_what_was_paid_meanwhile_shows_it_as_soon_as_it_is_asked_for(till):
    payment = till.opened()
    till.pay.pay(payment.out_trade_no)
    answer = till.phone.send(f"/payments/{payment.id}/open").json
    assert (answer["state"], answer["wechat"]) == ("open", None)
    assert fresh(payment.id).next_at <= till.api.scene.at
    assert till.phone.send(f"/payments/{payment.id}/check").json["state"] == "paid"


def test_the_check_after_the_cashier_settles_without_waiting_for_a_notice(till):
    payment = till.paid(28600)
    shown = till.phone.get(f"/payments/{payment.id}").json
    assert (shown["state"], shown["words"]) == ("paid", "已支付")
    assert shown["receipt_no"] == f"20261120-{payment.id:010d}"
    assert shown["receipt_url"] == f"/api/v1/payments/{payment.id}/receipt.pdf"
    assert [each["action"] for each in shown["actions"]] == ["ask_refund", "ask_invoice"]


@pytest.mark.parametrize("trouble", ["silent", "refused"])
def test_a_check_that_wechat_does_not_answer_is_503_and_changes_nothing(till, trouble):
    payment = till.opened()
    before = fresh(payment.id)
    kept = (before.state, before.next_at, before.last_error, before.asked)
    if trouble == "silent":
        till.pay.before.append("query")
    else:
        till.pay.codes.append(("query", "FREQUENCY_LIMITED"))
    answer = till.phone.send(f"/payments/{payment.id}/check", key="asked-once-for-it")
    assert (answer.status_code, answer.json["code"]) == (503, "pay_unavailable")
    assert answer.json["message"].startswith("微信暂时不可用") and "不要重复付款" in answer.json["message"]
    after = fresh(payment.id)
    assert (after.state, after.next_at, after.last_error, after.asked) == kept
    till.pay.pay(payment.out_trade_no)
    again = till.phone.send(f"/payments/{payment.id}/check", key="asked-once-for-it")
    assert (again.status_code, again.json["state"]) == (200, "paid")


def test_a_check_that_wechat_does_not_answer_says_what_a_notice_has_brought_meanwhile(till):
    payment = till.opened()
    other = till.api.phone(Role.RES)

    def noticed() -> None:
        till.pay.pay(payment.out_trade_no)
        assert other.send(f"/payments/{payment.id}/check").json["state"] == "paid"
        till.pay.codes.append(("query", "SYSTEMERROR"))

    till.pay.meanwhile = noticed
    answer = till.phone.send(f"/payments/{payment.id}/check")
    assert (answer.status_code, answer.json["state"]) == (200, "paid")


def test_a_check_of_what_was_never_opened_asks_nobody(till):
    payment = till.waiting()
    assert till.phone.send(f"/payments/{payment.id}/check").json["state"] == "created"
    assert till.pay.count("query") == 0


def test_cancelling_what_wechat_never_saw_frees_it_at_once(till):
    payment = till.waiting()
    answer = till.phone.send(f"/payments/{payment.id}/cancel").json
    assert (answer["state"], answer["words"], answer["actions"]) == ("closed", "已取消", [])
    assert [line.claim for line in fresh(payment.id).lines] == [None]


def test_cancelling_what_wechat_has_waits_until_wechat_closes_it(till):
    payment = till.opened()
    answer = till.phone.send(f"/payments/{payment.id}/cancel").json
    assert (answer["state"], answer["words"]) == ("closing", "正在取消")
    row = fresh(payment.id)
    assert row.next_at == till.api.scene.at + timedelta(minutes=5, seconds=5)
    assert till.phone.send(f"/payments/{payment.id}/cancel").json["state"] == "closing"


def test_cancelling_what_was_paid_a_moment_ago_finds_it_paid(till):
    payment = till.opened()
    till.pay.pay(payment.out_trade_no)
    assert till.phone.send(f"/payments/{payment.id}/cancel").json["state"] == "paid"


def test_a_refund_is_asked_for_and_shows_where_it_stands(till):
    payment = till.paid(28600, 15000)
    body = {"reason_code": "agreed", "reason": "搬走了", "amount_fen": 20000}
    answer = till.phone.send(f"/payments/{payment.id}/ask-refund", body).json
    assert (answer["state"], answer["words"]) == ("paid", "已支付,退款办理中")
    assert [(each["amount_fen"], each["step"]) for each in answer["refunds"]] == [(20000, "requested")]
    assert "ask_refund" not in [each["action"] for each in answer["actions"]]


def test_the_same_wish_again_is_the_same_refund(till):
    payment = till.paid()
    for _ in range(3):
        answer = till.phone.send(f"/payments/{payment.id}/ask-refund", COMMANDS["ask-refund"])
        assert (answer.status_code, len(answer.json["refunds"])) == (200, 1)
    assert fresh(payment.id).refunding_fen == 28600


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"reason_code": "because"},
        {"reason_code": "double", "reason": "长" * 201},
        {"reason_code": "double", "amount_fen": 0},
        {"reason_code": "double", "amount_fen": -1},
        {"reason_code": "double", "amount_fen": True},
        {"reason_code": "double", "amount_fen": 1.5},
        {"reason_code": "double", "amount_fen": "100"},
        {"reason_code": "double", "amount_fen": 28601},
        {"reason_code": "double", "amount_fen": 10**30},
        {"reason_code": "double", "subjects": []},
        {"reason_code": "double", "fen": 1},
        {"reason_code": "double", "reason": "\x00"},
    ],
)
def test_a_bad_wish_for_a_refund_is_422_and_reserves_nothing(till, body):
    payment = till.paid()
    assert till.phone.send(f"/payments/{payment.id}/ask-refund", body).status_code == 422
    assert fresh(payment.id).refunding_fen == 0


def test_words_with_signs_of_xml_and_emoji_are_only_words(till):
    payment = till.paid()
    body = {"reason_code": "other", "reason": "]]><x>&付错了🙂"}
    assert till.phone.send(f"/payments/{payment.id}/ask-refund", body).status_code == 200


def test_another_resident_finds_nothing(till, verb):
    payment = till.paid() if verb == "ask-refund" else till.opened()
    stranger = till.api.phone(resident_scope(make_account().id))
    answer = stranger.send(f"/payments/{payment.id}/{verb}", COMMANDS[verb])
    assert (answer.status_code, answer.json["code"]) == (404, "payment_not_found")
    assert stranger.get(f"/payments/{payment.id}").status_code == 404


@pytest.mark.parametrize("role", [Role.DSP, Role.MGR, Role.CO, Role.BUR, Role.WRK])
def test_nobody_pays_under_a_hat(till, verb, role):
    payment = till.opened()
    assert till.api.phone(role).send(f"/payments/{payment.id}/{verb}", COMMANDS[verb]).status_code == 403


@pytest.mark.parametrize(("verb", "code"), [("open", "already_paid"), ("cancel", "already_paid")])
def test_what_is_paid_is_neither_opened_nor_cancelled(till, verb, code):
    payment = till.paid()
    answer = till.phone.send(f"/payments/{payment.id}/{verb}")
    assert (answer.status_code, answer.json["code"]) == (409, code)


def test_a_cancelled_one_is_not_opened_again_and_nothing_of_it_goes_back(till):
    payment = till.waiting()
    till.phone.send(f"/payments/{payment.id}/cancel")
    answer = till.phone.send(f"/payments/{payment.id}/open")
    assert (answer.status_code, answer.json["code"]) == (409, "wrong_payment_state")
    answer = till.phone.send(f"/payments/{payment.id}/ask-refund", COMMANDS["ask-refund"])
    assert (answer.status_code, answer.json["code"]) == (409, "nothing_to_refund")
    assert till.phone.send(f"/payments/{payment.id}/check").json["state"] == "closed"


def test_after_half_an_hour_it_is_not_opened_any_more(till):
    payment = till.waiting()
    till.api.later(minutes=30)
    answer = till.phone.send(f"/payments/{payment.id}/open")
    assert (answer.status_code, answer.json["code"]) == (409, "payment_expired")
    shown = till.phone.get(f"/payments/{payment.id}").json
    assert [each["action"] for each in shown["actions"]] == ["cancel"]


def test_the_same_key_is_the_same_answer_and_wechat_is_asked_once(till, verb):
    payment = till.paid() if verb == "ask-refund" else till.opened()
    before = len(till.pay.calls)
    path = f"/payments/{payment.id}/{verb}"
    first, again = (till.phone.send(path, COMMANDS[verb], key="the-same-key-1") for _ in range(2))
    assert (first.status_code, first.json) == (again.status_code, again.json)
    assert len(till.pay.calls) - before <= 1


def test_without_a_merchant_number_nobody_pays_and_everything_else_works(api):
    till = open_till(api)
    payment = till.waiting()
    pay_through(api, None)
    answer = till.phone.send(f"/payments/{payment.id}/open")
    assert (answer.status_code, answer.json["code"]) == (409, "not_payable")
    assert till.phone.get("/payments").json["items"][0]["id"] == payment.id


def test_a_cancelled_payment_whose_order_arrives_late_gives_nobody_a_prepay_id(till):
    payment = till.waiting()
    other = till.api.phone(Role.RES)
    till.pay.meanwhile = lambda: other.send(f"/payments/{payment.id}/cancel")
    answer = till.phone.send(f"/payments/{payment.id}/open")
    assert (answer.status_code, answer.json["code"]) == (409, "wrong_payment_state")
    assert fresh(payment.id).state == PaymentState.CLOSING


def test_the_history_is_ones_own_newest_first_in_pages_and_by_home(till):
    scene = till.api.scene
    mine = [till.waiting(100 + each).id for each in range(5)]
    make_payment(scene.place)
    first = till.phone.get("/payments", limit=3).json
    rest = till.phone.get("/payments", limit=3, cursor=first["next_cursor"]).json
    assert [each["id"] for each in first["items"] + rest["items"]] == mine[::-1]
    assert rest["next_cursor"] is None
    assert till.phone.get("/payments", home_id=scene.place.homes[0].id).json["items"] == []


def test_the_history_of_a_home_holds_the_repairs_in_it(till):
    scene = till.api.scene
    home = {"menu": Menu.EMERGENCY, "category_code": HOME_LAMP, "spot_id": None}
    order_id = scene.submit(home_id=scene.place.homes[0].id, **home).order_id
    part = Part(f"order:{order_id}", Account.REPAIR, "上门维修", 8000)
    payment = make_payment(scene.place, payer=scene.resident, parts=[part])
    till.waiting()
    home_id = scene.place.homes[0].id
    assert [each["id"] for each in till.phone.get("/payments", home_id=home_id).json["items"]] == [payment.id]


def test_a_page_of_the_history_costs_as_many_statements_for_twenty_as_for_two(till):
    counts = []
    for more in (2, 18):
        for _ in range(more):
            till.paid(100)
        with counted_statements() as seen:
            assert len(till.phone.get("/payments").json["items"]) >= 2
        counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("cursor", ["!", "bm9uc2Vuc2U", "WyJ4Il0", "W10"])
def test_a_cursor_that_is_not_ours_is_422(till, cursor):
    assert till.phone.get("/payments", cursor=cursor).status_code == 422


def test_the_reasons_of_a_refund_are_the_servers(till):
    items = till.phone.get("/payments/refund-reasons").json["items"]
    assert [each["code"] for each in items] == ["double", "wrong", "not_done", "agreed", "other"]


def test_every_route_of_money_is_the_residents(till):
    mine = {name: route for name, route in ROUTES.items() if name.startswith("api_payments.")}
    assert {route.who == frozenset({Role.RES}) for name, route in mine.items() if "reasons" not in name} == {
        True
    }
