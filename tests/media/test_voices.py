"""Recordings: what is accepted, what survives of it, and what is refused in which words."""

from __future__ import annotations

import io
import wave

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import Refusal
from app.media import recording
from app.media.errors import (
    NotARecording,
    RecordingBroken,
    RecordingOfAnotherKind,
    RecordingTooLarge,
    RecordingTooLong,
    RecordingTooShort,
)
from app.media.recording import process_voice
from tests.factories.sounds import announcing, sound, with_chunk

MP3 = b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x64" + bytes(413)


def samples(wav: bytes) -> tuple[int, bytes]:
    with wave.open(io.BytesIO(wav)) as file:
        return file.getframerate(), file.readframes(file.getnframes())


@pytest.mark.parametrize("rate", [8_000, 11_025, 12_000, 16_000])
@pytest.mark.parametrize("ms", [500, 12_340, 60_000])
def test_what_a_phone_records_is_kept_sample_by_sample(rate, ms):
    sent = sound(ms, rate=rate)
    kept = process_voice(sent)
    assert samples(kept.wav) == samples(sent)
    assert abs(kept.duration_ms - ms) <= 1


def test_silence_is_a_recording():
    assert process_voice(sound(2_000, silent=True)).duration_ms == 2_000


def test_a_recorder_that_stops_a_moment_late_costs_nobody_his_words():
    assert process_voice(sound(60_000 + recording.STOPS_LATE_MS)).duration_ms == 60_500


@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize("name", [b"LIST", b"FLLR", b"bext", b"id3 "])
def test_nothing_but_samples_survives(name, behind):
    plain = sound()
    kept = process_voice(with_chunk(plain, name, b"39.9042,116.4074 Lao Wang's phone", behind=behind))
    assert kept.wav == plain
    assert kept.sha256 != process_voice(plain).sha256


def test_what_hides_behind_the_file_is_gone():
    plain = sound()
    assert process_voice(plain + b"PK\x03\x04 a second file").wav == plain


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", NotARecording),
        (b"<?php echo 1;", NotARecording),
        (MP3, NotARecording),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", NotARecording),
        (b"RIFX" + sound()[4:], NotARecording),
        (sound()[:20], RecordingBroken),
        (sound()[:30], RecordingBroken),
        (sound()[:43], RecordingBroken),
        (sound()[:-2], RecordingBroken),
        (announcing(sound(), data=10**6), RecordingBroken),
        (announcing(sound(), data=2**32 - 1, riff=2**32 - 1), RecordingBroken),
        (announcing(sound(), riff=40), RecordingBroken),
        (announcing(sound(), riff=0), RecordingBroken),
        (announcing(sound(), data=0), RecordingTooShort),
        (sound(width=1), RecordingOfAnotherKind),
        (sound(channels=2), RecordingOfAnotherKind),
        (sound(rate=44_100), RecordingOfAnotherKind),
        (sound(rate=7_999), RecordingOfAnotherKind),
        (sound()[:20] + b"\x55\x00" + sound()[22:], RecordingOfAnotherKind),
        (sound(499), RecordingTooShort),
        (sound(61_000), RecordingTooLong),
        (sound(1_000) + bytes(3 * 1024 * 1024), RecordingTooLarge),
    ],
)
def test_anything_else_is_refused_in_words_that_say_what_to_do(data, refusal):
    with pytest.raises(refusal) as refused:
        process_voice(data)
    assert type(refused.value) is refusal
    assert "重新" in refused.value.sentence or "再" in refused.value.sentence


@pytest.mark.parametrize(
    ("refusal", "status", "fields"),
    [
        (NotARecording, 415, {}),
        (RecordingBroken, 415, {}),
        (RecordingOfAnotherKind, 415, {}),
        (RecordingTooLarge, 413, {}),
        (RecordingTooLong, 422, {"voice": "最长60秒"}),
        (RecordingTooShort, 422, {"voice": "至少0.5秒"}),
    ],
)
def test_each_refusal_has_its_status_and_names_the_field(refusal, status, fields):
    assert (refusal.status, refusal().fields) == (status, fields)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_a_recording_or_a_refusal_and_never_a_surprise(data):
    plain = bytearray(with_chunk(sound(600, rate=8_000), b"LIST", b"ABCD"))
    for _ in range(data.draw(st.integers(1, 6))):
        plain[data.draw(st.integers(0, 60))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(plain)))
    try:
        process_voice(bytes(plain[:cut]))
    except Refusal:
        return
