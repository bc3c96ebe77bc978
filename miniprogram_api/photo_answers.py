"""A photo of an order as it is told: with links that end by themselves."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.media.signing import sign
from app.orders.evidence import PhotoLine
from miniprogram_api.fields import Instant, Out, RowId

LINKS_LIVE_FOR = timedelta(minutes=30)


class PhotoOut(Out):
    """A photo of an order. The links end within the hour; they are missing while the content check hides it."""

    id: RowId
    step: str
    round: int
    width: int
    height: int
    uploaded_at: Instant
    hidden: bool
    full: str | None
    thumb: str | None


def photo_link(photo_id: int, variant: str, at: datetime) -> str:
    """A link that ends by itself; only into an answer whose reader may see the photo."""
    return sign(photo_id, variant, until=at + LINKS_LIVE_FOR)


def photo_out(photo: PhotoLine, at: datetime) -> PhotoOut:
    """A photo with its links."""
    return PhotoOut(
        id=photo.id,
        step=photo.step,
        round=photo.round,
        width=photo.width,
        height=photo.height,
        uploaded_at=photo.uploaded_at,
        hidden=photo.hidden,
        full=None if photo.hidden else photo_link(photo.id, "full", at),
        thumb=None if photo.hidden else photo_link(photo.id, "thumb", at),
    )
