"""Finding a place: estates, buildings, entrances, homes by number, the spot of a QR sign. Nothing personal."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.core.paging import decode_id_cursor, encode_cursor
from app.core.redaction import without_personal_data
from app.estates import queries
from app.estates.models import Estate
from app.orders.lifecycle import Menu, Status
from app.orders.queries import public_repairs
from app.orders.rules import order_number
from miniprogram_api.fields import In, Instant, Out, PageIn, QueryId, RowId, Text
from miniprogram_api.routing import Routes
from miniprogram_api.session import PUBLIC, SIGNED_IN, Caller

routes = Routes("places", tag="小区与地点")


class EstatesIn(In):
    """A part of the name or the address; empty lists the first ones by name."""

    q: Annotated[Text, Field(max_length=30)] = ""


class EstateOut(Out):
    """An estate as everybody may know it."""

    id: RowId
    name: str
    address: str
    in_home_service: bool


class EstatesOut(Out):
    """At most thirty; a longer word finds fewer."""

    items: list[EstateOut]


def estate_out(estate: Estate) -> EstateOut:
    """The public side of an estate."""
    return EstateOut(
        id=estate.id,
        name=estate.name,
        address=estate.address,
        in_home_service=estate.is_pilot and estate.in_home_service,
    )


@routes.query(
    "/estates", who=PUBLIC, asks=EstatesIn, out=EstatesOut, title="找小区", rate="public", personal=False
)
def estates(asked: EstatesIn) -> EstatesOut:
    """By a part of the name or the address."""
    return EstatesOut(items=[estate_out(each) for each in queries.search_estates(asked.q)])


class NumberOut(Out):
    """A building, an entrance or a home by its number."""

    id: RowId
    number: str


class NumbersOut(Out):
    """All of them in natural order: 2 before 10."""

    items: list[NumberOut]


@routes.query("/estates/<id:estate_id>/buildings", who=SIGNED_IN, out=NumbersOut, title="小区的楼号")
def buildings(caller: Caller, estate_id: int) -> NumbersOut:
    """Raises EstateUnknown."""
    queries.estate(estate_id)
    return _numbers(queries.buildings_of(estate_id))


@routes.query("/buildings/<id:building_id>/units", who=SIGNED_IN, out=NumbersOut, title="楼的单元")
def units(caller: Caller, building_id: int) -> NumbersOut:
    """Empty for a building that does not exist."""
    return _numbers(queries.units_of(building_id))


@routes.query("/units/<id:unit_id>/homes", who=SIGNED_IN, out=NumbersOut, title="单元的门牌")
def homes(caller: Caller, unit_id: int) -> NumbersOut:
    """Numbers only: who lives there is nobody's business."""
    return _numbers(queries.homes_of_unit(unit_id))


def _numbers(rows) -> NumbersOut:
    return NumbersOut(items=[NumberOut(id=row.id, number=row.number) for row in rows])


class SpotOut(Out):
    """The public spot on whose wall the code hangs."""

    id: RowId
    code: str
    name: str
    place: str
    estate: EstateOut


@routes.query("/spots/<code:code>", who=SIGNED_IN, out=SpotOut, title="扫码得到的点位")
def spot(caller: Caller, code: str) -> SpotOut:
    """What stands in the QR sign; raises SpotUnknown."""
    found = queries.spot_by_code(code)
    return SpotOut(
        id=found.id,
        code=found.code,
        name=found.name,
        place=queries.spot_place(found),
        estate=estate_out(found.estate),
    )


class SpotsIn(PageIn):
    """Of one building, if named."""

    building_id: QueryId | None = None


class SpotChoiceOut(Out):
    """A spot to choose from a list. Its code is not told: that is for who stands before the sign."""

    id: RowId
    place: str
    building_id: RowId | None


class SpotChoicesOut(Out):
    """A page of them."""

    items: list[SpotChoiceOut]
    next_cursor: str | None


@routes.query(
    "/estates/<id:estate_id>/spots", who=SIGNED_IN, asks=SpotsIn, out=SpotChoicesOut, title="小区的公共点位"
)
def spots(caller: Caller, asked: SpotsIn, estate_id: int) -> SpotChoicesOut:
    """For those who cannot scan; whether somebody may report there is asked when he sends. Raises EstateUnknown."""
    queries.estate(estate_id)
    found = queries.spots_of(
        estate_id,
        after_id=decode_id_cursor(asked.cursor) or 0,
        limit=asked.limit + 1,
        building_id=asked.building_id,
    )
    page = found[: asked.limit]
    return SpotChoicesOut(
        items=[
            SpotChoiceOut(id=each.id, place=queries.spot_place(each), building_id=each.building_id)
            for each in page
        ],
        next_cursor=encode_cursor(page[-1].id) if len(found) > asked.limit else None,
    )


class PublicRepairOut(Out):
    """One public-area order without names, phones, homes or photos (S1-01, D7)."""

    number: str
    category: str
    place: str
    status: str
    status_label: str
    submitted_at: Instant


class PublicRepairsOut(Out):
    """The newest first."""

    items: list[PublicRepairOut]
    next_cursor: str | None


@routes.query(
    "/estates/<id:estate_id>/repairs",
    who=PUBLIC,
    asks=PageIn,
    out=PublicRepairsOut,
    title="小区报修记录",
    rate="public",
    personal=False,
)
def repairs(asked: PageIn, estate_id: int) -> PublicRepairsOut:
    """Open to everybody. A place that somebody typed is cleaned of what might name a home or a phone."""
    queries.estate(estate_id)
    page = public_repairs(estate_id, cursor=asked.cursor or None, limit=asked.limit)
    return PublicRepairsOut(items=[_repair(row) for row in page.items], next_cursor=page.next_cursor)


def _repair(row) -> PublicRepairOut:
    status = Status(row.status)
    return PublicRepairOut(
        number=order_number(row.id, Menu(row.menu), row.submitted_at),
        category=row.name,
        place=without_personal_data(row.place_public),
        status=status.value,
        status_label=status.resident,
        submitted_at=row.submitted_at,
    )
