"""Signing in: who is there, the consent before anything personal, the telephone number, and where people land."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from app.seeds.credentials import DEMO_PASSWORD
from tests.client.district import NEIGHBOURS, NEWCOMER, RESIDENT, WORKER
from tests.client.field import api
from tests.client.reporting import at_send, send_anyway

SIGN_IN = "pages/sign-in/sign-in"
HOME = r"#/(pages/home/home)?$"
UNAUTHORISED = ("status of 401",)
DESK = "demo-dsp"


@pytest.mark.parametrize(
    ("who", "place"),
    [
        ("居民(葛布店北里,大字版)", HOME),
        ("维修师傅(葛布店北里,电工)", "worker/tasks/tasks"),
        ("小区经理(葛布店北里)", "desk/board/board"),
    ],
)
def test_a_person_of_the_demonstration_lands_where_he_belongs(phones, who, place):
    phone = phones().open()
    phone.arrives_at(SIGN_IN)
    phone.sees("这是演示")
    phone.tap(who)
    expect(phone.page).to_have_url(re.compile(place))


def test_staff_sign_in_with_their_account_and_are_told_what_was_wrong(phones):
    phone = phones(tolerated=UNAUTHORISED).open(SIGN_IN)
    phone.tap("员工账号登录")
    phone.type("员工账号", DESK)
    phone.type("密码", "not-this-one-123")
    phone.tap("登录", exact=True)
    phone.sees("错误:登录名或密码不对")
    assert phone.page.get_by_label("员工账号").input_value() == DESK
    phone.type("密码", DEMO_PASSWORD)
    phone.tap("登录", exact=True)
    phone.arrives_at("desk/board/board")


def test_without_a_demonstration_residents_are_sent_to_wechat(phones):
    phone = phones()

    def as_in_production(route):
        answer = route.fetch()
        values = {**answer.json(), "features": {**answer.json()["features"], "demo_login": False}}
        route.fulfill(response=answer, body=json.dumps(values))

    phone.page.route("**/api/v1/app-config", as_in_production)
    phone.open(SIGN_IN)
    phone.sees("居民请在微信里打开“安居”小程序")
    expect(phone.page.get_by_label("员工账号")).to_be_visible()
    phone.sees_no("这是演示")


def test_a_newcomer_agrees_gives_a_number_and_is_led_to_a_home(phones, district):
    phone = phones(f"{NEWCOMER}-sign").open(SIGN_IN)
    phone.sees("先说好怎么用您的信息")
    phone.tap("查看隐私说明")
    phone.arrives_at("more/privacy/privacy")
    phone.back()
    phone.tap("同意并继续")
    phone.sees("师傅怎么联系您?")
    phone.type("演示手机号", "19900012345")
    phone.tap("用这个手机号")
    phone.arrives_at("more/bind/bind")
    me = api(district, f"{NEWCOMER}-sign").get("/me")
    assert (me["has_phone"], me["needs_privacy_consent"], me["phone"]) == (True, False, "199****2345")


def test_a_wrong_number_is_named_at_its_field(phones):
    phone = phones(f"{NEWCOMER}-wrong").open(SIGN_IN)
    phone.tap("同意并继续")
    phone.type("演示手机号", "123")
    phone.tap("用这个手机号")
    expect(phone.page.get_by_role("alert").first).to_contain_text("错误")
    phone.tap("以后再说")
    phone.arrives_at("more/bind/bind")


def test_who_does_not_agree_can_still_call_and_look(phones, district):
    phone = phones(f"{NEWCOMER}-no").open(SIGN_IN)
    phone.tap("不同意")
    phone.sees("没关系")
    expect(phone.pressable("打电话 962121").first).to_be_visible()
    phone.tap("看小区报修记录")
    phone.arrives_at("more/estate/estate")
    assert api(district, f"{NEWCOMER}-no").get("/me")["needs_privacy_consent"] is True


def test_who_has_agreed_is_not_asked_again(phones):
    wang = phones(RESIDENT).open(SIGN_IN)
    expect(wang.page).to_have_url(re.compile(HOME))


def test_nobody_finds_what_another_person_left_on_the_phone(phones, district):
    phone = at_send(phones(NEIGHBOURS[1]), "南门路灯")
    with phone.offline():
        send_anyway(phone, seen="联网后自动发送")
        phone.page.evaluate("localStorage.removeItem('anju.token')")
    before = len(api(district, NEIGHBOURS[1]).get("/orders")["items"])
    phone.open(SIGN_IN)
    phone.tap("业主(西营前街5号楼两套房)")
    phone.sees("西营前街(演示)")
    phone.sees_no("公区报事:南门路灯")
    phone.page.wait_for_timeout(1500)
    assert len(api(district, NEIGHBOURS[1]).get("/orders")["items"]) == before
    sun = api(district, "sun").get("/orders")["items"]
    assert all(order["place"] != "南门路灯" for order in sun)


def test_a_worker_who_comes_back_goes_straight_to_his_tasks(phones):
    phone = phones(WORKER).open()
    phone.tap("去我的任务")
    phone.arrives_at("worker/tasks/tasks")
    phone.open(SIGN_IN)
    phone.arrives_at("worker/tasks/tasks")
