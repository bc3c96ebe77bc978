"""The rules of money hold after every story, and each of them notices when somebody breaks it."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from app.books.accounts import Account, Book
from app.books.models import LedgerLine
from app.books.posting import Line, post
from app.core import clock
from app.core.db import db, transact
from app.money_cli import check
from app.payments.following import end_payment
from app.payments.invariants import broken_rules, notices_for_a_person
from app.payments.models import Payment, PaymentLine
from app.payments.notices import hear_payment
from tests.engines import both_engines
from tests.factories import make_place
from tests.factories.money import RECEIVER, bill_parts, make_payment, pay, trade_of
from tests.payments.test_refunding import Company, later


def some_money():
    """A paid one of which a part went back, a whole refund, late money on its way, one that waits, one that ended."""
    company = Company(28600, 15000)
    first = company.approved(amount_fen=20000)
    company.send()
    company.arrive(first)
    company.ask(amount_fen=100)
    ended = make_payment(company.place, parts=bill_parts(500))
    transact(lambda: end_payment(db.session.get_one(Payment, ended.id)))
    pay(ended)
    make_payment(company.place)
    return company


@both_engines
def test_after_every_story_all_rules_hold(app_db):
    some_money()
    assert broken_rules() == []
    assert notices_for_a_person() == []


BREAKING = {
    "entry_whole": "UPDATE ledger_lines SET entered_on = '2020-01-01' WHERE account = 'wechat'",
    "books_apart": "UPDATE ledger_lines SET account = 'advertising' WHERE account = 'property_fee'",
    "balanced": "UPDATE ledger_lines SET debit_fen = debit_fen + 1 WHERE debit_fen > 0",
    "payment_posted": "DELETE FROM ledger_lines WHERE account = 'wechat' AND debit_fen > 0",
    "refund_posted": "DELETE FROM ledger_lines WHERE account = 'wechat' AND credit_fen > 0",
    "no_money_without_a_row": "UPDATE ledger_entries SET subject = 'payment:999999' WHERE subject LIKE 'pay%'"
    " AND id = (SELECT MIN(id) FROM (SELECT id FROM ledger_entries) AS known)",
    "lines": "UPDATE payments SET amount_fen = amount_fen + 1",
    "refunded": "UPDATE payments SET refunded_fen = refunded_fen - 1 WHERE refunded_fen > 0",
    "refunding": "UPDATE payments SET refunding_fen = refunding_fen - 1 WHERE refunding_fen > 0",
    "refund_lines": "UPDATE refund_lines SET amount_fen = amount_fen + 1",
    "line_refunded": "UPDATE payment_lines SET refunded_fen = refunded_fen - 1 WHERE refunded_fen > 0",
    "held": "UPDATE payment_lines SET claim = NULL",
    "free": "UPDATE payment_lines SET claim = 1",
    "late_goes_back": "UPDATE payments SET refunding_fen = 0 WHERE state = 'late'",
}


@pytest.mark.parametrize("rule", BREAKING)
def test_each_rule_notices_that_it_is_broken(app_db, rule):
    some_money()
    transact(lambda: db.session.execute(text(BREAKING[rule])))
    assert rule in [each.rule for each in broken_rules()]


@both_engines
def test_an_entry_whose_lines_are_gone_is_noticed_although_nothing_is_left_to_balance(app_db):
    company = Company(100)
    voucher = transact(lambda: _posted_by_hand(company))
    assert broken_rules() == []
    transact(lambda: db.session.execute(text(f"DELETE FROM ledger_lines WHERE entry_id = {voucher}")))
    assert [(each.rule, each.found) for each in broken_rules()] == [("entry_whole", ("voucher:7",))]


def _posted_by_hand(company):
    return post(
        "voucher:7",
        [Line(Account.BANK, debit_fen=5), Line(Account.OTHER_INCOME, credit_fen=5)],
        book=Book.PROPERTY,
        company_id=company.place.company.id,
        district_id=None,
        memo="房租",
        entered_on=clock.china_date(clock.now()),
    ).id


@both_engines
def test_money_in_the_books_of_another_company_is_noticed(app_db):
    some_money()
    other = make_place().company.id
    for table in ("ledger_entries", "ledger_lines"):
        move = text(f"UPDATE {table} SET company_id = {other}")
        transact(lambda move=move: db.session.execute(move))
    assert [each.rule for each in broken_rules()] == ["whose"]


def test_a_refund_that_is_on_its_way_for_a_week_is_noticed(app_db):
    company = Company(100)
    refund_id = company.approved()
    later(days=7)
    assert broken_rules() == []
    later(seconds=1)
    number = company.refund(refund_id).out_refund_no
    assert [(each.rule, each.found) for each in broken_rules()] == [("refund_ends", (number,))]


def test_a_bill_that_was_paid_twice_is_noticed(app_db):
    company = Company(100)
    subject = company.payment.lines[0].subject
    other = make_payment(company.place, parts=bill_parts(100))
    pay(other)

    def forge():
        line = db.session.scalars(select(PaymentLine).where(PaymentLine.payment_id == other.id)).one()
        line.claim, line.subject = None, subject

    transact(forge)
    assert "paid_once" in [each.rule for each in broken_rules()]


def test_a_payment_without_an_end_is_noticed_after_an_hour(app_db):
    some_money()
    later(minutes=95)
    assert [each.rule for each in broken_rules()] == ["ends"]


def test_what_a_signed_notice_said_wrongly_waits_for_a_person(app_db):
    company = Company(100)
    waiting = make_payment(company.place)
    trade = trade_of(waiting, amount_fen=1)
    transact(lambda: hear_payment(trade, receiver=RECEIVER))
    assert notices_for_a_person() == [f"wrong_amount {waiting.out_trade_no}"]


@both_engines
def test_the_command_says_so_and_ends_with_1(app_db):
    some_money()
    clock.freeze(None)
    runner = app_db.test_cli_runner()
    assert runner.invoke(check).output.startswith("✗ 支付超过一小时没有结果(ends)")
    transact(lambda: db.session.execute(text("UPDATE payments SET expires_at = '2099-01-01'")))
    done = runner.invoke(check)
    assert (done.output, done.exit_code) == ("账目规则全部成立\n", 0)
    transact(lambda: db.session.execute(LedgerLine.__table__.delete()))
    assert runner.invoke(check).exit_code == 1
