"""Recordings are judged by WeChat like photos, in the same hand and under names of their own (X01)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.accounts.models import Account
from app.core import clock
from app.core.db import db, transact
from app.core.outbox import dispatch_one
from app.integrations.wechat.answers import Verdict
from app.integrations.wechat.errors import WeChatDown
from app.media.checking import PHOTOS, VOICES, apply_verdict, check_due, review_unanswered
from app.media.models import CheckState, Photo, Voice, VoiceCheck
from app.reactions.table import REACTIONS
from tests.engines import both_engines
from tests.fakes.district import T0

pytestmark = both_engines


class Checker:
    """WeChat's side: a trace for each call, or what it is told to raise."""

    def __init__(self, *outcomes: str | Exception) -> None:
        self.outcomes = list(outcomes)
        self.asked: list[tuple[str, str]] = []

    def check_image_async(self, url, *, openid, scene):
        return self._answer("image", url)

    def check_audio_async(self, url, *, openid, scene):
        return self._answer("audio", url)

    def _answer(self, kind, url):
        self.asked.append((kind, url))
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def react() -> None:
    while dispatch_one(REACTIONS):
        pass


def check(checker: Checker) -> int:
    return check_due(
        checker, link=lambda voice_id: f"https://example.invalid/{voice_id}", limit=10, kind=VOICES
    )


def state(model: type = Voice) -> str:
    db.session.rollback()
    return db.session.scalars(select(model.check_state)).one()


@pytest.fixture
def spoken(town):
    """An order with a recording and a photo, its reactions run."""
    submitted = town.report(text="", photos=1, voice=True)
    react()
    return submitted


def test_a_recording_is_asked_about_once_and_judged_by_the_push(spoken):
    checker = Checker("trace-1")
    assert check(checker) == 1
    assert check(checker) == 0
    assert [kind for kind, _ in checker.asked] == ["audio"]
    assert transact(lambda: apply_verdict("trace-1", Verdict.RISKY)) is True
    assert (state(), state(Photo)) == (CheckState.RISKY, CheckState.PENDING)


def test_the_photo_beside_it_has_a_verdict_of_its_own(spoken):
    checker = Checker("trace-voice", "trace-photo")
    check(checker)
    check_due(checker, link=str, limit=10, kind=PHOTOS)
    assert [kind for kind, _ in checker.asked] == ["audio", "image"]
    transact(lambda: apply_verdict("trace-photo", Verdict.PASS))
    assert (state(), state(Photo)) == (CheckState.PENDING, CheckState.PASS)


def test_a_verdict_that_is_quicker_than_our_record_is_not_lost(spoken):
    assert transact(lambda: apply_verdict("trace-1", Verdict.PASS)) is False
    check(Checker("trace-1"))
    assert state() == CheckState.PASS


def test_while_wechat_is_down_it_is_asked_again_and_without_a_verdict_a_person_listens(spoken):
    checker = Checker(WeChatDown(None, "down"), "trace-1")
    check(checker)
    assert state() == CheckState.PENDING
    with clock.frozen(T0 + timedelta(minutes=1)):
        assert check(checker) == 1
    with clock.frozen(T0 + timedelta(minutes=32)):
        assert transact(lambda: review_unanswered(PHOTOS)) == 0
        assert transact(lambda: review_unanswered(VOICES)) == 1
    assert state() == CheckState.REVIEW


def test_a_recording_of_somebody_without_wechat_is_for_a_person(town):
    transact(lambda: db.session.execute(update(Account).values(openid=None)))
    town.report(text="", voice=True)
    react()
    checker = Checker()
    assert check(checker) == 1
    assert (checker.asked, state()) == ([], CheckState.REVIEW)
    assert db.session.scalars(select(VoiceCheck.last_error)).one() == "no openid"
