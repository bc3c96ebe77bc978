"""Events in every shape that was published are read as the same facts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import xmltodict

from app.integrations.wechat.answers import Verdict
from app.integrations.wechat.errors import PushRefused
from app.integrations.wechat.push import dedupe_key, parse_event
from app.integrations.wechat.push_events import (
    ConsentAnswered,
    ConsentChanged,
    MediaChecked,
    MessageDelivered,
)
from tests.integrations.wechat.conftest import vector

EVENTS = vector("message_push_subscribe_events")
MEDIA = vector("sec_check_bodies")


def message_of(text: str) -> dict[str, Any]:
    return xmltodict.parse(text)["xml"] if text.startswith("<") else json.loads(text)


@pytest.mark.parametrize("text", EVENTS["testSubscribeMsgPopupEvent"])
def test_an_answered_consent_is_read_from_xml_object_and_array(text: str):
    assert parse_event(message_of(text)) == [
        ConsentAnswered(
            openid="otFpruAK8D-E6EfStSYonYSBZ8_4",
            template_id="VRR0UEO9VJOLs0MHlU0OilqX6MVFDwH3_3gz3Oc0NIc",
            accepted=True,
            answered_at=datetime(2021, 1, 18, 11, 30, 40, tzinfo=UTC),
        )
    ]


@pytest.mark.parametrize("text", EVENTS["testSubscribeMsgChangeEvent"])
def test_a_changed_setting_is_read_from_xml_object_and_array(text: str):
    (fact,) = parse_event(message_of(text))
    assert isinstance(fact, ConsentChanged)
    assert (fact.template_id, fact.accepted) == ("BEwX0BOT3MqK3Uc5oTU3CGBqzjpndk2jzUf7VfExd8", False)


@pytest.mark.parametrize("text", EVENTS["testSubscribeMsgSentEvent"])
def test_a_delivery_is_read_from_xml_and_object(text: str):
    assert parse_event(message_of(text)) == [
        MessageDelivered(
            openid="o7esq5PHRGBQYmeNyfG064wEFVpQ",
            template_id="BEwX0BO-T3MqK3Uc5oTU3CGBqzjpndk2jzUf7VfExd8",
            msg_id="1864323726461255680",
            errcode=0,
            status="success",
        )
    ]


def test_several_templates_in_one_answer_are_several_facts():
    message = message_of(EVENTS["testSubscribeMsgPopupEvent"][2])
    message["List"].append({"TemplateId": "second", "SubscribeStatusString": "reject", "PopupScene": "0"})
    facts = [fact for fact in parse_event(message) if isinstance(fact, ConsentAnswered)]
    assert [fact.accepted for fact in facts] == [True, False]


def test_an_empty_list_is_no_fact():
    message = message_of(EVENTS["testSubscribeMsgPopupEvent"][2])
    assert parse_event({**message, "List": []}) == []


@pytest.mark.parametrize(
    ("name", "changes", "verdict"),
    [
        ("media_check_push_v1", {}, Verdict.PASS),
        ("media_check_push_v1_real", {}, Verdict.PASS),
        ("media_check_push_v1", {"isrisky": 1}, Verdict.RISKY),
        ("media_check_push_v1", {"isrisky": "1"}, Verdict.RISKY),
        ("media_check_push_v1", {"isrisky": None}, Verdict.REVIEW),
        ("media_check_push_v1", {"status_code": 4294966288}, Verdict.REVIEW),
        ("media_check_push_v2_shape", {}, Verdict.PASS),
        ("media_check_push_v2_shape", {"detail": {"strategy": "content_model"}}, Verdict.PASS),
        ("media_check_push_v2_shape", {"result": {"suggest": "risky", "label": "20002"}}, Verdict.RISKY),
        ("media_check_push_v2_shape", {"result": {"suggest": "review", "label": 20002}}, Verdict.REVIEW),
        ("media_check_push_v2_shape", {"result": {"suggest": "a new word", "label": 1}}, Verdict.REVIEW),
        ("media_check_push_v2_shape", {"errcode": -1008}, Verdict.REVIEW),
        ("media_check_push_v2_shape", {"errcode": -1008, "result": None}, Verdict.REVIEW),
    ],
)
def test_a_picture_passes_only_when_the_platform_says_so(
    name: str, changes: dict[str, Any], verdict: Verdict
):
    """Both versions; whatever is unclear or failed goes to a person."""
    (fact,) = parse_event({**MEDIA[name], **changes})
    assert isinstance(fact, MediaChecked)
    assert (fact.trace_id, fact.verdict) == (MEDIA[name]["trace_id"], verdict)


def test_events_that_the_product_does_not_use_are_no_facts():
    assert parse_event({"MsgType": "event", "Event": "weapp_audit_success"}) == []
    assert parse_event({"MsgType": "text", "Content": "你好"}) == []


@pytest.mark.parametrize("missing", ["FromUserName", "CreateTime", "List"])
def test_an_event_that_lacks_a_part_is_refused(missing: str):
    message = message_of(EVENTS["testSubscribeMsgPopupEvent"][1])
    del message[missing]
    with pytest.raises(PushRefused):
        parse_event(message)


def test_a_repeated_delivery_has_the_same_key():
    message = message_of(EVENTS["testSubscribeMsgPopupEvent"][1])
    assert dedupe_key(message) == dedupe_key(json.loads(json.dumps(dict(reversed(message.items())))))


def test_two_pictures_of_one_person_in_one_second_have_two_keys():
    first, second = dict(MEDIA["media_check_push_v1"]), dict(MEDIA["media_check_push_v1"], trace_id="another")
    assert dedupe_key(first) != dedupe_key(second)


def test_a_message_with_an_id_is_known_by_it():
    assert dedupe_key({"MsgId": 6054768590064713728, "CreateTime": 1}) == "msg:6054768590064713728"
    assert dedupe_key({"MsgId": "6054768590064713728", "CreateTime": 2}) == "msg:6054768590064713728"
