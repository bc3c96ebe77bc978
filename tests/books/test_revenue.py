"""公共收益: drafted, approved by another, published by the administrator; then it does not move any more (S0-15)."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DatabaseError

from app.audit.models import AuditRecord
from app.audit.service import ensure_head
from app.books import revenue, vouchers
from app.books.accounts import Account
from app.books.errors import (
    FiguresMoved,
    QuarterClosed,
    ReportDecided,
    ReportExists,
    ReportUnknown,
    SamePerson,
)
from app.books.quarters import Quarter, quarter, quarter_of
from app.books.revenue_models import ReportState, RevenueReport
from app.books.voucher_models import Direction
from app.core import clock
from app.core.clock import china
from app.core.db import db, transact
from app.core.errors import Forbidden, Invalid
from tests.books.bookkeeping import Keepers, booked, make_keepers, public_income
from tests.engines import both_engines

Q3 = "2026Q3"
JULY, MAY = date(2026, 7, 10), date(2026, 5, 10)


def with_figures() -> Keepers:
    """¥300 left from spring; in the third quarter ¥500 for boards, ¥120 for parking, ¥80 spent, ¥200 to the fund."""
    transact(ensure_head)
    clock.freeze(china(2026, 10, 8, 9))
    keepers = make_keepers()
    booked(keepers, public_income(keepers, 300_00, MAY))
    booked(keepers, public_income(keepers, 500_00, JULY))
    booked(keepers, public_income(keepers, 120_00, JULY, account=Account.OTHER_INCOME, memo="快递柜"))
    out = {"direction": Direction.EXPENSE, "memo": "公共收益支出"}
    booked(keepers, public_income(keepers, 80_00, JULY, account=Account.MAINTENANCE, **out))
    booked(keepers, public_income(keepers, 200_00, JULY, account=Account.OWNERS, **out))
    return keepers


@pytest.fixture
def keepers(app_db) -> Keepers:
    return with_figures()


def drafted(keepers: Keepers) -> int:
    return transact(lambda: revenue.draft(keepers.estate_id, Q3, by=keepers.first).id)


def published(keepers: Keepers) -> int:
    report_id = drafted(keepers)
    transact(lambda: revenue.approve(report_id, by=keepers.second))
    transact(lambda: revenue.publish(report_id, by=keepers.admin))
    return report_id


@both_engines
def test_a_quarter_says_what_was_there_came_was_spent_and_is_left(app_db):
    keepers = with_figures()
    report = db.session.get_one(RevenueReport, drafted(keepers))
    assert (report.opening_fen, report.income_fen, report.cost_fen) == (300_00, 620_00, 80_00)
    assert (report.moved_fen, report.closing_fen) == (-200_00, 640_00)
    assert {(line["section"], line["label"], line["fen"]) for line in report.content} == {
        ("income", "广告场地收益", 500_00),
        ("income", "其他收入", 120_00),
        ("cost", "设施设备维护", 80_00),
        ("moved", "业主共有结余", -200_00),
    }


def test_residents_read_it_when_the_administrator_has_published_it_and_not_before(keepers):
    report_id = drafted(keepers)
    assert revenue.published(keepers.estate_id) == []
    with pytest.raises(SamePerson):
        transact(lambda: revenue.approve(report_id, by=keepers.first))
    with pytest.raises(ReportDecided):
        transact(lambda: revenue.publish(report_id, by=keepers.admin))
    transact(lambda: revenue.approve(report_id, by=keepers.second))
    assert revenue.published(keepers.estate_id) == []
    with pytest.raises(Forbidden):
        transact(lambda: revenue.publish(report_id, by=keepers.second))
    transact(lambda: revenue.publish(report_id, by=keepers.admin))
    assert [each.quarter for each in revenue.published(keepers.estate_id)] == [Q3]
    actions = list(db.session.scalars(select(AuditRecord.action).order_by(AuditRecord.id)))
    assert actions[-3:] == ["revenue.draft", "revenue.approve", "revenue.publish"]


def test_a_published_quarter_takes_no_more_vouchers(keepers):
    entered = transact(lambda: vouchers.enter(public_income(keepers, 5_00, JULY), by=keepers.first))
    published(keepers)
    with pytest.raises(QuarterClosed):
        transact(lambda: vouchers.approve(entered.id, by=keepers.second))
    with pytest.raises(QuarterClosed):
        transact(lambda: vouchers.enter(public_income(keepers, 5_00, JULY), by=keepers.first))
    booked(keepers, public_income(keepers, 5_00, date(2026, 10, 2)))


def test_figures_that_have_moved_are_drafted_anew(keepers):
    report_id = drafted(keepers)
    booked(keepers, public_income(keepers, 7_00, JULY))
    with pytest.raises(FiguresMoved):
        transact(lambda: revenue.approve(report_id, by=keepers.second))
    transact(lambda: revenue.withdraw(report_id, why="漏记一笔广告费", by=keepers.second))
    again = drafted(keepers)
    assert db.session.get_one(RevenueReport, again).income_fen == 627_00


def test_what_was_published_is_taken_back_by_the_administrator_alone_with_a_reason(keepers):
    report_id = published(keepers)
    with pytest.raises(Forbidden):
        transact(lambda: revenue.withdraw(report_id, why="漏记一笔广告费", by=keepers.second))
    with pytest.raises(Invalid):
        transact(lambda: revenue.withdraw(report_id, why="错", by=keepers.admin))
    transact(lambda: revenue.withdraw(report_id, why="漏记一笔广告费", by=keepers.admin))
    assert revenue.published(keepers.estate_id) == []
    booked(keepers, public_income(keepers, 7_00, JULY))
    with pytest.raises(ReportDecided):
        transact(lambda: revenue.withdraw(report_id, why="再撤回一次", by=keepers.admin))


def test_a_quarter_has_one_living_report_and_begins_after_its_end(keepers):
    drafted(keepers)
    with pytest.raises(ReportExists):
        drafted(keepers)
    for code in ("2026Q4", "2027Q1", "2026Q5", "2026-07", "", "2026Q3 "):
        with pytest.raises(Invalid):
            transact(lambda code=code: revenue.draft(keepers.estate_id, code, by=keepers.first))
    with pytest.raises(Forbidden):
        transact(lambda: revenue.draft(keepers.estate_id, "2026Q2", by=keepers.admin))


def test_reports_turn_their_pages_and_are_found_by_estate(keepers):
    ids = []
    for _ in range(3):
        ids.append(drafted(keepers))
        transact(lambda: revenue.withdraw(ids[-1], why="重新编制一次", by=keepers.first))
    first = revenue.reports_page(keepers.second, estate_id=keepers.estate_id, limit=2)
    rest = revenue.reports_page(keepers.second, cursor=first.next_cursor, limit=2)
    assert [each.id for each in (*first.items, *rest.items)] == sorted(ids, reverse=True)
    assert rest.next_cursor is None
    assert revenue.reports_page(keepers.second, estate_id=keepers.estate_id + 10**6).items == []


def test_another_company_sees_and_moves_nothing(keepers):
    report_id, stranger = drafted(keepers), make_keepers()
    assert revenue.reports_page(stranger.first).items == []
    with pytest.raises(ReportUnknown):
        transact(lambda: revenue.approve(report_id, by=stranger.second))
    with pytest.raises(Invalid, match="小区"):
        transact(lambda: revenue.draft(keepers.estate_id, "2026Q2", by=stranger.first))


@both_engines
def test_the_database_itself_refuses_a_report_that_does_not_add_up_or_that_one_person_made(app_db):
    keepers = with_figures()
    report_id = drafted(keepers)
    drafter = keepers.first.account_id
    for values in (
        {"closing_fen": 1},
        {"state": "published"},
        {"state": "approved", "approved_by": drafter, "approved_at": clock.now()},
        {"state": "withdrawn"},
        {"live": None},
    ):
        with pytest.raises(DatabaseError):
            db.session.execute(update(RevenueReport).where(RevenueReport.id == report_id).values(**values))
        db.session.rollback()
    assert db.session.get_one(RevenueReport, report_id).state == ReportState.DRAFT


def test_quarters_begin_and_end_where_the_calendar_says():
    assert quarter("2026Q3").first == date(2026, 7, 1)
    assert quarter("2026Q3").last == date(2026, 9, 30)
    assert quarter("2028Q1").last == date(2028, 3, 31)
    assert quarter("2026Q4").next() == Quarter(2027, 1)
    assert [quarter_of(date(2026, month, 28)).number for month in range(1, 13)] == [
        1,
        1,
        1,
        2,
        2,
        2,
        3,
        3,
        3,
        4,
        4,
        4,
    ]
    assert quarter("2026Q3").label == "2026年第三季度"
