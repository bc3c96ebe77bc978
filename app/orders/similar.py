"""Before somebody reports: has the same problem been reported already? (domain 3.8, Duplicates)

The same estate, the same category group, the same building; outdoors the same spot or one within 50 m; the last seven
days; still open. What is said of it names no person, no home and no word that somebody wrote.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from app.accounts.errors import HomeUnknown
from app.accounts.models import BindingStatus
from app.accounts.queries import BoundHome, homes_of
from app.catalogue.models import Category
from app.core import clock
from app.core.clock import china_date
from app.core.db import db
from app.core.scope import Scope
from app.estates.errors import EstateUnknown, SpotUnknown
from app.estates.models import Building, PublicSpot
from app.media.models import CheckState, Photo
from app.orders.follower_models import OrderFollower
from app.orders.lifecycle import OPEN, Menu, Status
from app.orders.models import Order, OrderPhoto
from app.orders.rules import EARTH_RADIUS_M

LAST_DAYS = timedelta(days=7)
NEAR_M = 50
AT_MOST = 3
GROUP_LENGTH = 3
"""G0201 belongs to group G02."""
SOMEWHERE = "小区公共区域"
_METRES_IN_A_DEGREE = math.radians(1) * EARTH_RADIUS_M


@dataclass(frozen=True)
class Here:
    """Where somebody is about to report, as far as it decides what the same problem is; coordinates in degrees."""

    estate_id: int
    building_id: int | None = None
    spot_id: int | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class Similar:
    """An open order that may be the same problem. `households` counts the reporter's and those that joined; `photo_id`
    only when the content check has passed it; `mine` when the person who asks has reported it himself."""

    id: int
    category: str
    place: str
    in_building: bool
    status: Status
    submitted_at: datetime
    households: int
    photo_id: int | None
    mine: bool
    following: bool


def find_here(
    *,
    by: Scope,
    spot_code: str | None = None,
    spot_id: int | None = None,
    home_id: int | None = None,
    building_id: int | None = None,
    estate_id: int | None = None,
) -> Here:
    """The place by the most exact thing that was named: the scanned sign, a spot chosen from the list, a home of one's
    own, a building or the estate of one's home. Raises SpotUnknown, HomeUnknown or EstateUnknown, also for what is
    somebody else's."""
    if spot_code:
        here = spot_here(spot_code)
    elif spot_id is not None:
        here = _chosen_spot(spot_id, by)
    else:
        here = _at_home(homes_now(by.account_id, clock.now()), home_id, building_id, estate_id)
    if estate_id is not None and here.estate_id != estate_id:
        raise EstateUnknown()
    return here


def spot_here(code: str) -> Here:
    """The place of a scanned sign, open to anybody who stands before it; raises SpotUnknown."""
    return _spot(PublicSpot.code == code.strip().upper())


def _chosen_spot(spot_id: int, by: Scope) -> Here:
    """Without its sign a spot counts for those who live in its estate."""
    here = _spot(PublicSpot.id == spot_id)
    if not any(home.estate_id == here.estate_id for home in homes_now(by.account_id, clock.now())):
        raise SpotUnknown()
    return here


def _spot(which: ColumnElement[bool]) -> Here:
    columns = (PublicSpot.estate_id, PublicSpot.building_id, PublicSpot.id)
    where_it_is = (PublicSpot.latitude, PublicSpot.longitude)
    row = db.session.execute(select(*columns, *where_it_is).where(which)).one_or_none()
    if row is None:
        raise SpotUnknown()
    return Here(*row)


def homes_now(account_id: int | None, at: datetime) -> list[BoundHome]:
    """The homes in which this person lives today, in one statement; nobody lives nowhere."""
    if account_id is None:
        return []
    today = china_date(at)
    return [
        home
        for home in homes_of(account_id)
        if home.status == BindingStatus.ACTIVE and (home.valid_to is None or home.valid_to >= today)
    ]


def _at_home(
    mine: list[BoundHome], home_id: int | None, building_id: int | None, estate_id: int | None
) -> Here:
    if home_id is not None:
        home = next((each for each in mine if each.home_id == home_id), None)
        if home is None:
            raise HomeUnknown()
        return Here(home.estate_id, home.building_id)
    if building_id is not None:
        estate_id = db.session.scalar(select(Building.estate_id).where(Building.id == building_id))
    if estate_id not in {each.estate_id for each in mine}:
        raise EstateUnknown()
    assert estate_id is not None
    return Here(estate_id, building_id)


def same_place(here: Here) -> ColumnElement[bool] | None:
    """Which orders stand at the same place; the statement joins the order's spot. None when nothing tells where: an
    estate alone is too large to be one place."""
    if here.building_id is not None:
        return Order.building_id == here.building_id
    if here.spot_id is None:
        return None
    same = Order.spot_id == here.spot_id
    if here.latitude is None or here.longitude is None:
        return same
    # Flat over fifty metres: off by less than a millimetre, and both engines can multiply.
    north = (PublicSpot.latitude - here.latitude) * _METRES_IN_A_DEGREE
    east = (PublicSpot.longitude - here.longitude) * (
        _METRES_IN_A_DEGREE * math.cos(math.radians(here.latitude))
    )
    return or_(same, and_(Order.building_id.is_(None), north * north + east * east <= NEAR_M**2))


def similar(category_code: str, here: Here, *, by: Scope) -> list[Similar]:
    """At most three, the newest first, in one statement."""
    place = same_place(here)
    if place is None:
        return []
    followed = exists().where(
        OrderFollower.order_id == Order.id,
        OrderFollower.account_id == by.account_id,
        OrderFollower.left_at.is_(None),
    )
    statement = (
        select(
            Order.id,
            Order.status,
            Order.submitted_at,
            Order.reporter_id,
            Category.name.label("category"),
            Building.number.label("building"),
            PublicSpot.name.label("spot"),
            households().label("households"),
            checked_photo().label("photo_id"),
            followed.label("following"),
        )
        .join(Category, Category.code == Order.category_code)
        .outerjoin(Building, Building.id == Order.building_id)
        .outerjoin(PublicSpot, PublicSpot.id == Order.spot_id)
        .where(
            Order.menu == Menu.REPORT.value,
            Order.estate_id == here.estate_id,
            Order.category_code.startswith(category_code[:GROUP_LENGTH], autoescape=True),
            Order.status.in_(sorted(status.value for status in OPEN)),
            Order.submitted_at >= clock.now() - LAST_DAYS,
            place,
        )
        .order_by(Order.submitted_at.desc(), Order.id.desc())
        .limit(AT_MOST)
    )
    return [_similar(row, by) for row in db.session.execute(statement)]


def _similar(row: Any, by: Scope) -> Similar:
    return Similar(
        id=row.id,
        category=row.category,
        place=place_by_name(row.building, row.spot),
        in_building=row.building is not None,
        status=Status(row.status),
        submitted_at=row.submitted_at,
        households=row.households,
        photo_id=row.photo_id,
        mine=row.reporter_id is not None and row.reporter_id == by.account_id,
        following=bool(row.following),
    )


def place_by_name(building: str | None, spot: str | None) -> str:
    """5号楼 1单元门厅: the place by its registered names alone, without the words that a reporter has added."""
    names = (f"{building}号楼" if building else "", spot or "")
    return " ".join(filter(None, names)) or SOMEWHERE


def others() -> Any:
    """How many other households have the same problem, as a column of a group of `OrderFollower`s."""
    return func.count(func.coalesce(OrderFollower.home_id, -OrderFollower.account_id).distinct())


def counted() -> ColumnElement[bool]:
    """The followers that are further households."""
    return and_(OrderFollower.left_at.is_(None), OrderFollower.with_reporter.is_(False))


def households() -> Any:
    """The reporter's household and the others, as a column of an order: N 户反映."""
    joined = select(others()).where(OrderFollower.order_id == Order.id, counted())
    return 1 + joined.correlate(Order).scalar_subquery()


def checked_photo() -> Any:
    """The first photo of the report that the content check has passed, as a column of an order (X01)."""
    return (
        select(func.min(Photo.id))
        .join(OrderPhoto, OrderPhoto.photo_id == Photo.id)
        .where(
            OrderPhoto.order_id == Order.id,
            OrderPhoto.step == "submit",
            Photo.check_state == CheckState.PASS.value,
        )
        .correlate(Order)
        .scalar_subquery()
    )
