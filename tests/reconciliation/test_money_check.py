"""账目检查: once a day; what does not hold is a case for a person, once, until it holds again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from app.audit.service import ensure_head
from app.core import clock
from app.core.clock import china, china_date
from app.core.db import db, transact
from app.notifications.models import Notification
from app.payments.models import Payment
from app.reconciliation import queries
from app.reconciliation.cases import close
from app.reconciliation.models import BillFile, CaseState, ReconciliationCase
from app.reconciliation.money_check import is_due, keep, last_check, look
from config import Settings
from scheduler.context import Context, build_context
from scheduler.jobs.check_money import check_money
from scheduler.schedule import JOBS
from tests.books.bookkeeping import Keepers, make_keepers
from tests.engines import both_engines, in_parallel
from tests.factories.money import make_merchant
from tests.reconciliation.billing import Billing, night, paid

NOON = china(2026, 11, 20, 12)
MORNING = china(2026, 11, 21, 10, 46)


@pytest.fixture
def context(tmp_path) -> Context:
    return build_context(Settings(environment="test", data_dir=tmp_path), lambda: False)


def company_with_money() -> tuple[Keepers, str]:
    """A company that was paid yesterday and whose bill was compared this morning; the payment's number."""
    transact(ensure_head)
    clock.freeze(NOON)
    keepers, billing = make_keepers(), Billing()
    make_merchant(keepers.place.company, valid_from=china_date(NOON))
    payment = paid(keepers.place, billing)
    clock.freeze(MORNING)
    night(billing)
    return keepers, payment.out_trade_no


def break_sums(by_fen: int = 1) -> None:
    """Now the payment is not the sum of its lines, nor what the books say."""
    transact(lambda: db.session.execute(update(Payment).values(amount_fen=Payment.amount_fen + by_fen)))


def checked():
    broken = look()
    db.session.rollback()
    return transact(lambda: keep(broken))


def cases(**which) -> list[ReconciliationCase]:
    db.session.rollback()
    return list(db.session.query(ReconciliationCase).filter_by(kind="rule", **which).order_by("id"))


def test_it_is_in_the_table_of_jobs():
    assert [job.run for job in JOBS if job.name == "check_money"] == [check_money]


@both_engines
def test_money_that_is_right_leaves_no_case_and_says_when_it_was_looked_at(app_db):
    company_with_money()
    assert last_check() is None
    found = checked()
    assert (found.at, found.findings) == (MORNING, 0)
    assert last_check() == found
    assert cases() == []


@both_engines
def test_what_does_not_hold_becomes_a_case_of_the_company_and_it_is_told(app_db):
    keepers, number = company_with_money()
    break_sums()
    assert checked().findings == 2
    found = cases(state="open")
    assert {each.rule_key for each in found} == {f"lines:{number}", f"payment_posted:{number}"}
    assert {each.company_id for each in found} == {keepers.place.company.id}
    page = queries.cases_page(keepers.first, state=CaseState.OPEN)
    assert {each.number for each in page.items} == {number}
    told = select(func.count()).where(Notification.title == "账目检查有 2 处不通过")
    assert db.session.scalar(told.where(Notification.account_id == keepers.first.account_id)) == 1
    stranger = make_keepers()
    assert queries.cases_page(stranger.first, state=None).items == []
    assert db.session.scalar(told.where(Notification.account_id == stranger.first.account_id)) == 0


@both_engines
def test_looking_again_and_two_at_once_open_nothing_twice(app_db):
    company_with_money()
    break_sums()
    in_parallel(app_db, [checked] * 3)
    checked()
    assert len(cases()) == 2


@both_engines
def test_a_case_that_holds_again_is_settled_by_rule_and_may_come_back(app_db):
    company_with_money()
    break_sums()
    checked()
    break_sums(-1)
    assert checked().findings == 0
    assert {(each.state, each.by_rule, each.note) for each in cases()} == {
        ("settled", True, "再次检查时账目已经一致")
    }
    break_sums()
    checked()
    assert [each.state for each in cases()] == ["settled", "settled", "open", "open"]


@both_engines
def test_an_explained_case_is_not_asked_again_and_a_settled_one_is(app_db):
    keepers, _ = company_with_money()
    break_sums()
    checked()
    first, second = (each.id for each in cases())
    explained, settled = CaseState.EXPLAINED, CaseState.SETTLED
    transact(lambda: close(first, state=explained, note="演练时手工改过", by=keepers.first))
    transact(lambda: close(second, state=settled, note="已经改回来了", by=keepers.first))
    clock.freeze(MORNING + timedelta(days=1))
    checked()
    assert [each.state for each in cases()] == ["explained", "settled", "open"]
    break_sums(-1)
    checked()
    assert [(each.state, each.by_rule) for each in cases()] == [
        ("explained", False),
        ("settled", False),
        ("settled", True),
    ]
    break_sums()
    checked()
    assert len(cases(state="open")) == 2, "what was explained was another matter"


def test_the_job_waits_for_its_hour_and_for_the_bills_and_runs_once_a_day(app_db, context):
    company_with_money()
    clock.freeze(MORNING - timedelta(minutes=2))
    check_money(context)
    assert last_check() is None
    clock.freeze(MORNING)
    transact(lambda: db.session.execute(update(BillFile).values(compared_at=None)))
    check_money(context)
    assert last_check() is None, "the bill of yesterday is not compared yet"
    clock.freeze(MORNING.replace(hour=4, minute=0))
    check_money(replace(context, stopping=lambda: True))
    assert last_check() is None
    check_money(context)
    assert last_check().at == clock.now(), "at noon it waits no longer"
    assert not is_due()
    break_sums()
    check_money(context)
    assert cases() == [], "once a day"
    clock.freeze(MORNING + timedelta(days=1, hours=3))
    check_money(context)
    assert last_check().findings == 2


@both_engines
def test_every_finding_of_broken_books_names_its_company(app_db):
    keepers, _ = company_with_money()
    transact(
        lambda: db.session.execute(
            text("UPDATE ledger_lines SET debit_fen = debit_fen + 1 WHERE debit_fen > 0")
        )
    )
    assert checked().findings >= 2
    found = cases()
    assert "凭证借贷不平" in {each.ours for each in found}
    assert {each.company_id for each in found} == {keepers.place.company.id}
