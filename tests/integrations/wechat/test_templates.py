"""Texts are made to fit the platform's fields; the sandbox judges them by rules of its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.clock import china
from app.integrations.wechat.errors import BadMessage
from app.integrations.wechat.templates import TEMPLATES, compose, fit, said_time, template_id
from tests.fakes.sandbox import NO_CLIENT
from wechat_sandbox.catalogue import Catalogue
from wechat_sandbox.fields import RULES

FIELDS = ("thing2", "phrase5", "character_string1")


@pytest.mark.parametrize(
    ("field", "text", "shown"),
    [
        ("thing2", "厨房漏水", "厨房漏水"),
        ("thing2", "", "无"),
        ("thing2", " \n\t ", "无"),
        ("thing2", "第一行\n第二行", "第一行 第二行"),
        ("thing2", "一二三四五六七八九十一二三四五六七八九十", "一二三四五六七八九十一二三四五六七八九十"),
        ("thing2", "一二三四五六七八九十一二三四五六七八九十多", "一二三四五六七八九十一二三四五六七八九…"),
        ("thing2", "😀" * 11, "😀" * 9 + "…"),
        ("thing2", "\u200b\x07", "无"),
        ("phrase5", "已转962121热线办理", "已转热线办"),
        ("phrase5", "ok", "无"),
        ("character_string1", "R1121-0042", "R1121-0042"),
        ("character_string1", "编号 R1121-0042", "R1121-0042"),
        ("character_string1", "无", "-"),
        ("character_string1", "A" * 40, "A" * 32),
        ("time3", "2026年11月21日 14:40", "2026年11月21日 14:40"),
        ("time3", "14:40", "14:40"),
    ],
)
def test_a_text_is_made_to_fit(field: str, text: str, shown: str):
    assert fit(field, text) == shown


@pytest.mark.parametrize("text", ["", "无", "明天下午", "2026-11-21 14:40"])
def test_a_time_is_never_invented(text: str):
    with pytest.raises(BadMessage) as caught:
        fit("time3", text)
    assert (caught.value.field, caught.value.retryable) == ("time3", False)


@given(st.sampled_from(FIELDS), st.text(max_size=60))
def test_whatever_a_person_writes_is_accepted_by_the_platform(field: str, text: str):
    fitted = fit(field, text)
    assert fitted.strip()
    assert RULES[field.rstrip("0123456789")](fitted)


def test_a_time_is_said_in_china():
    assert said_time(china(2026, 3, 1, 0, 5)) == "2026年3月1日 00:05"
    assert RULES["time"](said_time(china(2026, 3, 1, 0, 5)))


def test_a_message_without_its_time_is_refused():
    with pytest.raises(BadMessage):
        compose("order_done", number="R1121-0042", matter="厨房漏水")


def test_the_hotline_message_shows_a_state_and_no_time():
    message = compose(
        "order_hotline", number="R1121-0042", matter="厨房漏水", state="已转热线", note="请保持电话畅通"
    )
    assert message == {
        "character_string1": "R1121-0042",
        "thing2": "厨房漏水",
        "phrase5": "已转热线",
        "thing4": "请保持电话畅通",
    }


def test_the_settings_decide_about_the_template_and_the_sandbox_stands_in():
    assert template_id("order_done", {"order_done": "real-id"}) == "real-id"
    assert template_id("order_done", {}) == "sandbox-order_done"
    with pytest.raises(KeyError):
        template_id("no_such_key", {})


def test_the_sandbox_knows_the_same_templates():
    registered = Catalogue(NO_CLIENT).templates
    ours = {
        template.sandbox_id: {"key": key, "title": template.title, "fields": dict(template.fields)}
        for key, template in TEMPLATES.items()
    }
    assert registered == ours


def test_no_template_has_more_fields_than_the_platform_allows():
    assert all(2 <= len(template.fields) <= 5 for template in TEMPLATES.values())


def test_what_is_blank_without_its_unprintable_characters_counts_as_empty():
    assert fit("thing2", "\u200b \u200b") == "无"
    assert fit("thing2", "灯 \u200b") == "灯"
