"""What the workers of an office can do and which certificates they hold, with the special cases of domain 4.1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from app.catalogue.standard import CONFINED, COOLING, ELECTRIC, FIRE, HEALTH, HEIGHT, LOCK
from app.companies.models import Certificate, Worker
from app.core import clock
from app.core.db import db


@dataclass(frozen=True)
class Profile:
    """A trade: post, category groups, certificates."""

    post: str
    skills: tuple[str, ...]
    certificates: tuple[str, ...] = ()


_ELECTRICIAN = ("G02", "G03", "G11", "H01", "H06")
_PLUMBER = ("G05", "G06", "G13", "H02", "H03", "H05", "H08")
_BUILDER = ("G01", "G07", "G08", "G99", "H04", "H09", "H99")
_CLEANER = ("G09", "G10", "G11", "G12", "H10", "H11")

PROFILES = (
    Profile("维修电工", _ELECTRICIAN, (ELECTRIC,)),
    Profile("水暖工", _PLUMBER, (CONFINED, HEALTH)),
    Profile("综合维修", (*_BUILDER, *_PLUMBER), (HEIGHT, LOCK, CONFINED)),
    Profile("维修电工", (*_ELECTRICIAN, "G04"), (ELECTRIC, FIRE, HEIGHT)),
    Profile("综合维修", (*_BUILDER, "G04"), (HEIGHT, FIRE)),
    Profile("维修电工", (*_ELECTRICIAN, "G99"), (ELECTRIC, COOLING)),
    Profile("保洁维护", _CLEANER),
    Profile("维修电工", (*_ELECTRICIAN, *_BUILDER), (ELECTRIC, LOCK)),
)

EXPIRES_IN_FIVE_DAYS = ("gebudian", 7)
EXPIRED = ("zhongcang", 5)
WITHOUT_ANY = ("jinhao", 6)
OFF_SHIFT = ("yunhe", 7)
OVERLOADED = ("zhongcang", 0)
"""Office and position of the particular workers of domain 4.1."""
BEFORE_THE_DEMO_DAY = timedelta(days=200)
"""The organisations are built this long before the day of the demonstration."""


def profile_of(position: int) -> Profile:
    """The trade of the nth worker of an office."""
    return PROFILES[position % len(PROFILES)]


def certify(worker: Worker, office: str, position: int) -> None:
    """Write the worker's certificates; ends are counted from the day of the demonstration."""
    today = clock.china_date(clock.now() + BEFORE_THE_DEMO_DAY)
    for number, kind in enumerate(profile_of(position).certificates):
        valid_to = _valid_to(kind, (office, position), today, number)
        db.session.add(
            Certificate(
                worker_id=worker.id,
                office_id=worker.office_id,
                company_id=worker.company_id,
                district_id=worker.district_id,
                kind=kind,
                number=f"DEMO{worker.id:04d}{number:02d}",
                issued_on=valid_to - timedelta(days=1095),
                valid_to=valid_to,
            )
        )


def _valid_to(kind: str, who: tuple[str, int], today: date, number: int) -> date:
    if kind == ELECTRIC and who == EXPIRES_IN_FIVE_DAYS:
        return today + timedelta(days=5)
    if kind == ELECTRIC and who == EXPIRED:
        return today - timedelta(days=20)
    return today + timedelta(days=150 + 37 * (who[1] + number))
