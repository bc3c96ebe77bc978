"""员工账号登录 over HTTP: a token under the hat of work, the lock of the console."""

from __future__ import annotations

import pytest

from app.accounts.models import Account
from app.accounts.signing_in import credential_of
from app.core.db import db, transact
from app.core.roles import Role
from tests.factories.people import GOOD_PASSWORD, make_credential
from tests.miniprogram_api.phones import Phone


@pytest.fixture
def login(api):
    """A login of each member of the scene's staff."""

    def give(role: Role) -> str:
        account = db.session.get_one(Account, api.scene.by(role).account_id)
        return make_credential(account, login_name=f"p-{role.value.lower()}").login_name

    return give


def _try(api, name: str, password: str = GOOD_PASSWORD, **more):
    body = {"account": name, "password": password, **more}
    return api.phone().client.post("/api/v1/staff-login", json=body)


@pytest.mark.parametrize("role", [Role.WRK, Role.DSP, Role.MGR, Role.CO])
def test_a_member_of_staff_is_in_under_his_hat(api, login, role):
    answer = _try(api, login(role))
    assert answer.status_code == 200, answer.json
    assert (answer.json["role"], answer.json["role_label"]) == (role.value, role.label)
    phone = Phone(api.app.test_client(), answer.json["token"])
    me = phone.get("/me").json
    assert (me["role"], me["hat_id"]) == (role.value, answer.json["hat_id"])


def test_a_worker_reads_his_tasks_at_once(api, login):
    scene = api.scene
    order_id = scene.submit().order_id
    scene.accept(order_id)
    scene.assign(order_id)
    phone = Phone(api.app.test_client(), _try(api, login(Role.WRK)).json["token"])
    assert [task["id"] for task in phone.get("/tasks").json["items"]] == [order_id]


def test_the_bureau_is_sent_to_the_console(api, login):
    answer = _try(api, login(Role.BUR))
    assert (answer.status_code, answer.json["code"]) == (403, "console_only")


def test_wrong_passwords_are_counted_although_each_is_refused(api, login):
    name = login(Role.DSP)
    codes = [_try(api, name, "wrong").status_code for _ in range(5)]
    assert codes == [401] * 5
    locked = _try(api, name)
    assert (locked.status_code, locked.json["message"]) == (401, "登录名或密码不对")
    api.later(minutes=30)
    assert _try(api, name).status_code == 200


def test_a_first_password_says_where_to_change_it(api, login):
    name, account_id = login(Role.MGR), api.scene.by(Role.MGR).account_id
    transact(lambda: setattr(credential_of(account_id), "must_change", True))
    answer = _try(api, name)
    assert (answer.status_code, answer.json["code"]) == (403, "password_change_needed")
    assert "工作台" in answer.json["message"]


def test_the_session_ends_after_a_week(api, login):
    token = _try(api, login(Role.DSP)).json["token"]
    phone = Phone(api.app.test_client(), token)
    for _ in range(6):
        api.later(days=1)
        assert phone.get("/me").status_code == 200
    api.later(days=1)
    assert phone.get("/me").status_code == 401


@pytest.mark.parametrize(
    "body",
    [{}, {"account": "a"}, {"account": "", "password": "x"}, {"account": "a", "password": "x", "code": "12"}],
)
def test_a_bad_body_is_422(api, body):
    assert api.phone().client.post("/api/v1/staff-login", json=body).status_code == 422


def test_tries_are_limited_per_address(api):
    limits = api.app.extensions["miniprogram_api.rates"]
    limits.replace({"login": "2/minute"})
    try:
        codes = [_try(api, "nobody", "wrong").status_code for _ in range(3)]
    finally:
        limits.replace({"login": "100000/minute"})
    assert codes == [401, 401, 429]
