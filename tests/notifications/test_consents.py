"""Consents as stock."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.db import transact
from app.integrations.wechat.push_events import ConsentAnswered, ConsentChanged, MessageDelivered
from app.notifications.consents import (
    MAX_STOCK,
    add_consent,
    apply_push,
    drop_consent,
    forget_old_pushes,
    is_first_delivery,
    stock,
    use_consent,
)
from tests.engines import both_engines
from tests.fakes.district import T0

pytestmark = both_engines
ANSWERED = ConsentAnswered("openid-RES", "sandbox-order_done", True, T0)
CHANGED = ConsentChanged("openid-RES", "sandbox-order_done", False, T0)
DELIVERED = MessageDelivered("openid-RES", "sandbox-order_done", "1", 0, "success")


def hear(event, **configured):
    transact(lambda: apply_push(event, configured=configured))


def test_each_tap_is_one_message(resident):
    transact(lambda: add_consent(resident, "order_done"))
    transact(lambda: add_consent(resident, "order_done", 2))
    assert stock(resident)["order_done"] == 3
    assert stock(resident)["order_late"] == 0


def test_an_unknown_template_is_refused(resident):
    with pytest.raises(KeyError):
        transact(lambda: add_consent(resident, "advertisement"))


def test_the_stock_does_not_grow_for_ever(resident):
    for _ in range(3):
        transact(lambda: add_consent(resident, "order_done", 60))
    assert stock(resident)["order_done"] == MAX_STOCK


def test_an_empty_stock_gives_nothing(resident):
    transact(lambda: add_consent(resident, "order_done"))
    assert transact(lambda: use_consent(resident, "order_done")) is True
    assert transact(lambda: use_consent(resident, "order_done")) is False
    assert stock(resident)["order_done"] == 0


def test_dropping_what_was_never_given_is_fine(resident):
    transact(lambda: drop_consent(resident, "order_done"))
    assert stock(resident)["order_done"] == 0


def test_an_accepted_question_adds_one_and_a_refused_one_nothing(resident):
    hear(ANSWERED)
    hear(replace(ANSWERED, accepted=False))
    assert stock(resident)["order_done"] == 1


def test_switching_off_in_the_settings_empties_the_stock(resident):
    hear(ANSWERED)
    hear(CHANGED)
    assert stock(resident)["order_done"] == 0


def test_switching_on_again_gives_no_message_by_itself(resident):
    hear(replace(CHANGED, accepted=True))
    assert stock(resident)["order_done"] == 0


def test_a_message_kept_away_by_the_person_empties_the_stock(resident):
    hear(ANSWERED)
    hear(DELIVERED)
    assert stock(resident)["order_done"] == 1
    hear(replace(DELIVERED, errcode=43101, status="failed:user block"))
    assert stock(resident)["order_done"] == 0


def test_the_platforms_own_template_ids_are_understood(resident):
    hear(replace(ANSWERED, template_id="real-id"), order_done="real-id")
    assert stock(resident)["order_done"] == 1


def test_strangers_and_unknown_templates_change_nothing(resident):
    hear(replace(ANSWERED, openid="openid-nobody"))
    hear(replace(ANSWERED, template_id="of another app"))
    assert set(stock(resident).values()) == {0}


def test_a_repeated_push_is_known(app_db):
    assert transact(lambda: is_first_delivery("msg:1")) is True
    assert transact(lambda: is_first_delivery("msg:1")) is False
    assert transact(lambda: forget_old_pushes(T0)) == 0
