"""What each role reads of the words that people and the product wrote with an order."""

from __future__ import annotations

import pytest

from app.core.roles import Role
from app.orders.lifecycle import LIFECYCLE
from app.orders.reading import step_words, words_for

WRITTEN = "李桂兰在1502室等,电话19900000301"


@pytest.mark.parametrize("role", [Role.RES, Role.WRK, Role.DSP, Role.MGR, Role.HOT])
def test_who_needs_the_home_reads_the_words_as_they_were_written(role: Role) -> None:
    assert words_for(role, WRITTEN, names=["李桂兰"]) == WRITTEN


@pytest.mark.parametrize("role", [Role.CO, Role.STR, Role.BUR, Role.COM])
def test_everybody_else_reads_them_without_name_home_and_number(role: Role) -> None:
    assert words_for(role, WRITTEN, names=["李桂兰"]) == "居民在住户家等,电话(电话略)"


def test_labels_of_steps_address_the_resident_alone() -> None:
    labels = [each.label for each in LIFECYCLE.transitions]
    assert any("您" in step_words(Role.RES, label) for label in labels)
    for role in set(Role) - {Role.RES}:
        assert not [label for label in labels if "您" in step_words(role, label)]
