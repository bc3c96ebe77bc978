"""Who sees which row: every read starts at `visible(Model, scope)`.

A table says by which of its columns it is seen (`__seen_by__`), a scope says which values of which dimension a hat may
see. No declaration is an error, no grant is an empty answer, a hidden row is NotFound (docs/adr/0003-scope.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, bindparam, false, or_, select, true

from app.core.db import Base, db
from app.core.errors import NotFound
from app.core.roles import Role

M = TypeVar("M", bound=Base)


class Dimension(StrEnum):
    """Along what a row can be seen."""

    ACCOUNT = "account"
    WORKER = "worker"
    OFFICE = "office"
    COMPANY = "company"
    FINANCE = "finance"
    ESTATE = "estate"
    COMMUNITY = "community"
    STREET = "street"
    DISTRICT = "district"
    HOTLINE = "hotline"
    AUDIT = "audit"
    SECURITY = "security"


EVERYONE: Mapping[Dimension, str] = {}
"""`__seen_by__` of reference data that carries nothing personal."""


@dataclass(frozen=True)
class Scope:
    """What one person under one hat may see; built by app/accounts/scopes.py, never by hand in an edge."""

    role: Role
    account_id: int | None = None
    hat_id: int | None = None
    grants: Mapping[Dimension, frozenset[int]] = field(default_factory=dict)
    everything: bool = False

    @property
    def granted(self) -> frozenset[Dimension]:
        """The dimensions along which anything is granted."""
        return frozenset(dimension for dimension, ids in self.grants.items() if ids)

    def ids(self, dimension: Dimension) -> frozenset[int]:
        """The granted values of a dimension, empty when nothing is granted."""
        return self.grants.get(dimension, frozenset())


SYSTEM = Scope(role=Role.SYS, everything=True)
"""Scheduled jobs and reactions; never given to a request."""


class UndeclaredVisibility(TypeError):
    """A table was read that does not say by whom it is seen."""


def condition(model: type[Base], scope: Scope) -> ColumnElement[bool]:
    """The WHERE clause that hides every row this scope may not see; fails closed."""
    seen_by: Mapping[Dimension, str] | None = getattr(model, "__seen_by__", None)
    if seen_by is None:
        raise UndeclaredVisibility(f"{model.__name__} declares no __seen_by__")
    if scope.everything or seen_by is EVERYONE:
        return true()
    clauses = [
        getattr(model, column).in_(sorted(scope.ids(dimension)))
        for dimension, column in seen_by.items()
        if scope.ids(dimension)
    ]
    return or_(*clauses) if clauses else false()


def condition_by_name(model: type[Base], granted: frozenset[Dimension]) -> ColumnElement[bool]:
    """The clause of `condition` for every scope with just these grants, to be sent with `named_ids(scope)`: for
    statements that are built once and sent for many people. Not for scopes that see everything."""
    seen_by: Mapping[Dimension, str] | None = getattr(model, "__seen_by__", None)
    if seen_by is None:
        raise UndeclaredVisibility(f"{model.__name__} declares no __seen_by__")
    clauses = [
        getattr(model, column).in_(bindparam(_name(dimension), expanding=True))
        for dimension, column in seen_by.items()
        if dimension in granted
    ]
    return or_(*clauses) if clauses else false()


def named_ids(scope: Scope) -> dict[str, list[int]]:
    """The parameters of `condition_by_name`."""
    return {_name(dimension): sorted(scope.ids(dimension)) for dimension in scope.granted}


def _name(dimension: Dimension) -> str:
    return f"granted_{dimension.value}"


def visible(model: type[M], scope: Scope) -> Select[M]:
    """SELECT of the rows that this scope may see; every read begins here."""
    return select(model).where(condition(model, scope))


def find_visible(model: type[M], row_id: int, scope: Scope, *, lock: bool = False) -> M | None:
    """The row if it is visible, else None."""
    statement = visible(model, scope).where(_key(model) == row_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(statement).one_or_none()


def get_visible(
    model: type[M], row_id: int, scope: Scope, *, lock: bool = False, missing: NotFound | None = None
) -> M:
    """The row; raises NotFound when it does not exist or is hidden, which nobody can tell apart."""
    row = find_visible(model, row_id, scope, lock=lock)
    if row is None:
        raise missing or NotFound()
    return row


def _key(model: type[Base]) -> Any:
    return model.__mapper__.primary_key[0]
