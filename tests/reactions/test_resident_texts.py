"""What a resident reads: whole sentences, compared letter by letter, as a person would say them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.roles import Role
from app.integrations.wechat.templates import TEMPLATES, fit
from app.orders.lifecycle import LIFECYCLE
from app.orders.rules import Clock, Level
from app.reactions.clock_messages import resident_clock_message
from app.reactions.order_messages import RESIDENT_MESSAGES, resident_message
from app.reactions.story import Promise
from tests.fakes.district import T0
from tests.reactions.stories import SLOT, story

SYS, RES = Role.SYS.value, Role.RES.value


@pytest.mark.parametrize(
    ("code", "action", "changes", "body"),
    [
        ("T1", "submit", {}, "已收到,编号 R1120-0042。小区物业 今天 22:25 前答复您。"),
        ("T2", "accept", {}, "小区物业已接单,编号 R1120-0042。师傅 今天 22:40 前到。"),
        ("T2", "accept", {"slot": SLOT}, "小区物业已接单,编号 R1120-0042。师傅 明天 08:00–10:00 上门。"),
        (
            "T3",
            "to_hotline",
            {"by_role": SYS},
            "小区物业没有按时接单,已转 962121 热线,编号 R1120-0042。热线会联系您,请保持电话畅通。",
        ),
        ("T5", "assign", {}, "已请王师傅来处理,今天 22:40 前到。编号 R1120-0042。"),
        ("T5", "assign", {"now": T0 + timedelta(hours=1)}, "已请王师傅来处理,他会尽快到。编号 R1120-0042。"),
        ("T7", "depart", {}, "王师傅已出发,今天 22:40 前到。请保持电话畅通。"),
        ("T8", "check_in", {}, "王师傅已到现场。情况:灯管烧坏。预计 明天 00:10 前修好。"),
        (
            "T8",
            "check_in",
            {"round": 1, "by_role": "MGR"},
            "物业人员已到现场复查。情况:灯管烧坏。预计 明天 00:10 前修好。",
        ),
        (
            "T18",
            "approve_extension",
            {},
            "R1120-0042 需要多修几天。原因:配件要从厂家发货。新的时限是 11月23日 22:10。给您添了不便,请谅解。",
        ),
        (
            "T20",
            "finish",
            {},
            "R1120-0042 已修好:已换灯管。请您看一看,给个评价。没修好也请告诉我们,物业会再来。",
        ),
        (
            "T21",
            "confirm",
            {"by_role": SYS},
            "R1120-0042 一直没有收到您的回复,已自动办结。如果没修好,12月5日 22:10 前都可以点“没修好”。",
        ),
        (
            "T22",
            "reopen",
            {"by_role": RES, "round": 1},
            "已收到您的反馈,R1120-0042 重新处理。小区物业 今天 22:40 前再到现场。",
        ),
        (
            "T23",
            "reject",
            {"note": "非本小区:这盏灯属于市政道路"},
            "小区物业没有受理 R1120-0042。原因:非本小区:这盏灯属于市政道路。"
            "您如果不同意,11月23日 22:10 前可以申诉,由街道或房管局复核。",
        ),
    ],
)
def test_a_move_is_told_in_these_words(code, action, changes, body):
    message = resident_message(code, action, story(**changes))
    assert message is not None
    assert message.body == body


@pytest.mark.parametrize(
    ("clock", "level", "changes", "body"),
    [
        ("C2", "DUE", {}, "师傅没有在 今天 22:40 前到现场,对不起。已通知小区经理,他会联系您。"),
        (
            "C2-APT",
            "DUE",
            {"slot": SLOT},
            "对不起,师傅没有在约好的 明天 08:00–10:00 上门,让您白等了。已通知小区经理,他会打电话和您另约时间。",
        ),
        (
            "C3",
            "DUE",
            {},
            "R1120-0042 没有在 今天 22:40 前修好,对不起。已通知小区经理和物业企业,经理会告诉您新的安排。",
        ),
        (
            "C5",
            "W1",
            {},
            "R1120-0042 已修好,请您评价。明天 22:10 前没有回复就会自动办结;没修好请点“没修好”。",
        ),
    ],
)
def test_a_broken_promise_is_told_in_these_words(clock, level, changes, body):
    message = resident_clock_message(clock, level, T0 + timedelta(minutes=30), story(**changes))
    assert message is not None
    assert message.body == body


def test_who_came_late_is_not_said_to_be_missing():
    late = {Clock.VISIT.value: Promise(T0, kept_at=T0 + timedelta(minutes=1))}
    message = resident_clock_message("C2", "DUE", T0, story(promises=late))
    assert message is not None
    assert "到得晚" in message.body
    assert "没有" not in message.body


def test_whoever_closes_the_order_himself_is_not_told_so():
    assert resident_message("T21", "confirm", story(by_role=RES)) is None


@pytest.mark.parametrize("clock", list(Clock))
@pytest.mark.parametrize(
    "level", [Level.TARGET, Level.WARNING, Level.LAST_WARNING, Level.SECOND, Level.THIRD]
)
def test_warnings_and_escalations_are_the_companys_matter(clock, level):
    if (clock, level) != (Clock.CONFIRM, Level.WARNING):
        assert resident_clock_message(clock, level, T0, story()) is None


def test_every_row_names_a_move_of_the_lifecycle():
    moves = {(row.code, row.action.value) for row in LIFECYCLE.transitions} | {("T1", "submit")}
    assert {(code, str(action)) for code, action in RESIDENT_MESSAGES} <= moves


TEXT = st.text(max_size=300)
STORIES = st.builds(
    story,
    matter=TEXT,
    worker=st.sampled_from(["", "王师傅", "欧阳师傅"]),
    note=TEXT,
    finding=TEXT,
    result=TEXT,
    extension_reason=TEXT,
    by_role=st.sampled_from([SYS, RES, "WRK", "DSP"]),
    slot=st.sampled_from([None, SLOT]),
    round=st.integers(0, 3),
    promises=st.sampled_from([{}, story().promises]),
    expected_at=st.sampled_from([None, T0]),
)


@given(told=STORIES, key=st.sampled_from(sorted(RESIDENT_MESSAGES)))
def test_every_field_of_every_message_is_one_that_wechat_takes(told, key):
    message = resident_message(*key, told)
    if message is None or message.wechat_fields is None:
        return
    assert set(message.wechat_fields) == set(TEMPLATES[message.template].fields)
    for name, text in message.wechat_fields.items():
        assert text
        assert fit(name, text) == text


@given(
    told=STORIES,
    clock=st.sampled_from([clock.value for clock in Clock]),
    level=st.sampled_from([level.value for level in Level]),
)
def test_every_field_of_every_clock_message_is_one_that_wechat_takes(told, clock, level):
    message = resident_clock_message(clock, level, T0, told)
    if message is None or message.wechat_fields is None:
        return
    for name, text in message.wechat_fields.items():
        assert fit(name, text) == text


@given(told=STORIES, key=st.sampled_from(sorted(RESIDENT_MESSAGES)))
def test_titles_and_bodies_fit_their_columns(told, key):
    message = resident_message(*key, told)
    if message is not None:
        assert 0 < len(message.title) <= 40
        assert 0 < len(message.body) <= 300
        assert len(message.template) <= 24
