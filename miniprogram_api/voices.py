"""Voice recordings: spoken in place of words, heard through signed links that end by themselves."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import datetime

from flask import Blueprint, Response, request, send_file

from app.bootstrap import begin_unit
from app.integrations.storage.errors import StorageMissing
from app.media.errors import VoiceMissing
from app.media.recording import CONTENT_TYPE
from app.media.service import StoredVoice, file_of_voice_link, keep_voice, store_recording
from app.media.signing import sign_voice, verify_voice
from app.orders.voices import VoiceLine
from miniprogram_api.fields import Instant, Out, RowId
from miniprogram_api.neighbours import neighbours
from miniprogram_api.photos import KEPT_SECONDS, LONGEST_LINK_NUMBER
from miniprogram_api.routing import Routes
from miniprogram_api.session import SIGNED_IN, Caller

routes = Routes("voices", tag="语音")
media = Blueprint("api_voice_media", __name__)


class RecordedOut(Out):
    """The id by which a report takes the recording along; it counts once and only for its owner."""

    id: RowId
    duration_ms: int


def _store(caller: Caller, data: bytes) -> StoredVoice:
    return store_recording(data, neighbours().storage)


@routes.command(
    "/voices",
    who=SIGNED_IN,
    out=RecordedOut,
    title="上传录音",
    upload="voice",
    status=201,
    rate="voices",
    prepare=_store,
    refuses=frozenset({503}),
    consent=True,
)
def upload(caller: Caller, data: bytes, stored: StoredVoice) -> RecordedOut:
    """One recording as the form field `voice`: WAV, 16 bits, one channel, 8 to 16 kHz, 0.5 to 60 seconds, up to 2 MB.
    WeChat's content check begins when an order takes it along."""
    voice = keep_voice(stored, by=caller.scope)
    return RecordedOut(id=voice.id, duration_ms=voice.duration_ms)


class VoiceOut(Out):
    """A recording of an order, for those who may read the words as they were written. The link ends within the hour; it
    is missing while the content check hides it."""

    id: RowId
    step: str
    round: int
    duration_ms: int
    uploaded_at: Instant
    hidden: bool
    url: str | None


def voices_out(found: Iterable[VoiceLine], *, until: datetime) -> list[VoiceOut]:
    """Recordings with links that live until then; the caller was allowed to hear them."""
    return [
        VoiceOut(
            id=each.id,
            step=each.step,
            round=each.round,
            duration_ms=each.duration_ms,
            uploaded_at=each.uploaded_at,
            hidden=each.hidden,
            url=None if each.hidden else sign_voice(each.id, until=until),
        )
        for each in found
    ]


@media.get("/media/voice/<id:voice_id>")
def play(voice_id: int) -> Response:
    """The recording behind a signed link, also in parts, so that a player can jump; otherwise like a photo."""
    begin_unit(neighbours().settings)
    until, sig = request.args.get("until", ""), request.args.get("sig", "")
    plain = until.isascii() and until.isdigit() and len(until) <= LONGEST_LINK_NUMBER
    if not plain or not verify_voice(voice_id, int(until), sig):
        raise VoiceMissing()
    try:
        data = neighbours().storage.get(file_of_voice_link(voice_id))
    except StorageMissing as missing:
        raise VoiceMissing() from missing
    response = send_file(
        io.BytesIO(data),
        mimetype=CONTENT_TYPE,
        download_name=f"voice-{voice_id}.wav",
        conditional=True,
        etag=f"voice-{voice_id}",
    )
    response.headers["Cache-Control"] = f"private, max-age={KEPT_SECONDS}"
    return response
