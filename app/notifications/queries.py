"""Questions about one's own inbox; a wide scope does not open the inbox of somebody else."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select

from app.core.db import db
from app.core.paging import DEFAULT_LIMIT, MAX_LIMIT, Page, newest_page
from app.core.scope import Scope, visible
from app.notifications.models import Notification

COUNTED_AT_MOST = 99


def inbox_page(scope: Scope, cursor: str | None = None, limit: int = DEFAULT_LIMIT) -> Page[Notification]:
    """The newest messages first; raises Invalid for a cursor that is not ours."""
    limit = max(1, min(limit, MAX_LIMIT))
    return newest_page(_mine(scope), Notification, cursor=cursor, limit=limit)


def unread_count(scope: Scope) -> int:
    """How many messages are unread, counted up to 99: a badge shows no more."""
    unread = _mine(scope).where(Notification.read_at.is_(None)).limit(COUNTED_AT_MOST)
    ids = unread.with_only_columns(Notification.id).subquery()
    return db.session.scalar(select(func.count()).select_from(ids)) or 0


def _mine(scope: Scope) -> Select[Any]:
    return visible(Notification, scope).where(Notification.account_id == scope.account_id)
