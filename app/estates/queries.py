"""Named questions about space. Estates, buildings and spots are reference data that everybody may read; homes are named
by number only, and who lives there is a matter of bindings."""

from __future__ import annotations

import re
from collections.abc import Collection

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.estates.errors import EstateUnknown, SpotUnknown
from app.estates.models import Building, Estate, Facility, Home, PublicSpot, Unit

SEARCH_LIMIT = 30
_WORD = re.compile(r"[0-9A-Za-z甲乙丙丁东西南北]+")


def estate(estate_id: int) -> Estate:
    """The estate; raises EstateUnknown."""
    found = db.session.get(Estate, estate_id)
    if found is None:
        raise EstateUnknown()
    return found


def search_estates(text: str, *, limit: int = SEARCH_LIMIT) -> list[Estate]:
    """Estates whose name or address contains the text, by name; all of them for an empty text."""
    statement = select(Estate).order_by(Estate.name).limit(limit)
    if text.strip():
        wanted = text.strip()
        statement = statement.where(
            Estate.name.contains(wanted, autoescape=True) | Estate.address.contains(wanted, autoescape=True)
        )
    return list(db.session.scalars(statement))


def buildings_of(estate_id: int) -> list[Building]:
    """The buildings of an estate, 2号楼 before 10号楼."""
    found = db.session.scalars(select(Building).where(Building.estate_id == estate_id))
    return sorted(found, key=lambda building: natural(building.number))


def units_of(building_id: int) -> list[Unit]:
    """The entrances of a building in natural order."""
    found = db.session.scalars(select(Unit).where(Unit.building_id == building_id))
    return sorted(found, key=lambda unit: natural(unit.number))


def homes_of_unit(unit_id: int) -> list[Home]:
    """The homes behind one entrance in natural order."""
    found = db.session.scalars(select(Home).where(Home.unit_id == unit_id))
    return sorted(found, key=lambda home: natural(home.number))


def find_home(estate_id: int, *, building: str, unit: str, number: str) -> Home | None:
    """The home at an exact place, or None."""
    place = (Building.number == building, Unit.number == unit, Home.number == number)
    return db.session.scalars(_homes().where(Home.estate_id == estate_id, *place)).one_or_none()


def search_homes(estate_ids: Collection[int], text: str) -> list[Home]:
    """Homes of these estates by what a caller says: "5号楼2单元301", "5-2-301", "5-301" or "301"; at most 30.

    Building, unit and entrance are loaded with them.
    """
    words = _WORD.findall(text)
    if not words or not estate_ids:
        return []
    statement = _homes().where(Home.estate_id.in_(sorted(estate_ids)), *_place_conditions(words))
    found = db.session.scalars(
        statement.order_by(Home.estate_id, Home.building_id, Home.id).limit(SEARCH_LIMIT)
    )
    return list(found)


def home_place(home: Home) -> tuple[str, str]:
    """What everybody may read and what only those may read who go there: ("5号楼", "5号楼2单元301")."""
    return places(home.building.number, home.unit.number, home.number)


def places(building: str, unit: str, number: str) -> tuple[str, str]:
    """The same from the three numbers."""
    return f"{building}号楼", f"{building}号楼{unit}单元{number}"


def spot_by_code(code: str) -> PublicSpot:
    """The spot of a QR sign, with estate and building; raises SpotUnknown."""
    statement = _spots().where(PublicSpot.code == code.strip().upper())
    spot = db.session.scalars(statement).one_or_none()
    if spot is None:
        raise SpotUnknown()
    return spot


def spots_of(
    estate_id: int, *, after_id: int = 0, limit: int | None = None, building_id: int | None = None
) -> list[PublicSpot]:
    """The public spots of an estate in the order in which they were written down; those of one building, if named."""
    statement = (
        _spots().where(PublicSpot.estate_id == estate_id, PublicSpot.id > after_id).order_by(PublicSpot.id)
    )
    if building_id is not None:
        statement = statement.where(PublicSpot.building_id == building_id)
    return list(db.session.scalars(statement.limit(limit) if limit else statement))


def spot_place(spot: PublicSpot) -> str:
    """Where the spot is, for everybody: "5号楼 2单元门厅"."""
    return f"{spot.building} {spot.name}" if spot.building else spot.name


LIFT = "电梯"
"""Kind of the facilities in which people can be trapped."""


def lift_rescue_phone(estate_id: int) -> str:
    """The number that hangs in the estate's lifts, empty when no lift has one: whoever is trapped may call it."""
    lifts = select(Facility.maintenance_phone).where(Facility.estate_id == estate_id, Facility.kind == LIFT)
    known = lifts.where(Facility.maintenance_phone.is_not(None)).order_by(Facility.id).limit(1)
    return db.session.scalar(known) or ""


def natural(text: str) -> tuple[int, str]:
    """Sorting key by the leading number, so that 2 stands before 10."""
    digits = re.match(r"\d+", text)
    return (int(digits.group()) if digits else 0, text)


def _homes() -> Select[Home]:
    loaded = (joinedload(Home.building), joinedload(Home.unit), joinedload(Home.estate))
    return select(Home).join(Home.building).join(Home.unit).options(*loaded)


def _spots() -> Select[PublicSpot]:
    return select(PublicSpot).options(joinedload(PublicSpot.estate), joinedload(PublicSpot.building))


def _place_conditions(words: list[str]):
    number = Home.number.startswith(words[-1], autoescape=True)
    if len(words) == 1:
        return (number,)
    if len(words) == 2:
        return (Building.number == words[0], number)
    return (Building.number == words[0], Unit.number == words[1], number)
