"""价目 and 参考上限 over HTTP: what each hat sees and may do, and what a wrong form says."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.audit.service import ensure_head
from app.catalogue.price_models import CompanyPrice
from app.catalogue.price_queries import ceiling_at, price_at
from app.catalogue.prices import set_ceiling
from app.catalogue.proposal_models import PriceProposal
from app.core import clock
from app.core.db import db, transact
from app.core.roles import Role
from app.core.scope import SYSTEM
from tests.admin.conftest import Desk
from tests.admin.test_limits import Officer, tomorrow
from tests.factories.places import make_place
from tests.factories.prices import let_residents_pay

TAP = "W01"


@pytest.fixture
def priced(desk: Desk) -> Desk:
    """The company has published what the demonstration asks, a moment ago."""
    desk.scene.at -= timedelta(minutes=1)
    let_residents_pay(desk.scene)
    transact(ensure_head)
    return desk


def send(desk: Desk, url: str, role: Role = Role.CO, **fields: object) -> str:
    desk.client(role)
    data = {"csrf_token": desk.token(role), "request_id": f"price-{next(_numbers)}-request", **fields}
    answer = desk.client(role).post(url, data=data, follow_redirects=True)
    assert answer.status_code == 200, answer.text[:300]
    return answer.text


_numbers = iter(range(10**6))


def published() -> list[int]:
    db.session.rollback()
    mine = select(CompanyPrice.price_fen).where(CompanyPrice.item_code == TAP)
    return list(db.session.scalars(mine.order_by(CompanyPrice.id)))


def test_sixty_one_yuan_for_a_tap_is_refused_with_its_ceiling_and_sixty_is_published(priced: Desk) -> None:
    page = send(priced, "/admin/prices/publish", item_code=TAP, price="61")
    assert re.search(r'role="alert">[^<]*“更换水龙头”的参考上限是 ¥60.00,请调低后再保存', page)
    assert published() == [4_000]
    page = send(priced, "/admin/prices/publish", item_code=TAP, price="60")
    assert "已公布,马上生效" in page
    assert "第 2 版" in page
    assert published() == [4_000, 6_000]


def test_a_price_from_a_day_on_stands_beside_the_one_that_counts(priced: Desk) -> None:
    page = send(priced, "/admin/prices/publish", item_code=TAP, price="45.50", valid_on=tomorrow())
    assert "已公布,到日期自动生效" in page
    assert "起 ¥45.50" in page
    assert price_at(TAP, priced.scene.place.company.id, clock.now()) == 4_000
    coming = priced.get("/admin/prices/?version=2", Role.CO).text
    assert "还没生效" in coming


def test_the_same_form_twice_is_one_price(priced: Desk) -> None:
    for _ in range(2):
        send(priced, "/admin/prices/publish", item_code=TAP, price="50", request_id="once-and-only-once")
    assert published() == [4_000, 5_000]


@pytest.mark.parametrize(
    "wrong",
    [
        {"price": "-1"},
        {"price": "1e3"},
        {"price": "六十"},
        {"price": "9" * 5000},
        {"price": ""},
        {"price": "40.123"},
        {"item_code": "X99"},
        {"item_code": "G01"},
        {"valid_on": "2020-01-01"},
        {"valid_on": "9999-12-31"},
        {"valid_on": "明天"},
    ],
)
def test_a_wrong_form_is_explained_and_publishes_nothing(priced: Desk, wrong) -> None:
    page = send(priced, "/admin/prices/publish", **{"item_code": TAP, "price": "50", **wrong})
    assert 'class="note note-late" role="alert"' in page
    assert published() == [4_000]


def test_a_manager_proposes_and_his_company_publishes_it(priced: Desk) -> None:
    fields = {"item_code": TAP, "price": "45", "valid_on": tomorrow(), "reason": "人工成本变化"}
    assert "已提出,等企业管理员决定" in send(priced, "/admin/prices/propose", Role.MGR, **fields)
    db.session.rollback()
    proposal_id = db.session.scalars(select(PriceProposal.id)).one()
    page = send(priced, f"/admin/prices/{proposal_id}/decide", decision="grant")
    assert "已同意,到日期自动生效" in page
    assert "人工成本变化" in page
    assert published() == [4_000, 4_500]


def test_who_may_only_read_reads_and_publishes_nothing(priced: Desk) -> None:
    for role in (Role.DSP, Role.MGR):
        page = priced.get("/admin/prices/", role).text
        assert "更换水龙头" in page and "¥40.00" in page
        assert "公布新价格" not in page
    data = {"csrf_token": priced.token(Role.MGR), "request_id": "a-manager-1", "item_code": TAP, "price": "1"}
    assert priced.client(Role.MGR).post("/admin/prices/publish", data=data).status_code == 403
    assert priced.get("/admin/prices/", Role.STR).status_code == 403
    assert priced.get("/admin/ceilings/", Role.CO).status_code == 403
    assert published() == [4_000]


def test_two_of_the_bureau_lower_a_ceiling_and_the_company_sees_what_must_come_down(priced: Desk) -> None:
    district_id = priced.scene.place.district.id
    first, second = Officer(priced, district_id), Officer(priced, district_id)
    fields = {"item_code": TAP, "price": "35", "valid_on": tomorrow(), "reason": "11月市场询价"}
    assert "等另一位监管人员批准" in first.send("/admin/ceilings/propose", **fields).text
    db.session.rollback()
    proposal_id = db.session.scalars(select(PriceProposal.id)).one()
    alone = first.send(f"/admin/ceilings/{proposal_id}/decide", decision="grant").text
    assert "不能自己批准自己提出的" in alone
    page = second.send(f"/admin/ceilings/{proposal_id}/decide", decision="grant").text
    assert "已同意,到日期自动生效" in page
    assert "¥35.00" in page and priced.scene.place.company.name in page
    db.session.rollback()
    assert ceiling_at(TAP, clock.now() + timedelta(days=2)) == 3_500
    own = priced.get("/admin/prices/", Role.CO).text
    assert "要调低的价格" in own and "还有" in own
    stranger = Officer(priced, _elsewhere())
    assert stranger.send(f"/admin/ceilings/{proposal_id}/decide", decision="grant").status_code == 404


def _elsewhere() -> int:
    return transact(make_place).district.id


def test_an_overdue_price_is_marked_and_what_is_charged_is_said(priced: Desk) -> None:
    transact(lambda: set_ceiling(TAP, ceiling_fen=3_500, by=SYSTEM))
    clock.freeze(clock.now() + timedelta(days=8))
    page = priced.get("/admin/prices/", Role.CO).text
    assert "逾期未调低" in page
    assert "按 ¥35.00 收" in page


def test_the_bureau_reads_the_list_of_every_company(priced: Desk) -> None:
    company_id = priced.scene.place.company.id
    assert f"company={company_id}" in priced.get("/admin/ceilings/", Role.BUR).text
    page = priced.get(f"/admin/prices/?company={company_id}", Role.BUR).text
    assert "更换水龙头" in page and "公布新价格" not in page
    for address in ("company=999999", f"company={company_id}&version=77", "company=x", f"company={'9' * 99}"):
        assert priced.get(f"/admin/prices/?{address}", Role.BUR).status_code == 404


def test_the_pages_cost_the_same_however_long_the_list(priced: Desk) -> None:
    assert priced.statements("/admin/prices/", Role.CO) <= 30
    assert priced.statements("/admin/ceilings/", Role.BUR) <= 30


def test_pasted_lines_are_one_new_list_and_what_is_the_same_is_not_published_again(priced: Desk) -> None:
    shown = priced.get("/admin/prices/", Role.CO).text
    assert "W01 40.00 更换水龙头" in shown, "the list in force stands there to be changed"
    pasted = "编码,价格,名称\nW01 41.50 更换水龙头\n\nw02\t25\tD04行不算\nD04,210.00,户内支管"
    page = send(priced, "/admin/prices/publish-lines", lines=pasted)
    assert "已公布 2 项,马上生效" in page
    assert published() == [4_000, 4_150]
    assert "第 2 版" in page


def test_a_file_of_lines_from_a_day_on(priced: Desk) -> None:
    upload = (io.BytesIO("编码,价格\nW01,39".encode("gb18030")), "prices.csv")
    page = send(priced, "/admin/prices/publish-lines", lines="", file=upload, valid_on=tomorrow())
    assert "已公布 1 项,到日期自动生效" in page
    assert published() == [4_000, 3_900]
    assert price_at(TAP, priced.scene.place.company.id, clock.now()) == 4_000


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("W01 41\nW02 贵", "第 2 行看不懂"),
        ("W01 41\nW01 42", "第 2 行:W01 写了两次"),
        ("W02 26\nW01 61", "W01:“更换水龙头”的参考上限是 ¥60.00"),
        ("W02 26\nZ99 1", "Z99:价目表里没有这一项"),
        ("", "请填写要公布的项目和价格"),
        ("编码 价格", "请填写要公布的项目和价格"),
        ("W01 40", "没有要公布的"),
        ("W01 41\n" * 300, "一次最多 200 行"),
        ("W01 -1", "第 1 行看不懂"),
        ("W01 4e3", "第 1 行看不懂"),
        ("</textarea><script>", "第 1 行看不懂"),
    ],
)
def test_a_refused_paste_is_explained_publishes_nothing_and_stays_in_its_field(
    priced: Desk, lines, said
) -> None:
    page = send(priced, "/admin/prices/publish-lines", lines=lines)
    assert said in page
    assert published() == [4_000]
    assert "<details open>" in page
    assert "</textarea><script>" not in page


def test_only_the_company_publishes_lines(priced: Desk) -> None:
    data = {
        "csrf_token": priced.token(Role.BUR),
        "request_id": "price-lines-of-the-bureau",
        "lines": "W01 41",
    }
    answer = priced.client(Role.BUR).post("/admin/prices/publish-lines", data=data)
    assert answer.status_code in (403, 404)
    assert "publish-lines" not in priced.get("/admin/prices/", Role.MGR).text
    assert published() == [4_000]
