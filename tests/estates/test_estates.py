"""Finding places, and invitations of the desk."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.audit.models import AuditRecord
from app.companies.hats import scope_of
from app.core.db import db, transact
from app.core.errors import Forbidden
from app.core.roles import Role
from app.estates.errors import EstateUnknown, HomeHidden, NotInvitable, SpotUnknown
from app.estates.models import HomeInvitation
from app.estates.queries import (
    buildings_of,
    estate,
    find_home,
    home_place,
    homes_of_unit,
    search_estates,
    search_homes,
    spot_by_code,
    spot_place,
    spots_of,
    units_of,
)
from app.estates.service import CODE_ALPHABET, CODE_LENGTH, invite
from tests.factories import (
    make_building,
    make_estate,
    make_hat,
    make_home,
    make_place,
    make_spot,
    make_unit,
)


@pytest.fixture
def place(app_db):
    return make_place()


@pytest.fixture
def building(place):
    """5号楼 with two entrances of three homes each."""
    five = make_building(place.estate, number="5")
    for number in ("1", "2"):
        unit = make_unit(five, number=number)
        for home in ("301", "302", "1001"):
            make_home(unit, number=home)
    return five


def found(estate_id: int, text: str) -> list[str]:
    return [home_place(home)[1] for home in search_homes([estate_id], text)]


def test_a_home_has_a_public_and_a_full_place(place, building):
    home = find_home(place.estate.id, building="5", unit="2", number="301")
    assert home_place(home) == ("5号楼", "5号楼2单元301")
    assert find_home(place.estate.id, building="5", unit="3", number="301") is None


@pytest.mark.parametrize("text", ["5号楼2单元301", "5-2-301", "5 2 301", "5号楼 2单元 301室", "5幢2门301"])
def test_homes_are_found_by_what_a_caller_says(place, building, text):
    assert found(place.estate.id, text) == ["5号楼2单元301"]


def test_an_unclear_place_gives_a_choice(place, building):
    assert found(place.estate.id, "5-301") == ["5号楼1单元301", "5号楼2单元301"]
    assert found(place.estate.id, "1001") == ["5号楼1单元1001", "5号楼2单元1001"]
    assert found(place.estate.id, "5-2-30") == ["5号楼2单元301", "5号楼2单元302"]


@pytest.mark.parametrize("text", ["", "  ", "号楼", "%", "9-9-999"])
def test_nonsense_finds_no_home(place, building, text):
    assert found(place.estate.id, text) == []


def test_a_search_stays_within_the_named_estates(place, building):
    there = make_place()
    assert search_homes([there.estate.id], "5-2-301") == []
    assert search_homes([], "301") == []


def test_places_are_listed_in_natural_order(app_db):
    here = make_estate()
    for number in ("10", "2", "1甲"):
        make_building(here, number=number)
    buildings = buildings_of(here.id)
    assert [building.number for building in buildings] == ["1甲", "2", "10"]
    for number in ("2", "1"):
        make_unit(buildings[0], number=number)
    units = units_of(buildings[0].id)
    assert [str(unit) for unit in units] == ["1单元", "2单元"]
    for number in ("1001", "201"):
        make_home(units[0], number=number)
    assert [home.number for home in homes_of_unit(units[0].id)] == ["201", "1001"]


def test_an_estate_is_found_by_name_or_not_at_all(place):
    assert estate(place.estate.id) == place.estate
    assert place.estate in search_estates(place.estate.name[:3])
    assert search_estates("%") == []
    assert place.estate in search_estates("")
    with pytest.raises(EstateUnknown):
        estate(999_999)


def test_a_spot_is_found_by_the_code_on_its_sign(place):
    spot = spot_by_code(f" {place.spot.code.lower()} ")
    assert spot.id == place.spot.id
    assert spot_place(spot) == f"{place.building.number}号楼 1单元门厅"
    assert spot_place(make_spot(place.estate, name="北门")) == "北门"
    assert len(spots_of(place.estate.id)) == 2
    with pytest.raises(SpotUnknown):
        spot_by_code("NOSUCH")


# --- invitations ---


def test_the_desk_invites_and_the_code_is_kept_as_a_fingerprint(place):
    desk = scope_of(make_hat(Role.MGR, company_id=place.company.id, office_id=place.office.id))
    codes = {transact(lambda: invite(place.homes[0].id, "family", desk)) for _ in range(3)}
    assert len(codes) == 3
    assert all(len(code) == CODE_LENGTH and set(code) <= set(CODE_ALPHABET) for code in codes)
    assert not set("01ILO") & set(CODE_ALPHABET)
    stored = db.session.scalars(select(HomeInvitation.code_index)).all()
    assert not codes & set(stored)
    records = db.session.execute(select(AuditRecord.action, AuditRecord.business_district_id)).all()
    assert set(records) == {("home.invite", place.district.id)}


def test_only_the_desk_of_the_estate_invites(place):
    there = make_place()
    stranger = scope_of(make_hat(Role.DSP, company_id=there.company.id, office_id=there.office.id))
    with pytest.raises(HomeHidden):
        transact(lambda: invite(place.homes[0].id, "owner", stranger))
    for scope in (
        scope_of(make_hat(Role.CO, company_id=place.company.id)),
        scope_of(make_hat(Role.BUR, district_id=place.district.id)),
    ):
        with pytest.raises(Forbidden):
            transact(lambda by=scope: invite(place.homes[0].id, "owner", by))


def test_an_invitation_names_a_relation(place):
    desk = scope_of(make_hat(Role.DSP, company_id=place.company.id, office_id=place.office.id))
    with pytest.raises(NotInvitable):
        transact(lambda: invite(place.homes[0].id, "landlord", desk))
