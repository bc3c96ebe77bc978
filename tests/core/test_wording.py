"""Times as people say them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.core.clock import china
from app.core.wording import day, duration, milliseconds, moment, promise_time, seconds, span

NOW = china(2026, 11, 20, 14, 29)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (china(2026, 11, 20, 14, 40, 59), "今天 14:40"),
        (china(2026, 11, 20, 23, 59, 59), "今天 23:59"),
        (china(2026, 11, 21, 0, 0), "明天 00:00"),
        (china(2026, 11, 19, 9, 5), "昨天 09:05"),
        (china(2026, 11, 25, 22, 10), "11月25日 22:10"),
        (china(2026, 11, 18, 8, 0), "11月18日 08:00"),
        (china(2027, 1, 3, 9, 0), "2027年1月3日 09:00"),
    ],
)
def test_an_instant_is_said_as_people_say_it(at, words):
    assert moment(at, NOW) == words
    assert promise_time(at, NOW) == f"{words} 前"


def test_tomorrow_is_tomorrow_over_the_turn_of_the_year():
    assert day(china(2027, 1, 1, 0, 30), china(2026, 12, 31, 23, 50)) == "明天"


def test_the_day_is_the_one_in_china():
    assert day(china(2026, 11, 20, 0, 30), china(2026, 11, 20, 7, 0)) == "今天"


def test_a_span_names_its_day_once():
    assert span(china(2026, 11, 21, 8), china(2026, 11, 21, 10), NOW) == "明天 08:00–10:00"
    assert span(china(2026, 11, 20, 23), china(2026, 11, 21, 1), NOW) == "今天 23:00 至 明天 01:00"


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (0, "不到 1 分钟"),
        (59_999, "不到 1 分钟"),
        (60_000, "1 分钟"),
        (12 * 60_000 + 5, "12 分钟"),
        (3_600_000, "1 小时"),
        (80 * 60_000, "1 小时 20 分钟"),
        (86_399_999, "23 小时 59 分钟"),
        (86_400_000, "1 天"),
        (3 * 86_400_000, "3 天"),
    ],
)
def test_a_duration_has_the_units_that_matter(ms, words):
    assert duration(ms) == words


def test_somebody_who_spoke_spoke_for_a_second_at_least():
    assert [seconds(ms) for ms in (500, 1_499, 12_000, 60_500)] == ["1 秒", "1 秒", "12 秒", "60 秒"]


def test_what_lies_behind_is_no_duration():
    assert milliseconds(timedelta(seconds=-5)) == 0
    assert milliseconds(timedelta(seconds=1.5)) == 1500
