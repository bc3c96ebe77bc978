"""What is known of an office's workers for one or several of its orders, read in eight statements however many.

Skill, certificate at the visit time, shift, load, distance, and who has been in this home before (S2-19, S2-21).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from app.accounts.models import Account
from app.catalogue.models import Category
from app.companies.models import Certificate, Shift, Staff, Worker, WorkerSkill
from app.core.clock import china_date
from app.core.db import db
from app.estates.models import Estate
from app.orders.lifecycle import Status
from app.orders.models import Order
from app.orders.rules import distance_m

BUSY = frozenset({Status.ASSIGNED, Status.ON_WAY, Status.VERIFIED, Status.QUOTED, Status.WORKING})
GROUP_LENGTH = 3
"""G02 of G0201: skills are kept by group."""


@dataclass(frozen=True)
class WorkerFacts:
    """What is known of a worker for one order at one instant."""

    worker_id: int
    name: str
    online: bool
    on_shift: bool
    skilled: bool
    certificate: str
    load: int
    max_parallel: int
    distance_m: int | None
    last_here: datetime | None = None


Span = tuple[datetime, datetime]
Validity = tuple[date, date]


@dataclass(frozen=True)
class Crew:
    """The rows behind the facts, by what they are looked up with."""

    at: datetime
    workers: Sequence[Worker]
    certificate_of: Mapping[str, str | None]
    skills: Collection[tuple[int, str]]
    certificates: Mapping[tuple[int, str], Sequence[Validity]]
    loads: Mapping[int, int]
    shifts: Mapping[int, Sequence[Span]]
    estates: Mapping[int, Estate]
    last_visits: Mapping[tuple[int, int], datetime]

    def needs(self, order: Order) -> str | None:
        """The certificate without which nobody goes."""
        return self.certificate_of.get(order.category_code)

    def facts(self, order: Order) -> list[WorkerFacts]:
        """Of every worker, for that order."""
        return [self._facts(worker, order) for worker in self.workers]

    def _facts(self, worker: Worker, order: Order) -> WorkerFacts:
        visit, needs = visit_at(order, self.at), self.needs(order)
        mine = order.worker_id == worker.id and order.status in BUSY
        return WorkerFacts(
            worker_id=worker.id,
            name=worker.title,
            online=worker.online,
            on_shift=any(begins <= visit < ends for begins, ends in self.shifts.get(worker.staff_id, ())),
            skilled=(worker.id, order.category_code[:GROUP_LENGTH]) in self.skills,
            certificate=self._certificate(worker.id, needs, china_date(visit)) if needs else "not_needed",
            load=self.loads.get(worker.id, 0) - mine,
            max_parallel=worker.max_parallel,
            distance_m=_distance(worker, self.estates[order.estate_id]),
            last_here=self.last_visits.get((worker.id, order.home_id)) if order.home_id else None,
        )

    def _certificate(self, worker_id: int, kind: str, day: date) -> str:
        """Valid or expired on the day of the planned visit, or missing."""
        issued = [until for since, until in self.certificates.get((worker_id, kind), ()) if since <= day]
        if not issued:
            return "missing"
        return "valid" if max(issued) >= day else "expired"


def read_crew(
    orders: Sequence[Order], *, at: datetime, cordon: bool = False, worker_id: int | None = None
) -> Crew:
    """The workers of the office that has these orders, or one of them; to cordon off nobody needs a certificate."""
    office_id = orders[0].office_id
    needed = {} if cordon else certificate_for({order.category_code for order in orders})
    workers = _workers(office_id, worker_id)
    ids = [worker.id for worker in workers]
    return Crew(
        at=at,
        workers=workers,
        certificate_of=needed,
        skills=_skills(ids, {order.category_code[:GROUP_LENGTH] for order in orders}),
        certificates=_certificates(ids, {kind for kind in needed.values() if kind}),
        loads=_loads(ids),
        shifts=_shifts(office_id, [visit_at(order, at) for order in orders]),
        estates=_estates({order.estate_id for order in orders}),
        last_visits=_last_visits(ids, orders),
    )


def visit_at(order: Order, at: datetime) -> datetime:
    """When somebody would go: at the agreed time, or now."""
    return max(order.slot_begins_at or at, at)


def certificate_for(category_codes: Collection[str]) -> Mapping[str, str | None]:
    """Which certificate each kind of trouble needs, None where it needs none."""
    statement = select(Category.code, Category.certificate).where(Category.code.in_(category_codes))
    return {row.code: row.certificate for row in db.session.execute(statement)}


def _workers(office_id: int, worker_id: int | None) -> Sequence[Worker]:
    statement = (
        select(Worker)
        .join(Account, Account.id == Worker.account_id)
        .where(Worker.office_id == office_id, Account.status == "active")
    )
    if worker_id is not None:
        statement = statement.where(Worker.id == worker_id)
    return db.session.scalars(statement).all()


def _skills(worker_ids: Iterable[int], groups: Iterable[str]) -> set[tuple[int, str]]:
    statement = select(WorkerSkill.worker_id, WorkerSkill.category_group).where(
        WorkerSkill.worker_id.in_(worker_ids), WorkerSkill.category_group.in_(groups)
    )
    return {(row.worker_id, row.category_group) for row in db.session.execute(statement)}


def _certificates(
    worker_ids: Iterable[int], kinds: Collection[str]
) -> Mapping[tuple[int, str], list[Validity]]:
    if not kinds:
        return {}
    columns = (Certificate.worker_id, Certificate.kind, Certificate.issued_on, Certificate.valid_to)
    statement = select(*columns).where(
        Certificate.worker_id.in_(worker_ids), Certificate.kind.in_(kinds), Certificate.revoked.is_(False)
    )
    found: dict[tuple[int, str], list[Validity]] = defaultdict(list)
    for row in db.session.execute(statement):
        found[row.worker_id, row.kind].append((row.issued_on, row.valid_to))
    return found


def _loads(worker_ids: Iterable[int]) -> Mapping[int, int]:
    statement = (
        select(Order.worker_id, func.count())
        .where(Order.worker_id.in_(worker_ids), Order.status.in_(sorted(status.value for status in BUSY)))
        .group_by(Order.worker_id)
    )
    return {row[0]: row[1] for row in db.session.execute(statement) if row[0] is not None}


def _shifts(office_id: int, visits: Sequence[datetime]) -> Mapping[int, list[Span]]:
    """Every shift that lies around one of the visits."""
    statement = (
        select(Shift.staff_id, Shift.begins_at, Shift.ends_at)
        .join(Staff, Staff.id == Shift.staff_id)
        .where(Shift.office_id == office_id, Shift.begins_at <= max(visits), Shift.ends_at > min(visits))
    )
    found: dict[int, list[Span]] = defaultdict(list)
    for row in db.session.execute(statement):
        found[row.staff_id].append((row.begins_at, row.ends_at))
    return found


def _estates(estate_ids: Iterable[int]) -> Mapping[int, Estate]:
    return {each.id: each for each in db.session.scalars(select(Estate).where(Estate.id.in_(estate_ids)))}


def _last_visits(worker_ids: Iterable[int], orders: Sequence[Order]) -> Mapping[tuple[int, int], datetime]:
    """Who has been in these homes before, and when last; nobody for a public matter."""
    homes = {order.home_id for order in orders if order.home_id is not None}
    if not homes:
        return {}
    statement = (
        select(Order.worker_id, Order.home_id, func.max(Order.verified_at).label("last"))
        .where(
            Order.worker_id.in_(worker_ids),
            Order.home_id.in_(homes),
            Order.verified_at.is_not(None),
            Order.id.not_in([order.id for order in orders]),
        )
        .group_by(Order.worker_id, Order.home_id)
    )
    return {(row.worker_id, row.home_id): row.last for row in db.session.execute(statement)}


def _distance(worker: Worker, estate: Estate) -> int | None:
    if worker.latitude is None or worker.longitude is None:
        return None
    return distance_m(worker.latitude, worker.longitude, estate.latitude, estate.longitude)
