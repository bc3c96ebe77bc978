"""One served estate with everybody who takes part in an order, and the steps that lead an order on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from app.accounts.models import Account, Hat
from app.accounts.scopes import resident_scope
from app.catalogue.service import install_standard as install_categories
from app.companies.hats import scope_of
from app.companies.models import Worker
from app.core import clock
from app.core.connections import writing
from app.core.db import db, transact
from app.core.roles import Role
from app.core.scope import Scope
from app.media.models import Photo, Voice
from app.orders import booking, desk, field_work, holds, submitting
from app.orders.field_work import CheckIn
from app.orders.lifecycle import Menu
from app.orders.models import Order
from app.orders.policies import install_standard as install_policies
from app.orders.quote_queries import parts_of_round
from app.orders.submitting import Submitted
from app.orders.whereabouts import Submission
from tests.factories.people import make_account, make_certificate, make_hat, make_resident, make_worker
from tests.factories.places import Place, make_place
from tests.factories.rewound import Rewound, is_empty
from tests.factories.units import next_number, saved

T = TypeVar("T")
LAMP = "G0201"
TILE = "G0103"
HOME_LAMP = "H0101"


@dataclass
class Scene:
    """`at` is the instant of the next step; steps run in units of their own with the clock held there."""

    place: Place
    resident: Account
    worker: Worker
    scopes: dict[Role, Scope]
    at: datetime
    uploads: dict[Role, int] = field(default_factory=dict)

    def by(self, role: Role) -> Scope:
        return self.scopes[role]

    def do(self, work: Callable[[], T], *, after: timedelta | None = None, at: datetime | None = None) -> T:
        """Run one command at `at` (or so long after the last step)."""
        self.at = at or self.at + (after or timedelta())
        with clock.frozen(self.at):
            return transact(work)

    def photos(self, role: Role, count: int = 1) -> list[int]:
        """Fresh uploads of the person who wears the role."""
        account_id = self.by(role).account_id

        def upload() -> list[int]:
            return [self._photo(account_id).id for _ in range(count)]

        return transact(upload)

    def _photo(self, account_id: int | None) -> Photo:
        number = next_number()
        return saved(
            Photo(
                uploaded_by=account_id,
                uploaded_at=self.at,
                sha256=f"{number:064x}",
                key=f"test/{number}.jpg",
                width=4,
                height=3,
            )
        )

    def voice(self, role: Role, *, duration_ms: int = 12_000) -> int:
        """A fresh recording of the person who wears the role."""

        def upload() -> int:
            number = next_number()
            row = Voice(
                uploaded_by=self.by(role).account_id,
                uploaded_at=self.at,
                sha256=f"{number:064x}",
                key=f"test/{number}.wav",
                duration_ms=duration_ms,
            )
            return saved(row).id

        return transact(upload)

    def submit(self, *, at: datetime | None = None, by: Role = Role.RES, **values: Any) -> Submitted:
        """A dark lamp in the entrance, unless told otherwise."""
        plain: dict[str, Any] = {
            "menu": Menu.REPORT,
            "category_code": LAMP,
            "text": "门厅的灯不亮了",
            "spot_id": self.place.spot.id,
        }
        submission = Submission(**{**plain, **values})
        return self.do(lambda: submitting.submit(submission, by=self.by(by)), at=at)

    def accept(self, order_id: int, **step: Any) -> Order:
        return self.do(lambda: desk.accept(order_id, by=self.by(Role.DSP)), **step)

    def assign(self, order_id: int, **step: Any) -> Order:
        by = self.by(Role.DSP)
        return self.do(lambda: desk.assign(order_id, by=by, worker_id=self.worker.id), **step)

    def check_in(self, order_id: int, *, protected: bool = False, **step: Any) -> Order:
        photos = self.photos(Role.WRK)
        protection = self.photos(Role.WRK) if protected else []
        at = step.get("at") or self.at + step.get("after", timedelta())
        visit = CheckIn(
            finding="灯管烧坏",
            hazardous=protected,
            expected_at=at + timedelta(hours=5),
            contact_result="已电话告知报修人",
            photo_ids=photos,
            protection_photo_ids=protection,
            spot_code=self.place.spot.code,
        )
        return self.do(lambda: field_work.check_in(order_id, visit, by=self.by(Role.WRK)), **step)

    def finish(self, order_id: int, **step: Any) -> Order:
        """With a photo of the old part where one was replaced."""
        by, done = self.by(Role.WRK), {"result": "已更换灯管", "photo_ids": self.photos(Role.WRK)}
        replaced = parts_of_round(order_id, self.order(order_id).round)
        old = self.photos(Role.WRK) if replaced else []
        return self.do(lambda: field_work.finish(order_id, by=by, old_part_photo_ids=old, **done), **step)

    def call(self, order_id: int, *, by: Role = Role.WRK, **step: Any) -> None:
        """Nobody picks up the telephone."""
        self.do(lambda: desk.log_call(order_id, by=self.by(by), result="电话没人接"), **step)

    def hold(self, order_id: int, *, reason: str = "nobody_home", text: str = "", **step: Any) -> Order:
        """The worker stands before a closed door, or was asked to come another time."""
        photos = self.photos(Role.WRK)
        by = self.by(Role.WRK)
        return self.do(
            lambda: holds.hold(order_id, by=by, reason=reason, text=text, photo_ids=photos), **step
        )

    def at_a_closed_door(self, *, at: datetime | None = None, **values: Any) -> int:
        """An emergency at the first home; the worker is at the door and has called twice, five minutes apart."""
        home = {"menu": Menu.EMERGENCY, "category_code": HOME_LAMP, "spot_id": None}
        order_id = self.until_working(at=at, home_id=self.place.homes[0].id, **{**home, **values})
        self.call(order_id, after=timedelta(minutes=1))
        self.call(order_id, after=timedelta(minutes=5))
        return order_id

    def until_working(self, **values: Any) -> int:
        """An order that a worker has verified on site, ten minutes after its submission."""
        order_id = self.submit(**values).order_id
        self.accept(order_id, after=timedelta(minutes=2))
        self.assign(order_id, after=timedelta(minutes=1))
        self.check_in(order_id, after=timedelta(minutes=7))
        return order_id

    def until_done(self, **values: Any) -> int:
        """An order that was finished three hours after its submission."""
        order_id = self.until_working(**values)
        self.finish(order_id, after=timedelta(hours=3))
        return order_id

    def slot_at(self, begins_at: datetime) -> int:
        """The id of the bookable slot that begins then."""

        def find() -> int:
            booking.open_slots(self.place.office.id, today=clock.china_date(self.at))
            wanted = [
                slot
                for slot in booking.slots(self.place.office.id, at=self.at)
                if slot.begins_at == begins_at
            ]
            return wanted[0].id

        return transact(find)

    def order(self, order_id: int) -> Order:
        """The order as the database has it now."""
        db.session.rollback()
        return db.session.get_one(Order, order_id, populate_existing=True)


def make_scene(at: datetime | None = None, *, place: Place | None = None) -> Scene:
    """Reference data, one estate, one person per role, a worker with a certificate. The first scene of a test is laid
    back from rows that were made once."""
    at = at or clock.china(2026, 11, 20, 22, 10)
    if place is None and not writing.get() and is_empty():
        return _first_scene(at)()
    return _new_scene(at, place)


@cache
def _first_scene(at: datetime) -> Rewound[_Ids]:
    return Rewound(lambda: _new_scene(at, None), keep=_ids_of, again=lambda ids: _found_again(ids, at))


def _new_scene(at: datetime, place: Place | None) -> Scene:
    with clock.frozen(at):
        return transact(lambda: _build(at, place))


_Ids = tuple[dict[str, Any], int, int, dict[Role, Scope]]


def _ids_of(scene: Scene) -> _Ids:
    place = {each.name: _id_of(getattr(scene.place, each.name)) for each in fields(Place)}
    return place, scene.resident.id, scene.worker.id, dict(scene.scopes)


def _id_of(row: Any) -> Any:
    return [_id_of(each) for each in row] if isinstance(row, list) else (type(row), row.id)


def _found_again(ids: _Ids, at: datetime) -> Scene:
    place, resident, worker, scopes = ids
    return Scene(
        place=Place(**{name: _row_of(found) for name, found in place.items()}),
        resident=db.session.get_one(Account, resident),
        worker=db.session.get_one(Worker, worker),
        scopes=dict(scopes),
        at=at,
    )


def _row_of(found: Any) -> Any:
    return [_row_of(each) for each in found] if isinstance(found, list) else db.session.get_one(*found)


def _build(at: datetime, place: Place | None) -> Scene:
    install_categories()
    install_policies()
    place = place or make_place()
    place.estate.is_pilot = place.estate.free_trial = True
    resident = make_resident(place.homes[0], name="示范居民")
    worker = make_worker(place.office, district_id=place.district.id, skills=("G01", "G02", "H01"))
    make_certificate(worker, "低压电工", valid_to=date(2099, 1, 1))
    office = {"company_id": place.company.id, "office_id": place.office.id}
    hats: dict[Role, Hat] = {
        Role.DSP: make_hat(Role.DSP, **office),
        Role.MGR: make_hat(Role.MGR, **office),
        Role.CO: make_hat(Role.CO, company_id=place.company.id),
        Role.HOT: make_hat(Role.HOT, district_id=place.district.id),
        Role.BUR: make_hat(Role.BUR, district_id=place.district.id),
        Role.STR: make_hat(Role.STR, street_id=place.street.id),
        Role.COM: make_hat(Role.COM, community_id=place.community.id),
        Role.WRK: make_hat(Role.WRK, account=worker.account, worker_id=worker.id, **office),
    }
    scopes = {role: scope_of(hat) for role, hat in hats.items()}
    scopes[Role.RES] = resident_scope(resident.id)
    return Scene(place=place, resident=resident, worker=worker, scopes=scopes, at=at)


def make_neighbour(scene: Scene) -> Scope:
    """Another resident of the same house."""
    account = make_resident(scene.place.homes[1], name="示范邻居")
    return resident_scope(account.id)


def make_stranger() -> Scope:
    """Somebody without a home."""
    return resident_scope(make_account().id)
