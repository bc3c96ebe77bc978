"""Small things everything stands on: encryption, masking, money, cursors, scope, clock."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from app.core import clock, crypto
from app.core.errors import Invalid
from app.core.masking import mask_name, mask_number, mask_phone
from app.core.money import yuan
from app.core.paging import decode_cursor, decode_id_cursor, encode_cursor


@pytest.fixture(autouse=True)
def _key():
    crypto.use_key(b"a key of 32 bytes for tests only")


@given(st.text(max_size=80))
def test_what_is_encrypted_reads_back_and_never_looks_the_same_twice(plain):
    first, second = (crypto.encrypt(plain, purpose="a.b") for _ in range(2))
    assert first != second
    assert crypto.decrypt(first, purpose="a.b") == plain


def test_a_value_moved_to_another_column_or_changed_does_not_decrypt():
    sealed = crypto.encrypt("19900000001", purpose="accounts.phone")
    with pytest.raises(InvalidTag):
        crypto.decrypt(sealed, purpose="accounts.name")
    flipped = ("A" if sealed[30] != "A" else "B").join([sealed[:30], sealed[31:]])
    with pytest.raises(InvalidTag):
        crypto.decrypt(flipped, purpose="accounts.phone")


def test_the_blind_index_depends_on_the_key():
    before = crypto.blind_index("19900000001")
    assert before == crypto.blind_index("19900000001")
    crypto.use_key(b"another key of 32 bytes for test."[:32])
    assert before != crypto.blind_index("19900000001")


def test_a_key_of_the_wrong_length_is_refused():
    with pytest.raises(ValueError, match="32 bytes"):
        crypto.use_key(b"short")


def test_masked_values_keep_what_people_need_to_recognise_them():
    assert mask_phone("19900000001") == "199****0001"
    assert mask_phone(None) == ""
    assert mask_phone("110") == "****"
    assert mask_name("王小明") == "王**"
    assert mask_name(None) == ""
    assert mask_number("110112199001011234") == "110***********1234"
    assert mask_number("1234567") == "*******"


@pytest.mark.parametrize(("fen", "said"), [(0, "¥0.00"), (5, "¥0.05"), (1230, "¥12.30"), (-650, "-¥6.50")])
def test_money_is_said_in_yuan_with_two_digits(fen, said):
    assert yuan(fen) == said


@given(st.integers(0, 2**63 - 1), st.text(max_size=40))
def test_a_cursor_reads_back(number, words):
    assert decode_cursor(encode_cursor(number, words), size=2) == (number, words)


@given(st.text(max_size=60))
def test_any_text_is_a_cursor_of_ours_or_is_refused_politely(junk):
    try:
        found = decode_id_cursor(junk)
    except Invalid as refused:
        assert "cursor" in refused.fields
    else:
        assert found is None or 0 <= found < 2**63


@pytest.mark.parametrize("forged", [[True], [-1], [2**63], [1.5], ["x"], [None], [1, 2], {"a": 1}])
def test_a_forged_cursor_is_refused(forged):
    text = base64.urlsafe_b64encode(json.dumps(forged).encode()).decode()
    with pytest.raises(Invalid):
        decode_id_cursor(text)


def test_the_clock_tells_milliseconds_in_utc_and_days_in_china():
    at = datetime(2026, 11, 20, 16, 30, 0, 123_999, tzinfo=UTC)
    assert clock.to_ms(at).microsecond == 123_000
    assert clock.china_date(at).isoformat() == "2026-11-21"
    assert clock.start_of_china_day(clock.china_date(at)) == datetime(2026, 11, 20, 16, tzinfo=UTC)
    with clock.frozen(at):
        assert clock.now() == clock.to_ms(at)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
