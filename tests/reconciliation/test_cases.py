"""A difference is for a person of that company, once, with a word about it, on record."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DatabaseError

from app.audit.models import AuditRecord
from app.audit.service import ensure_head
from app.books.accounts import Account
from app.books.models import LedgerLine
from app.companies.hats import scope_of
from app.core import clock
from app.core.clock import china, china_date
from app.core.db import db, transact
from app.core.errors import Forbidden, Invalid
from app.core.roles import Role
from app.reconciliation import queries
from app.reconciliation.cases import close
from app.reconciliation.errors import BatchUnknown, CaseClosed, CaseUnknown
from app.reconciliation.models import CaseState, ReconciliationCase, SettlementBatch
from tests.books.bookkeeping import Keepers, make_keepers
from tests.engines import both_engines
from tests.factories import make_hat
from tests.factories.money import make_merchant
from tests.reconciliation.billing import Billing, arrive, night, paid, refunded

NOON = china(2026, 11, 20, 12)
NEXT_DAY = china(2026, 11, 21, 10, 35)


def differing() -> tuple[Keepers, int]:
    """A company with one open case and one batch; the case's id."""
    transact(ensure_head)
    clock.freeze(NOON)
    keepers, billing = make_keepers(), Billing()
    make_merchant(keepers.place.company, valid_from=china_date(NOON))
    paid(keepers.place, billing)
    paid(keepers.place, billing, billed=False)
    clock.freeze(NEXT_DAY)
    night(billing)
    return keepers, db.session.scalars(select(ReconciliationCase.id)).one()


@both_engines
def test_a_person_says_what_it_was_and_it_stands_in_the_log(app_db):
    keepers, case_id = differing()
    note = "居民次日已到管理处退款,见收据"
    done = transact(lambda: close(case_id, state=CaseState.EXPLAINED, note=note, by=keepers.first))
    assert (done.state, done.note, done.closed_by) == ("explained", note, keepers.first.account_id)
    record = db.session.scalars(select(AuditRecord).where(AuditRecord.action == "case.explained")).one()
    assert record.details["reason"] == note
    with pytest.raises(CaseClosed):
        transact(lambda: close(case_id, state=CaseState.SETTLED, note="再处理一次", by=keepers.admin))


def test_strangers_the_bureau_and_empty_words_close_nothing(app_db):
    keepers, case_id = differing()
    stranger = make_keepers()
    bureau = transact(lambda: scope_of(make_hat(Role.BUR, district_id=keepers.place.district.id)))
    for by, refusal in ((stranger.first, CaseUnknown), (bureau, Forbidden)):
        with pytest.raises(refusal):
            transact(lambda by=by: close(case_id, state=CaseState.SETTLED, note="处理完了", by=by))
    for state, note in (
        (CaseState.SETTLED, "短"),
        (CaseState.SETTLED, "长" * 201),
        (CaseState.OPEN, "还开着呢"),
    ):
        with pytest.raises(Invalid):
            transact(lambda s=state, n=note: close(case_id, state=s, note=n, by=keepers.first))


@both_engines
def test_the_database_itself_refuses_a_closed_case_without_a_word_or_a_person(app_db):
    _, case_id = differing()
    for values in (
        {"state": "settled"},
        {"state": "settled", "closed_at": NEXT_DAY, "note": "完了"},
        {"state": "settled", "closed_at": NEXT_DAY, "by_rule": True},
    ):
        with pytest.raises(DatabaseError):
            row = update(ReconciliationCase).where(ReconciliationCase.id == case_id)
            db.session.execute(row.values(**values))
        db.session.rollback()


def test_what_a_person_has_closed_is_not_opened_again(app_db):
    keepers, case_id = differing()
    transact(lambda: close(case_id, state=CaseState.EXPLAINED, note="等微信答复", by=keepers.first))
    clock.freeze(NEXT_DAY + timedelta(days=1, minutes=5))
    night(Billing())
    assert db.session.get_one(ReconciliationCase, case_id).state == CaseState.EXPLAINED


def test_what_was_explained_clears_its_money_when_the_books_follow_and_keeps_its_words(app_db):
    transact(ensure_head)
    clock.freeze(NOON)
    keepers, billing = make_keepers(), Billing()
    make_merchant(keepers.place.company, valid_from=china_date(NOON))
    payment = paid(keepers.place, billing, fen=5000)
    refund = refunded(payment.id, 400, done=False)
    billing.sends_back(payment, refund)
    clock.freeze(NEXT_DAY)
    night(billing)
    case_id = db.session.scalars(select(ReconciliationCase.id)).one()
    transact(lambda: close(case_id, state=CaseState.EXPLAINED, note="退款在途,等银行", by=keepers.first))
    arrive(refund.id)
    for days in (1, 2):
        clock.freeze(NEXT_DAY + timedelta(days=days, minutes=5))
        night(billing)
    difference = select(func.sum(LedgerLine.debit_fen - LedgerLine.credit_fen))
    for account in (Account.DIFFERENCE, Account.WECHAT):
        assert db.session.scalar(difference.where(LedgerLine.account == account.value)) == 0
    case = db.session.get_one(ReconciliationCase, case_id)
    assert (case.state, case.note, case.by_rule) == ("explained", "退款在途,等银行", False)


def test_lists_show_the_own_company_alone_and_turn_their_pages(app_db):
    keepers, case_id = differing()
    stranger = make_keepers()
    assert [each.id for each in queries.cases_page(keepers.first, state=CaseState.OPEN).items] == [case_id]
    assert queries.cases_page(stranger.first, state=None).items == []
    assert queries.open_cases(keepers.admin) == 1
    assert queries.open_cases(stranger.admin) == 0
    batch = queries.batches_page(keepers.first).items[0]
    assert queries.batches_page(stranger.first).items == []
    with pytest.raises(BatchUnknown):
        queries.batch(batch.id, stranger.first)
    assert len(queries.lines_page(batch).items) == 1
    assert [(file.bill_on, count) for file, count in queries.days(keepers.first)] == [(china_date(NOON), 1)]
    counts = queries.case_counts(keepers.first)
    assert (counts.open, counts.by_person, counts.by_rule) == (1, 0, 0)


def test_batches_turn_their_pages_by_day(app_db):
    keepers, _ = differing()
    batch = db.session.scalars(select(SettlementBatch)).one()
    first = queries.batches_page(keepers.first, limit=1)
    assert (first.items[0].id, first.next_cursor) == (batch.id, None)
    for cursor in ("x", "WyJhIiwxXQ", "WyIyMDI2LTExLTIwIiwtMV0"):
        with pytest.raises(Invalid):
            queries.batches_page(keepers.first, cursor=cursor)


def test_a_payment_stands_in_the_money_on_its_way_at_once(app_db):
    keepers, _ = differing()
    payment = paid(keepers.place, Billing(), fen=12345)
    refunded(payment.id, 45)
    db.session.rollback()
    today = [each for each in queries.unsettled(keepers.first) if each.day == china_date(NEXT_DAY)]
    assert [(each.payments, each.paid_fen, each.refunded_fen) for each in today] == [(1, 12345, 45)]
    assert queries.unsettled(make_keepers().first) == []
