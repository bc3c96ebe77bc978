"""The 329 orders of the demonstration: every story is a legal one, every breach is real."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import func, select, text

from app.accounts.models import Account
from app.audit.service import verify_chain
from app.core.db import db
from app.core.outbox import DONE, OutboxRow
from app.core.roles import Role
from app.core.scope import SYSTEM
from app.feedback.models import SnapPhoto
from app.media.models import Photo
from app.notifications.models import Notification, WeChatDelivery
from app.orders.clock_models import Deadline
from app.orders.lifecycle import LIFECYCLE, OPEN, Action, Status
from app.orders.models import Order, OrderEvent, OrderPhoto
from app.orders.queries import orders_page
from app.orders.rating_models import Rating
from app.orders.rules import Level
from app.seeds.credentials import sandbox_openid
from config import SANDBOX_APPID
from tests.mariadb_server import empty_all_tables
from tests.seeds.demo_database import NOW, count, opened, order_rows, seeded


def test_there_are_329_orders_over_180_days_in_every_status(demo):
    assert count(Order) == 329
    oldest, newest = db.session.execute(
        select(func.min(Order.submitted_at), func.max(Order.submitted_at))
    ).one()
    assert timedelta(days=165) < NOW - oldest <= timedelta(days=180)
    assert NOW - newest < timedelta(minutes=5)
    statuses = Counter(db.session.scalars(select(Order.status)))
    assert set(statuses) == {status.value for status in Status}
    assert 25 <= sum(statuses[status.value] for status in OPEN) <= 35


def test_what_is_open_has_every_degree_of_urgency(demo):
    waiting = db.session.scalars(select(Order).where(Order.status == Status.SUBMITTED.value)).all()
    left = sorted(order.next_due_at - NOW for order in waiting)
    assert timedelta() < left[0] < timedelta(minutes=4)
    open_ = [status.value for status in OPEN]
    assert count(Order, Order.status.in_(open_), Order.next_due_at < NOW) >= 5
    assert count(Order, Order.status.in_(open_), Order.urgency == "P0") == 1


def test_every_chain_of_events_follows_the_lifecycle_table(demo):
    events: dict[int, list[OrderEvent]] = {}
    for event in db.session.scalars(select(OrderEvent).order_by(OrderEvent.order_id, OrderEvent.seq)):
        events.setdefault(event.order_id, []).append(event)
    orders = db.session.scalars(select(Order)).all()
    for order in orders:
        chain = events[order.id]
        assert [event.seq for event in chain] == list(range(1, order.version + 1))
        assert [event.at for event in chain] == sorted(event.at for event in chain)
        assert (chain[0].code, chain[0].to_status, chain[-1].to_status) == ("T1", "SUBMITTED", order.status)
        assert all(event.at <= NOW for event in chain)
        for before, event in pairwise(chain):
            assert event.from_status == before.to_status
            _assert_legal(event)


def _assert_legal(event: OrderEvent) -> None:
    move = LIFECYCLE.find(Action(event.action), Status(event.from_status), Role(event.actor_role))
    assert move is not None, (event.order_id, event.action, event.from_status, event.actor_role)
    assert (move.code, (move.target or Status(event.from_status)).value) == (event.code, event.to_status)


def test_the_database_finds_every_check_and_every_reference_kept(demo):
    assert db.session.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
    assert db.session.execute(text("PRAGMA foreign_key_check")).all() == []
    assert verify_chain() is None


def test_breaches_are_real_and_agree_with_the_marks_on_the_orders(demo):
    breached: dict[str, set[int]] = {"late_accept": set(), "late_visit": set(), "late_repair": set()}
    mark = {"C1": "late_accept", "C2": "late_visit", "C2-APT": "late_visit", "C3": "late_repair"}
    for row in db.session.scalars(select(Deadline).where(Deadline.breached.is_(True))):
        assert row.level == Level.DUE.value
        assert timedelta() < row.fired_at - row.due_at < timedelta(seconds=5)
        breached[mark[row.clock]].add(row.order_id)
    for column, ids in breached.items():
        assert len(ids) >= 5
        assert ids == set(db.session.scalars(select(Order.id).where(getattr(Order, column).is_(True))))
    assert count(Deadline, Deadline.state == "pending", Deadline.due_at < NOW) == 0


def test_the_good_company_earns_better_stars_than_the_poor_one(demo):
    mean = dict(
        db.session.execute(
            select(Order.estate_id, func.avg(Rating.stars))
            .join(Rating, Rating.order_id == Order.id)
            .group_by(Order.estate_id)
        ).all()
    )
    by_estate = [float(mean[key]) for key in sorted(mean)]
    assert min(by_estate[0], by_estate[1]) > 4 > by_estate[2] + 0.3


def test_nothing_of_the_history_is_left_to_be_sent(demo):
    assert count(OutboxRow, OutboxRow.state != DONE) == 0
    assert count(WeChatDelivery) == 0
    wang = db.session.scalars(
        select(Account).where(Account.openid == sandbox_openid(SANDBOX_APPID, "wang"))
    ).one()
    mine = (Notification.account_id == wang.id) & Notification.read_at.is_(None)
    assert 1 <= count(Notification, mine) < count(Notification, Notification.account_id == wang.id)
    assert demo.summary.messages < 1000


def test_pictures_are_stored_once_and_used_by_many_photos(demo):
    assert 30 <= len(db.session.scalars(select(Photo.key).distinct()).all()) <= demo.summary.pictures <= 45
    assert count(Photo) == count(OrderPhoto) + count(SnapPhoto) > 800


@pytest.mark.mariadb
def test_the_same_instant_gives_the_same_orders_on_mariadb(demo, mariadb_database, tmp_path):
    here = order_rows()
    url, engine = mariadb_database
    empty_all_tables(engine)
    with opened(url.render_as_string(hide_password=False)):
        seeded(tmp_path, with_neighbours=False)
        assert order_rows() == here
        assert len(orders_page(SYSTEM, limit=50).items) == 50
