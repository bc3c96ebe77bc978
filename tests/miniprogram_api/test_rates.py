"""Limits that the operator may change: what is named counts, what cannot be counted stops the start."""

from __future__ import annotations

import pytest

from config import Settings, UnsafeSettings
from miniprogram_api.rates import Rates, TooOften


def rates(**limits: str) -> Rates:
    return Rates(Settings(environment="test"), limits)


def test_a_limit_that_is_named_replaces_the_default_and_the_others_stay():
    ours = rates(login="2/minute")
    for _ in range(2):
        ours.count("login", "somebody")
    with pytest.raises(TooOften) as refused:
        ours.count("login", "somebody")
    assert refused.value.retry_after_seconds == 60
    ours.count("login", "somebody else")
    for _ in range(30):
        ours.count("orders", "somebody")
    with pytest.raises(TooOften):
        ours.count("orders", "somebody")


@pytest.mark.parametrize("limits", [{"logins": "2/minute"}, {"login": "often"}])
def test_a_limit_that_cannot_be_counted_is_refused_at_the_start(limits):
    with pytest.raises(UnsafeSettings, match="RATE_LIMITS"):
        rates(**limits)
