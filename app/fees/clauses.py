"""违约金条款: only what the contract says, registered by the company, shown and never charged (Civil Code 585, 944)."""

from __future__ import annotations

from sqlalchemy import select

from app.audit import service as audit
from app.companies.models import ServiceContract
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid, NotFound
from app.core.roles import Role
from app.core.scope import Dimension, Scope
from app.fees.errors import NotYourMoney
from app.fees.models import LateFeeClause

RATE_MAX, GRACE_MAX, CAP_MAX = 3000, 365, 30


def register_clause(
    contract_id: int, *, rate_millionths: int, grace_days: int, cap_percent: int, by: Scope
) -> LateFeeClause:
    """What the contract says about paying late; registering again replaces the figures, and both are in the audit log.

    Raises NotYourMoney, NotFound, Invalid (more than 0.3 % a day, or a cap above 30 %, which courts reduce).
    """
    check_own_contract(contract_id, by)
    limits = {
        "rate": (rate_millionths, 1, RATE_MAX, "每天最多千分之三"),
        "grace_days": (grace_days, 0, GRACE_MAX, "宽限 0 到 365 天"),
        "cap_percent": (cap_percent, 1, CAP_MAX, "最多为欠费的 30%"),
    }
    wrong = {name: words for name, (value, low, high, words) in limits.items() if not low <= value <= high}
    if wrong:
        raise Invalid(f"违约金条款:{next(iter(wrong.values()))}", fields=wrong)
    clause = db.session.scalars(
        select(LateFeeClause).where(LateFeeClause.contract_id == contract_id).with_for_update()
    ).one_or_none() or LateFeeClause(contract_id=contract_id)
    clause.rate_millionths, clause.grace_days, clause.cap_percent = rate_millionths, grace_days, cap_percent
    clause.registered_at, clause.registered_by = clock.now(), by.account_id
    db.session.add(clause)
    db.session.flush()
    details = {"rate_millionths": rate_millionths, "grace_days": grace_days, "cap_percent": cap_percent}
    audit.record(
        "fee.late_clause", by=by, object_kind="service_contract", object_id=contract_id, details=details
    )
    return clause


def check_own_contract(contract_id: int, by: Scope) -> None:
    """Whether the company's administrator may register anything for it; raises NotYourMoney, NotFound."""
    contract = db.session.get(ServiceContract, contract_id)
    own = by.role == Role.CO and contract is not None and contract.company_id in by.ids(Dimension.FINANCE)
    if contract is None or not (by.everything or own):
        raise NotYourMoney() if by.role != Role.CO else NotFound("没有找到这份合同")
