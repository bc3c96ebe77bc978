"""Orders that the desk gives to a worker, and what the server knows of them afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.companies.models import Worker, WorkerSkill
from app.companies.queries import serving_office
from app.core import clock
from app.core.db import db, transact
from app.estates.models import Estate, PublicSpot
from tests.client.district import DISPATCHER, PILOT_ESTATE, WORKER, District
from tests.journeys.product import ApiClient

_signed_in: dict[tuple[str, str], ApiClient] = {}
LAMP_AT_HOME, TOILET = "H0101", "H0201"
GRID_SHIFT = (0.0013, 0.0062)
"""By how many degrees the maps of Peking lie beside the satellites' grid."""
ON_SITE = ("take", "depart", "check_in", "start", "finish")
"""A worker's day, as events are named."""


def api(district: District, name: str) -> ApiClient:
    """The same person over plain HTTP, signed in once: the API counts logins."""
    who = (district.address, name)
    if who not in _signed_in:
        _signed_in[who] = district.api(name)
    return _signed_in[who]


def reported(district: District, resident: str, **values: Any) -> int:
    """A lamp in somebody's flat, unless told otherwise."""
    phone = api(district, resident)
    plain: dict[str, Any] = {
        "menu": "EMG",
        "category_code": LAMP_AT_HOME,
        "text": "客厅吸顶灯不亮",
        "home_id": phone.get("/me/homes")["items"][0]["home_id"],
        "photo_ids": [phone.upload(district.draw("lamp_dark", seed=7))],
    }
    return int(phone.post("/orders", {**plain, **values})["order_id"])


def accepted(district: District, resident: str, **values: Any) -> int:
    """The desk has taken it; nobody is sent yet."""
    order_id = reported(district, resident, **values)
    api(district, DISPATCHER).post(f"/orders/{order_id}/accept", {})
    return order_id


def assigned(district: District, resident: str, *, worker: str = WORKER, **values: Any) -> int:
    """The desk has sent this worker."""
    order_id = accepted(district, resident, **values)
    body = {"worker_id": worker_id(district, order_id, worker), "override_reason": "就在附近"}
    api(district, DISPATCHER).post(f"/orders/{order_id}/assign", body)
    return order_id


FIRM = {
    "party": "utility",
    "party_name": "城东自来水公司",
    "ticket": "W20261121-7",
    "reason": "二次供水泵故障",
    "safety": "已在门厅放置临时水桶",
}


@contextmanager
def residents_pay(district: District) -> Iterator[None]:
    """What is reported meanwhile in the pilot estate costs what the list says."""
    _free_trial(district, False)
    try:
        yield
    finally:
        _free_trial(district, True)


def _free_trial(district: District, on: bool) -> None:
    def work() -> None:
        db.session.scalars(select(Estate).where(Estate.code == PILOT_ESTATE)).one().free_trial = on

    with district.product.looking_in():
        transact(work)


def let_crew_grab(district: District, mode: str = "grab") -> None:
    """How the pilot's office sends somebody, until it chooses again. Nobody's hands are full, and everybody can mend
    a toilet."""

    def work() -> None:
        estate = db.session.scalars(select(Estate).where(Estate.code == PILOT_ESTATE)).one()
        contract = serving_office(estate.id, clock.china_date(clock.now()))
        assert contract is not None
        contract.office.dispatching = mode
        for worker in db.session.scalars(select(Worker).where(Worker.office_id == contract.office_id)):
            worker.max_parallel = 99
            skill = {"worker_id": worker.id, "category_group": TOILET[:3]}
            if not db.session.scalars(select(WorkerSkill).filter_by(**skill)).first():
                db.session.add(WorkerSkill(**skill))

    with district.product.looking_in():
        transact(work)


def looked_at(district: District, resident: str, *, free: bool = True, **values: Any) -> int:
    """A lamp at home; the worker has been there and knows what it is."""
    with nullcontext() if free else residents_pay(district):
        order_id = assigned(district, resident, **values)
    check_in(district, order_id)
    return order_id


def check_in(district: District, order_id: int, *, worker: str = WORKER) -> None:
    """On site, with a photo."""
    li = api(district, worker)
    body = {
        "finding": "灯座烧坏",
        "hazardous": False,
        "expected_at": (district.now() + timedelta(hours=20)).isoformat(timespec="milliseconds"),
        "contact_result": "已当面告诉报修人",
        "photo_ids": [li.upload(district.draw("lamp_dark", seed=5))],
    }
    li.post(f"/orders/{order_id}/check-in", body)


def quote(district: District, order_id: int) -> None:
    """The lamp is checked and gets a new tube."""
    tube = {"item_code": "E02", "material_by": "company", "material": "LED灯管", "material_fen": 1_500}
    api(district, WORKER).post(f"/orders/{order_id}/quote", {"lines": [tube], "note": "灯座也要换"})


def worker_id(district: District, order_id: int, worker: str) -> int:
    """Of the person who holds this phone, among those who can be sent."""
    title = {WORKER: "李师傅"}.get(worker, "周师傅")
    ranked = api(district, DISPATCHER).get(f"/orders/{order_id}/candidates")["items"]
    return int(next(each["worker_id"] for each in ranked if each["name"] == title))


def place(district: District, order_id: int) -> str:
    """Where it is, as the worker reads it."""
    return str(api(district, DISPATCHER).get(f"/orders/{order_id}")["place"])


def number(district: District, order_id: int) -> str:
    """As everybody says it: E1125-0330."""
    return str(api(district, DISPATCHER).get(f"/orders/{order_id}")["number"])


def steps(district: District, order_id: int) -> list[str]:
    """The worker's steps that the server has, in their order."""
    events = api(district, DISPATCHER).get(f"/orders/{order_id}/timeline")["items"]
    return [event["action"] for event in events if event["role"] == "WRK"]


def site(district: District, order_id: int) -> Any:
    """What was noted on site."""
    return api(district, DISPATCHER).get(f"/orders/{order_id}/site")


def standing_in(district: District, estate_code: str = PILOT_ESTATE) -> tuple[float, float]:
    """A position in the estate as satellites see it."""
    with district.product.looking_in():
        found = db.session.scalars(select(Estate).where(Estate.code == estate_code)).one()
        return found.latitude - GRID_SHIFT[0], found.longitude - GRID_SHIFT[1]


def spot_code(district: District, *, inside: bool = True) -> str:
    """The sign of a public spot in the pilot estate, or of another estate."""
    with district.product.looking_in():
        here = db.session.scalars(select(Estate.id).where(Estate.code == PILOT_ESTATE)).one()
        fits = PublicSpot.estate_id == here if inside else PublicSpot.estate_id != here
        return str(db.session.scalars(select(PublicSpot.code).where(fits).order_by(PublicSpot.id)).first())
