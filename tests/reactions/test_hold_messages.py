"""What people read when nobody was home, letter by letter, and what they are asked a day after the repair."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import clock
from app.integrations.wechat.templates import TEMPLATES, fit
from app.orders.rules import Clock
from app.reactions.clock_messages import company_clock_message, resident_clock_message
from app.reactions.company_messages import company_messages
from app.reactions.message import Audience
from app.reactions.order_messages import resident_message
from app.reactions.story import Held, Promise
from tests.fakes.district import T0
from tests.reactions.stories import SLOT, story

UNTIL = T0 + timedelta(hours=72)
SLOTS = tuple(
    (begins, begins + timedelta(hours=2))
    for begins in (clock.china(2026, 11, 21, 8), clock.china(2026, 11, 21, 18), clock.china(2026, 11, 22, 10))
)
HELD = Held("nobody_home", UNTIL, SLOTS)


@pytest.mark.parametrize(
    ("code", "action", "changes", "body"),
    [
        (
            "T14",
            "hold",
            {"hold": HELD},
            "王师傅来过,家里没人。请选一个新的时间:明天 08:00–10:00、明天 18:00–20:00、11月22日 10:00–12:00。"
            "请在 11月23日 22:10 前选好。",
        ),
        (
            "T14",
            "hold",
            {"hold": Held("resident_asked", UNTIL, SLOTS[:1])},
            "R1120-0042 按您的意思改期。请选一个新的时间:明天 08:00–10:00。请在 11月23日 22:10 前选好。",
        ),
        (
            "T14",
            "hold",
            {"hold": Held("nobody_home", UNTIL)},
            "王师傅来过,家里没人。请打电话给物业,约一个新的时间。",
        ),
        (
            "T14",
            "choose_slot",
            {"slot": SLOT},
            "已约好:王师傅 明天 08:00–10:00 再上门,请家里留人。编号 R1120-0042。",
        ),
        (
            "T14",
            "unreachable",
            {},
            "王师傅两次上门家里都没人,电话也没人接,R1120-0042 先办结。"
            "12月5日 22:10 前都可以点“没修好”重新处理,不用再报一次。",
        ),
        (
            "T17",
            "end_hold",
            {"hold_ended": "limit"},
            "R1120-0042 三天没有约好上门时间。物业会打电话和您约,您也可以打电话给物业。",
        ),
        (
            "T17",
            "end_hold",
            {"hold_ended": "hand", "note": "居民来电,现在在家。", "slot_released": True},
            "R1120-0042 恢复处理:居民来电,现在在家。原来约的时间取消,师傅会先打电话。",
        ),
    ],
)
def test_the_resident_reads_these_words(code, action, changes, body):
    message = resident_message(code, action, story(**changes))
    assert message is not None
    assert message.body == body


@pytest.mark.parametrize(
    ("code", "action", "changes"),
    [
        ("T14", "hold", {"hold": None}),
        ("T14", "hold", {"hold": Held("nobody_home", UNTIL, SLOTS, agreed=True)}),
        ("T14", "ask_later", {"hold": HELD}),
        ("T17", "end_hold", {"hold_ended": "slot"}),
    ],
)
def test_what_he_has_done_himself_or_what_has_come_as_agreed_is_not_told(code, action, changes):
    assert resident_message(code, action, story(**changes)) is None


def told(code: str, action: str, **changes) -> list[tuple[Audience, str]]:
    return [(who, message.body) for who, message in company_messages(code, action, story(**changes))]


WHAT = "R1120-0042 楼道灯不亮(3号楼大厅)"


@pytest.mark.parametrize(
    ("action", "changes", "expected"),
    [
        (
            "hold",
            {"hold": HELD, "note": "家里没人:敲门没人应"},
            (
                Audience.MANAGERS,
                f"{WHAT}:家里没人:敲门没人应。等居民选时间,最晚等到 11月23日 22:10。",
            ),
        ),
        (
            "hold",
            {"hold": HELD, "note": "家里没人", "has_account": False},
            (
                Audience.DESK,
                f"{WHAT}:家里没人。报修人没有小程序,请打电话和他约时间,最晚等到 11月23日 22:10。",
            ),
        ),
        (
            "choose_slot",
            {"slot": SLOT},
            (Audience.WORKER, f"居民约了 明天 08:00–10:00:{WHAT}。请按时上门。"),
        ),
        (
            "unreachable",
            {},
            (Audience.MANAGERS, f"{WHAT} 两次上门都没人,已先办结。"),
        ),
    ],
)
def test_the_company_reads_what_it_must_act_on(action, changes, expected):
    assert told("T14", action, **changes) == [expected]


def test_when_the_agreed_time_comes_the_worker_is_called_and_without_one_the_desk():
    assert told("T17", "end_hold", hold_ended="slot") == [
        (Audience.WORKER, f"{WHAT}:约好的时间到了,请马上上门。")
    ]
    assert told("T17", "end_hold", hold_ended="slot", worker="")[0][0] is Audience.DESK
    assert told("T17", "end_hold", hold_ended="limit") == [
        (
            Audience.DESK,
            f"{WHAT}:72小时没有约好时间,修复时限继续计时,请在 11月23日 22:10 前修好。请打电话和居民约时间。",
        )
    ]


TEXT = st.text(max_size=300)
HELD_STORIES = st.builds(
    story,
    matter=TEXT,
    worker=st.sampled_from(["", "欧阳师傅"]),
    note=TEXT,
    slot=st.sampled_from([None, SLOT]),
    hold=st.sampled_from([None, HELD, Held("resident_asked", UNTIL)]),
    hold_ended=st.sampled_from(["slot", "limit", "hand"]),
    slot_released=st.booleans(),
)
MOVES = [("T14", "hold"), ("T14", "choose_slot"), ("T14", "unreachable"), ("T17", "end_hold")]


@given(it=HELD_STORIES, move=st.sampled_from(MOVES))
def test_every_message_of_a_hold_fits_its_columns_and_wechat(it, move):
    message = resident_message(*move, it)
    if message is None:
        return
    assert 0 < len(message.title) <= 40
    assert 0 < len(message.body) <= 300
    for name, text in (message.wechat_fields or {}).items():
        assert name in TEMPLATES[message.template].fields
        assert fit(name, text) == text


def test_a_day_after_the_repair_the_resident_is_asked_whether_it_is_mended():
    now = T0 + timedelta(hours=24)
    message = resident_clock_message("C5", "ASK", now, story(now=now))
    assert message is not None
    assert message.body == (
        "R1120-0042 楼道灯不亮,昨天 22:10 已处理。修好了吗?"
        "修好了请点“确认修好了”,没修好请点“没修好”,物业会再来。"
    )
    assert (message.template, message.title) == ("order_ask", "修好了吗?")
    assert message.wechat_fields["thing4"] == "修好了请确认,没修好请点没修好"


def test_who_has_to_pay_on_the_phone_is_told_that_paying_comes_before_confirming():
    """He has no button 确认修好了 before; with cash at the office he has."""
    now = T0 + timedelta(hours=24)
    message = resident_clock_message("C5", "ASK", now, story(now=now, owed_fen=6_500, pays_online=True))
    assert message is not None
    assert "请付维修费 ¥65.00,付了再确认;没修好先不用付,请点“没修好”" in message.body
    assert "点“确认修好了”" not in message.body
    assert fit("thing4", message.wechat_fields["thing4"]) == message.wechat_fields["thing4"]
    in_cash = resident_clock_message("C5", "ASK", now, story(now=now, owed_fen=6_500, pays_online=False))
    assert in_cash is not None and "点“确认修好了”" in in_cash.body


def test_who_has_answered_meanwhile_is_not_asked():
    answered = {Clock.CONFIRM.value: Promise(T0 + timedelta(hours=72), kept_at=T0 + timedelta(hours=23))}
    assert resident_clock_message("C5", "ASK", T0, story(promises=answered)) is None
    assert resident_clock_message("C5", "ASK", T0, story(finished_at=None)) is None


@pytest.mark.parametrize("level", ["ASK", "H1", "H2", "DUE"])
def test_the_company_hears_nothing_of_the_residents_own_turn(level):
    for which in (Clock.CONFIRM, Clock.HOLD):
        assert company_clock_message(which.value, level, T0, story()) is None
