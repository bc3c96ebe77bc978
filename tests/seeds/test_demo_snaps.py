"""随手拍 of the demonstration: Z10 completed itself unanswered, Z11 was thanked for, two wait."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.accounts.models import Account
from app.core.db import db
from app.feedback.models import Snap, SnapEvent
from app.notifications.models import Notification
from app.seeds.credentials import sandbox_openid
from config import SANDBOX_APPID
from tests.seeds.demo_database import NOW


def told(demo, name: str) -> Snap:
    return db.session.get_one(Snap, demo.summary.snaps[name])


def steps(snap: Snap) -> list[str]:
    mine = select(SnapEvent.action).where(SnapEvent.snap_id == snap.id).order_by(SnapEvent.seq)
    return list(db.session.scalars(mine))


def test_z10_was_read_but_never_answered_and_completed_itself_on_day_ten(demo):
    snap = told(demo, "Z10")
    assert (snap.kind, snap.topic, snap.status, snap.answered_at) == ("PROBLEM", "CLEAN", "EXPIRED", None)
    assert steps(snap) == ["submit", "open", "expire"]
    assert timedelta() < snap.closed_at - snap.due_at < timedelta(seconds=10)


def test_z11_was_answered_on_day_one_and_rated(demo):
    snap = told(demo, "Z11")
    assert (snap.kind, snap.status, snap.stars) == ("PRAISE", "CLOSED", 5)
    assert snap.answered_at - snap.submitted_at < timedelta(days=1)
    assert steps(snap) == ["submit", "open", "reply", "rate"]


def test_two_wait_one_of_them_not_for_long(demo):
    nearly, new = told(demo, "nearly over"), told(demo, "new")
    assert (nearly.status, new.status) == ("ACCEPTED", "SUBMITTED")
    assert timedelta() < nearly.due_at - NOW < timedelta(days=2)


def test_the_senders_of_the_sandbox_find_their_messages(demo):
    openid = sandbox_openid(SANDBOX_APPID, "wang")
    account = db.session.scalars(select(Account).where(Account.openid == openid)).one()
    mine = select(Notification.title).where(
        Notification.account_id == account.id, Notification.snap_id == demo.summary.snaps["Z10"]
    )
    assert db.session.scalars(mine.order_by(Notification.id)).all() == ["物业已接收", "10天没有回复"]
