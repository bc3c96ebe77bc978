"""The demonstration district of domain 4.1: streets, communities, six estates with every building, unit and home.

Place names are labels only. A home area without house numbers (平房) is kept as rows of one unit each, because every
home stands in a building and a unit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import joinedload

from app.core import clock
from app.core.db import db, table_of
from app.estates.models import Building, Community, District, Estate, Facility, Home, PublicSpot, Street, Unit
from app.estates.models import ManagementMode as Mode
from app.estates.queries import spot_place

DISTRICT_CODE, DISTRICT_NAME = "110112", "通州区(演示)"
STREETS = ("示范街道一", "示范街道二", "示范街道三")
LIFT_FIRM, LIFT_PHONE = "示例电梯维保单位", "19900000990"
VOTE_BUILDING, VOTE_UNIT = "5", "1"
VOTE_AREAS = (60, 60, 60, 60, 60, 60, 80, 80, 80, 80, 80, 80)
"""12 homes, 840 m2 (domain 2.1): the first two belong to O1, then O2 ... O11 have one each."""


@dataclass(frozen=True)
class UnitPlan:
    """One unit: `floors` x `per_floor` homes, of which the first `left_out` of the ground floor do not exist."""

    floors: int
    per_floor: int
    left_out: int = 0

    def homes(self) -> Iterator[tuple[int, str]]:
        """Floor and house number, from below: (1, "101"), (1, "102") ..."""
        for floor in range(1, self.floors + 1):
            first = self.left_out if floor == 1 else 0
            for position in range(first, self.per_floor):
                yield floor, f"{floor}{position + 1:02d}"


@dataclass(frozen=True)
class EstatePlan:
    """An estate as domain 4.1 lists it; `areas` are the exclusive areas of the homes on a floor, repeated."""

    key: str
    name: str
    prefix: str
    mode: Mode
    house_type: str
    built: int
    area: int
    street: int
    community: int
    position: tuple[float, float]
    buildings: tuple[tuple[UnitPlan, ...], ...]
    areas: tuple[int, ...]
    lift: bool = False
    pilot: bool = False
    free: bool = False
    pay: bool = False
    iot: bool = False
    parking: bool = False
    rows: bool = False

    @property
    def homes(self) -> int:
        """How many homes the plan holds."""
        return sum(len(list(unit.homes())) for building in self.buildings for unit in building)


_LOW, _MIDDLE = UnitPlan(4, 2), UnitPlan(6, 2)
_VOTE_HOUSE = (_MIDDLE, _MIDDLE, _LOW)
_XIYING = tuple(_VOTE_HOUSE if number == 5 else (_LOW,) * 4 for number in range(1, 10))
_CANAL = ((UnitPlan(14, 3),) * 2,) * 12 + ((UnitPlan(14, 3, left_out=1),) * 2,) * 6

ESTATES = (
    EstatePlan("gebudian", "葛布店北里(演示)", "GBD", Mode.TRIAL, "老旧小区", 1989, 35_200, 2, 3, (39.8965, 116.6702),
               ((_LOW,) * 5,) * 16, (50, 60), pilot=True, free=True),
    EstatePlan("xiying", "西营前街(演示)", "XYQ", Mode.BASIC, "老旧小区", 1985, 15_840, 1, 2, (39.9078, 116.6571),
               _XIYING, (50, 58), pilot=True, free=True),
    EstatePlan("zhongcang", "中仓小区(演示)", "ZCX", Mode.PROFESSIONAL, "售后公房", 1993, 58_560, 1, 1,
               (39.9121, 116.6618), ((_MIDDLE,) * 4,) * 20, (56, 66), pilot=True),
    EstatePlan("jinhao", "金昊雅苑(演示)", "JHY", Mode.PROFESSIONAL, "动迁房", 2012, 100_800, 2, 4,
               (39.8894, 116.6845), ((UnitPlan(10, 4),) * 2,) * 14, (75, 90, 90, 105),
               lift=True, iot=True, parking=True),
    EstatePlan("yunhe", "运河示范苑(虚构)", "YHS", Mode.PROFESSIONAL, "商品房", 2016, 165_000, 3, 5,
               (39.9012, 116.7266), _CANAL, (95, 110, 125), lift=True, pay=True, iot=True, parking=True),
    EstatePlan("luhe", "潞河平房片区(虚构)", "LHP", Mode.NONE, "平房", 1978, 9_000, 3, 6, (39.9043, 116.7351),
               ((UnitPlan(1, 15),),) * 12, (50,), rows=True),
)  # fmt: skip

COMMON_SPOTS = (
    ("DM", "小区大门", (-90, 0)), ("LD", "南门路灯", (-80, 25)), ("LJ", "垃圾分类点", (30, 70)),
    ("JS", "健身小广场", (10, -15)), ("XF", "消防通道", (75, -60)), ("DL", "中心路", (0, 15)),
)  # fmt: skip
"""Code, name, and metres north and east of the estate's centre."""
_METRES_IN_A_DEGREE = 111_195


def build_district() -> int:
    """Write the whole district; returns its id."""
    district = District(code=DISTRICT_CODE, name=DISTRICT_NAME)
    db.session.add(district)
    db.session.flush()
    streets = [
        Street(code=f"{DISTRICT_CODE}9{number:02d}", name=name, district_id=district.id)
        for number, name in enumerate(STREETS, 1)
    ]
    db.session.add_all(streets)
    db.session.flush()
    street_of = {plan.community: streets[plan.street - 1].id for plan in ESTATES}
    communities = [
        Community(
            code=f"{DISTRICT_CODE}9{number:05d}", name=f"示范社区{number:02d}", street_id=street_of[number]
        )
        for number in range(1, 7)
    ]
    db.session.add_all(communities)
    db.session.flush()
    for number, plan in enumerate(ESTATES, 1):
        community = communities[plan.community - 1]
        _build_estate(plan, number, district.id, community)
    return district.id


def _build_estate(plan: EstatePlan, number: int, district_id: int, community: Community) -> None:
    latitude, longitude = plan.position
    estate = Estate(
        code=f"DEMO-{number:03d}",
        name=plan.name,
        address=f"{DISTRICT_NAME}{STREETS[plan.street - 1]}{plan.name.partition('(')[0]}",
        mode=plan.mode,
        house_type=plan.house_type,
        built_year=plan.built,
        area_m2=Decimal(plan.area),
        homes_count=plan.homes,
        latitude=latitude,
        longitude=longitude,
        district_id=district_id,
        street_id=community.street_id,
        community_id=community.id,
        has_lift=plan.lift,
        is_pilot=plan.pilot,
        in_home_service=plan.pilot,
        free_trial=plan.free,
        pay_enabled=plan.pay,
        iot_enabled=plan.iot,
        parking_enabled=plan.parking,
    )
    db.session.add(estate)
    db.session.flush()
    _build_houses(plan, estate.id)
    _common_spots(plan, estate.id)


def _build_houses(plan: EstatePlan, estate_id: int) -> None:
    """Buildings, units, homes, one spot a unit and one lift a unit, each table in one statement."""
    numbers = [_building_number(plan, index) for index in range(len(plan.buildings))]
    _insert(
        Building,
        [
            {"estate_id": estate_id, "number": number, "floors": units[0].floors, "has_lift": plan.lift}
            for number, units in zip(numbers, plan.buildings, strict=True)
        ],
    )
    building_ids = _ids(Building, Building.estate_id == estate_id)
    pairs = [
        (number, building_id, str(position), unit)
        for number, building_id, units in zip(numbers, building_ids, plan.buildings, strict=True)
        for position, unit in enumerate(units, 1)
    ]
    _insert(Unit, [{"building_id": building_id, "number": unit} for _, building_id, unit, _ in pairs])
    unit_ids = _ids(Unit, Unit.building_id.in_(building_ids))
    homes: list[dict[str, Any]] = []
    for (number, building_id, unit, shape), unit_id in zip(pairs, unit_ids, strict=True):
        place = {"estate_id": estate_id, "building_id": building_id, "unit_id": unit_id}
        areas = _areas(plan, number, unit)
        homes += [
            {**place, "number": home, "floor": floor, "area_m2": Decimal(areas[index % len(areas)])}
            for index, (floor, home) in enumerate(shape.homes())
        ]
    _insert(Home, homes)
    _unit_spots(plan, estate_id, pairs, unit_ids)


def _building_number(plan: EstatePlan, index: int) -> str:
    return f"平{index + 1}" if plan.rows else str(index + 1)


def _areas(plan: EstatePlan, building: str, unit: str) -> tuple[int, ...]:
    is_vote_unit = (plan.key, building, unit) == ("xiying", VOTE_BUILDING, VOTE_UNIT)
    return VOTE_AREAS if is_vote_unit else plan.areas


def _unit_spots(plan: EstatePlan, estate_id: int, pairs: list[Any], unit_ids: list[int]) -> None:
    """The QR sign in each stairwell; with a lift also in the lift hall, and the lift itself as a facility."""
    spots: list[dict[str, Any]] = []
    for (number, building_id, unit, _), unit_id in zip(pairs, unit_ids, strict=True):
        place = {"estate_id": estate_id, "building_id": building_id, "unit_id": unit_id}
        code = f"{plan.prefix}-{number.replace('平', 'P')}-{unit}"
        spots.append(
            {**place, "code": f"{code}-LD", "name": f"{unit}单元楼道" if not plan.rows else "胡同口"}
        )
        if plan.lift:
            spots.append({**place, "code": f"{code}-DT", "name": f"{unit}单元电梯厅"})
    _insert(PublicSpot, spots)
    if plan.lift:
        halls = (
            select(PublicSpot)
            .options(joinedload(PublicSpot.building))
            .where(PublicSpot.estate_id == estate_id, PublicSpot.code.endswith("-DT"))
        )
        _insert(Facility, [_lift(spot) for spot in db.session.scalars(halls.order_by(PublicSpot.id))])


def _lift(spot: PublicSpot) -> dict[str, Any]:
    due = clock.china_date(clock.now()) + timedelta(days=230 + spot.id % 90)
    return {
        "estate_id": spot.estate_id,
        "spot_id": spot.id,
        "kind": "电梯",
        "code": f"{spot.code}",
        "name": spot_place(spot).replace("电梯厅", "电梯"),
        "maintenance_firm": LIFT_FIRM,
        "maintenance_phone": LIFT_PHONE,
        "inspection_due_on": due,
    }


def _common_spots(plan: EstatePlan, estate_id: int) -> None:
    in_a_degree_east = _METRES_IN_A_DEGREE * math.cos(math.radians(plan.position[0]))
    spots = [
        {
            "estate_id": estate_id,
            "building_id": None,
            "unit_id": None,
            "code": f"{plan.prefix}-{code}",
            "name": name,
            "latitude": round(plan.position[0] + north / _METRES_IN_A_DEGREE, 6),
            "longitude": round(plan.position[1] + east / in_a_degree_east, 6),
        }
        for code, name, (north, east) in COMMON_SPOTS
    ]
    _insert(PublicSpot, spots)
    kinds = [("PUMP", "水泵", "二次供水泵房"), ("GATE", "道闸", "大门道闸"), ("LAMP", "路灯", "庭院路灯")]
    known = kinds[2:] if plan.rows else kinds
    _insert(
        Facility,
        [
            {"estate_id": estate_id, "kind": kind, "code": f"{plan.prefix}-{code}", "name": name}
            for code, kind, name in known
        ],
    )


def _insert(model: Any, rows: list[dict[str, Any]]) -> None:
    db.session.execute(insert(table_of(model)), rows)


def _ids(model: Any, which: Any) -> list[int]:
    """The ids in the order in which the rows were written."""
    return list(db.session.scalars(select(model.id).where(which).order_by(model.id)))
