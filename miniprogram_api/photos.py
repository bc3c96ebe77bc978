"""Photos: uploaded by people, read through signed links that end by themselves."""

from __future__ import annotations

from flask import Blueprint, Response, request

from app.bootstrap import begin_unit
from app.integrations.storage.errors import StorageMissing
from app.media.service import StoredPhoto, file_of_link, keep_photo, store_files
from app.media.signing import VARIANTS, verify
from miniprogram_api.fields import MAX_ID, Out, RowId
from miniprogram_api.neighbours import neighbours
from miniprogram_api.routing import Routes
from miniprogram_api.session import SIGNED_IN, Caller

routes = Routes("photos", tag="照片")
media = Blueprint("api_media", __name__)
KEPT_SECONDS = 600
LONGEST_LINK_NUMBER = 12


class UploadedOut(Out):
    """The id by which a command attaches the photo; it counts once and only for its owner."""

    id: RowId
    width: int
    height: int


def _store(caller: Caller, data: bytes) -> StoredPhoto:
    return store_files(data, neighbours().storage)


@routes.command(
    "/photos",
    who=SIGNED_IN,
    out=UploadedOut,
    title="上传照片",
    upload="photo",
    status=201,
    rate="photos",
    prepare=_store,
    refuses=frozenset({503}),
    consent=True,
)
def upload(caller: Caller, data: bytes, stored: StoredPhoto) -> UploadedOut:
    """One picture as the form field `photo` (JPEG, PNG, WEBP up to 10 MB). Position data are removed here; WeChat's
    content check begins when an order takes the photo."""
    photo = keep_photo(stored, by=caller.scope)
    return UploadedOut(id=photo.id, width=photo.width, height=photo.height)


@media.get("/media/<int:photo_id>/<variant>")
def show(photo_id: int, variant: str) -> Response:
    """The picture behind a signed link; a wrong, foreign or ended link is a 404 like a photo that never was."""
    begin_unit(neighbours().settings)
    until, sig = request.args.get("until", ""), request.args.get("sig", "")
    plain = until.isascii() and until.isdigit() and len(until) <= LONGEST_LINK_NUMBER
    if (
        not plain
        or photo_id > MAX_ID
        or variant not in VARIANTS
        or not verify(photo_id, variant, int(until), sig)
    ):
        raise StorageMissing()
    data = neighbours().storage.get(file_of_link(photo_id, variant))
    response = Response(data, mimetype="image/jpeg")
    response.headers["Content-Disposition"] = f'inline; filename="photo-{photo_id}-{variant}.jpg"'
    response.headers["Cache-Control"] = f"private, max-age={KEPT_SECONDS}"
    return response
