"""From the bytes that a phone recorded to one clean WAV file.

Pure: bytes in, bytes out. Only the samples of the original survive: place, device and title, which recorders write into
further chunks, and whatever hides behind the samples are gone by construction. One plain form is accepted, because it
is the one that WeChat's recorder, a browser page and every player have in common; a decoder of compressed sound would
be a large attack surface for a few hundred kilobytes saved.
"""

from __future__ import annotations

import hashlib
import io
import wave
from dataclasses import dataclass

from app.media.errors import (
    NotARecording,
    RecordingBroken,
    RecordingOfAnotherKind,
    RecordingTooLarge,
    RecordingTooLong,
    RecordingTooShort,
)

MAX_VOICE_BYTES = 2 * 1024 * 1024
SHORTEST_MS, LONGEST_MS = 500, 60_000
STOPS_LATE_MS = 500
"""A recorder that is told to stop after sixty seconds stops a moment later; that must not cost somebody his words."""
LOWEST_RATE, HIGHEST_RATE = 8_000, 16_000
"""Samples in a second: telephone to wide-band speech."""
CONTENT_TYPE = "audio/wav"
_ONE_CHANNEL, _SIXTEEN_BITS = 1, 2
_PLAIN_SAMPLES = b"\x01\x00"
# What the standard library raises on headers that are cut off or lie; tests feed it damaged files.
_UNREADABLE = (wave.Error, EOFError, RuntimeError, ValueError, OverflowError)


@dataclass(frozen=True, slots=True)
class ProcessedVoice:
    """A WAV file with nothing in it but samples (PCM, 16 bits, one channel); its length in milliseconds."""

    wav: bytes
    duration_ms: int
    sha256: str
    """Hex digest of the bytes as they were received."""


def process_voice(data: bytes) -> ProcessedVoice:
    """Read a WAV file, whatever its name, and write its samples anew; silence is a recording too.

    Raises RecordingTooLarge (bytes), NotARecording (another format), RecordingOfAnotherKind (a WAV of another kind),
    RecordingBroken (fewer samples than announced), RecordingTooShort, RecordingTooLong.
    """
    if len(data) > MAX_VOICE_BYTES:
        raise RecordingTooLarge
    rate, samples = _samples(data)
    duration_ms = round(len(samples) * 1000 / (_SIXTEEN_BITS * rate))
    if duration_ms < SHORTEST_MS:
        raise RecordingTooShort
    if duration_ms > LONGEST_MS + STOPS_LATE_MS:
        raise RecordingTooLong
    return ProcessedVoice(
        wav=_written(rate, samples), duration_ms=duration_ms, sha256=hashlib.sha256(data).hexdigest()
    )


def _samples(data: bytes) -> tuple[int, bytes]:
    """Samples in a second, and the samples."""
    begins_like_one = data[:4] == b"RIFF" and data[8:12] == b"WAVE"
    if begins_like_one and data[12:16] == b"fmt " and data[20:22] not in (_PLAIN_SAMPLES, b""):
        raise RecordingOfAnotherKind  # compressed sound in the same wrapping
    try:
        with wave.open(io.BytesIO(data)) as file:
            kind = file.getparams()
            if not _is_speech(kind.nchannels, kind.sampwidth, kind.framerate):
                raise RecordingOfAnotherKind
            samples = file.readframes(kind.nframes)
    except _UNREADABLE as error:
        raise (RecordingBroken if begins_like_one else NotARecording) from error
    if len(samples) != kind.nframes * _SIXTEEN_BITS:
        raise RecordingBroken
    return kind.framerate, samples


def _is_speech(channels: int, bytes_each: int, rate: int) -> bool:
    return channels == _ONE_CHANNEL and bytes_each == _SIXTEEN_BITS and LOWEST_RATE <= rate <= HIGHEST_RATE


def _written(rate: int, samples: bytes) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(_ONE_CHANNEL)
        file.setsampwidth(_SIXTEEN_BITS)
        file.setframerate(rate)
        file.writeframes(samples)
    return out.getvalue()
