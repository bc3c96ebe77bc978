"""Who could go, and why him: skill, certificate at the visit time, shift, load, distance, and who has been in this home
before (S2-19, S2-21).

The ranking itself is pure; what it rests on is read in app/orders/crew_facts.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.catalogue.standard import GAS
from app.core.clock import in_china
from app.orders.crew_facts import WorkerFacts, certificate_for, read_crew
from app.orders.models import Order

UNKNOWN_DISTANCE_M = 99_999
KNOWS_THE_HOME = 8
"""Less than the half of one order in hand: it decides between equals."""


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
    return certificate_for([category_code])[category_code] == GAS


def candidates(order: Order, *, at: datetime, cordon: bool = False) -> list[Candidate]:
    """All workers of the order's office, the best first; to cordon off nobody needs a certificate."""
    return candidates_of([order], at=at, cordon=cordon)[order.id]


def candidate(order: Order, worker_id: int, *, at: datetime, cordon: bool = False) -> Candidate | None:
    """One of them, or None when the worker does not belong to the order's office."""
    found = candidates_of([order], at=at, cordon=cordon, worker_id=worker_id)[order.id]
    return next(iter(found), None)


def candidates_of(
    orders: Sequence[Order], *, at: datetime, cordon: bool = False, worker_id: int | None = None
) -> Mapping[int, list[Candidate]]:
    """The same for several orders of one office, in as many statements as for one; `worker_id` asks for him alone."""
    if not orders:
        return {}
    crew = read_crew(orders, at=at, cordon=cordon, worker_id=worker_id)
    found = {}
    for order in orders:
        needs = crew.needs(order)
        judged = (judge(each, needs=needs) for each in crew.facts(order))
        found[order.id] = sorted(judged, key=lambda each: (-each.score, each.worker_id))
    return found
