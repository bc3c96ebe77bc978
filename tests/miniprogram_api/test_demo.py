"""Signing in to a demonstration from a browser: in development with the sandbox, and nowhere else."""

from __future__ import annotations

import base64

import pytest

from app.seeds.credentials import NEWCOMER, PEOPLE, sandbox_openid
from config import SANDBOX_APPID, Settings
from tests.factories.people import make_account, make_hat
from tests.miniprogram_api.phones import Phone
from wsgi import create_app

PRODUCTION = {
    "environment": "production",
    "secret_key": "k" * 40,
    "personal_data_key": base64.b64encode(b"k" * 32).decode(),
    "database_url": "mysql+pymysql://root@127.0.0.1:1/anju",
    "redis_url": "redis://127.0.0.1:1",
    "public_base_url": "https://anju.example",
    "wechat_appid": "wx1",
    "wechat_secret": "secret",
    "wechat_push_token": "token",
    "wechat_push_aes_key": "k" * 43,
    "wechat_pay_mch_id": "",
}
DOORS = (("GET", "/demo/people"), ("POST", "/demo/login"), ("POST", "/demo/phone-code"))


def _login(api, name: str):
    return api.phone().client.post("/api/v1/demo/login", json={"name": name})


def _agreed(api, name: str) -> Phone:
    phone = Phone(api.app.test_client(), _login(api, name).json["token"])
    version = phone.get("/me").json["privacy_version"]
    phone.send("/me/consents", {"document": "privacy", "version": version, "agreed": True})
    return phone


def test_the_list_has_somebody_for_every_need(api):
    answer = api.phone().get("/demo/people")
    assert answer.status_code == 200
    people = {each["name"]: each for each in answer.json["items"]}
    assert {each["role"] for each in people.values()} == {"RES", "WRK", "DSP", "MGR"}
    assert "老人" in people["wang"]["good_for"]
    assert "没开通上门服务" in people["he"]["good_for"]
    assert list(people)[-1] == NEWCOMER.name
    assert all(each["title"] and each["good_for"] for each in people.values())


@pytest.mark.parametrize("person", PEOPLE, ids=lambda each: each.name)
def test_a_name_opens_a_session_of_that_person(wechat_api, sandbox, person):
    account = make_account(openid=sandbox_openid(SANDBOX_APPID, person.name))
    answer = _login(wechat_api, person.name)
    assert answer.status_code == 200, answer.json
    phone = Phone(wechat_api.app.test_client(), answer.json["token"])
    assert phone.get("/me").json["account_id"] == account.id


def test_the_answer_is_that_of_the_ordinary_sign_in(wechat_api, sandbox):
    ordinary = wechat_api.phone().client.post("/api/v1/login", json={"code": sandbox.code("wang")}).json
    assert set(_login(wechat_api, "wang").json) == set(ordinary)


def test_a_member_of_staff_finds_his_hats(wechat_api, sandbox):
    account = make_account(openid=sandbox_openid(SANDBOX_APPID, "diaodu"))
    place = wechat_api.scene.place
    make_hat("DSP", account=account, company_id=place.company.id, office_id=place.office.id)
    assert [hat["role"] for hat in _login(wechat_api, "diaodu").json["hats"]] == ["DSP"]


def test_a_newcomer_can_register_a_number_in_the_browser(wechat_api, sandbox):
    phone = _agreed(wechat_api, NEWCOMER.name)
    asked = {"name": NEWCOMER.name, "phone": "19900000733"}
    code = wechat_api.phone().client.post("/api/v1/demo/phone-code", json=asked).json["code"]
    answer = phone.send("/me/phone", {"code": code}).json
    assert answer.get("phone") == "199****0733", answer


def test_while_the_sandbox_is_away_the_sentence_says_so(api):
    answer = _login(api, "wang")
    assert (answer.status_code, answer.json["code"]) == (503, "wechat_down")


@pytest.mark.parametrize("name", ["", "王", "../x", "a/b", "A", "x" * 25])
def test_a_name_that_no_phone_has_is_422(api, name):
    assert _login(api, name).status_code == 422


def test_a_real_number_is_not_taken(api):
    body = {"name": "wang", "phone": "13800000000"}
    assert api.phone().client.post("/api/v1/demo/phone-code", json=body).status_code == 422


@pytest.fixture(scope="module")
def production(tmp_path_factory):
    return create_app(Settings(**PRODUCTION, data_dir=tmp_path_factory.mktemp("production")))


def _paths(app) -> set[str]:
    return {rule.rule for rule in app.url_map.iter_rules()}


def test_production_has_no_such_doors(production):
    assert not [path for path in _paths(production) if "/demo" in path]
    assert "/api/v1/login" in _paths(production)
    assert "/api/v1/staff-login" in _paths(production)


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_in_production_they_are_404_before_anything_is_asked(production, method, path):
    answer = production.test_client().open(f"/api/v1{path}", method=method, json={"name": "wang"})
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_productions_document_does_not_know_them(production, api):
    with production.app_context():
        spec = production.spec
    assert not [path for path in spec["paths"] if "demo" in path]
    assert "演示" not in [tag["name"] for tag in spec["tags"]]
    assert spec["paths"]["/api/v1/orders"]["post"], "the rest is there"
    own = api.phone().client.get("/api/v1/openapi.json").json["paths"]
    assert {f"/api/v1{path}" for _, path in DOORS} <= set(own)


def test_development_against_the_real_wechat_has_none_either(tmp_path):
    settings = Settings(environment="development", data_dir=tmp_path)
    assert not settings.is_demonstration
    assert not [path for path in _paths(create_app(settings)) if path.startswith("/api/v1/demo")]
