"""What the client reads before anybody signs in, and what it may ask WeChat for."""

from __future__ import annotations

import shutil

import pytest

from app.accounts.privacy import PRIVACY_VERSION
from app.core.db import db, transact
from app.core.roles import Role
from app.estates.models import Facility
from app.integrations.wechat.templates import TEMPLATES
from app.notifications.consents import add_consent
from app.notifications.taps import ASKED_AT, MOST_AT_ONCE, Tap, left_words, template_ids
from tests.miniprogram_api.phones import build_app


def test_names_numbers_and_entries_are_public(api):
    answer = api.phone().get("/app-config")
    assert answer.status_code == 200
    assert answer.json == {
        "name": "安居",
        "hotline": {"label": "962121", "phone": "962121"},
        "emergency": {"fire": "119", "ambulance": "120", "police": "110", "gas": "", "lift": ""},
        "features": {"snap": True, "notices": False, "bills": True, "demo_login": True},
        "privacy_version": PRIVACY_VERSION,
    }


def test_an_estate_with_a_lift_brings_its_rescue_number(api):
    estate = api.scene.place.estate.id

    def lift() -> None:
        plain = {"estate_id": estate, "kind": "电梯", "name": "1单元电梯"}
        db.session.add(Facility(**plain, code="L1", maintenance_phone=None))
        db.session.add(Facility(**plain, code="L2", maintenance_phone="19900000990"))
        pump = {**plain, "kind": "水泵", "code": "P1", "maintenance_phone": "19900000995"}
        db.session.add(Facility(**pump))

    assert api.phone().get("/app-config", estate_id=estate).json["emergency"]["lift"] == ""
    transact(lift)
    assert api.phone().get("/app-config", estate_id=estate).json["emergency"]["lift"] == "19900000990"
    assert api.phone().get("/app-config", estate_id=987654).status_code == 404


def test_gas_and_hotline_come_from_the_settings(tmp_path, sqlite_template):
    shutil.copyfile(sqlite_template, tmp_path / "own.db")
    numbers = {"gas_phone": "19900000991", "hotline_label": "12345"}
    app = build_app(f"sqlite:///{tmp_path / 'own.db'}", tmp_path, **numbers)
    shown = app.test_client().get("/api/v1/app-config").json
    with app.app_context():
        db.engine.dispose()
    assert shown["emergency"]["gas"] == "19900000991"
    assert shown["hotline"] == {"label": "12345", "phone": "12345"}


def test_the_client_asks_for_three_templates_at_most(api):
    shown = api.phone(Role.RES).get("/me/message-templates").json
    assert set(shown) == {tap.value for tap in Tap}
    for ids in shown.values():
        assert 1 <= len(ids) <= MOST_AT_ONCE
        assert len(set(ids)) == len(ids)
    assert shown["send"] == ["sandbox-order_assigned", "sandbox-order_on_way", "sandbox-order_done"]
    assert shown["pay"] == ["sandbox-payment_done", "sandbox-refund_done", "sandbox-bill"]


def test_the_platforms_own_ids_are_given_where_they_are_set():
    configured = {key: f"platform-{key}" for key in TEMPLATES}
    assert template_ids(Tap.URGE, configured)[0] == "platform-order_late"


def test_no_template_is_asked_for_twice_over_the_taps():
    asked = [key for keys in ASKED_AT.values() for key in keys]
    assert len(set(asked)) == len(asked)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_budget_is_told_in_words(api, count):
    account = api.scene.by(Role.RES).account_id
    if count:
        transact(lambda: add_consent(account, "order_done", count))
    left = api.phone(Role.RES).get("/me").json["messages_left"]
    assert left == {"total": count, "words": left_words(count)}
    assert (f"还能收到 {count} 条微信提醒" == left["words"]) is bool(count)


def test_the_budget_counts_all_templates_together(api):
    account = api.scene.by(Role.RES).account_id
    transact(lambda: (add_consent(account, "order_done", 2), add_consent(account, "order_on_way", 1)))
    assert api.phone(Role.RES).get("/me").json["messages_left"]["words"] == "还能收到 3 条微信提醒"
