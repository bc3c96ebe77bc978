"""上门服务价目 over HTTP: what a resident reads before he orders anything."""

from __future__ import annotations

import pytest

from app.catalogue.prices import install_standard_prices, publish_price
from app.catalogue.standard_prices import STANDARD_PRICES
from app.core.db import db, transact
from app.core.roles import Role
from app.core.scope import SYSTEM
from app.estates.models import Estate
from tests.factories.scene import make_scene
from tests.miniprogram_api.phones import counted_statements


@pytest.fixture
def listed(api):
    """The company of the scene has published what the demonstration asks; its estate is charged."""
    company_id, estate_id = api.scene.place.company.id, api.scene.place.estate.id

    def write() -> None:
        install_standard_prices()
        for row in STANDARD_PRICES:
            if row.demo_fen is not None:
                publish_price(row.code, company_id=company_id, price_fen=row.demo_fen, by=SYSTEM)
        db.session.get_one(Estate, estate_id).free_trial = False

    transact(write)
    return api


def _ask(api, **query):
    home = api.scene.place.homes[0].id
    answer = api.phone(Role.RES).get("/prices", **{"home_id": home, **query})
    assert answer.status_code == 200, answer.json
    return answer.json


def _item(shown, code):
    return next(item for group in shown["groups"] for item in group["items"] if item["code"] == code)


def test_every_item_shows_unit_price_and_ceiling(listed):
    shown = _ask(listed)
    assert _item(shown, "W01") == {
        "code": "W01",
        "name": "更换水龙头",
        "unit": "个",
        "price_fen": 4000,
        "price_words": "¥40.00",
        "ceiling_fen": 6000,
        "ceiling_words": "参考上限 ¥60.00",
        "note": "",
    }
    assert [group["name"] for group in shown["groups"]][:3] == ["户内用电", "户内给水", "户内排水"]
    assert shown["company"] == listed.scene.place.company.name
    assert (shown["free_trial"], shown["free_words"], shown["why_empty"]) == (False, "", "")


def test_fees_and_the_rule_about_materials_stand_in_words(listed):
    shown = _ask(listed)
    assert shown["visit_fee"] == "师傅上门检测,没有修也不收费"
    assert shown["night_fee"] == "夜里(22:00 到次日 7:00)上门,每次加收 ¥30.00"
    assert "材料" in shown["materials"]
    assert "先报价" in shown["promise"]


def test_work_for_the_public_good_and_gas_are_told_in_words(listed):
    shown = _ask(listed)
    assert _item(shown, "M04")["price_words"] == "免费(公益)"
    gas = _item(shown, "G01")
    assert (gas["price_words"], gas["ceiling_fen"]) == ("仅转燃气企业,不收费", None)
    assert gas["note"] == "只转燃气企业,物业不上门修"


def test_a_trial_estate_sees_the_prices_and_pays_none_of_them(listed):
    estate_id = listed.scene.place.estate.id
    transact(lambda: setattr(db.session.get_one(Estate, estate_id), "free_trial", True))
    shown = _ask(listed)
    assert (shown["free_trial"], shown["free_words"]) == (True, "试点期间免费")
    assert _item(shown, "W01")["price_words"] == "¥40.00", "struck through by the client"
    assert shown["night_fee"] == "夜里(22:00 到次日 7:00)上门不加收"


def test_a_category_brings_its_own_items_only(listed):
    shown = _ask(listed, category_code="H0201")
    assert [group["group"] for group in shown["groups"]] == ["H02"]
    assert shown["night_fee"]


def test_an_empty_list_says_why(listed):
    assert "固定价目" in _ask(listed, category_code="H9901")["why_empty"]
    assert "不向您个人收费" in _ask(listed, category_code="G0201")["why_empty"]


def test_a_company_without_prices_says_so(api):
    shown = _ask(api)
    assert shown["groups"] == []
    assert "还没有公布" in shown["why_empty"]


def test_a_home_of_somebody_else_is_404_and_staff_have_none(listed):
    foreign = make_scene(at=listed.scene.at).place.homes[0].id
    answer = listed.phone(Role.RES).get("/prices", home_id=foreign)
    assert (answer.status_code, answer.json["code"]) == (404, "home_unknown")
    assert listed.phone(Role.DSP).get("/prices", home_id=foreign).status_code == 403


@pytest.mark.parametrize("query", [{"home_id": ""}, {"category_code": "H02"}, {"category_code": "H0299"}])
def test_a_bad_question_is_422(listed, query):
    home = listed.scene.place.homes[0].id
    assert listed.phone(Role.RES).get("/prices", **{"home_id": home, **query}).status_code == 422


def test_the_list_costs_a_few_statements(listed):
    phone, home = listed.phone(Role.RES), listed.scene.place.homes[0].id
    with counted_statements() as seen:
        phone.get("/prices", home_id=home)
    assert len(seen) <= 6, seen
