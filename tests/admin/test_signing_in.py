"""The door of the console: password, lock, first password, second factor, hats, end of a session."""

from __future__ import annotations

import base64
import re
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select

import admin
from app.accounts.models import Account, Credential
from app.core import clock
from app.core.db import db, transact
from app.core.roles import Role
from config import Environment, Settings
from tests.admin.conftest import Desk
from tests.factories import make_hat
from tests.factories.people import GOOD_PASSWORD
from tests.factories.staffroom import ACCEPT_JSON, sign_in
from tests.live import csrf_of

NEW_PASSWORD = "三月-heron-82-boats"


def account_of(desk: Desk, role: Role) -> Account:
    return db.session.get_one(Account, desk.scene.by(role).account_id)


def test_a_stranger_is_sent_to_the_door_and_back_to_where_he_wanted(desk: Desk) -> None:
    client = desk.app.test_client()
    sent = client.get("/admin/orders/?status=open")
    assert sent.status_code == 302
    form = client.get(sent.location)
    data = {"csrf_token": csrf_of(form.text), "login_name": desk.logins["DSP"], "password": GOOD_PASSWORD}
    back = client.post(sent.location, data={**data, "next": "/admin/orders/?status=open"})
    assert back.location == "/admin/orders/?status=open"


def test_a_script_without_a_session_gets_401(desk: Desk) -> None:
    answer = desk.app.test_client().get("/admin/board/data/list", headers=ACCEPT_JSON)
    assert (answer.status_code, answer.json["code"]) == (401, "not_signed_in")


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/", "//elsewhere.example", "/admin/\\evil", "/m/"]
)
def test_signing_in_never_leads_to_another_site(desk: Desk, target: str) -> None:
    assert sign_in(desk.app.test_client(), desk.logins["DSP"], next=target).location == "/admin/"


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(desk: Desk) -> None:
    cookie = sign_in(desk.app.test_client(), desk.logins["DSP"]).headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie


def test_in_production_the_cookie_belongs_to_this_host_and_to_tls_alone() -> None:
    app = Flask("test")
    app.config["SECRET_KEY"] = "s" * 40
    app.config["SETTINGS"] = Settings(
        environment=Environment.PRODUCTION,
        secret_key="s" * 40,
        personal_data_key=base64.b64encode(b"k" * 32).decode(),
        database_url="mysql+pymysql://anju@db/anju",
        redis_url="redis://cache/0",
        public_base_url="https://anju.example",
        wechat_appid="wx1",
        wechat_secret="s",
        wechat_push_token="t",
        wechat_push_aes_key="k" * 43,
        wechat_pay_mch_id="",
    )
    admin.register(app)
    assert app.config["SESSION_COOKIE_NAME"] == "__Host-anju"
    assert app.config["SESSION_COOKIE_SECURE"] is True
    assert app.config["SECOND_FACTOR_ENFORCED"] is True


def test_a_form_without_its_token_is_refused(desk: Desk) -> None:
    data = {"login_name": desk.logins["DSP"], "password": GOOD_PASSWORD}
    assert desk.app.test_client().post("/admin/sign-in", data=data).status_code == 400


def test_five_wrong_passwords_lock_the_door_for_the_right_one(desk: Desk) -> None:
    client, login = desk.app.test_client(), desk.logins["DSP"]
    for _ in range(5):
        refused = sign_in(client, login, "something else entirely")
        assert refused.status_code == 401
    assert "锁定 30 分钟" in refused.text
    assert sign_in(client, login).status_code == 401


def test_the_password_is_never_written_back_into_the_page(desk: Desk) -> None:
    assert (
        "something else"
        not in sign_in(desk.app.test_client(), desk.logins["DSP"], "something else entirely").text
    )


def test_a_first_password_opens_nothing_but_the_page_that_changes_it(desk: Desk) -> None:
    mine = select(Credential).where(Credential.login_name == desk.logins["DSP"])
    transact(lambda: setattr(db.session.scalars(mine).one(), "must_change", True))
    client = desk.client()
    assert client.get("/admin/board/").location == "/admin/account/password"
    assert client.get("/admin/board/data/list", headers=ACCEPT_JSON).status_code == 403
    page = client.get("/admin/account/password").text
    weak = {
        "csrf_token": csrf_of(page),
        "old": GOOD_PASSWORD,
        "new": "123456789012",
        "repeat": "123456789012",
    }
    assert client.post("/admin/account/password", data=weak).status_code == 422
    good = {**weak, "new": NEW_PASSWORD, "repeat": NEW_PASSWORD}
    assert client.post("/admin/account/password", data=good).status_code == 302
    assert client.get("/admin/board/").status_code == 200
    assert sign_in(desk.app.test_client(), desk.logins["DSP"]).status_code == 401
    assert sign_in(desk.app.test_client(), desk.logins["DSP"], NEW_PASSWORD).status_code == 302


def test_two_different_new_passwords_change_nothing(desk: Desk) -> None:
    client = desk.client()
    form = csrf_of(client.get("/admin/account/password").text)
    data = {"csrf_token": form, "old": GOOD_PASSWORD, "new": NEW_PASSWORD, "repeat": NEW_PASSWORD + "x"}
    assert client.post("/admin/account/password", data=data).status_code == 422
    assert sign_in(desk.app.test_client(), desk.logins["DSP"]).status_code == 302


def enrol(desk: Desk, role: Role) -> pyotp.TOTP:
    client = desk.client(role)
    token = csrf_of(client.get("/admin/account/second-factor").text)
    page = client.post("/admin/account/second-factor", data={"csrf_token": token, "step": "start"}).text
    assert "<svg" in page
    secret = re.search(r'class="secret">(\w+)<', page)
    assert secret is not None
    totp = pyotp.TOTP(secret.group(1))
    code = totp.at(clock.now())
    done = client.post(
        "/admin/account/second-factor", data={"csrf_token": token, "step": "confirm", "code": code}
    )
    assert done.location == "/admin/sign-in"
    desk.clients.pop(role)
    return totp


def test_after_enrolment_the_password_alone_opens_nothing(desk: Desk) -> None:
    totp = enrol(desk, Role.DSP)
    client, login = desk.app.test_client(), desk.logins["DSP"]
    assert "动态验证码" in sign_in(client, login).text
    assert client.get("/admin/board/").status_code == 302
    with clock.frozen(clock.now() + timedelta(seconds=60)):
        assert sign_in(client, login, code="000000").status_code == 401
        assert sign_in(client, login, code=totp.at(clock.now())).status_code == 302
        assert client.get("/admin/board/").status_code == 200


def test_a_wrong_first_code_switches_nothing_on(desk: Desk) -> None:
    client = desk.client()
    token = csrf_of(client.get("/admin/account/second-factor").text)
    client.post("/admin/account/second-factor", data={"csrf_token": token, "step": "start"})
    data = {"csrf_token": token, "step": "confirm", "code": "000000"}
    assert client.post("/admin/account/second-factor", data=data).status_code == 422
    assert sign_in(desk.app.test_client(), desk.logins["DSP"]).location == "/admin/"


def test_where_it_is_enforced_the_bureau_must_enrol_before_it_sees_anything(desk: Desk) -> None:
    desk.app.config["SECOND_FACTOR_ENFORCED"] = True
    assert desk.get("/admin/orders/", Role.BUR).location == "/admin/account/second-factor"
    assert desk.get("/admin/board/", Role.DSP).status_code == 200
    totp = enrol(desk, Role.BUR)
    with clock.frozen(clock.now() + timedelta(seconds=60)):
        client = desk.app.test_client()
        sign_in(client, desk.logins["BUR"], code=totp.at(clock.now()))
        assert client.get("/admin/orders/").status_code == 200


def test_who_wears_two_hats_chooses_one_and_may_change_it(desk: Desk) -> None:
    account = account_of(desk, Role.DSP)
    second = make_hat(Role.HOT, account=account, district_id=desk.scene.place.district.id)
    client = desk.client()
    assert client.get("/admin/board/").location == "/admin/account/hats"
    token = csrf_of(client.get("/admin/account/hats").text)
    client.post("/admin/account/hats", data={"csrf_token": token, "hat_id": second.id})
    assert client.get("/admin/bindings/").status_code == 403
    client.post("/admin/account/hats", data={"csrf_token": token, "hat_id": desk.scene.by(Role.DSP).hat_id})
    assert client.get("/admin/bindings/").status_code == 200


def test_nobody_wears_the_hat_of_another(desk: Desk) -> None:
    client = desk.client()
    token = csrf_of(client.get("/admin/account/hats").text)
    data = {"csrf_token": token, "hat_id": desk.scene.by(Role.MGR).hat_id}
    assert client.post("/admin/account/hats", data=data).status_code == 404


def test_signing_out_ends_the_session_on_the_server(desk: Desk) -> None:
    client = desk.client()
    kept = client.get_cookie("anju")
    assert kept is not None
    client.post("/admin/sign-out", data={"csrf_token": csrf_of(client.get("/admin/account/").text)})
    thief = desk.app.test_client()
    thief.set_cookie("anju", kept.value)
    assert thief.get("/admin/board/").status_code == 302


def test_another_device_can_be_signed_out_but_not_that_of_somebody_else(desk: Desk) -> None:
    other = desk.app.test_client()
    sign_in(other, desk.logins["DSP"])
    page = desk.get("/admin/account/").text
    session_id = re.search(r"devices/(\d+)/end", page)
    assert session_id is not None
    url = f"/admin/account/devices/{session_id.group(1)}/end"
    mine = {"csrf_token": csrf_of(page)}
    theirs = {"csrf_token": csrf_of(desk.get("/admin/account/", Role.MGR).text)}
    assert desk.client(Role.MGR).post(url, data=theirs).status_code == 404
    assert other.get("/admin/board/").status_code == 200
    assert desk.client().post(url, data=mine).status_code == 302
    assert other.get("/admin/board/").status_code == 302


def test_half_an_hour_without_a_hand_on_the_desk_ends_the_session(desk: Desk) -> None:
    client = desk.client()
    begin = clock.now()
    for minutes in range(2, 31, 4):
        with clock.frozen(begin + timedelta(minutes=minutes)):
            assert (
                client.get("/admin/board/data/version", headers=ACCEPT_JSON).status_code == 200
                or minutes >= 30
            )
    with clock.frozen(begin + timedelta(minutes=31)):
        assert client.get("/admin/board/data/version", headers=ACCEPT_JSON).status_code == 401


def test_a_board_that_is_being_used_stays_signed_in_for_twelve_hours_at_most(desk: Desk) -> None:
    client = desk.client()
    begin = clock.now()
    present = {**ACCEPT_JSON, "X-Person-Present": "1"}
    for minutes in range(20, 12 * 60, 20):
        with clock.frozen(begin + timedelta(minutes=minutes)):
            assert client.get("/admin/board/data/version", headers=present).status_code == 200
    with clock.frozen(begin + timedelta(hours=12, seconds=1)):
        assert client.get("/admin/board/data/version", headers=present).status_code == 401
