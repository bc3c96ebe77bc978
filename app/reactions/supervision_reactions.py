"""What follows from a broken promise towards the bureau, and from its word towards the company (domain 3.6)."""

from __future__ import annotations

from datetime import datetime

from app.companies.queries import bureau_accounts, company_admins, managers_of
from app.core.db import db
from app.notifications.service import notify_many
from app.orders.events import ClockReached
from app.orders.models import Order
from app.orders.rules import Level
from app.supervision.draft_models import DraftKind, SupervisionDraft
from app.supervision.drafting import ORDER_PROMISES, draft_repeated, draft_supervision
from app.supervision.events import DraftSent


def draft_what_is_punitive(reached: ClockReached) -> None:
    """A draft for the bureau to decide on; the message says how many wait, never what was decided."""
    if reached.clock not in ORDER_PROMISES or reached.level not in (Level.DUE, Level.THIRD):
        return
    order = db.session.get_one(Order, reached.order_id)
    due_at = datetime.fromisoformat(reached.due_at)
    if reached.level == Level.DUE:
        if draft_repeated(order, reached.clock, reached.round, due_at):
            _tell_bureau(order, f"draft:{order.id}:{reached.clock}:{reached.round}")
    elif reached.round == order.round:
        draft_supervision(order, reached.clock, reached.round)


def _tell_bureau(order: Order, key: str) -> None:
    notify_many(
        bureau_accounts(order.district_id),
        unique_key=key,
        template="bureau_draft",
        title="约谈和整改草稿待处理",
        body="有管理处多次超时,系统已拟好约谈和整改通知的草稿。请到控制台“督办与约谈”核对,发出或作废。",
    )


def tell_company_of_draft(sent: DraftSent) -> None:
    """Interview and rectification reach manager and company; a 督办单 is told with its order."""
    draft = db.session.get_one(SupervisionDraft, sent.draft_id)
    if draft.kind == DraftKind.SUPERVISE:
        return
    kind = DraftKind(draft.kind)
    notify_many(
        {*managers_of(draft.office_id), *company_admins(draft.company_id)},
        unique_key=f"draft:{draft.id}:sent",
        template="bureau_notice",
        title=f"房管局{kind.label}",
        body=draft.text,
        order_id=draft.order_id,
    )
