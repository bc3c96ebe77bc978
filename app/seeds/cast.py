"""Who and what the orders of the demonstration can draw upon: desks, residents, spots, photos, one set of dice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.core.roles import Role
from app.core.scope import Scope
from app.estates.models import Estate, PublicSpot
from app.orders.booking import SLOT_HOURS
from app.seeds.album import Album
from app.seeds.organisations import Desk, Organisations
from app.seeds.people import Resident

SPOT_OF = {
    "G0103": ("-DT",),
    "G0202": ("-LD", "-DL"),
    "G0302": ("-DM",),
    "G0303": ("-DM",),
    "G0601": ("-DL",),
    "G0801": ("-DL",),
    "G0803": ("-JS",),
    "G1002": ("-LJ",),
    "G1003": ("-LJ",),
    "G1101": ("-XF", "-DM"),
    "G1202": ("-JS",),
}
"""Endings of spot codes by category; everything else is in a stairwell."""


@dataclass(frozen=True)
class Spot:
    """A public spot and whether it belongs to a building."""

    id: int
    code: str
    in_building: bool


@dataclass(frozen=True)
class Ground:
    """What is known of an estate: its position and its spots."""

    estate_id: int
    latitude: float
    longitude: float
    spots: tuple[Spot, ...]


@dataclass
class Cast:
    """Everybody on the stage. `now` is the instant of the demonstration; `dice` decide whatever is not fixed."""

    now: datetime
    dice: Random
    album: Album
    organisations: Organisations
    residents: list[Resident]
    grounds: dict[str, Ground]

    @property
    def hotline(self) -> Scope:
        """A seat of 962121."""
        return self.organisations.authorities[Role.HOT][0]

    def desk(self, estate: str) -> Desk:
        """The office that serves the estate."""
        return self.organisations.desks[estate]

    def resident(self, key: str) -> Resident:
        """A resident with a phone in the sandbox."""
        return next(each for each in self.residents if each.key == key)

    def somebody(self, estate: str) -> Resident:
        """Any resident of the estate who may report and is no person of the sandbox."""
        return self.dice.choice(
            [each for each in self.residents if each.estate == estate and each.can_report and not each.key]
        )

    def spot(self, estate: str, category: str) -> Spot:
        """A spot that fits the category."""
        endings = SPOT_OF.get(category)
        spots = self.grounds[estate].spots
        if endings is None:
            return self.dice.choice(
                [each for each in spots if each.in_building and each.code.endswith("-LD")]
            )
        wants_building = endings == ("-DT",)
        fitting = [
            each for each in spots if each.code.endswith(endings) and each.in_building == wants_building
        ]
        return self.dice.choice(fitting)

    def day(self, days_ago: int) -> date:
        """The calendar day in China so many days before the demonstration."""
        return clock.china_date(self.now) - timedelta(days=days_ago)

    def at(self, days_ago: int, hour: int, minute: int = 0) -> datetime:
        """An instant of such a day by the clock in China."""
        return on_day(self.day(days_ago), hour, minute)

    def minutes(self, low: float, high: float) -> timedelta:
        """A length of time between two numbers of minutes, to the second."""
        return timedelta(seconds=self.dice.randint(round(low * 60), round(high * 60)))


def on_day(day: date, hour: int, minute: int = 0) -> datetime:
    """The instant by the clock in China."""
    return datetime.combine(day, time(hour, minute), tzinfo=clock.CHINA).astimezone(UTC)


def slot_on(day: date, number: int) -> datetime:
    """When the nth booking slot of a day begins."""
    return on_day(day, SLOT_HOURS[number][0])


def survey_grounds(keys: list[str]) -> dict[str, Ground]:
    """The estates of the district with their spots; `keys` in the order in which they were built."""
    grounds = {}
    for number, key in enumerate(keys, 1):
        estate = db.session.scalars(select(Estate).where(Estate.code == f"DEMO-{number:03d}")).one()
        columns = (PublicSpot.id, PublicSpot.code, PublicSpot.building_id)
        rows = db.session.execute(
            select(*columns).where(PublicSpot.estate_id == estate.id).order_by(PublicSpot.id)
        )
        spots = tuple(Spot(row.id, row.code, row.building_id is not None) for row in rows)
        grounds[key] = Ground(estate.id, estate.latitude, estate.longitude, spots)
    return grounds
