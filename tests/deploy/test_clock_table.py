"""docs/guides/clocks.md: its table follows from the parameter rows, its sentences from the constants of the product."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from app.core.parameters import NIGHT_DEFERRAL, OFF, PARAMETERS
from app.orders import policies, questions, quote_rules, special, third_party
from app.orders.limits import IN_EMERGENCY, NIGHT_BEGINS, NIGHT_ENDS, VISIT_BY
from app.orders.policies import DAY as DAY_MS
from app.orders.policies import HOUR, MINUTE, STANDARD, standard_of
from app.orders.policy_changes import CHANGEABLE
from app.orders.rules import CALLS_APART, HOLD_LIMIT, HOLDS_MAX, Clock
from app.supervision.drafting import OFFICE_BREACHES, ORDER_CLOCKS, WINDOW
from app.supervision.monthly import ON_TIME_MIN, ORDERS_MIN
from deploy import clock_table

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "guides" / "clocks.md").read_text(encoding="utf-8")
TEXT = "".join(PAGE.split())
HOUR_LONG, DAY = timedelta(hours=1), timedelta(days=1)


def row_of(code: str) -> tuple[str, ...]:
    [found] = [row for row in clock_table.rows() if row[0].startswith(f"**{code}**")]
    return found


def test_all_thirteen_clocks_stand_in_the_table_in_their_order():
    codes = [row[0].split("**")[1] for row in clock_table.rows()]
    assert codes == ["C1", "C2", "C2-APT", *[f"C{number}" for number in range(3, 14)]]
    assert all(len(row) == len(clock_table.HEAD) and all(row) for row in clock_table.rows())


@pytest.mark.parametrize(
    ("code", "limit", "reminders"),
    [
        ("C1", "15 分钟;特急 P0 3 分钟", "满 10 分钟;特急满 1 分钟"),
        ("C2", "30 分钟;特急 P0 15 分钟;重开后 24 小时", "满 20 分钟;特急满 10 分钟"),
        ("C2-APT", "约好的时段结束前", "开始前 30 分钟,师傅还没出发的"),
        (
            "C3",
            "72 小时;批准延期后共 120 小时;重开后 72 小时",
            "到期前 24 小时;到期前 4 小时;特急、紧急满 24 小时(修好的目标)",
        ),
        ("C4", "2 小时;22:00 到次日 8:00 决定的,9:00 前打电话", "到期前 1 小时"),
        ("C5", "72 小时", "满 24 小时 问居民修好没有;到期前 24 小时"),
        ("C6", "10 × 24 小时", "第 5 天、第 9 天"),
        ("C7", "1 个工作日受理,3 个工作日企业答复,5 个工作日结论", "—"),
        ("C8", "2 个工作日", "无"),
        ("C9", "5 个工作日", "—"),
        ("C10", "通知里写明,最长 30 天", "—"),
        ("C11", "1 个工作日", "无"),
        ("C13", "2 小时内做好防护,按期消除", "—"),
        ("C12", "5 分钟;特急 P0、紧急 P1 2 分钟", "无"),
    ],
)
def test_limits_and_reminders_are_those_of_the_specification(code, limit, reminders):
    assert (row_of(code)[2], row_of(code)[4]) == (limit, reminders)
    assert f"| {limit} |" in PAGE


def test_the_figures_change_with_the_parameter_rows(monkeypatch):
    ten = 10 * MINUTE
    shorter = [(*row[:3], ten, ten, row[5]) if row[0] == "C1" and row[2] is None else row for row in STANDARD]
    monkeypatch.setattr(clock_table, "STANDARD", shorter)
    assert row_of("C1")[2] == "10 分钟;特急 P0 3 分钟"


def test_menus_that_differ_are_not_passed_off_as_one(monkeypatch):
    odd = ("C2", "EMG", None, 25 * MINUTE, 25 * MINUTE, policies.PROMISE_ONLY)
    others = [row for row in STANDARD if row[:3] != odd[:3]]
    monkeypatch.setattr(clock_table, "STANDARD", [*others, odd])
    with pytest.raises(ValueError, match="C2 differs between menus"):
        clock_table.rows()


def test_the_repair_ladder_of_the_page_is_that_of_the_rows():
    assert row_of("C3")[5] == "L1;过 24 小时 L2;过 72 小时 L3"
    later = {
        each["level"]: each["offset_ms"] // HOUR for each in policies.REPAIR_LADDER if each["offset_ms"] > 0
    }
    assert later == {"L2": 24, "L3": 72}
    assert all(f"|{level}|修复到期后{hours}小时|" in TEXT for level, hours in later.items())


def test_who_may_change_a_limit_is_said_as_the_console_has_it():
    said = {row[0].split("**")[1] for row in clock_table.rows() if row[-1] == clock_table.TWO_PERSONS}
    assert said == {code for code in CHANGEABLE if not code.endswith("R")} | {"C8"}


def test_every_clock_has_its_policy_rows_and_what_is_called_unbuilt_runs_nowhere():
    with_rows = {row[0] for row in STANDARD}
    assert set(clock_table.UNBUILT) <= with_rows
    assert set(clock_table.UNBUILT) & ({clock.value for clock in Clock} | set(CHANGEABLE)) == set()
    ready = {*clock_table.UNBUILT, "C7A", "C7B"}
    of_their_own = {"C6", "C11"}
    orders = {code for code in with_rows if not code.endswith("R")} - ready - of_their_own
    assert set(clock_table.ORDERS) == orders


@pytest.mark.parametrize(
    "sentence",
    [
        f"每次{HOLD_LIMIT // HOUR_LONG}小时,每轮{HOLDS_MAX}次",
        f"间隔{CALLS_APART // timedelta(minutes=1)}分钟以上的电话",
        f"{quote_rules.ANSWER_WITHIN // HOUR_LONG}小时没有答复,系统代答",
        f"{questions.ANSWER_WITHIN // HOUR_LONG}小时,只问一次",
        f"每{third_party.FOLLOW_UP_EVERY // HOUR_LONG}小时提醒跟进一次",
        f"最长{special.LONGEST // DAY}天",
        f"从报来算共{next(row[4] for row in STANDARD if row[0] == 'C3') // HOUR}小时",
        f"修复{float(IN_EMERGENCY['C3'])}倍,接单和到场{int(IN_EMERGENCY['C1'])}倍",
        f"{NIGHT_BEGINS:%H:%M}到次日{NIGHT_ENDS.hour}:00提交的一般公区报事,{VISIT_BY.hour}:{VISIT_BY.minute}前到场",
        f"{WINDOW // DAY}天内接单、到场超时{OFFICE_BREACHES}次;一张工单有{ORDER_CLOCKS}只钟超时",
        f"不少于{ORDERS_MIN}件,而按期的不到{ON_TIME_MIN}%",
    ],
)
def test_a_figure_in_a_sentence_is_that_of_the_product(sentence):
    assert sentence in TEXT


def test_the_page_says_what_is_off_unless_somebody_turns_it_on():
    assert PARAMETERS[NIGHT_DEFERRAL].default == OFF
    assert "**夜间顺延**:平时关着" in TEXT
    assert standard_of("C6").limit_ms == 10 * DAY_MS
    assert IN_EMERGENCY["C1"] == IN_EMERGENCY["C2"]
