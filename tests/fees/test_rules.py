"""Prices, amounts, months and late fees, without a database."""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.books.accounts import Account, Book, book_of
from app.fees import rules
from app.fees.rules import BillState, FeeKind


def test_the_example_of_the_specification_is_286_yuan_a_month_and_858_for_three():
    month = rules.amount_fen(11_000, 26_000)
    assert (month, 3 * month) == (28_600, 85_800)


@pytest.mark.parametrize(
    ("area_hundredths", "price", "fen"),
    [(5_000, 5_500, 2_750), (5_555, 5_550, 3_083), (1, 5_000, 1), (1, 4_999, 0), (0, 26_000, 0)],
)
def test_an_amount_is_rounded_to_the_fen_half_a_fen_up(area_hundredths, price, fen):
    assert rules.amount_fen(area_hundredths, price) == fen


@given(st.integers(0, 99_999_999), st.integers(0, rules.PRICE_MAX))
def test_integers_round_as_decimals_do(area_hundredths, price):
    exact = Decimal(area_hundredths) * price / 10_000
    assert rules.amount_fen(area_hundredths, price) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def test_a_price_is_said_with_as_many_places_as_it_has():
    assert [rules.price_words(price) for price in (26_000, 5_550, 5_555, 1_500_000, 0)] == [
        "¥2.60",
        "¥0.555",
        "¥0.5555",
        "¥150.00",
        "¥0.00",
    ]


def test_the_basis_of_an_amount_can_be_read():
    assert rules.basis_words(FeeKind.PROPERTY, 11_000, 26_000, "") == "110.00 m² × ¥2.60"
    assert rules.basis_words(FeeKind.PARKING_PUBLIC, 200, 1_500_000, "") == "2 个车位 × ¥150.00"
    assert rules.basis_words(FeeKind.WATER, None, None, "本期 12 吨") == "本期 12 吨"


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-00", "2026-1", "26-11", "2026-11 ", "", "1999-11", "2026/11", "二〇二六-11"]
)
def test_what_is_no_month_is_no_period(text):
    assert not rules.is_period(text)
    with pytest.raises(ValueError, match=re.escape(text) or "^$"):
        rules.first_day(text)


def test_months_are_counted_over_the_turn_of_the_year():
    assert rules.months_later("2026-11", 2) == "2027-01"
    assert rules.months_later("2026-01", -1) == "2025-12"
    assert rules.due_on("2028-02") == date(2028, 2, 29)


def test_parking_on_common_ground_is_the_owners_and_water_is_nobodys_income():
    assert book_of(rules.ACCOUNTS[FeeKind.PARKING_PUBLIC]) is Book.REVENUE
    assert rules.ACCOUNTS[FeeKind.PARKING_OWN] is Account.PARKING_FEE
    assert {rules.ACCOUNTS[kind] for kind in rules.AGENCY_KINDS} == {Account.AGENCY}
    assert set(rules.ACCOUNTS) == set(FeeKind)


@pytest.mark.parametrize(
    ("was", "amount", "paid", "refunded", "then"),
    [
        (BillState.DUE, 28_600, 0, 0, BillState.DUE),
        (BillState.DUE, 28_600, 28_600, 0, BillState.PAID),
        (BillState.DUE, 30_800, 28_600, 0, BillState.DUE),
        (BillState.PAID, 28_600, 28_600, 600, BillState.PAID),
        (BillState.PAID, 28_600, 28_600, 28_600, BillState.REFUNDED),
        (BillState.PAID, 26_000, 28_600, 2_600, BillState.PAID),
    ],
)
def test_the_state_follows_the_money(was, amount, paid, refunded, then):
    assert rules.state_after(was, amount=amount, paid=paid, refunded=refunded) is then


def test_a_late_fee_is_counted_from_the_day_after_the_grace_and_never_above_its_cap():
    clause = {"rate_millionths": 500, "grace_days": 5, "cap_percent": 30}
    due = date(2026, 10, 31)
    assert rules.late_fee_fen(28_600, due=due, today=date(2026, 11, 5), **clause) == 0
    assert rules.late_fee_fen(28_600, due=due, today=date(2026, 11, 6), **clause) == 14
    assert rules.late_fee_fen(28_600, due=due, today=date(2026, 11, 22), **clause) == 243
    assert rules.late_fee_fen(28_600, due=due, today=date(2030, 1, 1), **clause) == 8_580
