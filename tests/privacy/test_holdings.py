"""What is held of a person: every table that points at an account is counted, exported, or excused by name."""

from __future__ import annotations

from app.accounts.models import Account
from app.core.db import Base, table_of
from app.privacy.holdings import KEPT_FOR_OTHERS, KINDS
from app.privacy.sections import SECTIONS
from app.tables import metadata


def tables_that_point_at_an_account() -> set[str]:
    accounts = table_of(Account)
    return {
        table.name
        for table in metadata.tables.values()
        if any(key.column.table is accounts for column in table.columns for key in column.foreign_keys)
    }


def test_every_table_that_points_at_an_account_is_counted_or_excused():
    counted = {kind.column.class_.__tablename__ for kind in KINDS}
    assert counted | set(KEPT_FOR_OTHERS) == tables_that_point_at_an_account()
    assert not counted & set(KEPT_FOR_OTHERS)
    assert all(KEPT_FOR_OTHERS.values())


def test_the_copy_has_a_section_for_every_kind_and_for_the_account():
    assert set(SECTIONS) == {kind.label for kind in KINDS} | {"账号"}


def test_the_columns_that_are_counted_are_the_persons_own():
    for kind in KINDS:
        assert issubclass(kind.column.class_, Base)
        assert kind.column.foreign_keys
