"""WeChat messages leave here: claim, call without a transaction, record.

Why a call may be repeated after a crash: docs/adr/0006-messages-at-least-once.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Protocol

from app.core import clock
from app.core.db import db, transact
from app.core.outgoing import OutgoingState, put_off, record, take
from app.integrations.wechat.errors import BadMessage, ConsentUsed, QuotaUsed, WeChatDown, WeChatError
from app.integrations.wechat.templates import template_id
from app.notifications.consents import add_consent, drop_consent
from app.notifications.models import Notification, WeChatDelivery
from app.notifications.recipients import find_openid

DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 30))
GIVEN_UP_AFTER = timedelta(hours=24)
MAYBE_SENT = "可能已送达,"
"""Begins `last_error` once an answer was lost: from then on 43101 can mean that this message was sent."""


class Messenger(Protocol):
    """The part of MiniClient that is needed here."""

    def send_subscribe_message(
        self, openid: str, template_id: str, data: dict[str, str], page: str
    ) -> None: ...


@dataclass(frozen=True)
class _Letter:
    """One claimed delivery as plain values, read before the call and used after its transaction has ended."""

    id: int
    attempt: int
    maybe_sent: bool
    openid: str | None
    template: str
    fields: dict[str, str]
    page: str


def deliver_due(client: Messenger, *, configured: Mapping[str, str], limit: int) -> int:
    """Send up to `limit` due messages; returns how many were tried.

    Each is claimed on its own: a lease covers one call with its time-outs, never a queue of them.
    """
    for tried in range(limit):
        letter = transact(_take_one)
        if letter is None:
            return tried
        error = _send(client, letter, configured)
        transact(partial(_keep, letter, error))
    return limit


def _take_one() -> _Letter | None:
    claimed = next(iter(take(WeChatDelivery, 1)), None)
    if claimed is None:
        return None
    row = db.session.get_one(WeChatDelivery, claimed.id)
    return _Letter(
        id=row.id,
        attempt=claimed.attempt,
        maybe_sent=claimed.maybe_called or (row.last_error or "").startswith(MAYBE_SENT),
        openid=find_openid(row.account_id),
        template=row.template,
        fields=dict(row.fields),
        page=row.page,
    )


def _send(client: Messenger, letter: _Letter, configured: Mapping[str, str]) -> WeChatError | None:
    """Call WeChat; the error is a value because recording it is a transaction of its own."""
    if letter.openid is None:
        return BadMessage(None, "the person has left WeChat", "touser")
    platform_id = template_id(letter.template, configured)
    try:
        client.send_subscribe_message(letter.openid, platform_id, letter.fields, letter.page)
    except WeChatError as error:
        return error
    return None


def _keep(letter: _Letter, error: WeChatError | None) -> None:
    """Record the outcome, unless the lease ran out meanwhile and another process has the row."""
    row = db.session.get(WeChatDelivery, letter.id, with_for_update=True)
    if row is None or row.attempts != letter.attempt or row.state != OutgoingState.CALLING:
        return
    if error is None:
        record(row, OutgoingState.DONE)
    elif isinstance(error, ConsentUsed):
        drop_consent(row.account_id, row.template)
        record(row, OutgoingState.DONE if letter.maybe_sent else OutgoingState.REFUSED, error="43101")
    elif error.retryable:
        _try_later(row, letter, error)
    else:
        _give_up(row, letter, error)


def _try_later(row: WeChatDelivery, letter: _Letter, error: WeChatError) -> None:
    maybe_sent = letter.maybe_sent or isinstance(error, WeChatDown)
    note = f"{MAYBE_SENT if maybe_sent else ''}{type(error).__name__}"
    written_at = db.session.get_one(Notification, row.notification_id).created_at
    delay = DELAYS[min(letter.attempt, len(DELAYS)) - 1]
    if isinstance(error, QuotaUsed):
        delay = max(delay, timedelta(seconds=error.retry_after_seconds))
    if clock.now() + delay > written_at + GIVEN_UP_AFTER:
        record(row, OutgoingState.GIVEN_UP, error=note)
    else:
        put_off(row, delay, error=note)


def _give_up(row: WeChatDelivery, letter: _Letter, error: WeChatError) -> None:
    """The call itself is wrong; WeChat did not use the consent, so it goes back into the stock."""
    field = f" {error.field}" if isinstance(error, BadMessage) else ""
    record(row, OutgoingState.GIVEN_UP, error=f"{error.errcode or ''}{field}".strip())
    if not letter.maybe_sent and letter.openid is not None:
        add_consent(row.account_id, row.template)
