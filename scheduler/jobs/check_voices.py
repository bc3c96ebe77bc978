"""Recordings whose content WeChat has not judged yet."""

from __future__ import annotations

from app.core import clock
from app.core.db import transact
from app.media.checking import VOICES, check_due, review_unanswered
from app.media.signing import sign_voice
from scheduler.context import Context
from scheduler.jobs.check_photos import LINK_LIVES_FOR, LONGEST_RUN


def check_voices(context: Context) -> None:
    """Ask about new recordings; what WeChat did not answer in time goes to a person."""
    base = context.settings.public_base_url.rstrip("/")

    def link(voice_id: int) -> str:
        return base + sign_voice(voice_id, until=clock.now() + LINK_LIVES_FOR)

    for _ in range(LONGEST_RUN):
        if context.stopping() or not check_due(context.wechat, link=link, limit=1, kind=VOICES):
            break
    transact(lambda: review_unanswered(VOICES))
