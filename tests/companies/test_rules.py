"""The check digit of the unified social credit code (GB 32100-2015)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.companies.rules import CREDIT_ALPHABET, credit_check_digit, is_credit_code

codes = st.text(CREDIT_ALPHABET, min_size=17, max_size=17)


def weights_of_the_standard() -> list[int]:
    """The column Wi as the standard prints it."""
    return [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]


@given(codes)
def test_the_digit_agrees_with_the_printed_weights(first):
    total = sum(
        CREDIT_ALPHABET.index(char) * weight
        for char, weight in zip(first, weights_of_the_standard(), strict=True)
    )
    assert CREDIT_ALPHABET.index(credit_check_digit(first)) == (31 - total % 31) % 31
    assert is_credit_code(first + credit_check_digit(first))


@given(codes, st.integers(0, 17), st.sampled_from(CREDIT_ALPHABET))
def test_any_single_mistyped_character_is_noticed(first, place, char):
    code = first + credit_check_digit(first)
    mistyped = code[:place] + char + code[place + 1 :]
    assert is_credit_code(mistyped) == (mistyped == code)


@pytest.mark.parametrize(
    "code", ["", "91999999MA000000", "91999999MA0000001OO", "I1110112MA00000011", "９1999999MA00000011"]
)
def test_what_is_no_code_is_refused(code):
    assert not is_credit_code(code)
