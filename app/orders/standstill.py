"""Why an order stands still, in words for the resident (domain 3.8): who is waited for, what the fund is needed for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.core.db import db
from app.orders.fund_models import FundDecision
from app.orders.hold_models import Hold
from app.orders.hold_offers import current_hold
from app.orders.lifecycle import Status
from app.orders.models import Order

CLOCK_STANDS = "修复时限已暂停,恢复后接着计时。"


@dataclass(frozen=True)
class Standstill:
    """A hold that does not wait for the resident himself; that one is an Offer."""

    kind: str
    party: str
    words: str
    since: datetime
    expected_at: datetime | None


def standstill(order: Order) -> Standstill | None:
    """Why nothing moves now; None while work goes on or the resident's own word is awaited."""
    if Status(order.status) not in (Status.HOLD_THIRD, Status.HOLD_FUND):
        return None
    hold = current_hold(order.id)
    if hold is None:
        return None
    words = _fund(order, hold) if hold.kind == "FUND" else _third(hold)
    return Standstill(hold.kind, _party(hold), f"{words}。{CLOCK_STANDS}", hold.begun_at, order.expected_at)


def _party(hold: Hold) -> str:
    """The name of a firm; a person who caused the damage is not named to others."""
    return "责任人" if hold.party_kind == "liable" else hold.party_name


def _third(hold: Hold) -> str:
    return third_party_words(_party(hold), "", hold.ticket, hold.text, hold.safety)


def third_party_words(party: str, name: str, ticket: str, reason: str, safety: str) -> str:
    """等自来水公司处理(对方单号 W123):二次供水泵故障。临时安全措施:已放水桶."""
    under = f"(对方单号 {ticket})" if ticket else ""
    return f"等{name or party}处理{under}:{_bare(reason)}。临时安全措施:{_bare(safety)}"


def _fund(order: Order, hold: Hold) -> str:
    decision = decision_of(order)
    why = f"{_bare(decision.reason)}。" if decision else ""
    return fund_words(why, hold.text)


def fund_words(why: str, scope: str) -> str:
    """What the fund is needed for, and that owners are asked first (S3-18, S3-19)."""
    return f"这项维修要动用维修资金,按规定先征询业主意见。{why}范围:{_bare(scope)}"


def decision_of(order: Order) -> FundDecision | None:
    """Who pays, as it was decided in the order's present round."""
    mine = (FundDecision.order_id == order.id) & (FundDecision.round == order.round)
    return db.session.scalars(select(FundDecision).where(mine)).one_or_none()


def _bare(text: str) -> str:
    return text.strip().rstrip("。")
