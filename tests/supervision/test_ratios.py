"""Exact inside, honest for the eye."""

from __future__ import annotations

import pytest

from app.supervision.indicators import ALL_COUNTERS, COUNTERS, INDICATORS, K01, K08, K12, VOLUMES
from app.supervision.models import DailyFigure
from app.supervision.ratios import Ratio, added, mean_stars


def test_nothing_over_nothing_is_a_dash_and_never_a_hundred_percent() -> None:
    assert Ratio(0, 0).words == "—"
    assert Ratio(0, 0).percent is None
    assert Ratio(0, 0).reaches(K01) is None
    assert mean_stars({"ratings": 0, "stars_sum": 0}) == "—"


@pytest.mark.parametrize(
    ("numerator", "denominator", "words"),
    [
        (8, 9, "88.9%"),
        (1, 16, "6.3%"),  # 6.25 rounds up as people round
        (9999, 10000, "99.9%"),
        (1, 10000, "0.1%"),
        (10, 10, "100.0%"),
        (0, 10, "0.0%"),
    ],
)
def test_a_share_is_rounded_but_never_up_to_everything_or_down_to_nothing(
    numerator: int, denominator: int, words: str
) -> None:
    assert Ratio(numerator, denominator).words == words


def test_a_target_is_judged_by_the_exact_value() -> None:
    assert Ratio(90, 100).reaches(K01) is True
    assert Ratio(8999, 10000).reaches(K01) is False  # although 90.0% is what one reads
    assert Ratio(8, 100).reaches(K08) is True
    assert Ratio(9, 100).reaches(K08) is False
    assert Ratio(1, 2).reaches(K12) is None


def test_fewer_than_ten_cases_are_a_small_sample() -> None:
    assert Ratio(9, 9).is_small
    assert not Ratio(9, 10).is_small


def test_every_indicator_counts_with_counters_of_its_own_cohort() -> None:
    for indicator in INDICATORS.values():
        assert {indicator.numerator, indicator.denominator} <= set(COUNTERS[indicator.cohort])
        assert indicator.formula
        assert indicator.source
        assert indicator.version
    for volume in VOLUMES.values():
        assert volume.counter in COUNTERS[volume.cohort]


def test_the_table_of_daily_figures_has_a_column_for_every_counter() -> None:
    columns = set(DailyFigure.__table__.columns.keys())
    keys = {"level", "day", "entity_id", "part_id", "district_id", "street_id", "company_id"}
    assert columns - keys == set(ALL_COUNTERS)


def test_counters_of_several_days_add_up() -> None:
    assert added([{"new": 2, "done": 1}, {"new": 3}])["new"] == 5
