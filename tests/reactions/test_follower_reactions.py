"""From what people do to what their neighbours hear who have the same problem."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import Account
from app.accounts.scopes import resident_scope
from app.core import clock
from app.core.db import db, transact
from app.core.outbox import OutboxRow, dispatch_one, publish
from app.core.roles import Role
from app.estates.models import Home
from app.notifications.consents import add_consent, stock
from app.notifications.models import Notification, WeChatDelivery
from app.orders import desk, feedback, following
from app.orders.sweeping import sweep
from app.reactions.follower_reactions import tell_followers
from app.reactions.table import REACTIONS
from tests.engines import both_engines
from tests.factories.people import make_resident
from tests.factories.places import make_home
from tests.fakes.district import T0, Town
from tests.miniprogram_api.phones import counted_statements
from tests.reactions.test_order_reactions import finished, react, under_way

pytestmark = both_engines


def neighbours(town: Town, count: int) -> list[int]:
    """Accounts of people in further homes of the same house."""

    def build() -> list[Account]:
        home = db.session.get_one(Home, town.home_id)
        return [make_resident(make_home(home.unit), name=f"邻居{number}") for number in range(count)]

    return [account.id for account in transact(build)]


def follow(order_id: int, *accounts: int) -> None:
    for account_id in accounts:
        scope = resident_scope(account_id)
        transact(lambda scope=scope: following.follow(order_id, by=scope))


def told(account_id: int) -> list[str]:
    db.session.rollback()
    mine = select(Notification.title).where(Notification.account_id == account_id).order_by(Notification.id)
    return list(db.session.scalars(mine))


def test_a_follower_hears_every_step_from_then_on(town):
    (neighbour,) = neighbours(town, 1)
    order = town.report()
    follow(order.order_id, neighbour)
    under_way(town, order.order_id)
    finished(town, order.order_id)
    transact(lambda: feedback.rate(order.order_id, by=town.scopes[Role.RES], stars=5))
    react()
    assert told(neighbour) == [
        "您关注的报修:小区物业已接单",
        "您关注的报修:师傅已安排",
        "您关注的报修:师傅已出发",
        "您关注的报修:已到现场核实",
        "您关注的报修:已修好,请您评价",
        "您关注的报修:已办结",
    ]
    assert not any("您关注的" in title for title in told(town.accounts[Role.RES]))


def test_stars_after_the_closing_are_nobodys_news(town):
    (neighbour,) = neighbours(town, 1)
    order_id = town.report().order_id
    follow(order_id, neighbour)
    under_way(town, order_id)
    finished(town, order_id)
    transact(lambda: feedback.confirm(order_id, by=town.scopes[Role.RES]))
    react()
    before = told(neighbour)
    transact(lambda: feedback.rate(order_id, by=town.scopes[Role.RES], stars=5))
    react()
    assert told(neighbour) == before


def test_who_no_longer_follows_hears_nothing(town):
    staying, leaving = neighbours(town, 2)
    order_id = town.report().order_id
    follow(order_id, staying, leaving)
    transact(lambda: following.unfollow(order_id, by=resident_scope(leaving)))
    transact(lambda: desk.accept(order_id, by=town.scopes[Role.DSP]))
    react()
    assert (len(told(staying)), told(leaving)) == (1, [])


def test_who_relied_on_a_report_hears_that_it_was_cancelled(town):
    (neighbour,) = neighbours(town, 1)
    order_id = town.report().order_id
    follow(order_id, neighbour)
    transact(lambda: feedback.cancel(order_id, by=town.scopes[Role.RES], reason="又好了"))
    react()
    assert told(neighbour) == ["您关注的报修:报修人已取消"]


def test_a_broken_promise_is_told_once(town):
    (neighbour,) = neighbours(town, 1)
    order_id = town.report().order_id
    follow(order_id, neighbour)
    transact(lambda: desk.accept(order_id, by=town.scopes[Role.DSP]))
    with clock.frozen(T0 + timedelta(minutes=30, seconds=1)):
        sweep()
        react()
        row = db.session.scalars(
            select(OutboxRow).where(OutboxRow.name == "ClockReached").order_by(OutboxRow.id.desc())
        ).first()
        kinds = {kind.__name__: kind for kind in REACTIONS}
        transact(lambda: publish(kinds[row.name](**row.payload)))
        react()
    assert told(neighbour) == ["您关注的报修:小区物业已接单", "您关注的报修:到场超时"]


def test_each_pays_for_wechat_with_a_consent_of_his_own(town):
    with_consent, without, no_wechat = neighbours(town, 3)
    order = town.report()
    follow(order.order_id, with_consent, without, no_wechat)

    def consents() -> None:
        add_consent(with_consent, "order_received", 2)
        add_consent(no_wechat, "order_received", 1)
        db.session.get_one(Account, no_wechat).openid = None

    transact(consents)
    transact(lambda: desk.accept(order.order_id, by=town.scopes[Role.DSP]))
    react()
    assert [len(told(each)) for each in (with_consent, without, no_wechat)] == [1, 1, 1]
    (delivery,) = db.session.scalars(
        select(WeChatDelivery).where(WeChatDelivery.account_id != town.accounts[Role.RES])
    )
    assert delivery.account_id == with_consent
    assert delivery.page == f"more/followed/followed?id={order.order_id}"
    assert delivery.fields["thing2"].startswith("您关注的:")
    assert (stock(with_consent)["order_received"], stock(no_wechat)["order_received"]) == (1, 1)


def test_low_stars_of_a_follower_reach_the_manager_though_the_reporter_praised(town):
    (neighbour,) = neighbours(town, 1)
    order_id = town.report().order_id
    follow(order_id, neighbour)
    under_way(town, order_id)
    finished(town, order_id)
    transact(lambda: following.rate_followed(order_id, by=resident_scope(neighbour), stars=1))
    transact(lambda: feedback.rate(order_id, by=town.scopes[Role.RES], stars=5))
    react()
    assert told(town.accounts[Role.MGR]).count("收到差评") == 1


@pytest.mark.parametrize("crowd", [40])
def test_forty_followers_cost_as_many_statements_as_one(town, crowd):
    everybody = neighbours(town, crowd)
    for account_id in everybody:
        transact(lambda account_id=account_id: add_consent(account_id, "order_received"))
    few, many = town.report().order_id, town.report().order_id
    follow(few, everybody[0])
    follow(many, *everybody[1:])
    react()
    costs = []
    for order_id in (few, many):
        transact(lambda order_id=order_id: desk.accept(order_id, by=town.scopes[Role.DSP]))
        only = dict.fromkeys(REACTIONS, (tell_followers,))
        with counted_statements() as seen:
            assert dispatch_one(only)
        costs.append(len(seen))
    assert costs[0] == costs[1]
    assert [len(told(each)) for each in everybody] == [1] * crowd
    deliveries = select(WeChatDelivery.account_id).order_by(WeChatDelivery.account_id)
    assert list(db.session.scalars(deliveries)) == everybody
