"""Whether the same problem has been reported already: where, what, when, and nothing of whose it is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.accounts.errors import HomeUnknown
from app.accounts.models import Relation
from app.accounts.scopes import resident_scope
from app.core import clock
from app.core.clock import china_date
from app.core.db import db, transact
from app.core.roles import Role
from app.core.scope import Scope
from app.estates.errors import EstateUnknown, SpotUnknown
from app.media.models import CheckState, Photo
from app.orders import feedback, following
from app.orders.lifecycle import Menu
from app.orders.rules import distance_m
from app.orders.similar import AT_MOST, Similar, find_here, similar
from tests.engines import both_engines
from tests.factories.people import make_account, make_binding, make_resident
from tests.factories.places import make_building, make_place, make_spot, make_unit
from tests.factories.scene import HOME_LAMP, LAMP, TILE, Scene, make_neighbour, make_stranger
from tests.miniprogram_api.phones import counted_statements

OTHER_LAMP = "G0202"
METRE_NORTH = 1 / 111_194.93


@pytest.fixture
def neighbour(scene: Scene) -> Scope:
    return make_neighbour(scene)


def at_home(scene: Scene, by: Scope, *, category: str = LAMP) -> list[Similar]:
    """What the neighbour is shown when she is about to report something in her house."""
    with clock.frozen(scene.at):
        here = find_here(by=by, home_id=scene.place.homes[1].id)
        return similar(category, here, by=by)


@both_engines
def test_the_same_trouble_in_the_same_building_is_shown_to_a_neighbour(scene, neighbour):
    order_id = scene.submit().order_id
    [found] = at_home(scene, neighbour)
    assert (found.id, found.category, found.households) == (order_id, "楼道灯不亮", 1)
    assert found.place == f"{scene.place.building.number}号楼 1单元门厅"
    assert (found.mine, found.following, found.in_building) == (False, False, True)


def test_another_category_of_the_same_group_is_the_same_problem_and_another_group_is_not(scene, neighbour):
    scene.submit()
    assert len(at_home(scene, neighbour, category=OTHER_LAMP)) == 1
    assert at_home(scene, neighbour, category=TILE) == []


def test_another_building_and_another_estate_are_somewhere_else(scene, neighbour):
    elsewhere = make_building(scene.place.estate)
    scene.submit(spot_id=make_spot(scene.place.estate, building=elsewhere).id)
    assert at_home(scene, neighbour) == []
    here = find_here(by=neighbour, building_id=elsewhere.id)
    assert len(similar(LAMP, here, by=neighbour)) == 1


@both_engines
def test_seven_days_are_enough_and_three_are_shown_the_newest_first(scene, neighbour):
    first = scene.submit().order_id
    orders = [scene.submit(at=scene.at + timedelta(days=1)).order_id for _ in range(AT_MOST)]
    assert [found.id for found in at_home(scene, neighbour)] == orders[::-1]
    scene.at = scene.order(first).submitted_at + timedelta(days=7)
    with clock.frozen(scene.at):
        assert len(similar(LAMP, find_here(by=neighbour, home_id=scene.place.homes[1].id), by=neighbour)) == 3
    scene.at = scene.order(orders[-1]).submitted_at + timedelta(days=7)
    assert [found.id for found in at_home(scene, neighbour)] == [orders[-1]]
    scene.at += timedelta(milliseconds=1)
    assert at_home(scene, neighbour) == []


def test_what_is_over_is_not_shown(scene, neighbour):
    order_id = scene.submit().order_id
    scene.do(lambda: feedback.cancel(order_id, by=scene.by(Role.RES), reason="又亮了"))
    scene.until_done()
    assert at_home(scene, neighbour) == []


def test_what_is_wrong_inside_a_home_is_nobodys_business(scene, neighbour):
    home = scene.place.homes[0].id
    scene.submit(menu=Menu.EMERGENCY, category_code=HOME_LAMP, home_id=home, spot_id=None)
    assert at_home(scene, neighbour, category=HOME_LAMP) == []


def test_ones_own_report_says_that_it_is_ones_own(scene):
    scene.submit()
    here = find_here(by=scene.by(Role.RES), home_id=scene.place.homes[0].id)
    [found] = similar(LAMP, here, by=scene.by(Role.RES))
    assert found.mine


def test_a_picture_is_shown_once_the_content_check_has_passed_it(scene, neighbour):
    photos = scene.photos(Role.RES, 2)
    scene.submit(photo_ids=photos)
    assert at_home(scene, neighbour)[0].photo_id is None

    def passed() -> None:
        db.session.get_one(Photo, photos[1]).check_state = CheckState.PASS

    transact(passed)
    assert at_home(scene, neighbour)[0].photo_id == photos[1]


def test_no_word_that_the_reporter_wrote_is_shown(scene, neighbour):
    scene.submit(text="找示范居民19900000777", place_note="张三家101室门口")
    shown = repr(at_home(scene, neighbour))
    for secret in ("示范居民", "19900000777", "张三", "101", scene.resident.phone):
        assert secret not in shown


@both_engines
@pytest.mark.parametrize(("metres", "found"), [(0, 1), (49, 1), (51, 0)])
def test_outdoors_fifty_metres_are_one_place(scene, metres, found):
    estate, stranger = scene.place.estate, make_stranger()
    gate = make_spot(estate, latitude=39.9, longitude=116.65, name="大门")
    lamp = make_spot(estate, latitude=39.9 + metres * METRE_NORTH, longitude=116.65, name="路灯")
    assert distance_m(39.9, 116.65, lamp.latitude, lamp.longitude) == metres
    scene.submit(spot_id=lamp.id)
    assert len(_before(scene, gate.code, stranger)) == found


@both_engines
@pytest.mark.parametrize(("metres", "found"), [(49, 1), (51, 0)])
def test_fifty_metres_to_the_east_are_as_long_as_to_the_north(scene, metres, found):
    estate, stranger = scene.place.estate, make_stranger()
    gate = make_spot(estate, latitude=39.9, longitude=116.65)
    east = 116.65 + metres * METRE_NORTH / 0.767165
    assert distance_m(39.9, 116.65, 39.9, east) == metres
    scene.submit(spot_id=make_spot(estate, latitude=39.9, longitude=east).id)
    assert len(_before(scene, gate.code, stranger)) == found


def test_a_spot_without_coordinates_is_compared_by_its_sign(scene):
    gate, other = make_spot(scene.place.estate, name="大门"), make_spot(scene.place.estate, name="车棚")
    scene.submit(spot_id=gate.id)
    [found] = _before(scene, gate.code.lower(), make_stranger())
    assert (found.place, found.in_building) == ("大门", False)
    assert _before(scene, other.code, make_stranger()) == []


def test_a_spot_outdoors_may_be_chosen_from_the_list_by_who_lives_there(scene, neighbour):
    gate = make_spot(scene.place.estate, name="大门")
    order_id = scene.submit(spot_id=gate.id).order_id
    with clock.frozen(scene.at):
        here = find_here(by=neighbour, spot_id=gate.id, estate_id=scene.place.estate.id)
        assert [found.id for found in similar(LAMP, here, by=neighbour)] == [order_id]


def test_near_a_house_is_not_in_the_house(scene):
    place = {"latitude": 39.9, "longitude": 116.65}
    gate = make_spot(scene.place.estate, **place)
    scene.submit(spot_id=make_spot(scene.place.estate, building=scene.place.building, **place).id)
    assert _before(scene, gate.code, make_stranger()) == []


def _before(scene: Scene, code: str, by: Scope) -> list[Similar]:
    with clock.frozen(scene.at):
        return similar(LAMP, find_here(by=by, spot_code=code), by=by)


def test_an_estate_alone_is_too_large_to_be_one_place(scene, neighbour):
    scene.submit(spot_id=None, estate_id=scene.place.estate.id, place_note="南门")
    here = find_here(by=neighbour, estate_id=scene.place.estate.id)
    assert similar(LAMP, here, by=neighbour) == []


def test_a_place_of_others_is_not_found(scene, neighbour):
    other = make_place()
    with pytest.raises(HomeUnknown):
        find_here(by=neighbour, home_id=other.homes[0].id)
    with pytest.raises(HomeUnknown):
        find_here(by=neighbour, home_id=scene.place.homes[0].id)
    with pytest.raises(EstateUnknown):
        find_here(by=neighbour, building_id=other.building.id)
    with pytest.raises(EstateUnknown):
        find_here(by=neighbour, estate_id=other.estate.id)
    with pytest.raises(EstateUnknown):
        find_here(by=neighbour)
    for spot in ({"spot_code": "NOWHERE"}, {"spot_id": other.spot.id}, {"spot_id": 2**63 - 1}):
        with pytest.raises(SpotUnknown):
            find_here(by=neighbour, **spot)
    with pytest.raises(EstateUnknown):
        find_here(by=neighbour, spot_code=scene.place.spot.code, estate_id=other.estate.id)


def test_who_has_moved_out_is_a_stranger_again(scene):
    tenant, today = make_account(), china_date(scene.at)
    ends = {"relation": Relation.TENANT, "valid_to": today}
    make_binding(tenant, scene.place.homes[2], **ends)
    by, home_id = resident_scope(tenant.id), scene.place.homes[2].id
    with clock.frozen(scene.at):
        assert find_here(by=by, home_id=home_id).estate_id == scene.place.estate.id
    with clock.frozen(scene.at + timedelta(days=1)), pytest.raises(HomeUnknown):
        find_here(by=by, home_id=home_id)


@both_engines
def test_households_are_counted_and_not_people(scene, neighbour):
    """Reporter and his wife are one, a couple next door is one, a passer-by is one."""
    order_id = scene.submit().order_id
    unit = make_unit(scene.place.building, number="2")
    assert unit.id
    wife = resident_scope(make_resident(scene.place.homes[0], relation=Relation.FAMILY).id)
    husband = resident_scope(make_resident(scene.place.homes[1], relation=Relation.CO_OWNER).id)
    passer_by = make_stranger()
    for scope, code in (
        (wife, None),
        (neighbour, None),
        (husband, None),
        (passer_by, scene.place.spot.code),
    ):
        scene.do(lambda scope=scope, code=code: following.follow(order_id, by=scope, spot_code=code))
    [found] = at_home(scene, neighbour)
    assert (found.households, found.following) == (3, True)
    assert following.other_households([order_id]) == {order_id: 2}


def test_it_costs_two_statements_however_many_have_reported(scene, neighbour):
    for _ in range(5):
        scene.submit()
    at_home(scene, neighbour)
    with counted_statements() as seen:
        assert len(at_home(scene, neighbour)) == AT_MOST
    assert len(seen) == 2
