"""Pure calculation around quotes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.clock import china
from app.orders.quote_rules import (
    QUOTES_MAX,
    REMINDERS,
    SILENCES,
    WHAT_IS_AGREED,
    is_night,
    line_fen,
    part_put_in,
    quantity_words,
    quote_hash,
)

LINES = st.fixed_dictionaries(
    {name: st.text(max_size=8) for name in ("item_code", "name", "unit", "material_by", "material")}
    | {name: st.integers(0, 10**7) for name in WHAT_IS_AGREED if name.endswith(("_fen", "_hundredths"))}
)


@given(st.integers(1, 99_999), st.integers(0, 2_000_000))
def test_a_line_never_costs_more_than_its_exact_price_and_less_by_under_a_fen(quantity, price):
    exact = quantity * price
    assert 0 <= exact - line_fen(quantity, price) * 100 < 100


@given(st.integers(1, 99_999), st.integers(1, 2_000_000))
def test_a_lower_unit_price_never_costs_more(quantity, price):
    assert line_fen(quantity, price - 1) <= line_fen(quantity, price)


@pytest.mark.parametrize(
    ("hundredths", "words"), [(100, "1米"), (150, "1.5米"), (125, "1.25米"), (5, "0.05米"), (1_000, "10米")]
)
def test_quantities_are_said_without_needless_zeros(hundredths, words):
    assert quantity_words(hundredths, "米") == words


@pytest.mark.parametrize(
    ("item", "material", "part"),
    [
        ("更换水龙头", "陶瓷芯水龙头", "陶瓷芯水龙头"),
        ("更换角阀", "", "角阀"),
        ("更换吸顶灯(自备灯具)", "", "吸顶灯"),
        ("马桶水箱配件更换", "", "马桶水箱配件"),
        ("明管渗漏修复", "密封胶", "密封胶"),
        ("明管渗漏修复", "", ""),
    ],
)
def test_a_part_is_called_by_its_material_or_by_the_item_that_replaces_it(item, material, part):
    assert part_put_in(item, material) == part


@given(st.lists(LINES, max_size=4))
def test_the_same_contents_have_the_same_hash_whatever_the_order_of_their_names(lines):
    turned = [dict(reversed(line.items())) for line in lines]
    assert quote_hash({"a": 1, "b": 2}, lines) == quote_hash({"b": 2, "a": 1}, turned)


@given(LINES, st.sampled_from(WHAT_IS_AGREED))
def test_each_thing_that_is_agreed_to_changes_the_hash(line, name):
    changed = {**line, name: line[name] + (1 if isinstance(line[name], int) else "x")}
    assert quote_hash({}, [line]) != quote_hash({}, [changed])


def test_the_order_of_the_lines_is_part_of_what_is_agreed():
    one, other = (dict.fromkeys(WHAT_IS_AGREED, code) for code in ("E01", "E02"))
    assert quote_hash({}, [one, other]) != quote_hash({}, [other, one])


@pytest.mark.parametrize(
    ("hour", "minute", "night"), [(21, 59, False), (22, 0, True), (6, 59, True), (7, 0, False)]
)
def test_night_is_from_ten_to_seven_in_china(hour, minute, night):
    assert is_night(china(2026, 11, 20, hour, minute)) is night


def test_every_quote_of_a_round_has_levels_of_its_own():
    assert len({*REMINDERS, *SILENCES}) == 2 * QUOTES_MAX
