"""我也遇到: who may join, what he sees and says, and that many at once are counted once each."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.accounts.models import Account, AccountStatus
from app.accounts.scopes import resident_scope
from app.core import clock
from app.core.db import db, transact
from app.core.errors import Forbidden
from app.core.roles import Role
from app.core.scope import Scope
from app.media.models import CheckState, Photo
from app.orders import desk, evidence, extensions, feedback, following
from app.orders.errors import (
    FollowedTooLate,
    OrderNotFound,
    OwnOrder,
    RatedAlready,
    TooLate,
    WrongOrderState,
)
from app.orders.followed import followed, following_page, note_of
from app.orders.follower_models import OrderFollower
from app.orders.following import add_follower, other_households
from app.orders.lifecycle import Menu, Status
from app.orders.models import Order, OrderEvent
from app.orders.moving import get_order
from app.orders.rating_models import Rating
from tests.engines import both_engines, in_parallel
from tests.factories.people import make_account, make_resident
from tests.factories.places import make_home, make_place, make_spot
from tests.factories.scene import HOME_LAMP, Scene, make_neighbour, make_stranger
from tests.miniprogram_api.phones import counted_statements


@pytest.fixture
def neighbour(scene: Scene) -> Scope:
    return make_neighbour(scene)


def join(scene: Scene, order_id: int, by: Scope, code: str | None = None) -> OrderFollower:
    return scene.do(lambda: following.follow(order_id, by=by, spot_code=code))


def seen(order_id: int, by: Scope):
    db.session.rollback()
    return followed(order_id, by)


def steps(order_id: int) -> list[tuple[str, str]]:
    db.session.rollback()
    return [(event.code, event.actor) for event in evidence.timeline(order_id)]


@both_engines
def test_a_neighbour_joins_and_the_timeline_says_so_without_a_name(scene, neighbour):
    order_id = scene.submit().order_id
    join(scene, order_id, neighbour)
    assert steps(order_id) == [("T1", "报修人"), ("U4", "居民")]
    assert scene.order(order_id).status == Status.SUBMITTED
    assert other_households([order_id]) == {order_id: 1}


def test_joining_again_changes_nothing(scene, neighbour):
    order_id = scene.submit().order_id
    first = join(scene, order_id, neighbour).id
    assert join(scene, order_id, neighbour).id == first
    assert len(steps(order_id)) == 2


def test_who_leaves_and_comes_back_is_counted_but_does_not_fill_the_timeline(scene, neighbour):
    order_id = scene.submit().order_id
    join(scene, order_id, neighbour)
    for _ in range(2):
        scene.do(lambda: following.unfollow(order_id, by=neighbour))
    assert other_households([order_id]) == {}
    with pytest.raises(OrderNotFound):
        seen(order_id, neighbour)
    join(scene, order_id, neighbour)
    assert other_households([order_id]) == {order_id: 1}
    assert len(steps(order_id)) == 2


def test_nobody_joins_what_he_has_reported(scene):
    order_id = scene.submit().order_id
    with pytest.raises(OwnOrder, match="这是您自己报的"):
        join(scene, order_id, scene.by(Role.RES))


def test_a_resident_of_another_estate_finds_nothing(scene):
    order_id = scene.submit().order_id
    elsewhere = resident_scope(make_resident(make_place().homes[0]).id)
    for code in (None, "NOWHERE", make_place().spot.code):
        with pytest.raises(OrderNotFound):
            join(scene, order_id, elsewhere, code)
    assert len(steps(order_id)) == 1


def test_a_passer_by_joins_before_the_sign_of_the_place_and_before_no_other(scene):
    order_id, passer_by = scene.submit().order_id, make_stranger()
    with pytest.raises(OrderNotFound):
        join(scene, order_id, passer_by, make_spot(scene.place.estate, name="车棚").code)
    join(scene, order_id, passer_by, scene.place.spot.code.lower())
    join(scene, order_id, passer_by)
    assert other_households([order_id]) == {order_id: 1}


@pytest.mark.parametrize("menu", [Menu.EMERGENCY, Menu.BOOKING])
def test_what_is_wrong_inside_a_home_cannot_be_joined(scene, neighbour, menu):
    home = {"category_code": HOME_LAMP, "home_id": scene.place.homes[0].id, "spot_id": None}
    slot = scene.slot_at(clock.china(2026, 11, 21, 10)) if menu is Menu.BOOKING else None
    order_id = scene.submit(menu=menu, slot_id=slot, **home).order_id
    with pytest.raises(OrderNotFound):
        join(scene, order_id, neighbour)


@pytest.mark.parametrize("order_id", [0, 987_654_321, 2**63 - 1])
def test_an_order_that_is_not_there_cannot_be_joined_or_left(scene, neighbour, order_id):
    for step in (following.follow, following.unfollow):
        with pytest.raises(OrderNotFound):
            scene.do(lambda step=step: step(order_id, by=neighbour))


def test_what_is_over_can_be_followed_further_but_not_joined(scene, neighbour):
    order_id = scene.submit().order_id
    join(scene, order_id, neighbour)
    scene.do(lambda: feedback.cancel(order_id, by=scene.by(Role.RES), reason="又亮了"))
    assert join(scene, order_id, neighbour).order_id == order_id
    late = resident_scope(make_resident(scene.place.homes[2]).id)
    with pytest.raises(FollowedTooLate, match="请您重新报一次"):
        join(scene, order_id, late)


@pytest.mark.parametrize("role", [Role.DSP, Role.WRK, Role.HOT, Role.BUR])
def test_staff_do_not_join_under_their_hats(scene, role):
    order_id = scene.submit().order_id
    with pytest.raises(Forbidden):
        join(scene, order_id, scene.by(role))


@both_engines
def test_twelve_neighbours_at_once_are_twelve_households_and_twelve_steps(app_db, scene):
    order_id = scene.submit().order_id
    homes = transact(lambda: [make_home(scene.place.unit) for _ in range(12)])
    people = [resident_scope(make_resident(home).id) for home in homes]
    join_ = [lambda by=by: transact(lambda: following.follow(order_id, by=by).id) for by in people]
    outcomes = in_parallel(app_db, join_)
    assert [each for each in outcomes if not isinstance(each, int)] == []
    assert other_households([order_id]) == {order_id: 12}
    order = scene.order(order_id)
    events = db.session.scalars(
        select(OrderEvent.seq).where(OrderEvent.order_id == order_id).order_by(OrderEvent.id)
    ).all()
    assert sorted(events) == list(range(1, 14))
    assert order.version == 13


@both_engines
def test_the_same_person_twice_at_once_is_one_follower_and_one_step(app_db, scene, neighbour):
    order_id = scene.submit().order_id
    outcomes = in_parallel(
        app_db, [lambda: transact(lambda: following.follow(order_id, by=neighbour).id)] * 6
    )
    assert len(set(outcomes)) == 1, outcomes
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(OrderFollower)) == 1
    assert len(steps(order_id)) == 2


@both_engines
def test_joining_and_accepting_at_once_both_happen(app_db, scene, neighbour):
    orders = [scene.submit().order_id for _ in range(5)]
    scene.at += timedelta(minutes=1)

    def accept() -> list[str]:
        return [transact(lambda o=o: desk.accept(o, by=scene.by(Role.DSP)).status) for o in orders]

    def joining() -> list[int]:
        return [transact(lambda o=o: following.follow(o, by=neighbour).order_id) for o in orders]

    clock.freeze(scene.at)
    outcomes = in_parallel(app_db, [accept, joining])
    assert outcomes == [["ACCEPTED"] * 5, orders]
    for order_id in orders:
        assert Counter(code for code, _ in steps(order_id)) == {"T1": 1, "T2": 1, "U4": 1}


def test_a_follower_does_not_see_the_order_itself(scene, neighbour):
    order_id = scene.submit().order_id
    join(scene, order_id, neighbour)
    with pytest.raises(OrderNotFound):
        get_order(order_id, neighbour)
    for step in (feedback.urge, feedback.confirm):
        with pytest.raises(OrderNotFound):
            scene.do(lambda step=step: step(order_id, by=neighbour))


def test_nobody_reads_what_he_does_not_follow(scene, neighbour):
    order_id = scene.submit().order_id
    join(scene, order_id, neighbour)
    others = (scene.by(Role.RES), make_stranger(), scene.by(Role.DSP), scene.by(Role.BUR))
    for scope in others:
        with pytest.raises(OrderNotFound):
            seen(order_id, scope)
        assert following_page(scope).items == []


def test_a_follower_reads_steps_and_promises_but_no_person_and_no_note_of_his(scene, neighbour):
    order_id = scene.submit(text="找示范居民19900000777").order_id
    join(scene, order_id, neighbour)
    scene.do(lambda: feedback.urge(order_id, by=scene.by(Role.RES)))
    scene.accept(order_id, after=timedelta(minutes=2))
    scene.do(lambda: desk.log_call(order_id, by=scene.by(Role.DSP), result="住户说晚上再来"))
    scene.assign(order_id)
    scene.check_in(order_id)
    found = seen(order_id, neighbour)
    assert [event.code for event in found.events] == ["T1", "T2", "T5", "T8"]
    assert [note_of(event) for event in found.events] == ["", "", "", "灯管烧坏"]
    assert {line.clock for line in found.clocks} == {"C1", "C2", "C3"}
    assert "19900000777" not in repr(found)
    assert (found.line.households, found.line.worker) == (2, scene.worker.title)


def test_the_reason_of_an_extension_is_shown_and_its_papers_are_not(scene, neighbour):
    order_id = scene.until_working()
    join(scene, order_id, neighbour)
    papers = scene.photos(Role.WRK)
    asked = {"reason_code": "buying", "reason": "配件三天后到货", "photo_ids": papers}
    expected = scene.at + timedelta(days=4)
    scene.do(lambda: extensions.request(order_id, by=scene.by(Role.WRK), expected_at=expected, **asked))
    scene.do(lambda: extensions.decide(order_id, by=scene.by(Role.MGR), grant=True))
    _all_pass()
    found = seen(order_id, neighbour)
    assert note_of(found.events[-1]) == "配件三天后到货"
    assert [photo.step for photo in found.photos] == ["site"]


def _all_pass() -> None:
    def work() -> None:
        for photo in db.session.scalars(select(Photo)):
            photo.check_state = CheckState.PASS

    transact(work)


def test_photos_appear_when_the_content_check_has_passed_them(scene, neighbour):
    order_id = scene.submit(photo_ids=scene.photos(Role.RES)).order_id
    join(scene, order_id, neighbour)
    assert seen(order_id, neighbour).photos == []
    _all_pass()
    assert [photo.step for photo in seen(order_id, neighbour).photos] == ["submit"]


def test_words_of_the_place_wait_for_the_content_check(scene, neighbour):
    estate = {"spot_id": None, "estate_id": scene.place.estate.id, "place_note": "南门左边"}
    fine = scene.submit(**estate).order_id
    doubtful = scene.submit(text_check="review", **estate).order_id
    for order_id in (fine, doubtful):
        join(scene, order_id, neighbour)
    assert seen(fine, neighbour).line.written_place == "南门左边"
    assert seen(doubtful, neighbour).line.written_place == "小区公共区域"


def test_the_list_is_paged_joined_last_first(scene, neighbour):
    orders = [scene.submit().order_id for _ in range(5)]
    for order_id in orders:
        join(scene, order_id, neighbour)
    first = following_page(neighbour, limit=3)
    second = following_page(neighbour, limit=3, cursor=first.next_cursor)
    assert [line.id for line in (*first.items, *second.items)] == orders[::-1]
    assert second.next_cursor is None


def test_list_and_detail_cost_the_same_few_statements(scene, neighbour):
    orders = [scene.submit().order_id for _ in range(12)]
    join(scene, orders[0], neighbour)
    following_page(neighbour)
    with counted_statements() as one:
        following_page(neighbour)
        followed(orders[0], neighbour)
    for order_id in orders[1:]:
        join(scene, order_id, neighbour)
    following_page(neighbour)
    with counted_statements() as many:
        assert len(following_page(neighbour).items) == 12
        followed(orders[0], neighbour)
    assert len(many) == len(one) == 5


@both_engines
def test_stars_of_a_follower_leave_the_order_to_its_reporter(scene, neighbour):
    order_id = scene.submit().order_id
    join(scene, order_id, neighbour)
    for step in (scene.accept, scene.assign, scene.check_in):
        step(order_id)
    with pytest.raises(WrongOrderState):
        scene.do(lambda: following.rate_followed(order_id, by=neighbour, stars=5))
    scene.finish(order_id)
    assert seen(order_id, neighbour).line.may_rate
    scene.do(lambda: following.rate_followed(order_id, by=neighbour, stars=2, tags=["来得太晚"]))
    assert scene.order(order_id).status == Status.DONE
    assert not seen(order_id, neighbour).line.may_rate
    with pytest.raises(RatedAlready):
        scene.do(lambda: following.rate_followed(order_id, by=neighbour, stars=5))
    scene.do(lambda: feedback.rate(order_id, by=scene.by(Role.RES), stars=5))
    order = scene.order(order_id)
    assert (order.status, order.closed_how) == (Status.CLOSED, "rated")
    assert sorted(db.session.scalars(select(Rating.stars))) == [2, 5]
    assert steps(order_id)[-2:] == [("U5", "居民"), ("T21", "报修人")]


def test_after_the_reporter_has_closed_it_a_follower_has_fifteen_days(scene, neighbour):
    order_id = scene.submit().order_id
    join(scene, order_id, neighbour)
    for step in (scene.accept, scene.assign, scene.check_in, scene.finish):
        step(order_id)
    scene.do(lambda: feedback.confirm(order_id, by=scene.by(Role.RES)))
    scene.at += timedelta(days=15, milliseconds=1)
    with clock.frozen(scene.at):
        assert not followed(order_id, neighbour).line.may_rate
    with pytest.raises(TooLate):
        scene.do(lambda: following.rate_followed(order_id, by=neighbour, stars=5))
    scene.at -= timedelta(milliseconds=1)
    scene.do(lambda: following.rate_followed(order_id, by=neighbour, stars=5))


def test_a_reopening_voids_the_followers_stars_and_he_may_rate_again(scene, neighbour):
    order_id = scene.submit().order_id
    join(scene, order_id, neighbour)
    for step in (scene.accept, scene.assign, scene.check_in, scene.finish):
        step(order_id)
    scene.do(lambda: following.rate_followed(order_id, by=neighbour, stars=5))
    photos, by = scene.photos(Role.RES), scene.by(Role.RES)
    scene.do(lambda: feedback.reopen(order_id, by=by, reason="又不亮了", photo_ids=photos))
    assert db.session.scalars(select(Rating.void)).all() == [True]
    scene.check_in(order_id)
    scene.finish(order_id)
    scene.do(lambda: following.rate_followed(order_id, by=neighbour, stars=1))
    assert sorted(db.session.scalars(select(Rating.round))) == [0, 1]


def test_who_does_not_follow_does_not_rate(scene, neighbour):
    order_id = scene.until_done()
    for scope in (neighbour, scene.by(Role.RES)):
        with pytest.raises(OrderNotFound):
            scene.do(lambda scope=scope: following.rate_followed(order_id, by=scope, stars=1))


def test_messages_go_to_those_who_follow_and_can_sign_in(scene, neighbour):
    order_id = scene.submit().order_id
    gone, closed = (resident_scope(make_resident(home).id) for home in scene.place.homes[2:4])
    for scope in (neighbour, gone, closed):
        join(scene, order_id, scope)
    scene.do(lambda: following.unfollow(order_id, by=gone))

    def close_account() -> None:
        db.session.get_one(Account, closed.account_id).status = AccountStatus.CANCELLED

    transact(close_account)
    following.followers(order_id)
    with counted_statements() as seen_:
        assert following.followers(order_id) == [neighbour.account_id]
    assert len(seen_) == 1


def test_merging_can_bring_followers_without_a_step_of_theirs(scene, neighbour):
    """What T27 needs: no right is asked for, a person who follows already is not counted twice."""
    order_id, account = scene.submit().order_id, make_account()

    def bring() -> list[bool]:
        order = db.session.get_one(Order, order_id, with_for_update=True)
        return [add_follower(order, account.id, at=scene.at)[1] for _ in range(2)]

    assert scene.do(bring) == [True, False]
    assert other_households([order_id]) == {order_id: 1}
    assert len(steps(order_id)) == 1
