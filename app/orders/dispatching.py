"""Who could go, and why him: skill, certificate at the visit time, shift, load, distance, and who has been in this home
before (S2-19, S2-21).

Six statements for an office, however many workers it has; the ranking itself is pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.accounts.models import Account
from app.catalogue.models import Category
from app.catalogue.standard import GAS
from app.companies.models import Certificate, Shift, Staff, Worker, WorkerSkill
from app.core.clock import china_date, in_china
from app.core.db import db
from app.estates.models import Estate
from app.orders.lifecycle import Status
from app.orders.models import Order
from app.orders.rules import distance_m

BUSY = (Status.ASSIGNED, Status.ON_WAY, Status.VERIFIED, Status.QUOTED, Status.WORKING)
UNKNOWN_DISTANCE_M = 99_999
KNOWS_THE_HOME = 8
"""Less than the half of one order in hand: it decides between equals."""


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


@dataclass(frozen=True)
class Candidate:
    """A ranked worker: `blocked` can never be overridden, `doubts` need a reason."""

    worker_id: int
    name: str
    score: int
    blocked: str = ""
    doubts: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    explanation: dict[str, Any] = field(default_factory=dict)


def judge(facts: WorkerFacts, *, needs: str | None) -> Candidate:
    """The explained score of one worker; pure."""
    doubts: list[str] = []
    reasons: list[str] = []
    (reasons if facts.skilled else doubts).append("会修这类问题" if facts.skilled else "没有登记这项技能")
    if needs:
        reasons.append(f"{needs}证有效" if facts.certificate == "valid" else f"需要{needs}证")
    here = facts.online or facts.on_shift
    (reasons if here else doubts).append("在岗" if here else "现在不在班")
    full = facts.load >= facts.max_parallel
    (doubts if full else reasons).append(f"手上{facts.load}单" + (",已满" if full else ""))
    reasons.append(_distance_words(facts.distance_m))
    if facts.last_here:
        reasons.append(f"来过这户({in_china(facts.last_here):%Y年%m月%d日})")
    blocked = _blocked(facts, needs)
    score = 100 * facts.skilled + 60 * here - 20 * facts.load - 40 * full - _distance_points(facts.distance_m)
    score += KNOWS_THE_HOME if facts.last_here else 0
    return Candidate(
        worker_id=facts.worker_id,
        name=facts.name,
        score=score - (1000 if blocked else 0),
        blocked=blocked,
        doubts=tuple(doubts),
        reasons=tuple(reasons),
        explanation={
            "score": score,
            "reasons": reasons,
            "doubts": doubts,
            "load": facts.load,
            "distance_m": facts.distance_m,
            "certificate": facts.certificate,
            "last_here": facts.last_here.isoformat() if facts.last_here else None,
        },
    )


def _blocked(facts: WorkerFacts, needs: str | None) -> str:
    if needs and facts.certificate == "missing":
        return f"没有{needs}证"
    if needs and facts.certificate == "expired":
        return f"上门时{needs}证已过期"
    return ""


def _distance_words(metres: int | None) -> str:
    if metres is None:
        return "位置未知"
    return f"距离{metres}米" if metres < 1000 else f"距离{metres / 1000:.1f}公里"


def _distance_points(metres: int | None) -> int:
    return min((UNKNOWN_DISTANCE_M if metres is None else metres) // 200, 30)


def is_for_gas_company(category_code: str) -> bool:
    """Matters that property staff may not touch (H0701, G1301)."""
    return _certificate_for(category_code) == GAS


def _certificate_for(category_code: str) -> str | None:
    return db.session.scalar(select(Category.certificate).where(Category.code == category_code))


def candidates(order: Order, *, at: datetime, cordon: bool = False) -> list[Candidate]:
    """All workers of the order's office, the best first; to cordon off nobody needs a certificate."""
    needs = None if cordon else _certificate_for(order.category_code)
    facts = _facts(order, at=at, needs=needs)
    return sorted((judge(each, needs=needs) for each in facts), key=lambda c: (-c.score, c.worker_id))


def candidate(order: Order, worker_id: int, *, at: datetime, cordon: bool = False) -> Candidate | None:
    """One of them, or None when the worker does not belong to the order's office."""
    found = candidates(order, at=at, cordon=cordon)
    return next((each for each in found if each.worker_id == worker_id), None)


def _facts(order: Order, *, at: datetime, needs: str | None) -> list[WorkerFacts]:
    visit = max(order.slot_begins_at or at, at)
    workers = db.session.scalars(
        select(Worker)
        .join(Account, Account.id == Worker.account_id)
        .where(Worker.office_id == order.office_id, Account.status == "active")
    ).all()
    ids = [worker.id for worker in workers]
    skilled = _skilled(ids, order.category_code[:3])
    certificates = _certificates(ids, needs, visit)
    loads = _loads(ids, order.id)
    on_shift = _on_shift(order.office_id, visit)
    estate = db.session.get_one(Estate, order.estate_id)
    last_here = _last_here(ids, order)
    return [
        WorkerFacts(
            worker_id=worker.id,
            name=worker.title,
            online=worker.online,
            on_shift=worker.staff_id in on_shift,
            skilled=worker.id in skilled,
            certificate=certificates.get(worker.id, "missing") if needs else "not_needed",
            load=loads.get(worker.id, 0),
            max_parallel=worker.max_parallel,
            distance_m=_distance(worker, estate),
            last_here=last_here.get(worker.id),
        )
        for worker in workers
    ]


def _skilled(worker_ids: Iterable[int], group: str) -> set[int]:
    statement = select(WorkerSkill.worker_id).where(
        WorkerSkill.worker_id.in_(worker_ids), WorkerSkill.category_group == group
    )
    return set(db.session.scalars(statement))


def _certificates(worker_ids: Iterable[int], kind: str | None, visit: datetime) -> Mapping[int, str]:
    """valid or expired by the day of the planned visit; workers without one are missing from the answer."""
    if not kind:
        return {}
    day = china_date(visit)
    statement = (
        select(Certificate.worker_id, func.max(Certificate.valid_to))
        .where(
            Certificate.worker_id.in_(worker_ids),
            Certificate.kind == kind,
            Certificate.issued_on <= day,
            Certificate.revoked.is_(False),
        )
        .group_by(Certificate.worker_id)
    )
    return {row[0]: "valid" if row[1] >= day else "expired" for row in db.session.execute(statement)}


def _loads(worker_ids: Iterable[int], this_order: int) -> Mapping[int, int]:
    statement = (
        select(Order.worker_id, func.count())
        .where(
            Order.worker_id.in_(worker_ids),
            Order.status.in_([status.value for status in BUSY]),
            Order.id != this_order,
        )
        .group_by(Order.worker_id)
    )
    return {row[0]: row[1] for row in db.session.execute(statement) if row[0] is not None}


def _on_shift(office_id: int, at: datetime) -> set[int]:
    statement = (
        select(Shift.staff_id)
        .join(Staff, Staff.id == Shift.staff_id)
        .where(Shift.office_id == office_id, Shift.begins_at <= at, Shift.ends_at > at)
    )
    return set(db.session.scalars(statement))


def _last_here(worker_ids: Iterable[int], order: Order) -> Mapping[int, datetime]:
    """Who has been in this home before, and when last; nobody for a public matter."""
    if order.home_id is None:
        return {}
    statement = (
        select(Order.worker_id, func.max(Order.verified_at))
        .where(
            Order.worker_id.in_(worker_ids),
            Order.home_id == order.home_id,
            Order.verified_at.is_not(None),
            Order.id != order.id,
        )
        .group_by(Order.worker_id)
    )
    rows = db.session.execute(statement).all()
    return {worker: last for worker, last in rows if worker is not None and last is not None}


def _distance(worker: Worker, estate: Estate) -> int | None:
    if worker.latitude is None or worker.longitude is None:
        return None
    return distance_m(worker.latitude, worker.longitude, estate.latitude, estate.longitude)
