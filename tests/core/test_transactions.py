"""Units of work, receipts, outbox and outgoing calls: what is promised when processes collide or die."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from app.core import clock, outbox, shared_values
from app.core.db import db, transact
from app.core.errors import Conflict, Invalid
from app.core.outbox import OutboxRow, dispatch_one, event, publish
from app.core.receipts import (
    CommandReceipt,
    Receipt,
    RequestReused,
    answer_once,
    checked_request_id,
    fingerprint,
    forget_old_receipts,
)
from app.estates.models import District
from tests.engines import both_engines, in_parallel
from tests.factories import make_district


@event
@dataclass(frozen=True)
class SomethingHappened:
    number: int


def districts() -> int:
    return int(db.session.scalar(select(func.count()).select_from(District)) or 0)


@both_engines
def test_a_unit_that_fails_leaves_nothing(app_db):
    def work() -> None:
        make_district()
        publish(SomethingHappened(1))
        raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        transact(work)
    assert districts() == 0
    assert db.session.scalar(select(func.count()).select_from(OutboxRow)) == 0


@both_engines
def test_a_deadlock_repeats_the_whole_unit(app_db):
    tries = []

    def work() -> str:
        tries.append(1)
        make_district()
        if len(tries) < 3:
            raise OperationalError("UPDATE", {}, Exception(1213, "Deadlock found"))
        return "done"

    assert transact(work) == "done"
    assert (len(tries), districts()) == (3, 1)


def test_an_error_that_repeating_cannot_mend_is_not_repeated(app_db):
    tries = []

    def work() -> None:
        tries.append(1)
        db.session.execute(text("SELECT * FROM no_such_table"))

    with pytest.raises(OperationalError):
        transact(work)
    assert len(tries) == 1


@both_engines
def test_a_violated_key_without_a_sentence_of_its_own_is_a_conflict(app_db):
    make_district(code="110112")
    with pytest.raises(Conflict):
        make_district(code="110112")


def test_what_is_changed_outside_a_unit_is_never_kept(app_db):
    db.session.add(District(code="1", name="示范区"))
    db.session.flush()
    db.session.remove()
    assert districts() == 0


@both_engines
def test_eight_parallel_repeats_of_a_command_do_it_once_and_get_one_answer(app_db):
    clock.freeze(clock.now())

    def command() -> object:
        def work() -> object:
            return {"id": make_district().id}

        return answer_once("account:1", "same-request", "same-content", work).answer

    answers = in_parallel(app_db, [command] * 8)
    db.session.rollback()
    assert districts() == 1
    assert len({str(answer) for answer in answers}) == 1


def test_the_same_id_for_another_content_is_refused(app_db):
    answer_once("account:1", "request-1", "a", lambda: "first")
    with pytest.raises(RequestReused):
        answer_once("account:1", "request-1", "b", lambda: "second")
    assert answer_once("account:2", "request-1", "b", lambda: "his own").answer == "his own"


@both_engines
def test_a_repeat_changes_nothing_and_is_told_what_the_first_try_was_told(app_db):
    codes = iter(("110101", "110102"))
    first, second = [
        answer_once("account:1", "request-1", "a", lambda: make_district(code=next(codes)).code, status=201)
        for _ in range(2)
    ]
    assert first == second == Receipt(201, "110101")
    assert districts() == 1


def test_a_repeat_that_would_now_be_refused_gets_the_first_answer(app_db):
    first, second = [
        answer_once("account:1", "request-1", "a", lambda: make_district(code="110101").code)
        for _ in range(2)
    ]
    assert first == second
    with pytest.raises(Conflict):
        answer_once("account:1", "request-2", "a", lambda: make_district(code="110101").code)


def test_a_refused_command_leaves_its_id_free(app_db):
    def refuse() -> None:
        make_district()
        raise Conflict()

    with pytest.raises(Conflict):
        answer_once("account:1", "request-1", "a", refuse)
    assert districts() == 0
    assert answer_once("account:1", "request-1", "b", lambda: "corrected").answer == "corrected"


@pytest.mark.parametrize("bad", [None, "", "short", "x" * 65, "with space 1", "ünïcode-id"])
def test_a_request_id_that_could_not_be_ours_is_refused(bad):
    with pytest.raises(Invalid):
        checked_request_id(bad)


def test_parts_of_a_fingerprint_do_not_run_into_each_other():
    assert fingerprint("ab", "c") != fingerprint("a", "bc")


def test_receipts_are_forgotten_after_a_week(app_db):
    answer_once("account:1", "request-1", "a", lambda: None)
    with clock.frozen(clock.now() + timedelta(days=6, hours=23)):
        assert transact(forget_old_receipts) == 0
    with clock.frozen(clock.now() + timedelta(days=7, seconds=1)):
        assert transact(forget_old_receipts) == 1
    assert db.session.scalar(select(func.count()).select_from(CommandReceipt)) == 0


@both_engines
def test_each_event_is_heard_once_however_many_listen(app_db):
    heard: list[int] = []
    transact(lambda: publish(*(SomethingHappened(number) for number in range(20))))

    def listen() -> int:
        count = 0
        while dispatch_one({SomethingHappened: (lambda fact: heard.append(fact.number),)}):
            count += 1
        return count

    assert sum(in_parallel(app_db, [listen] * 4)) == 20
    assert sorted(heard) == list(range(20))


def test_a_reaction_that_fails_is_put_off_and_kept_without_its_words(app_db):
    transact(lambda: publish(SomethingHappened(1)))

    def fail(fact: SomethingHappened) -> None:
        make_district()
        raise RuntimeError("19900000001 is secret")

    assert dispatch_one({SomethingHappened: (fail,)})
    row = db.session.scalars(select(OutboxRow)).one()
    assert (row.state, row.attempts, row.last_error) == (outbox.WAITING, 1, "RuntimeError")
    assert districts() == 0
    assert not dispatch_one({SomethingHappened: (fail,)})
    with clock.frozen(row.due_at):
        assert dispatch_one({SomethingHappened: ()})
    db.session.rollback()
    assert db.session.scalars(select(OutboxRow.state)).all() == [outbox.DONE]


def test_an_event_that_keeps_failing_is_set_aside_until_somebody_mends_the_cause(app_db):
    transact(lambda: publish(SomethingHappened(1)))

    def fail(fact: SomethingHappened) -> None:
        raise RuntimeError

    at = clock.now()
    for _ in range(outbox.MAX_ATTEMPTS):
        at += timedelta(hours=1)
        with clock.frozen(at):
            assert dispatch_one({SomethingHappened: (fail,)})
    db.session.rollback()
    assert db.session.scalars(select(OutboxRow.state)).all() == [outbox.FAILED]
    assert transact(outbox.retry_failed) == 1


@both_engines
def test_the_clock_of_a_demonstration_moves_for_every_process_and_never_back(app_db):
    before = clock.now()
    shared_values.advance_clock(timedelta(minutes=30))
    clock.set_offset(timedelta())
    shared_values.follow_moved_clock()
    assert timedelta(minutes=30) <= clock.now() - before < timedelta(minutes=31)
    with pytest.raises(ValueError, match="向前"):
        shared_values.advance_clock(timedelta(minutes=-1))
