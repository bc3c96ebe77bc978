"""How a person is reached in WeChat.

The notifications lie below the accounts (docs/architecture.md, import rules), so only the two columns that
are needed are named here instead of importing the whole table.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import column, select, table

from app.core.db import db

_accounts = table("accounts", column("id"), column("openid"))


def find_openid(account_id: int) -> str | None:
    """The openid, or None for somebody who never signed in through WeChat; never logged, never shown."""
    return db.session.scalar(select(_accounts.c.openid).where(_accounts.c.id == account_id))


def reachable(account_ids: Sequence[int]) -> list[int]:
    """Those of the accounts that have an openid."""
    known = _accounts.c.id.in_(account_ids) & _accounts.c.openid.is_not(None)
    return list(db.session.scalars(select(_accounts.c.id).where(known).order_by(_accounts.c.id)))


def find_account_id(openid: str) -> int | None:
    """Whose openid it is, None when nobody's here."""
    return db.session.scalar(select(_accounts.c.id).where(_accounts.c.openid == openid))
