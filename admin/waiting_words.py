"""What `order_waiting.html` reads: why an order stands still, what was asked, who decides about a special date."""

from __future__ import annotations

from functools import partial
from typing import Any

from app.core.roles import Role
from app.core.scope import Scope
from app.orders.dossier import Dossier
from app.orders.fund import TOLD_BY
from app.orders.fund_rules import PAYERS, RULE_OF_THUMB
from app.orders.questions import ENDS, question_of
from app.orders.reading import words_for
from app.orders.standstill import decision_of, standstill
from app.orders.third_party import PARTIES

WAITING_PHOTOS = {
    "third": "专业单位",
    "fund": "费用承担依据",
    "fund_result": "征询结果",
    "special": "特延依据",
    "info": "补充信息",
}


def waiting_words(found: Dossier, scope: Scope) -> dict[str, Any]:
    """Nothing is read for an order that never waited."""
    order = found.order
    asks_fund = order.fund_needed_at is not None
    return {
        "standing": standstill(order),
        "fund_decision": decision_of(order) if asks_fund else None,
        "question": question_of(order.id) if order.info_asked_at else None,
        "question_ends": ENDS,
        "parties": PARTIES,
        "payers": PAYERS,
        "told_by": TOLD_BY,
        "rule_of_thumb": RULE_OF_THUMB,
        "may_find_force_majeure": scope.role is Role.BUR,
        "as_written": partial(words_for, scope.role, names=[order.contact_name or ""]),
    }
