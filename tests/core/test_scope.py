"""The clause that is built once says the same as the clause that is built for one person."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.core.roles import Role
from app.core.scope import Dimension, Scope, condition, condition_by_name, named_ids
from app.orders.models import ORDER_SEEN_BY, Order

IDS = frozenset({3, 7})


def literal(clause, values) -> str:
    statement = select(Order.id).where(clause).params(**values)
    return str(statement.compile(compile_kwargs={"literal_binds": True}))


@pytest.mark.parametrize("dimension", ORDER_SEEN_BY)
def test_one_dimension_is_seen_alike_by_name_and_by_value(dimension):
    scope = Scope(role=Role.DSP, grants={dimension: IDS})
    assert literal(condition_by_name(Order, scope.granted), named_ids(scope)) == literal(
        condition(Order, scope), {}
    )


def test_several_dimensions_are_seen_alike():
    scope = Scope(role=Role.DSP, grants={Dimension.OFFICE: IDS, Dimension.COMPANY: frozenset({1})})
    assert literal(condition_by_name(Order, scope.granted), named_ids(scope)) == literal(
        condition(Order, scope), {}
    )


def test_nothing_granted_is_nothing_seen():
    scope = Scope(role=Role.DSP, grants={Dimension.OFFICE: frozenset()})
    assert named_ids(scope) == {}
    assert literal(condition_by_name(Order, scope.granted), {}) == literal(condition(Order, scope), {})
