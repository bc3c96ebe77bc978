"""Photos whose content WeChat has not judged yet."""

from __future__ import annotations

from datetime import timedelta

from app.core import clock
from app.core.db import transact
from app.media.checking import check_due, review_unanswered
from app.media.signing import sign
from scheduler.context import Context

LONGEST_RUN = 50
LINK_LIVES_FOR = timedelta(hours=1)
"""WeChat fetches within minutes; the link is of no use to anybody later."""


def check_photos(context: Context) -> None:
    """Ask about new photos; what WeChat did not answer in time goes to a person."""
    base = context.settings.public_base_url.rstrip("/")

    def link(photo_id: int) -> str:
        return base + sign(photo_id, "full", until=clock.now() + LINK_LIVES_FOR)

    for _ in range(LONGEST_RUN):
        if context.stopping() or not check_due(context.wechat, link=link, limit=1):
            break
    transact(review_unanswered)
