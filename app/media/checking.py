"""Uploads before others have them: WeChat is asked, a push answers, a person looks when in doubt (X01).

A photo or a recording stays `pending` until there is a verdict: outside the order nobody sees or hears it, inside the
order the company does, so a slow check never delays a repair.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Protocol

from sqlalchemy import ColumnElement, select, update

from app.core import clock, shared_values
from app.core.db import changed, db, insert_once, table_of, transact
from app.core.outgoing import OutgoingState, put_off, record, take
from app.integrations.wechat.answers import Scene, Verdict
from app.integrations.wechat.errors import WeChatError
from app.media.models import CheckState, Photo, PhotoCheck, Voice, VoiceCheck

DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 30))
GIVEN_UP_AFTER = timedelta(hours=24)
ANSWERED_WITHIN = timedelta(minutes=30)
"""WeChat pushes the verdict within this time; later a person decides."""


class MediaChecker(Protocol):
    """The part of MiniClient that is needed here."""

    def check_image_async(self, url: str, *, openid: str, scene: Scene) -> str: ...

    def check_audio_async(self, url: str, *, openid: str, scene: Scene) -> str: ...


@dataclass(frozen=True)
class Kind:
    """What is judged: its table, the table of questions about it, the column there that names it."""

    media: Any
    check: Any
    column: str

    @property
    def named(self) -> Any:
        """The column of a question that names the upload."""
        return getattr(self.check, self.column)


PHOTOS = Kind(Photo, PhotoCheck, "photo_id")
VOICES = Kind(Voice, VoiceCheck, "voice_id")
KINDS = (PHOTOS, VOICES)


@dataclass(frozen=True)
class _Question:
    """One claimed check as plain values."""

    id: int
    attempt: int
    media_id: int
    openid: str | None


def request_checks(openids: Mapping[int, str | None], kind: Kind = PHOTOS) -> int:
    """Ask for a check of these uploads (id -> openid of the sender), each once; returns how many are new."""
    at = clock.now()
    rows = [
        {kind.column: media_id, "openid": openid, "created_at": at, "next_at": at}
        for media_id, openid in sorted(openids.items())
    ]
    return sum(insert_once(table_of(kind.check), row) for row in rows)


def check_due(client: MediaChecker, *, link: Callable[[int], str], limit: int, kind: Kind = PHOTOS) -> int:
    """Ask WeChat about up to `limit` uploads of a kind; returns how many were tried.

    `link` makes the address from which WeChat fetches one.
    """
    for tried in range(limit):
        question = transact(partial(_take_one, kind))
        if question is None:
            return tried
        trace_id, error = _ask(client, kind, question, link)
        transact(partial(_keep, kind, question, trace_id, error))
    return limit


def _take_one(kind: Kind) -> _Question | None:
    claimed = next(iter(take(kind.check, 1)), None)
    if claimed is None:
        return None
    row = db.session.get_one(kind.check, claimed.id)
    return _Question(row.id, claimed.attempt, getattr(row, kind.column), row.openid)


def _ask(
    client: MediaChecker, kind: Kind, question: _Question, link: Callable[[int], str]
) -> tuple[str | None, WeChatError | None]:
    """The trace id, or the error; neither when nobody's openid can be named and a person has to look."""
    if question.openid is None:
        return None, None
    ask = client.check_audio_async if kind is VOICES else client.check_image_async
    try:
        return ask(link(question.media_id), openid=question.openid, scene=Scene.COMMENT), None
    except WeChatError as error:
        return None, error


def _keep(kind: Kind, question: _Question, trace_id: str | None, error: WeChatError | None) -> None:
    """Record the outcome, unless the lease ran out meanwhile and another process has the row."""
    row = db.session.get(kind.check, question.id, with_for_update=True)
    if row is None or row.attempts != question.attempt or row.state != OutgoingState.CALLING:
        return
    if trace_id is not None:
        record(row, OutgoingState.DONE)
        _asked(kind, question.media_id, trace_id)
    elif error is not None and error.retryable and clock.now() < row.created_at + GIVEN_UP_AFTER:
        put_off(row, DELAYS[min(question.attempt, len(DELAYS)) - 1], error=type(error).__name__)
    else:
        record(row, OutgoingState.GIVEN_UP, error=type(error).__name__ if error else "no openid")
        _decide(kind, kind.media.id == question.media_id, CheckState.REVIEW)


def _asked(kind: Kind, media_id: int, trace_id: str) -> None:
    """Remember under which trace the verdict comes; it may have come before our own record."""
    changed(update(kind.media).where(kind.media.id == media_id).values(check_trace=trace_id))
    early = shared_values.read(_early_name(trace_id))
    if early is not None:
        _decide(kind, kind.media.id == media_id, CheckState(early))
        shared_values.remove(_early_name(trace_id))


def apply_verdict(trace_id: str, verdict: Verdict) -> bool:
    """Keep WeChat's verdict on an upload; False when none waits for it.

    A verdict that is quicker than our own record is kept aside until the record asks for it.
    """
    state = CheckState(verdict.value)
    if any(_decide(kind, kind.media.check_trace == trace_id, state) for kind in KINDS):
        return True
    if not any(_is_known(kind, trace_id) for kind in KINDS):
        shared_values.write(_early_name(trace_id), verdict.value, lives_for=ANSWERED_WITHIN)
    return False


def _is_known(kind: Kind, trace_id: str) -> bool:
    statement = select(kind.media.id).where(kind.media.check_trace == trace_id).limit(1)
    return db.session.scalar(statement) is not None


def _decide(kind: Kind, which: ColumnElement[bool], state: CheckState) -> bool:
    """Only what is pending is decided: what a person or an earlier push said stays."""
    pending = kind.media.check_state == CheckState.PENDING
    statement = update(kind.media).where(which, pending).values(check_state=state.value)
    return bool(changed(statement))


def review_unanswered(kind: Kind = PHOTOS) -> int:
    """Uploads of a kind whose verdict did not come go to a person; returns how many."""
    late = select(kind.named).where(
        kind.check.state == OutgoingState.DONE, kind.check.done_at < clock.now() - ANSWERED_WITHIN
    )
    pending = kind.media.check_state == CheckState.PENDING
    statement = select(kind.media.id).where(pending, kind.media.id.in_(late)).limit(500)
    found = db.session.scalars(statement).all()
    return sum(_decide(kind, kind.media.id == media_id, CheckState.REVIEW) for media_id in found)


def _early_name(trace_id: str) -> str:
    """A name of fixed length for whatever WeChat calls its trace."""
    return f"verdict.{hashlib.sha256(trace_id.encode()).hexdigest()[:48]}"
