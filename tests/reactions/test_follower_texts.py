"""What somebody reads who follows the report of a neighbour: whole sentences that do not take him for the reporter."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.roles import Role
from app.integrations.wechat.templates import TEMPLATES, fit
from app.orders.lifecycle import LIFECYCLE, Action
from app.orders.rules import Clock, Level
from app.reactions.follower_messages import (
    FOLLOWER_MESSAGES,
    follower_clock_message,
    follower_message,
)
from app.reactions.order_messages import RESIDENT_MESSAGES
from app.reactions.quote_messages import RESIDENT_QUOTE_MESSAGES
from app.reactions.story import Promise
from tests.fakes.district import T0
from tests.reactions.stories import story
from tests.reactions.test_resident_texts import STORIES

SYS, RES = Role.SYS.value, Role.RES.value
THIS = "您关注的报修 R1120-0042(楼道灯不亮):"


@pytest.mark.parametrize(
    ("code", "action", "changes", "body"),
    [
        ("T2", "accept", {}, "小区物业已接单。师傅 今天 22:40 前到。"),
        ("T3", "to_hotline", {"by_role": SYS}, "小区物业没有按时接单,已转 962121 热线,由热线指定处理单位。"),
        (
            "T3",
            "to_hotline",
            {"by_role": "DSP"},
            "小区物业请热线协助处理,已转 962121 热线,由热线指定处理单位。",
        ),
        ("T4", "accept", {}, "962121 热线已指定处理单位。师傅 今天 22:40 前到。"),
        ("T5", "assign", {}, "已请王师傅来处理,今天 22:40 前到。"),
        ("T7", "depart", {}, "王师傅已出发,今天 22:40 前到。"),
        ("T7", "depart", {"now": T0 + timedelta(hours=1)}, "王师傅已出发,很快就到。"),
        ("T8", "check_in", {}, "王师傅已到现场。情况:灯管烧坏。预计 明天 00:10 前修好。"),
        (
            "T8",
            "check_in",
            {"round": 1, "by_role": "MGR", "expected_at": None},
            "物业人员已到现场复查。情况:灯管烧坏。",
        ),
        (
            "T18",
            "approve_extension",
            {},
            "需要多修几天。原因:配件要从厂家发货。新的时限是 11月23日 22:10。给您添了不便,请谅解。",
        ),
        ("T20", "finish", {}, "已修好:已换灯管。请您也看一看,给个评价。如果问题还在,请您重新报一次。"),
        (
            "T21",
            "confirm",
            {"by_role": RES},
            "报修人已确认,已办结。15天内您还可以评价。如果问题还在,请您重新报一次。",
        ),
        (
            "T21",
            "confirm",
            {"by_role": SYS},
            "报修人三天没有回复,已自动办结。15天内您还可以评价。如果问题还在,请您重新报一次。",
        ),
        ("T22", "reopen", {"by_role": RES}, "报修人说没修好。小区物业 今天 22:40 前再到现场。"),
        ("T22", "reopen", {"by_role": "BUR"}, "监管部门要求重新处理。小区物业 今天 22:40 前再到现场。"),
        (
            "T23",
            "reject",
            {"note": "非本小区:这盏灯属于市政道路"},
            "小区物业没有受理。原因:非本小区:这盏灯属于市政道路。如果问题还在,请您重新报一次。",
        ),
        ("T25", "cancel", {}, "报修人已取消。如果问题还在,请您重新报一次。"),
    ],
)
def test_a_move_is_told_to_a_follower_in_these_words(code, action, changes, body):
    message = follower_message(code, action, story(**changes))
    assert message is not None
    assert message.body == THIS + body
    assert message.title.startswith("您关注的报修:")


@pytest.mark.parametrize(
    ("clock", "changes", "body"),
    [
        ("C2", {}, "没有在 今天 22:40 前到现场,对不起。已通知小区经理督促。"),
        (
            "C2",
            {"promises": {"C2": Promise(T0, kept_at=T0 + timedelta(hours=1))}},
            "晚于 今天 22:40 才到现场,对不起。这次超时已记下。",
        ),
        ("C3", {}, "没有在 今天 22:40 前修好,对不起。已通知小区经理督促。"),
    ],
)
def test_a_broken_promise_is_told_to_a_follower_in_these_words(clock, changes, body):
    message = follower_clock_message(clock, "DUE", T0 + timedelta(minutes=30), story(**changes))
    assert message is not None
    assert message.body == THIS + body


@pytest.mark.parametrize("clock", list(Clock))
@pytest.mark.parametrize("level", list(Level))
def test_other_clocks_and_levels_are_not_the_followers_matter(clock, level):
    if level is not Level.DUE or clock not in (Clock.VISIT, Clock.REPAIR):
        assert follower_clock_message(clock, level, T0, story()) is None


def test_every_step_of_a_public_order_that_its_reporter_hears_of_is_told_to_followers_too():
    """But for the first card, which comes before anybody has joined, and the thanks for a withdrawn danger."""
    in_home = {Action.HOLD, Action.CHOOSE_SLOT, Action.ASK_LATER, Action.END_HOLD, Action.UNREACHABLE}
    in_home |= {action for _, action in RESIDENT_QUOTE_MESSAGES}
    told = {(code, str(action)) for code, action in RESIDENT_MESSAGES if action not in in_home}
    assert told - {(code, str(action)) for code, action in FOLLOWER_MESSAGES} == {
        ("T1", "submit"),
        ("T16", "need_fund"),
        ("T24", "appeal"),
        ("T24", "dismiss_appeal"),
        ("U6", "ask_info"),
        ("T25", "withdraw"),
        ("U10", "supervise"),
        ("U12", "record_cash"),
    }
    moves = {(row.code, row.action) for row in LIFECYCLE.transitions}
    assert set(FOLLOWER_MESSAGES) <= moves


def test_no_text_takes_the_follower_for_the_reporter():
    for code, action in FOLLOWER_MESSAGES:
        body = follower_message(code, action, story()).body
        for words in ("您的报修", "联系您", "电话畅通", "为您"):
            assert words not in body


@given(told=STORIES, key=st.sampled_from(sorted(FOLLOWER_MESSAGES)))
def test_every_message_to_a_follower_fits_its_columns_and_wechat(told, key):
    message = follower_message(*key, told)
    assert 0 < len(message.title) <= 40
    assert len(message.template) <= 24
    if message.wechat_fields is not None:
        assert set(message.wechat_fields) == set(TEMPLATES[message.template].fields)
        assert all(text and fit(name, text) == text for name, text in message.wechat_fields.items())
