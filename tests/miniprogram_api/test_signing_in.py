"""Signing in through WeChat, hats, the phone number, consents."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.accounts.models import Account, AuthSession
from app.companies.hats import end_hat
from app.core import receipts
from app.core.db import db, transact
from app.core.roles import Role
from app.core.scope import SYSTEM
from tests.factories.people import make_account, make_hat
from tests.miniprogram_api.phones import Phone


def _login(api, code) -> tuple[Phone, dict]:
    phone = api.phone()
    answer = phone.client.post("/api/v1/login", json={"code": code})
    assert answer.status_code == 200, answer.json
    phone.token = answer.json["token"]
    return phone, answer.json


def _agreed(api, code) -> Phone:
    """Signed in, and the privacy notice agreed to."""
    phone, _ = _login(api, code)
    given = {"document": "privacy", "version": phone.get("/me").json["privacy_version"], "agreed": True}
    assert phone.send("/me/consents", given).status_code == 200
    return phone


def test_a_first_login_makes_an_account_and_says_what_to_ask_next(wechat_api, sandbox):
    phone, said = _login(wechat_api, sandbox.code("王阿姨"))
    assert (said["has_phone"], said["needs_privacy_consent"], said["hats"]) == (False, True, [])
    assert set(said) == {"token", "expires_at", "hats", "has_phone", "needs_privacy_consent"}
    assert phone.get("/me").json["role"] == "RES"


def test_the_second_login_is_the_same_account_with_a_new_token(wechat_api, sandbox):
    first, _ = _login(wechat_api, sandbox.code("王阿姨"))
    second, _ = _login(wechat_api, sandbox.code("王阿姨"))
    assert first.token != second.token
    assert first.get("/me").json["account_id"] == second.get("/me").json["account_id"]


def test_a_used_code_is_refused(wechat_api, sandbox):
    code = sandbox.code("王阿姨")
    _login(wechat_api, code)
    answer = wechat_api.phone().client.post("/api/v1/login", json={"code": code})
    assert (answer.status_code, answer.json["code"]) == (401, "wechat_code_refused")


@pytest.mark.parametrize("fault", ["http_500", "html", "busy", "drop"])
def test_while_wechat_is_down_login_says_so(wechat_api, sandbox, fault):
    code = sandbox.code("王阿姨")
    sandbox.fault("/sns/jscode2session", fault, times=5)
    answer = wechat_api.phone().client.post("/api/v1/login", json={"code": code})
    assert answer.status_code == 503
    assert answer.json["message"] == "微信暂时不可用,请稍后再试"


def test_a_closed_account_cannot_sign_in(wechat_api, sandbox):
    make_account(openid=sandbox.openid("李叔"), status="disabled")
    answer = wechat_api.phone().client.post("/api/v1/login", json={"code": sandbox.code("李叔")})
    assert (answer.status_code, answer.json["code"]) == (403, "account_closed")


def test_a_login_names_what_is_wrong_with_its_body(api):
    client = api.phone().client
    assert client.post("/api/v1/login", json={}).json["fields"] == {"code": "必填"}
    assert client.post("/api/v1/login", json={"code": "x", "role": "BUR"}).status_code == 422
    assert client.post("/api/v1/login", data="code=x").status_code == 415
    assert client.post("/api/v1/login", data="{", content_type="application/json").status_code == 422


def test_after_logout_the_token_is_dead(api):
    phone = api.phone(Role.RES)
    assert phone.send("/logout").status_code == 200
    assert phone.get("/me").status_code == 401


def test_the_token_itself_is_nowhere_in_the_database(wechat_api, sandbox):
    phone, _ = _login(wechat_api, sandbox.code("王阿姨"))
    hashes = db.session.scalars(select(AuthSession.token_hash)).all()
    assert phone.token not in hashes


def test_changing_the_hat_changes_what_is_seen(api):
    order_id = api.scene.submit().order_id
    desk = api.scene.by(Role.DSP)
    phone = api.phone(Role.DSP)
    assert phone.get(f"/orders/{order_id}").status_code == 200
    assert phone.send("/me/hat", {"hat_id": None}).json["message"] == "现在的身份是居民"
    assert phone.get(f"/orders/{order_id}").status_code == 404
    assert phone.send("/me/hat", {"hat_id": desk.hat_id}).status_code == 200
    assert phone.get("/me").json["role"] == "DSP"


def test_a_hat_of_somebody_else_or_one_taken_off_is_refused(api):
    phone = api.phone(Role.RES)
    foreign = api.scene.by(Role.MGR).hat_id
    assert phone.send("/me/hat", {"hat_id": foreign}).json["code"] == "not_your_hat"
    assert phone.send("/me/hat", {"hat_id": "1"}).status_code == 422
    own = make_hat(Role.STR, account=api.scene.resident, street_id=api.scene.place.street.id)
    transact(lambda: end_hat(own.id, by=SYSTEM))
    assert phone.send("/me/hat", {"hat_id": own.id}).status_code == 403


def test_an_administrators_hat_stays_at_the_console(api):
    hat = make_hat(Role.SEA, account=api.scene.resident)
    phone = api.phone(Role.RES)
    assert phone.get("/me").json["hats"] == []
    answer = phone.send("/me/hat", {"hat_id": hat.id})
    assert answer.status_code == 403
    assert "工作台" in answer.json["message"]


def test_the_number_comes_from_wechat_and_is_masked(wechat_api, sandbox):
    phone = _agreed(wechat_api, sandbox.code("王阿姨"))
    answer = phone.send("/me/phone", {"code": sandbox.phone_code("王阿姨", "19900000901")})
    assert (answer.status_code, answer.json["phone"], answer.json["token"]) == (200, "199****0901", None)
    assert phone.get("/me").json["has_phone"] is True


def test_a_repeated_phone_command_gives_the_first_answer_although_the_code_is_used(wechat_api, sandbox):
    phone = _agreed(wechat_api, sandbox.code("王阿姨"))
    body = {"code": sandbox.phone_code("王阿姨", "19900000902")}
    first = phone.send("/me/phone", body, key="phone-key-1")
    again = phone.send("/me/phone", body, key="phone-key-1")
    assert (again.status_code, again.json) == (first.status_code, first.json)


def test_a_number_known_to_the_desk_leads_to_that_account_with_a_new_token(wechat_api, sandbox):
    known = make_account(phone="19900000903", openid=None)
    known_id = known.id

    def without_wechat() -> None:
        db.session.get_one(Account, known_id).openid = None

    transact(without_wechat)
    phone = _agreed(wechat_api, sandbox.code("王阿姨"))
    answer = phone.send("/me/phone", {"code": sandbox.phone_code("王阿姨", "19900000903")})
    assert answer.status_code == 200
    assert phone.get("/me").status_code == 401
    phone.token = answer.json["token"]
    assert phone.get("/me").json["account_id"] == known_id


def test_an_expired_phone_code_says_tap_again(wechat_api, sandbox):
    phone = _agreed(wechat_api, sandbox.code("王阿姨"))
    answer = phone.send("/me/phone", {"code": "never-given"})
    assert (answer.status_code, answer.json["code"]) == (422, "wechat_phone_code_refused")


def test_a_kept_answer_is_sealed(api):
    order_id = api.scene.submit().order_id
    phone = api.phone(Role.DSP)
    shown = phone.send(f"/orders/{order_id}/reveal", {"reason": "确认门禁"}).json
    assert shown["phone"] == api.scene.resident.phone
    kept = db.session.scalars(select(receipts.CommandReceipt.answer)).all()
    assert kept
    assert not any(shown["phone"] in answer for answer in kept)


def test_consent_is_given_and_taken_back(api):
    phone = api.phone(Role.RES)
    version = phone.get("/me").json["privacy_version"]
    given = {"document": "privacy", "version": version, "agreed": True}
    assert phone.send("/me/consents", given).status_code == 200
    assert phone.get("/me").json["needs_privacy_consent"] is False
    assert phone.send("/me/consents", {**given, "agreed": False}).status_code == 200
    assert phone.get("/me").json["needs_privacy_consent"] is True
    assert phone.send("/me/consents", {**given, "document": "soul"}).status_code == 422


def test_a_worker_goes_on_and_off_duty(api):
    phone = api.phone(Role.WRK)
    assert phone.send("/me/duty", {"on": False}).status_code == 200
    assert phone.get("/me").json["on_duty"] is False
    assert phone.send("/me/duty", {"on": "no"}).status_code == 422
    assert api.phone(Role.RES).send("/me/duty", {"on": True}).status_code == 403
