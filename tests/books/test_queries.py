"""Reports equal the ledger, whichever way they are cut (S4-27)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.audit.service import ensure_head
from app.books import queries
from app.books.accounts import Account, Book
from app.books.queries import Lens
from app.books.voucher_models import Direction, VoucherState
from app.companies.hats import scope_of
from app.core import clock
from app.core.clock import china
from app.core.db import transact
from app.core.errors import Invalid
from app.core.roles import Role
from tests.books.bookkeeping import Keepers, booked, entered, make_keepers, wanted
from tests.engines import both_engines
from tests.factories import make_hat

OCTOBER, NOVEMBER = date(2026, 10, 12), date(2026, 11, 12)


def kept() -> Keepers:
    """Income 500 and 900, expense 300 and 50, over two months."""
    transact(ensure_head)
    clock.freeze(china(2026, 11, 20, 9))
    keepers = make_keepers()
    income = {"direction": Direction.INCOME, "account": Account.OTHER_INCOME}
    booked(keepers, wanted(amount_fen=500, happened_on=OCTOBER, estate_id=keepers.estate_id, **income))
    booked(keepers, wanted(amount_fen=900, happened_on=NOVEMBER, **income))
    booked(keepers, wanted(amount_fen=300, happened_on=OCTOBER))
    booked(keepers, wanted(amount_fen=50, happened_on=NOVEMBER, account=Account.SECURITY))
    return keepers


@pytest.fixture
def keepers(app_db) -> Keepers:
    return kept()


def lens(keepers: Keepers, first: date = NOVEMBER, last: date = NOVEMBER, **other) -> Lens:
    return Lens(keepers.first, Book.PROPERTY, first, last, **other)


@both_engines
def test_what_was_before_is_the_opening_and_what_is_left_the_closing(app_db):
    keepers = kept()
    found = {each.account: each for each in queries.trial_balance(lens(keepers))}
    bank = found[Account.BANK]
    assert (bank.opening_fen, bank.debit_fen, bank.credit_fen, bank.closing_fen) == (200, 900, 50, 1050)
    income = found[Account.OTHER_INCOME]
    assert (income.opening_fen, income.change_fen, income.closing_fen) == (500, 900, 1400)
    assert found[Account.CLEANING].change_fen == 0


def test_sums_by_class_equal_the_ledger_and_the_details_their_sum(keepers):
    whole = lens(keepers, OCTOBER)
    assert [(each.account, each.fen) for each in queries.expense_sums(whole)] == [
        (Account.CLEANING, 300),
        (Account.SECURITY, 50),
    ]
    details = queries.income_page(whole).items
    assert sum(each.fen for each in details) == sum(each.fen for each in queries.income_sums(whole)) == 1400
    assert [each.entered_on for each in details] == [NOVEMBER, OCTOBER]


@both_engines
def test_months_are_set_side_by_side(app_db):
    keepers = kept()
    assert queries.by_month(lens(keepers, OCTOBER)) == {
        (2026, 10): {Account.OTHER_INCOME: 500, Account.CLEANING: 300},
        (2026, 11): {Account.OTHER_INCOME: 900, Account.SECURITY: 50},
    }


def test_one_estate_and_one_account_are_seen_alone(keepers):
    of_estate = lens(keepers, OCTOBER, estate_id=keepers.estate_id)
    assert {each.account: each.closing_fen for each in queries.trial_balance(of_estate)} == {
        Account.BANK: 500,
        Account.OTHER_INCOME: 500,
    }
    assert len(queries.entries_page(of_estate).items) == 1
    of_account = lens(keepers, OCTOBER, account=Account.SECURITY)
    assert [entry.entered_on for entry in queries.entries_page(of_account).items] == [NOVEMBER]


def test_pages_give_every_entry_once_from_the_newest_day_on(keepers):
    seen, cursor = [], None
    while True:
        page = queries.entries_page(lens(keepers, OCTOBER), cursor=cursor, limit=1)
        seen += [entry.id for entry in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 4
    days = [entry.entered_on for entry in queries.entries_page(lens(keepers, OCTOBER)).items]
    assert days == sorted(days, reverse=True)


@pytest.mark.parametrize("cursor", ["x", "WzEsMl0", "WyJhIiwxXQ", "WyIyMDI2LTExLTEyIiwtMV0"])
def test_a_foreign_cursor_is_refused(keepers, cursor):
    for ask in (queries.entries_page, queries.income_page):
        with pytest.raises(Invalid):
            ask(lens(keepers), cursor=cursor)


def test_another_company_and_a_hat_without_finance_see_empty_books(keepers):
    stranger = make_keepers()
    desk = transact(
        lambda: scope_of(make_hat(Role.DSP, company_id=keepers.company_id, office_id=keepers.place.office.id))
    )
    for scope in (stranger.first, stranger.admin, desk):
        other = Lens(scope, Book.PROPERTY, OCTOBER - timedelta(days=90), NOVEMBER)
        assert queries.trial_balance(other) == []
        assert queries.entries_page(other).items == []
        assert queries.income_page(other).items == []


def test_vouchers_are_listed_by_state_and_by_page(keepers):
    waiting = entered(keepers).id
    assert [each.id for each in queries.vouchers_page(keepers.admin, state=VoucherState.ENTERED).items] == [
        waiting
    ]
    page = queries.vouchers_page(keepers.admin, state=None, limit=2)
    rest = queries.vouchers_page(keepers.admin, state=None, cursor=page.next_cursor)
    assert len(page.items) + len(rest.items) == 5
