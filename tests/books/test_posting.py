"""The only way into the ledger: what does not balance does not enter, and nothing enters twice."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from sqlalchemy.exc import DatabaseError

from app.books.accounts import EXPENSES, INCOME, Account, Book, Kind, accounts_for, book_of, kind_of
from app.books.models import LedgerEntry, LedgerLine
from app.books.posting import Line, Unbalanced, post
from app.books.queries import Lens, trial_balance
from app.core.db import db, transact
from app.core.roles import Role
from app.core.scope import Dimension, Scope
from tests.engines import both_engines
from tests.factories import make_place

DAY = date(2026, 11, 20)


def posted(company_id: int, subject: str, lines: list[Line], *, book: Book = Book.PROPERTY, on: date = DAY):
    return post(
        subject, lines, book=book, company_id=company_id, district_id=None, memo="试记", entered_on=on
    )


def moved(fen: int, debit: Account = Account.BANK, credit: Account = Account.REPAIR) -> list[Line]:
    return [Line(debit, debit_fen=fen), Line(credit, credit_fen=fen)]


@both_engines
def test_a_fact_is_posted_once_and_the_same_again_is_the_first(app_db):
    company_id = make_place().company.id
    first = transact(lambda: posted(company_id, "voucher:1", moved(700)).id)
    again = transact(lambda: posted(company_id, "voucher:1", moved(900)).id)
    assert again == first
    assert db.session.scalar(select(func.sum(LedgerLine.debit_fen))) == 700


@pytest.mark.parametrize(
    "lines",
    [
        [Line(Account.BANK, debit_fen=5), Line(Account.REPAIR, credit_fen=4)],
        [],
        [Line(Account.BANK), Line(Account.REPAIR)],
        [Line(Account.BANK, debit_fen=-5), Line(Account.REPAIR, credit_fen=-5)],
        [Line(Account.BANK, debit_fen=5, credit_fen=5)],
        [Line(Account.BANK, debit_fen=True), Line(Account.REPAIR, credit_fen=True)],
        [Line(Account.BANK, debit_fen=2**63), Line(Account.REPAIR, credit_fen=2**63)],
    ],
)
def test_what_does_not_balance_or_is_no_amount_is_refused(app_db, lines):
    company_id = make_place().company.id
    with pytest.raises(Unbalanced):
        transact(lambda: posted(company_id, "voucher:1", lines))
    assert db.session.scalar(select(func.count(LedgerEntry.id))) == 0


def test_the_fund_book_takes_nothing(app_db):
    company_id = make_place().company.id
    with pytest.raises(Unbalanced):
        transact(lambda: posted(company_id, "voucher:1", moved(5), book=Book.FUND))
    assert accounts_for(Book.FUND, income=True) == accounts_for(Book.FUND, income=False) == ()


@both_engines
def test_the_database_itself_refuses_a_line_with_both_sides_and_another_book(app_db):
    company_id = make_place().company.id
    transact(lambda: posted(company_id, "voucher:1", moved(700)))
    for values in ({"credit_fen": 1, "debit_fen": 1}, {"debit_fen": -1}, {"book": "fund"}):
        with pytest.raises(DatabaseError):
            db.session.execute(update(LedgerLine).values(**values))
        db.session.rollback()


def test_every_account_has_a_kind_a_book_and_a_name():
    for account in Account:
        assert kind_of(account) in Kind
        assert book_of(account) in (Book.PROPERTY, Book.REVENUE)
        assert account.label
    assert not INCOME & EXPENSES


def test_vouchers_never_mix_the_owners_money_with_the_companys():
    own = set(accounts_for(Book.PROPERTY, income=True)) | set(accounts_for(Book.PROPERTY, income=False))
    owners = set(accounts_for(Book.REVENUE, income=True)) | set(accounts_for(Book.REVENUE, income=False))
    assert not own & {Account.PARKING_PUBLIC, Account.ADVERTISING, Account.OWNERS}
    assert not owners & {Account.PROPERTY_FEE, Account.PARKING_FEE, Account.REPAIR, Account.AGENCY}
    assert Account.CHANNEL_FEE not in own | owners


amounts = st.integers(min_value=1, max_value=10**12)
postings = st.lists(
    st.tuples(
        st.sampled_from(list(Account)),
        st.sampled_from(list(Account)),
        amounts,
        st.sampled_from((Book.PROPERTY, Book.REVENUE)),
        st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    ),
    max_size=12,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(postings)
def test_any_sequence_of_postings_balances_on_every_day_and_in_every_book(app_db, found):
    company_id = make_place().company.id
    for number, (debit, credit, fen, book, day) in enumerate(found):
        lines = moved(fen, debit, credit)
        name = f"voucher:{company_id}-{number}"
        transact(
            lambda lines=lines, name=name, book=book, day=day: posted(
                company_id, name, lines, book=book, on=day
            )
        )
    for book in (Book.PROPERTY, Book.REVENUE):
        for day in {date(2026, 6, 30), date(2026, 12, 31), *(each[4] for each in found)}:
            balances = _of_company(company_id, book, day)
            assert sum(each.debit_fen for each in balances) == sum(each.credit_fen for each in balances)
            signed = [each.closing_fen * (1 if each.raised_by_debit else -1) for each in balances]
            assert sum(signed) == 0
    year = date(2026, 1, 1), date(2026, 12, 31)
    whole = [_of_company(company_id, book, year[1], year[0]) for book in (Book.PROPERTY, Book.REVENUE)]
    assert sum(each.debit_fen for book in whole for each in book) == sum(each[2] for each in found)


def _of_company(company_id: int, book: Book, last: date, first: date = date(2026, 4, 1)):
    scope = Scope(Role.FIN, 1, grants={Dimension.FINANCE: frozenset({company_id})})
    return trial_balance(Lens(scope, book, first, last))
