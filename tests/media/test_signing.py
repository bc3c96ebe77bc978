"""Links that end by themselves."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import clock
from app.core.signing import is_over
from app.media.signing import WINDOW_SECONDS, sign, sign_voice, use_signing_key, verify, verify_voice

AT = clock.china(2026, 11, 20, 22, 10)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _key():
    use_signing_key(b"a signing key for tests only")
    with clock.frozen(AT):
        yield


def parts(link: str) -> tuple[int, str]:
    query = parse_qs(urlsplit(link).query)
    return int(query["until"][0]), query["sig"][0]


def test_a_link_opens_the_photo_it_was_made_for():
    link = sign(7, "thumb", until=AT + HOUR)
    assert urlsplit(link).path == "/media/7/thumb"
    assert verify(7, "thumb", *parts(link))


@pytest.mark.parametrize(("photo", "variant"), [(8, "thumb"), (7, "full"), (7, "original")])
def test_it_opens_nothing_else(photo, variant):
    assert not verify(photo, variant, *parts(sign(7, "thumb", until=AT + HOUR)))


def test_it_cannot_be_made_to_live_longer():
    until, sig = parts(sign(7, "thumb", until=AT + HOUR))
    assert not verify(7, "thumb", until + 1, sig)


def test_it_ends():
    until, sig = parts(sign(7, "thumb", until=AT + HOUR))
    with clock.frozen(AT + HOUR - timedelta(milliseconds=1)):
        assert verify(7, "thumb", until, sig)
    with clock.frozen(AT + HOUR + timedelta(seconds=WINDOW_SECONDS)):
        assert not verify(7, "thumb", until, sig)


def test_another_key_signs_otherwise():
    until, sig = parts(sign(7, "thumb", until=AT + HOUR))
    use_signing_key(b"another key of this product")
    assert not verify(7, "thumb", until, sig)


def test_within_ten_minutes_the_link_is_the_same_and_can_be_cached():
    links = {sign(7, "full", until=AT + HOUR + timedelta(seconds=second)) for second in range(1, 601, 7)}
    assert len(links) == 1


@given(seconds=st.integers(0, 10**6))
def test_a_link_never_ends_before_it_was_promised_nor_much_later(seconds):
    wanted = AT + timedelta(seconds=seconds)
    until, _ = parts(sign(7, "full", until=wanted))
    assert 0 <= until - wanted.timestamp() < WINDOW_SECONDS


def test_a_link_to_a_recording_opens_it_ends_and_opens_nothing_else():
    link = sign_voice(7, until=AT + HOUR)
    assert urlsplit(link).path == "/media/voice/7"
    until, sig = parts(link)
    assert verify_voice(7, until, sig)
    assert not verify_voice(8, until, sig)
    assert not verify_voice(7, until + 600, sig)
    assert not verify(7, "full", until, sig)
    assert not verify_voice(7, *parts(sign(7, "full", until=AT + HOUR)))
    with clock.frozen(AT + HOUR + timedelta(seconds=WINDOW_SECONDS)):
        assert not verify_voice(7, until, sig)


def test_an_unknown_variant_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="original"):
        sign(7, "original", until=AT + HOUR)


@given(sig=st.text(max_size=80), until=st.integers())
def test_no_guess_opens_anything(sig, until):
    assert not verify(7, "full", until, sig)


def test_a_second_that_no_calendar_holds_is_over():
    assert is_over(10**30)


def test_a_short_key_is_refused():
    with pytest.raises(ValueError, match="16 bytes"):
        use_signing_key(b"short")
