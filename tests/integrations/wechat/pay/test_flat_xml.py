"""XML that is not exactly one root with texts below it is refused before anything is built from it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.integrations.wechat.pay.flat_xml import NotFlat, clean, fitted, parse, write
from tests.integrations.wechat.pay.conftest import fields_of, vector

ENTITIES = b'<!DOCTYPE xml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
BILLION_LAUGHS = ENTITIES + b"<xml><sign>&b;</sign></xml>"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "not well-formed"),
        (b"ok", "not well-formed"),
        (b"<xml>", "not well-formed"),
        (b"<xml><a>1</a></xml><xml/>", "not well-formed"),
        (b"<xml><a>1</b></xml>", "not well-formed"),
        (b"<xml><a>&unknown;</a></xml>", "not well-formed"),
        (b"<xml><a>\x00</a></xml>", "not well-formed"),
        (b"<xml><a>\xff\xfe</a></xml>", "not well-formed"),
        ("<xml><a>一</a></xml>".encode("utf-16"), "not well-formed"),
        (b"<html><body>502</body></html>", "another root"),
        (b"<XML><a>1</a></XML>", "another root"),
        (b"<xml>hi</xml>", "text outside"),
        (b"<xml><a>1</a>hi</xml>", "text outside"),
        (b"<xml><a><b>1</b></a></xml>", "nested"),
        (b"<xml><a>1</a><a>2</a></xml>", "twice"),
        (b"<xml><a>1</a><b/><a>1</a></xml>", "twice"),
        (b'<xml><a b="1">1</a></xml>', "attribute"),
        (b'<xml xmlns="urn:x"><a>1</a></xml>', "attribute"),
        (b"<xml><a>1<!-- -->00</a></xml>", "comment"),
        (b"<xml><?php 1 ?><a>1</a></xml>", "processing instruction"),
        (b"<!DOCTYPE xml><xml><a>1</a></xml>", "DTD"),
        (BILLION_LAUGHS, "DTD"),
        (vector("xml_attack_xxe.xml").encode(), "DTD"),
    ],
)
def test_it_is_refused_with_a_reason(raw, reason):
    """D10, D11: wechatpy raises AttributeError, ValueError and RecursionError for these."""
    with pytest.raises(NotFlat, match=reason):
        parse(raw)


def test_two_hundred_kilobytes_of_nesting_are_refused_at_once():
    """D10: wechatpy ended in a RecursionError after 1.4 seconds."""
    began = time.monotonic()
    with pytest.raises(NotFlat, match="nested"):
        parse(b"<xml>" + b"<a>" * 70_000)
    assert time.monotonic() - began < 0.1


def test_an_empty_root_has_no_fields():
    """D10: an AttributeError in wechatpy."""
    assert parse(b"<xml/>") == {}


def test_texts_come_as_they_are():
    raw = "<?xml version='1.0' encoding='gbk'?><xml> <a><![CDATA[ 1,<b>&amp; ]]></a>\n<b/><c>物业费&lt;😀</c></xml>"
    assert parse(raw.encode()) == {"a": " 1,<b>&amp; ", "b": "", "c": "物业费<😀"}


@pytest.mark.parametrize(
    "name", ["v2_notify_paysuccess.xml", "v2_orderquery_response_coupons.xml", "v2_refund_response.xml"]
)
def test_published_bodies_are_read_as_another_library_reads_them(name):
    assert parse(vector(name).encode()) == fields_of(vector(name))


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,9}", fullmatch=True), st.text(max_size=60), max_size=6))
def test_what_is_written_after_cleaning_is_read_back(texts):
    """D12: whatever a resident types, it stays inside its element."""
    cleaned = {name: clean(text) for name, text in texts.items()}
    assert parse(write(cleaned)) == cleaned


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("物业费]]><total_fee>1</total_fee>", "物业费<total_fee>1</total_fee>"),
        ("]]]]>>", ""),
        ("]]]]>>a", "a"),
        ("a`,`b", "a,b"),
        ("a\r\nb\x00\x1b", "ab"),
        ("\ud800半", "半"),
        (" 水费 😀 ", "水费 😀"),
        ("\uffff\ufffe", ""),
    ],
)
def test_cleaning_takes_out_what_would_break_out(typed, sent):
    """D12: also the back-tick, which separates the columns of the bill."""
    assert clean(typed) == sent


@given(st.text(max_size=200), st.integers(1, 127))
def test_a_text_is_cut_at_a_character_and_never_too_long(text, limit):
    kept = fitted(text, limit)
    assert len(kept.encode()) <= limit
    assert clean(text).startswith(kept)


def test_a_long_title_keeps_its_beginning():
    assert fitted("物业费" * 60, 127) == ("物业费" * 60)[:42]
