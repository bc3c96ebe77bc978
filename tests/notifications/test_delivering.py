"""WeChat deliveries: twice is once, killed in the middle is finished later, 43101 is final."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import Account
from app.core import clock
from app.core.db import db, transact
from app.core.outgoing import LEASE, OutgoingState, take
from app.integrations.wechat.errors import (
    BadMessage,
    ConsentUsed,
    CredentialRefused,
    QuotaUsed,
    WeChatDown,
    WeChatError,
)
from app.integrations.wechat.templates import compose
from app.notifications.consents import add_consent, stock
from app.notifications.delivering import deliver_due
from app.notifications.models import WeChatDelivery
from app.notifications.service import notify
from tests.engines import both_engines
from tests.fakes.district import T0
from tests.fakes.messenger import Messenger

pytestmark = both_engines
FIELDS = compose("order_done", number="R1120-0001", matter="楼道灯不亮", at=T0, note="请您看一看")
DOWN, USED = WeChatDown(None, "ReadTimeout"), ConsentUsed(43101, "user refuse to accept the msg")


@pytest.fixture
def planned(resident):
    """One delivery waits; one consent is left."""
    transact(lambda: add_consent(resident, "order_done", 2))
    plan(resident, "order:1:1")
    return resident


def plan(account_id: int, key: str) -> None:
    transact(
        lambda: notify(
            account_id, unique_key=key, template="order_done", title="t", body="b", wechat_fields=FIELDS
        )
    )


def deliver(messenger: Messenger, limit: int = 10) -> int:
    return deliver_due(messenger, configured={}, limit=limit)


def delivery() -> WeChatDelivery:
    db.session.rollback()
    return db.session.scalars(select(WeChatDelivery).order_by(WeChatDelivery.id)).first()


def die_in_the_call() -> None:
    """What a killed process leaves behind: a row under a lease that nobody will record."""
    assert len(transact(lambda: take(WeChatDelivery, 1))) == 1


def test_a_message_is_sent_once(planned):
    messenger = Messenger()
    assert deliver(messenger) == 1
    assert deliver(messenger) == 0
    assert messenger.sent == [("openid-RES", "sandbox-order_done", FIELDS, "")]
    assert delivery().state == OutgoingState.DONE


def test_no_transaction_is_open_during_the_call(planned):
    messenger = Messenger()
    messenger.during = lambda: open_during.append(db.session().in_transaction())
    open_during: list[bool] = []
    deliver(messenger)
    assert open_during == [False]


def test_two_processes_send_it_once(app_db, planned):
    for number in range(2, 7):
        transact(lambda: add_consent(planned, "order_done"))
        plan(planned, f"order:{number}:1")
    messenger, together = Messenger(), threading.Barrier(3)

    def work():
        with app_db.app_context():
            together.wait(timeout=20)
            deliver(messenger, 20)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(messenger.sent) == 6
    assert delivery().state == OutgoingState.DONE


def test_a_process_that_died_in_the_call_is_finished_later(planned):
    die_in_the_call()
    messenger = Messenger()
    with clock.frozen(T0 + LEASE - timedelta(seconds=1)):
        assert deliver(messenger) == 0
    with clock.frozen(T0 + LEASE):
        assert deliver(messenger) == 1
    assert delivery().state == OutgoingState.DONE


def test_43101_after_a_death_means_that_it_had_been_sent(planned):
    die_in_the_call()
    with clock.frozen(T0 + LEASE):
        deliver(Messenger(USED))
    assert delivery().state == OutgoingState.DONE


def test_43101_after_a_lost_answer_means_that_it_had_been_sent(planned):
    messenger = Messenger(DOWN, QuotaUsed(45011, "minute"), USED)
    for minutes in (0, 1, 3):
        with clock.frozen(T0 + timedelta(minutes=minutes)):
            assert deliver(messenger) == 1
    assert delivery().state == OutgoingState.DONE


def test_43101_is_final_and_empties_the_stock(planned):
    messenger = Messenger(USED)
    deliver(messenger)
    assert delivery().state == OutgoingState.REFUSED
    assert stock(planned)["order_done"] == 0
    with clock.frozen(T0 + timedelta(days=1)):
        assert deliver(messenger) == 0


def test_a_bad_field_is_given_up_by_name_and_the_consent_comes_back(planned):
    deliver(Messenger(BadMessage(47003, "argument invalid", "thing2")))
    assert (delivery().state, delivery().last_error) == (OutgoingState.GIVEN_UP, "47003 thing2")
    assert stock(planned)["order_done"] == 2


def test_an_unknown_refusal_is_given_up(planned):
    deliver(Messenger(WeChatError(43108, "?")))
    assert (delivery().state, delivery().last_error) == (OutgoingState.GIVEN_UP, "43108")


@pytest.mark.parametrize("error", [DOWN, CredentialRefused(40013, "appid"), QuotaUsed(45011, "minute")])
def test_what_may_pass_is_tried_again_after_growing_delays(planned, error):
    messenger = Messenger(*[error] * 7)
    at, gaps = T0, []
    for _ in range(7):
        with clock.frozen(at):
            assert deliver(messenger) == 1
        gaps.append((delivery().next_at - at).total_seconds() / 60)
        at = delivery().next_at
    assert gaps == [1, 2, 5, 10, 30, 30, 30]
    assert len(messenger.sent) == 7


def test_the_daily_quota_waits_an_hour(planned):
    deliver(Messenger(QuotaUsed(45009, "day")))
    assert delivery().next_at == T0 + timedelta(hours=1)


def test_after_a_day_it_is_given_up(planned):
    with clock.frozen(T0 + timedelta(hours=24)):
        deliver(Messenger(DOWN))
    assert delivery().state == OutgoingState.GIVEN_UP


def test_a_person_who_left_is_not_called(planned):
    transact(lambda: setattr(db.session.get_one(Account, planned), "openid", None))
    messenger = Messenger()
    deliver(messenger)
    assert messenger.sent == []
    assert delivery().state == OutgoingState.GIVEN_UP


def test_a_record_that_comes_too_late_does_not_undo_what_another_process_wrote(app_db, planned):
    """The call took longer than its lease, and somebody else has sent the message meanwhile."""
    slow = Messenger(DOWN)

    def others_turn():
        slow.during = None
        with app_db.app_context(), clock.frozen(T0 + LEASE):
            assert deliver(Messenger()) == 1

    slow.during = others_turn
    deliver(slow, 1)
    assert delivery().state == OutgoingState.DONE
