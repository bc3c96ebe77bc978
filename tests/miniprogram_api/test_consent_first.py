"""Nothing personal is taken before the present privacy notice was agreed to (domain 5.1 P01..P05)."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from app.accounts.models import HomeBinding, PrivacyConsent
from app.accounts.privacy import NOTICE, PRIVACY, PRIVACY_VERSION
from app.accounts.scopes import resident_scope
from app.accounts.service import give_consent
from app.core.db import db, transact
from app.core.roles import Role
from app.media.models import Photo
from app.orders.models import Order
from miniprogram_api.routing import ROUTES
from tests.factories.people import make_account, make_binding
from tests.miniprogram_api.phones import picture

REPORT = {"menu": "PUB", "category_code": "G0201", "text": "门厅的灯不亮了"}


@pytest.fixture
def newcomer(api):
    """Somebody at home here who has agreed to nothing."""
    account = make_account(consented=False)
    make_binding(account, api.scene.place.homes[1])
    return api.phone(resident_scope(account.id))


def _agree(phone, version=PRIVACY_VERSION, agreed=True):
    body = {"document": PRIVACY, "version": version, "agreed": agreed}
    assert phone.send("/me/consents", body).status_code == 200


def _tries(api, phone):
    home = api.scene.place.homes[2].id
    return {
        "report": lambda: phone.send("/orders", {**REPORT, "spot_id": api.scene.place.spot.id}),
        "home": lambda: phone.send("/me/homes", {"home_id": home, "relation": "owner", "method": "review"}),
        "phone": lambda: phone.send("/me/phone", {"code": "any-code"}),
        "photo": lambda: phone.upload(picture()),
    }


@pytest.mark.parametrize("what", ["report", "home", "phone", "photo"])
def test_before_the_consent_nothing_is_taken(api, newcomer, what):
    answer = _tries(api, newcomer)[what]()
    assert (answer.status_code, answer.json["code"]) == (403, "privacy_consent_needed")
    assert "同意" in answer.json["message"]
    assert "打电话" in answer.json["message"], "the way without a consent"
    db.session.rollback()
    counts = [db.session.scalar(select(func.count()).select_from(model)) for model in (Order, Photo)]
    assert counts == [0, 0]
    assert db.session.scalar(select(func.count()).select_from(HomeBinding)) == 2


def test_after_the_consent_the_same_report_is_taken(api, newcomer):
    report = _tries(api, newcomer)["report"]
    assert report().status_code == 403
    _agree(newcomer)
    assert report().status_code == 201


def test_an_older_version_does_not_count(api, newcomer):
    _agree(newcomer, version="0.9")
    assert newcomer.get("/me").json["needs_privacy_consent"] is True
    assert _tries(api, newcomer)["report"]().status_code == 403


def test_withdrawing_stops_new_data_and_leaves_the_rest_readable(api, newcomer):
    _agree(newcomer)
    order_id = _tries(api, newcomer)["report"]().json["order_id"]
    _agree(newcomer, agreed=False)
    assert _tries(api, newcomer)["report"]().status_code == 403
    assert newcomer.get(f"/orders/{order_id}").status_code == 200
    assert newcomer.get("/me/homes").status_code == 200
    assert newcomer.send(f"/orders/{order_id}/cancel", {"reason": "不用修了"}).status_code == 200


def test_public_pages_ask_for_no_consent_and_no_account(api):
    visitor = api.phone()
    assert visitor.get("/privacy").status_code == 200
    assert visitor.get(f"/estates/{api.scene.place.estate.id}/repairs").status_code == 200


def test_staff_work_without_it(api):
    def withdraw_all() -> None:
        for consent in db.session.scalars(select(PrivacyConsent)):
            consent.withdrawn_at = api.scene.at

    transact(withdraw_all)
    assert api.phone(Role.WRK).upload(picture()).status_code == 201


def test_every_route_that_takes_something_personal_asks_for_it():
    asking = {route.path for route in ROUTES.values() if route.consent}
    assert {"/orders", "/me/homes", "/me/phone", "/photos"} <= asking


def test_the_consent_costs_no_statement_of_its_own(api, newcomer):
    """It is read with the session; a consent for another document is none."""
    account_id = newcomer.get("/me").json["account_id"]
    transact(lambda: give_consent(account_id, "marketing", PRIVACY_VERSION))
    assert _tries(api, newcomer)["report"]().status_code == 403


def test_the_notice_can_be_read_by_everybody(api):
    answer = api.phone().get("/privacy")
    assert answer.status_code == 200
    assert (answer.json["version"], answer.json["document"]) == (PRIVACY_VERSION, PRIVACY)
    headings = [section["heading"] for section in answer.json["sections"]]
    assert {"收哪些,做什么用", "谁能看到", "存多久", "您可以做什么"} <= set(headings)
    assert all(section["lines"] for section in answer.json["sections"])
    assert "Set-Cookie" not in answer.headers


def test_the_notice_is_short_and_names_no_technical_thing():
    text = json.dumps([section.lines for section in NOTICE.sections], ensure_ascii=False)
    assert len(text) < 1500
    assert not any(word in text for word in ("openid", "JSON", "API", "token", "系统"))
