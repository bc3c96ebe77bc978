"""Invitations to a home: ten characters on paper, good for one use within seven days (domain 2.8)."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import select

from app.audit import service as audit
from app.core import clock
from app.core.crypto import blind_index
from app.core.db import db, lock
from app.core.errors import Forbidden
from app.core.roles import OFFICE_ROLES
from app.core.scope import Scope, get_visible
from app.estates.errors import HomeHidden, NotInvitable
from app.estates.models import Estate, Home, HomeInvitation

CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0, 1, I, L and O: an elderly reader must not have to guess."""
CODE_LENGTH = 10
INVITATION_LIVES = timedelta(days=7)
RELATIONS = frozenset({"owner", "co_owner", "family", "tenant", "proxy"})
"""The values of `app.accounts.models.Relation`, which stands above this domain; a test keeps the two equal."""


def invite(home_id: int, relation: str, by: Scope) -> str:
    """The desk of the estate makes a code for a family; the code is shown once and kept as a fingerprint.

    Raises Forbidden, HomeHidden, NotInvitable.
    """
    if by.role not in OFFICE_ROLES or by.account_id is None:
        raise Forbidden()
    home = get_visible(Home, home_id, by, missing=HomeHidden())
    code = issue_invitation(home, relation=relation, created_by=by.account_id)
    audit.record(
        "home.invite",
        by=by,
        object_kind="home",
        object_id=home.id,
        details={"relation": relation},
        district_id=db.session.scalar(select(Estate.district_id).where(Estate.id == home.estate_id)),
    )
    return code


def issue_invitation(home: Home, *, relation: str, created_by: int) -> str:
    """Write an invitation and return its code, about 49 bits; the caller has checked who may."""
    if relation not in RELATIONS:
        raise NotInvitable(fields={"relation": "没有这个选项"})
    code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
    db.session.add(
        HomeInvitation(
            home_id=home.id,
            estate_id=home.estate_id,
            code_index=blind_index(code),
            relation=relation,
            created_by=created_by,
            expires_at=clock.now() + INVITATION_LIVES,
        )
    )
    db.session.flush()
    return code


def redeem_invitation(home_id: int, *, code: str, relation: str) -> bool:
    """Use the code up; False when it is wrong, late, used, or meant for another home or relation."""
    written = code.upper().replace(" ", "").replace("-", "")
    statement = lock(select(HomeInvitation).where(HomeInvitation.code_index == blind_index(written)))
    found = db.session.scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if found is None or (found.home_id, found.relation) != (home_id, relation):
        return False
    if found.used_at is not None or found.expires_at <= clock.now():
        return False
    found.used_at = clock.now()
    db.session.flush()
    return True
