"""Photos that come with a form of the console: cleaned and stored before the command begins, kept by it."""

from __future__ import annotations

from flask import current_app, request

from app.bootstrap import settings_of
from app.core.errors import Invalid
from app.integrations.storage import Storage, open_storage
from app.media.service import StoredPhoto, store_files

_PLACE = "console_storage"
LARGEST = 10 * 1024 * 1024


def _storage() -> Storage:
    """Opened once for each application."""
    known = current_app.extensions.get(_PLACE)
    if known is None:
        known = current_app.extensions[_PLACE] = open_storage(settings_of(current_app).effective_storage_url)
    storage: Storage = known
    return storage


def stored_photos(field: str, *, most: int) -> list[StoredPhoto]:
    """The photos of one field of the form; raises Invalid for too many and what a photo itself is refused for."""
    files = [each for each in request.files.getlist(field) if each.filename]
    if len(files) > most:
        raise Invalid(f"最多附 {most} 张照片", fields={field: f"最多 {most} 张"})
    return [store_files(each.stream.read(LARGEST + 1), _storage()) for each in files]
