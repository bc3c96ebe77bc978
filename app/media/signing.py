"""Links to photos and recordings that end by themselves: for a page, for WeChat's content check, for the hotline.

The session is not asked again, so a link is only written into an answer that its reader was allowed to see.
"""

from __future__ import annotations

from datetime import datetime

from app.core.signing import epoch, is_over, is_signed, signature, use_signing_key

__all__ = [
    "VARIANTS",
    "WINDOW_SECONDS",
    "sign",
    "sign_voice",
    "use_signing_key",
    "verify",
    "verify_voice",
]

VARIANTS = frozenset({"full", "thumb"})
WINDOW_SECONDS = 600
_PURPOSE = "photo"
_VOICE_PURPOSE = "voice"


def sign(photo_id: int, variant: str, *, until: datetime) -> str:
    """The path `/media/{photo_id}/{variant}?until=<epoch>&sig=<hex>`.

    `until` is moved up to the next ten minutes: within such a window the link stays the same and caches work.
    Raises ValueError for an unknown variant.
    """
    if variant not in VARIANTS:
        raise ValueError(f"no photo variant {variant!r}")
    end = _end_of_window(until)
    return f"/media/{photo_id}/{variant}?until={end}&sig={signature(_PURPOSE, photo_id, variant, end)}"


def verify(photo_id: int, variant: str, until: int, sig: str) -> bool:
    """Whether the link is ours and has not ended."""
    return variant in VARIANTS and is_signed(sig, _PURPOSE, photo_id, variant, until) and not is_over(until)


def sign_voice(voice_id: int, *, until: datetime) -> str:
    """The path `/media/voice/{voice_id}?until=<epoch>&sig=<hex>`; `until` moves up like that of a photo."""
    end = _end_of_window(until)
    return f"/media/voice/{voice_id}?until={end}&sig={signature(_VOICE_PURPOSE, voice_id, end)}"


def verify_voice(voice_id: int, until: int, sig: str) -> bool:
    """Whether the link is ours and has not ended."""
    return is_signed(sig, _VOICE_PURPOSE, voice_id, until) and not is_over(until)


def _end_of_window(until: datetime) -> int:
    return -(-epoch(until) // WINDOW_SECONDS) * WINDOW_SECONDS
