"""The bureau's page 收缴监管: figures with their bars, drilled down to an estate and no further; read-only."""

from __future__ import annotations

import pytest

from app.audit.service import ensure_head
from app.core.db import transact
from app.core.roles import Role
from app.core.scope import SYSTEM
from app.fees import issuing
from app.fees.rules import months_later, period_of
from app.supervision.counting_bills import count_stale, mark_period_stale
from tests.admin.conftest import Desk
from tests.admin.finance import give_accountant
from tests.factories import make_place
from tests.fees.town import charge


@pytest.fixture
def office(desk: Desk) -> Desk:
    transact(ensure_head)
    give_accountant(desk)
    return desk


def issued(desk: Desk) -> str:
    """This month's bills of every estate with a price."""
    charge(desk.scene.place)
    period = period_of(desk.scene.at.date())
    issuing.issue(period, by=SYSTEM)
    transact(lambda: mark_period_stale(period))
    while transact(lambda: count_stale(20)):
        pass
    return period


def shown(desk: Desk, query: str = "", role: Role = Role.BUR) -> str:
    answer = desk.get(f"/admin/collection/?{query}", role)
    assert answer.status_code == 200
    return answer.text


def test_before_any_bill_the_page_says_what_would_fill_it(office: Desk) -> None:
    assert "还没有账单" in shown(office)


def test_the_bureau_reads_sums_and_drills_down_to_an_estate(office: Desk) -> None:
    period = issued(office)
    estate = office.scene.place.estate
    text = shown(office)
    assert "¥624.00" in text
    assert "0.0%" in text
    assert "0 / 4" in text
    assert "到期,还在收" in text
    assert "到期,还在收" not in shown(office, f"period={months_later(period, -1)}")
    inside = shown(office, f"period={period}&estate={estate.id}")
    assert estate.name in inside
    assert "看全部" in inside
    for number in (home.number for home in office.scene.place.homes):
        assert f"{number}室" not in inside
    assert "这里没有任何一户的资料" in inside


def test_company_and_accountant_see_their_own_and_others_are_kept_out(office: Desk) -> None:
    issued(office)
    elsewhere = make_place()
    for role in (Role.CO, Role.FIN, Role.BUR):
        text = shown(office, role=role)
        assert office.scene.place.estate.name in text
        assert elsewhere.estate.name not in text
        assert ("收缴监管 · 安居" if role is Role.BUR else "收缴情况 · 安居") in text
        assert "<button" not in text.partition('<main id="main"')[2]
    for role in (Role.DSP, Role.MGR, Role.STR, Role.HOT):
        assert office.get("/admin/collection/", role).status_code == 403


@pytest.mark.parametrize(
    "query", ["period=1999-13", "kind=gold", "estate=987654321", "street=987654321", "period="]
)
def test_what_does_not_exist_shows_nothing_and_breaks_nothing(office: Desk, query: str) -> None:
    issued(office)
    assert "收缴监管" in shown(office, query)


@pytest.mark.parametrize("query", ["estate=-1", "street=x", "company=9e9", "cursor=nonsense"])
def test_a_malformed_address_is_refused_with_a_sentence(office: Desk, query: str) -> None:
    issued(office)
    answer = office.get(f"/admin/collection/?{query}", Role.BUR)
    assert answer.status_code == 422
    assert "请" in answer.text


def test_the_page_costs_as_many_statements_for_ten_estates_as_for_one(office: Desk) -> None:
    issued(office)
    shown(office)
    before = office.statements("/admin/collection/", Role.BUR)
    for _ in range(9):
        charge(make_place(district=office.scene.place.district, homes=1))
    period = period_of(office.scene.at.date())
    issuing.issue(period, by=SYSTEM)
    transact(lambda: mark_period_stale(period))
    while transact(lambda: count_stale(20)):
        pass
    assert office.statements("/admin/collection/", Role.BUR) == before
