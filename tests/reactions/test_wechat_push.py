"""A push of WeChat is acted on once."""

from __future__ import annotations

import pytest

from app.core.db import transact
from app.core.roles import Role
from app.integrations.wechat.errors import PushRefused
from app.notifications.consents import stock
from app.reactions.wechat_push import hear_push
from tests.engines import both_engines, in_parallel

pytestmark = both_engines

ANSWER = {
    "FromUserName": "openid-RES",
    "CreateTime": "1763647800",
    "MsgType": "event",
    "Event": "subscribe_msg_popup_event",
    "List": {"TemplateId": "sandbox-order_done", "SubscribeStatusString": "accept", "PopupScene": "0"},
}


def hear(message) -> bool:
    return transact(lambda: hear_push(message, configured={}))


def test_three_deliveries_of_one_answer_are_one_consent(app_db, town):
    heard = in_parallel(app_db, [lambda: hear(ANSWER)] * 3)
    assert sorted(heard) == [False, False, True]
    assert stock(town.accounts[Role.RES])["order_done"] == 1


def test_a_second_answer_is_a_second_consent(town):
    hear(ANSWER)
    hear({**ANSWER, "CreateTime": "1763647801"})
    assert stock(town.accounts[Role.RES])["order_done"] == 2


def test_an_event_that_lacks_its_parts_leaves_nothing_behind(town):
    broken = {**ANSWER, "List": {"TemplateId": "sandbox-order_done"}}
    with pytest.raises(PushRefused):
        hear(broken)
    assert stock(town.accounts[Role.RES])["order_done"] == 0


def test_other_events_are_let_pass(town):
    assert hear({"MsgType": "event", "Event": "kf_create_session"}) is False


def test_a_verdict_on_a_picture_is_heard_once(town):
    verdict = {
        "MsgType": "event",
        "Event": "wxa_media_check",
        "trace_id": "trace-1",
        "errcode": 0,
        "result": {"suggest": "pass", "label": 100},
    }
    assert hear(verdict) is True
    assert hear(verdict) is False
