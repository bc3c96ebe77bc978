"""The category table of domain 3.4 and the ways to find a category in it."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.catalogue.errors import CategoryUnknown
from app.catalogue.models import Category
from app.catalogue.queries import categories_for, category, guess, other, search
from app.catalogue.service import initials, install_standard
from app.catalogue.standard import CERTIFICATES, KEYWORDS, STANDARD
from app.core.db import db, transact
from app.orders.lifecycle import Menu
from tests.engines import both_engines

P0 = {"G0101", "G0203", "G0502", "G0603", "G0702", "G0902", "G1201", "G1301", "H0104", "H0204", "H0701"}


@pytest.fixture
def catalogue(app_db):
    transact(install_standard)


@both_engines
def test_the_table_is_installed_once(app_db):
    assert transact(install_standard) == len(STANDARD)
    assert transact(install_standard) == 0
    assert db.session.scalar(select(func.count()).select_from(Category)) == len(STANDARD)


def test_a_changed_row_is_brought_back_but_not_switched_on_again(catalogue):
    lamp = category("G0201")
    transact(lambda: (setattr(lamp, "name", "旧名"), setattr(lamp, "active", False)))
    assert transact(install_standard) == 1
    assert (lamp.name, lamp.active) == ("楼道灯不亮", False)
    with pytest.raises(CategoryUnknown):
        category("G0201")


def test_the_table_holds_what_the_specification_says(catalogue):
    public = [row for row in STANDARD if not row.in_home]
    assert len(public) == 39
    assert {row.code for row in STANDARD if row.urgency == "P0"} == P0
    assert {row.code[:3] for row in STANDARD if row.in_home} == {f"H{n:02d}" for n in [*range(1, 12), 99]}
    assert category("G0101").certificate == "电梯修理"
    assert category("G0701").pays == "维修资金"
    assert category("H0301").group == "H03"


def test_every_danger_to_people_is_hazardous():
    assert all(row.hazardous for row in STANDARD if row.urgency == "P0")


def test_codes_and_pinyin_and_texts_fit_their_columns():
    columns = Category.__table__.c
    assert len({row.code for row in STANDARD}) == len(STANDARD)
    for row in STANDARD:
        for column in ("code", "name", "urgency", "certificate", "pays", "tools"):
            assert len(getattr(row, column) or "") <= columns[column].type.length, f"{row.code} {column}"
        assert row.certificate is None or row.certificate in CERTIFICATES
        assert row.tools and initials(row.name)


def test_each_menu_has_its_categories(catalogue):
    report, booking, emergency = (
        categories_for(menu) for menu in (Menu.REPORT, Menu.BOOKING, Menu.EMERGENCY)
    )
    assert all(not found.in_home for found in report)
    assert all(found.in_home and found.urgency in ("P2", "P3") for found in booking)
    assert all(found.in_home and found.group not in ("H10", "H11") for found in emergency)
    assert [found.urgency for found in emergency] == sorted(found.urgency for found in emergency)
    assert {other(menu).code for menu in Menu} == {"G9901", "H9901"}
    for menu, offered in ((Menu.REPORT, report), (Menu.BOOKING, booking), (Menu.EMERGENCY, emergency)):
        assert other(menu) in offered


def test_an_unknown_menu_or_code_is_refused(catalogue):
    for question in (
        lambda: categories_for("XXX"),
        lambda: category("G0000"),
        lambda: category(""),
        lambda: other("X"),
    ):
        with pytest.raises(CategoryUnknown) as refused:
            question()
        assert refused.value.status == 422


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("楼道灯", "G0201"),
        ("lddbl", "G0201"),
        ("LDD", "G0201"),
        ("g0201", "G0201"),
        (" 马桶 ", "H0302"),
        ("mtds", "H0302"),
    ],
)
def test_a_category_is_found_by_name_code_or_initials(catalogue, text, code):
    assert code in [found.code for found in search(text)]


@pytest.mark.parametrize("text", ["", "  ", "%", "_", "没有这种东西"])
def test_nothing_is_found_by_nothing(catalogue, text):
    assert search(text) == []


@pytest.mark.parametrize(
    ("menu", "text", "code"),
    [
        ("PUB", "3单元楼道灯坏了好几天", "G0201"),
        ("PUB", "电梯困人了快来", "G0101"),
        ("PUB", "大门口井盖没了,老人差点掉下去", "G0603"),
        ("PUB", "5号楼外墙瓷砖掉下来", "G0702"),
        ("PUB", "楼下有煤气味", "G1301"),
        ("PUB", "单元门关不上", "G0301"),
        ("APT", "厨房水龙头滴水", "H0201"),
        ("APT", "卫生间马桶堵了", "H0302"),
        ("APT", "门锁打不开", "H0401"),
        ("EMG", "家里水管爆了到处喷水", "H0204"),
        ("EMG", "摸开关麻手,怕是漏电", "H0104"),
        ("EMG", "暖气漏水", "H0802"),
        ("EMG", "屋里有煤气味", "H0701"),
    ],
)
def test_the_words_of_a_report_point_to_a_category(catalogue, menu, text, code):
    assert guess(menu, text).code == code


def test_a_guess_stays_inside_its_menu_and_may_fail(catalogue):
    assert guess("PUB", "马桶堵了") is None
    assert guess("APT", "谢谢") is None
    assert guess("APT", "") is None


def test_keywords_belong_to_categories_of_the_table():
    assert set(KEYWORDS) <= {row.code for row in STANDARD}
