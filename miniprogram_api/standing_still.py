"""Why an order does not move, told to whoever asks: a firm, the owners' money, an open question, a special date."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from app.core.roles import Role
from app.core.wording import moment, promise_time
from app.orders import special
from app.orders.extension_models import Extension
from app.orders.models import Order
from app.orders.question_models import OrderQuestion
from app.orders.questions import ENDS, question_of
from app.orders.reading import words_for
from app.orders.standstill import standstill
from miniprogram_api.fields import Instant, Out


class StandstillOut(Out):
    """The order waits for somebody who is not the resident; the repair clock stands meanwhile."""

    kind: str = Field(description="THIRD(等专业单位)或 FUND(维修资金征询中)")
    party: str
    since: Instant
    expected_at: Instant | None
    words: str


class QuestionOut(Out):
    """What the desk asked the reporter, once."""

    question: str
    asked_at: Instant
    until: Instant
    open: bool
    answer: str
    words: str


class SpecialOut(Out):
    """特延: asked for, or granted with its date."""

    reason: str
    plan: str
    asked_until: Instant
    asked_at: Instant
    decided: bool
    granted_until: Instant | None
    force_majeure: bool
    note: str
    words: str


class StandingStillOut(Out):
    """Part of an order's answer."""

    standstill: StandstillOut | None = Field(description="等专业单位或维修资金时为何停着;等居民约时间见 hold")
    question: QuestionOut | None
    special: SpecialOut | None


def standing_still(order: Order, *, role: Role, at: datetime) -> dict[str, Any]:
    """The values of StandingStillOut; nothing is read for an order that never waited."""
    return {
        "standstill": _standstill(order, role),
        "question": _question(question_of(order.id), role, at) if order.info_asked_at else None,
        "special": _special(order, role, at),
    }


def _standstill(order: Order, role: Role) -> StandstillOut | None:
    found = standstill(order)
    if found is None:
        return None
    return StandstillOut(
        kind=found.kind,
        party=found.party,
        since=found.since,
        expected_at=found.expected_at,
        words=words_for(role, found.words),
    )


def _question(asked: OrderQuestion, role: Role, at: datetime) -> QuestionOut:
    is_open = asked.ended_at is None
    open_words = f"请在 {promise_time(asked.ends_at, at)}补充:{asked.question}"
    return QuestionOut(
        question=words_for(role, asked.question),
        asked_at=asked.asked_at,
        until=asked.ends_at,
        open=is_open,
        answer=words_for(role, asked.answer),
        words=words_for(role, open_words) if is_open else ENDS[asked.ended_how],
    )


def _special(order: Order, role: Role, at: datetime) -> SpecialOut | None:
    asked = special.newest(order) if order.special or order.special_asked_by is not None else None
    if asked is None:
        return None
    return SpecialOut(
        reason=words_for(role, asked.reason),
        plan=words_for(role, asked.plan),
        asked_until=asked.expected_at,
        asked_at=asked.requested_at,
        decided=asked.decided_at is not None,
        granted_until=asked.approved_until,
        force_majeure=asked.force_majeure,
        note=words_for(role, asked.decision_note),
        words=_special_words(asked, at),
    )


def _special_words(asked: Extension, at: datetime) -> str:
    if asked.approved_until is None:
        return f"物业申请特别延期到 {moment(asked.expected_at, at)},等街道或房管局决定"
    grace = ",因不可抗力" if asked.force_majeure else ""
    return f"经街道或房管局同意,修复期限延到 {moment(asked.approved_until, at)}{grace}"
