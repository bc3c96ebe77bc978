"""The one screen that says what each role may see (domain 3.3).

A row of the table says for a role: along which dimension, and which column of the hat names the place. A hat without
that place sees nothing, and so does a role without a row.

What belongs to a person and not to a hat (inbox, sessions, own hats, consents) is read with `own_scope`. A staff scope
itself never carries ACCOUNT: that dimension also shows the orders which the same person reported as a resident, and a
dispatcher must not find the order of his own kitchen at his desk when another company serves it.

FIN sees the money of its company and nothing else: no order, no phone number (FINANCE is the company's money, COMPANY
its work). Left empty on purpose: FND, HOA, 3RD and APV receive their grants with their own domains (the fund, votes,
basic information); SYA keeps the machine running and reads no business data; SEA sees accounts, AUA the log.
CO needs no OFFICE: staff, workers, shifts and certificates carry their company; homes it sees through orders, masked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.accounts.models import Hat
from app.core.roles import Role
from app.core.scope import Dimension, Scope

SERVED = "served estates"
"""Not a column: the estates that the hat's office serves under a contract of today."""
WHOLE = "whole"
"""Not a column: the single security and audit domain of a deployment."""

WHOLE_DOMAIN = frozenset({1})

ROLE_SEES: Mapping[Role, Mapping[Dimension, str]] = {
    Role.RES: {Dimension.ACCOUNT: "account_id"},
    Role.WRK: {Dimension.WORKER: "worker_id"},
    Role.DSP: {Dimension.OFFICE: "office_id", Dimension.ESTATE: SERVED},
    Role.MGR: {Dimension.OFFICE: "office_id", Dimension.ESTATE: SERVED},
    Role.CO: {Dimension.COMPANY: "company_id", Dimension.FINANCE: "company_id"},
    Role.FIN: {Dimension.FINANCE: "company_id"},
    Role.HOT: {Dimension.HOTLINE: "district_id"},
    Role.COM: {Dimension.COMMUNITY: "community_id"},
    Role.STR: {Dimension.STREET: "street_id"},
    Role.BUR: {Dimension.DISTRICT: "district_id"},
    Role.SEA: {Dimension.SECURITY: WHOLE},
    Role.AUA: {Dimension.AUDIT: WHOLE},
}

EstatesOfOffice = Callable[[int], frozenset[int]]


def resident_scope(account_id: int) -> Scope:
    """What a resident sees: what is his own; homes and their orders are reached through his bindings."""
    return Scope(role=Role.RES, account_id=account_id, grants={Dimension.ACCOUNT: frozenset({account_id})})


def own_scope(scope: Scope) -> Scope:
    """The person behind any hat, for what belongs to the person: inbox, sessions, hats, consents."""
    if scope.account_id is None:
        return Scope(role=scope.role)
    own = {Dimension.ACCOUNT: frozenset({scope.account_id})}
    return Scope(role=scope.role, account_id=scope.account_id, hat_id=scope.hat_id, grants=own)


def scope_for_hat(hat: Hat, served_estates: EstatesOfOffice) -> Scope:
    """What this hat may see now; nothing once it was taken off. Edges call `app.companies.hats.scope_of`, which knows
    which estates an office serves."""
    role = Role(hat.role)
    sees = {} if hat.ended_at else ROLE_SEES.get(role, {})
    grants = {dimension: _values(hat, source, served_estates) for dimension, source in sees.items()}
    return Scope(role=role, account_id=hat.account_id, hat_id=hat.id, grants=grants)


def nobody_yet(account_id: int | None, role: Role = Role.SYS) -> Scope:
    """Who is acting before a session exists (signing in, first phone number): sees nothing, is named in the audit."""
    return Scope(role=role, account_id=account_id)


def _values(hat: Hat, source: str, served_estates: EstatesOfOffice) -> frozenset[int]:
    if source == WHOLE:
        return WHOLE_DOMAIN
    if source == SERVED:
        return served_estates(hat.office_id) if hat.office_id else frozenset()
    value = getattr(hat, source)
    return frozenset() if value is None else frozenset({value})
