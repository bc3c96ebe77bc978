"""A lifecycle as a table: one row per legal move, from which guard, buttons, roles, tests and diagram follow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from app.core.roles import Role

S = TypeVar("S", bound=StrEnum)
A = TypeVar("A", bound=StrEnum)


@dataclass(frozen=True)
class Transition(Generic[S, A]):
    """One legal move: `code` is the specification's number (T1 ... T30); `target` None means the status stays."""

    code: str
    action: A
    sources: frozenset[S]
    target: S | None
    by: frozenset[Role]
    label: str


class Lifecycle(Generic[S, A]):
    """The whole table, with the questions that edges and services ask of it. Pure."""

    def __init__(self, transitions: Iterable[Transition[S, A]]) -> None:
        self.transitions: Sequence[Transition[S, A]] = tuple(transitions)

    def find(self, action: A, status: S, role: Role) -> Transition[S, A] | None:
        """The move that `action` means in `status` for this role, or None when there is none."""
        fits = (t for t in self.transitions if t.action == action and status in t.sources and role in t.by)
        return next(fits, None)

    def by_code(self, code: str, action: A) -> Transition[S, A]:
        """The row itself, for sweeps that move many orders at once; raises StopIteration when there is none."""
        return next(t for t in self.transitions if t.code == code and t.action == action)

    def roles(self, action: A) -> frozenset[Role]:
        """Everyone who may ever do `action`; the guard of its route."""
        return frozenset().union(*(t.by for t in self.transitions if t.action == action))

    def actions(self, status: S, role: Role) -> list[A]:
        """What this role may do now, in the table's order, each action once."""
        found = [t.action for t in self.transitions if status in t.sources and role in t.by]
        return list(dict.fromkeys(found))
