"""Real WAV bytes, as a phone records them and as it should not."""

from __future__ import annotations

import io
import math
import struct
import wave


def sound(
    ms: int = 1000, *, rate: int = 16_000, channels: int = 1, width: int = 2, silent: bool = False
) -> bytes:
    """A hum of 220 Hz."""
    frames = rate * ms // 1000
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(bytes(frames * channels * width) if silent else _hum(frames, rate, channels, width))
    return out.getvalue()


def _hum(frames: int, rate: int, channels: int, width: int) -> bytes:
    period = rate // 220
    if width == 1:
        once = bytes(128 + round(90 * math.sin(2 * math.pi * each / period)) for each in range(period))
        samples = once
    else:
        levels = (round(9000 * math.sin(2 * math.pi * each / period)) for each in range(period))
        samples = b"".join(struct.pack("<h", level) * channels for level in levels)
    whole = samples * (frames // period + 1)
    return whole[: frames * channels * width]


def with_chunk(wav: bytes, name: bytes, content: bytes, *, behind: bool = False) -> bytes:
    """The same sound with one more chunk: before the samples, or behind them."""
    chunk = name + struct.pack("<L", len(content)) + content + b"\0" * (len(content) % 2)
    body = wav[8:] + chunk if behind else wav[8:36] + chunk + wav[36:]
    return b"RIFF" + struct.pack("<L", len(body)) + body


def announcing(wav: bytes, *, data: int | None = None, riff: int | None = None) -> bytes:
    """The same bytes with another length in the header."""
    changed = bytearray(wav)
    if riff is not None:
        changed[4:8] = struct.pack("<L", riff)
    if data is not None:
        changed[40:44] = struct.pack("<L", data)
    return bytes(changed)
