"""公共收益 over HTTP: what was published, and nothing else (S0-15)."""

from __future__ import annotations

import pytest

from app.audit.service import ensure_head
from app.books import revenue
from app.books.accounts import Account
from app.books.quarters import quarter_of
from app.books.voucher_models import Direction
from app.core.db import transact
from app.core.roles import Role
from tests.books.bookkeeping import Keepers, booked, make_keepers, public_income, today
from tests.miniprogram_api.phones import counted_statements


@pytest.fixture
def keepers(api) -> Keepers:
    transact(ensure_head)
    return make_keepers(api.scene.place)


def last_quarter():
    first = quarter_of(today()).first
    return quarter_of(
        first.replace(year=first.year - 1, month=10)
        if first.month == 1
        else first.replace(month=first.month - 1)
    )


def drafted(keepers: Keepers) -> int:
    day = last_quarter().first
    booked(keepers, public_income(keepers, 500_00, day))
    out = {"direction": Direction.EXPENSE, "account": Account.MAINTENANCE, "memo": "补种绿篱"}
    booked(keepers, public_income(keepers, 80_00, day, **out))
    return transact(lambda: revenue.draft(keepers.estate_id, last_quarter().code, by=keepers.first).id)


def publish(keepers: Keepers, report_id: int) -> None:
    transact(lambda: revenue.approve(report_id, by=keepers.second))
    transact(lambda: revenue.publish(report_id, by=keepers.admin))


def ask(api, estate_id: int):
    return api.phone(Role.RES).get(f"/estates/{estate_id}/public-revenue")


def test_a_published_quarter_is_read_by_source_cost_and_balance(api, keepers):
    publish(keepers, drafted(keepers))
    answer = ask(api, keepers.estate_id)
    assert answer.status_code == 200
    [shown] = answer.json["items"]
    assert answer.json["estate"] == api.scene.place.estate.name
    assert (shown["quarter"], shown["label"]) == (last_quarter().code, last_quarter().label)
    assert (shown["opening_fen"], shown["income_fen"], shown["cost_fen"]) == (0, 500_00, 80_00)
    assert (shown["moved_fen"], shown["closing_fen"]) == (0, 420_00)
    assert {(line["section_label"], line["label"], line["amount_fen"]) for line in shown["lines"]} == {
        ("收入", "广告场地收益", 500_00),
        ("支出", "设施设备维护", 80_00),
    }


def test_a_draft_an_approved_one_and_a_withdrawn_one_are_not_visible(api, keepers):
    report_id = drafted(keepers)
    assert ask(api, keepers.estate_id).json["items"] == []
    transact(lambda: revenue.approve(report_id, by=keepers.second))
    assert ask(api, keepers.estate_id).json["items"] == []
    transact(lambda: revenue.publish(report_id, by=keepers.admin))
    assert len(ask(api, keepers.estate_id).json["items"]) == 1
    transact(lambda: revenue.withdraw(report_id, why="漏记一笔收入", by=keepers.admin))
    assert ask(api, keepers.estate_id).json["items"] == []


def test_an_estate_that_does_not_exist_is_not_found_and_a_visitor_signs_in_first(api, keepers):
    assert ask(api, 10**12).status_code == 404
    assert api.phone().get(f"/estates/{keepers.estate_id}/public-revenue").status_code == 401


def test_reading_costs_few_statements(api, keepers):
    publish(keepers, drafted(keepers))
    ask(api, keepers.estate_id)
    with counted_statements() as statements:
        ask(api, keepers.estate_id)
    assert len(statements) <= 8
