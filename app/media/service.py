"""Keeping an uploaded photo or recording, and finding the file behind a signed link."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import select

from app.core import clock
from app.core.clock import in_china
from app.core.db import db
from app.core.scope import Scope
from app.integrations.storage.contract import Storage
from app.integrations.storage.errors import StorageMissing
from app.media.errors import VoiceMissing
from app.media.models import CheckState, Photo, Voice
from app.media.processing import process_photo
from app.media.recording import CONTENT_TYPE, process_voice


@dataclass(frozen=True)
class StoredPhoto:
    """Two files that lie in the storage and wait for their row; without one they are rubbish, not a leak."""

    key: str
    sha256: str
    width: int
    height: int


def store_files(data: bytes, storage: Storage) -> StoredPhoto:
    """Clean the photo and store picture and thumbnail under a random name, before any transaction begins.

    Raises what process_photo raises, and StorageDown.
    """
    photo = process_photo(data)
    key = f"{in_china(clock.now()):%Y/%m}/{secrets.token_hex(16)}.jpg"
    stored = StoredPhoto(key=key, sha256=photo.sha256, width=photo.width, height=photo.height)
    storage.put(key, photo.main, photo.content_type)
    storage.put(Photo(key=key).thumb_key, photo.thumb, photo.content_type)
    return stored


def keep_photo(stored: StoredPhoto, *, by: Scope) -> Photo:
    """Write the row of stored files; nobody but its owner can use it as evidence, and only once."""
    assert by.account_id is not None
    photo = Photo(
        uploaded_by=by.account_id,
        uploaded_at=clock.now(),
        sha256=stored.sha256,
        key=stored.key,
        width=stored.width,
        height=stored.height,
        check_state=CheckState.PENDING,
    )
    db.session.add(photo)
    db.session.flush()
    return photo


def file_of_link(photo_id: int, variant: str) -> str:
    """The storage key behind a link whose signature was verified; raises StorageMissing.

    The signature is the permission: it was written into an answer that its reader was allowed to see. A photo that the
    content check has found risky since then is gone for everybody.
    """
    photo = db.session.scalars(select(Photo).where(Photo.id == photo_id)).one_or_none()
    if photo is None or photo.check_state == CheckState.RISKY:
        raise StorageMissing()
    return photo.thumb_key if variant == "thumb" else photo.key


@dataclass(frozen=True)
class StoredVoice:
    """A recording that lies in the storage and waits for its row."""

    key: str
    sha256: str
    duration_ms: int


def store_recording(data: bytes, storage: Storage) -> StoredVoice:
    """Write the recording anew and store it under a random name, before any transaction begins.

    Raises what process_voice raises, and StorageDown.
    """
    voice = process_voice(data)
    key = f"{in_china(clock.now()):%Y/%m}/{secrets.token_hex(16)}.wav"
    storage.put(key, voice.wav, CONTENT_TYPE)
    return StoredVoice(key=key, sha256=voice.sha256, duration_ms=voice.duration_ms)


def keep_voice(stored: StoredVoice, *, by: Scope) -> Voice:
    """Write the row of a stored recording; nobody but its owner can send it along, and only once."""
    assert by.account_id is not None
    voice = Voice(
        uploaded_by=by.account_id,
        uploaded_at=clock.now(),
        sha256=stored.sha256,
        key=stored.key,
        duration_ms=stored.duration_ms,
        check_state=CheckState.PENDING,
    )
    db.session.add(voice)
    db.session.flush()
    return voice


def file_of_voice_link(voice_id: int) -> str:
    """The storage key behind a link to a recording whose signature was verified; raises VoiceMissing."""
    voice = db.session.scalars(select(Voice).where(Voice.id == voice_id)).one_or_none()
    if voice is None or voice.check_state == CheckState.RISKY:
        raise VoiceMissing()
    return voice.key
