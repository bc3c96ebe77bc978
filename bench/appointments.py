"""Who reads messages in the benchmarks' district: each office has a dispatcher and a manager, each company an
administrator. Beside `bench.district`, because most benchmarks measure without listeners."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert

from app.accounts.models import Account, Hat
from app.core.crypto import blind_index
from app.core.db import db, transact
from app.core.roles import Role
from bench.district import COMPANIES, OFFICES, RESIDENTS, THEN, company_of

FIRST = RESIDENTS + OFFICES + 1
DESK_OF_AN_OFFICE = 2
"""How many people keep the desk of an office."""


def appoint_staff() -> None:
    """Write their accounts and hats; `build_district` comes first."""
    transact(_appoint)


def _appoint() -> None:
    hats = [_desk(office, role) for office in range(1, OFFICES + 1) for role in (Role.DSP, Role.MGR)]
    hats += [{"role": Role.CO.value, "company_id": n, "office_id": None} for n in range(1, COMPANIES + 1)]
    numbers = range(FIRST, FIRST + len(hats))
    db.session.execute(insert(Account), [_account(number) for number in numbers])
    worn = [
        {"account_id": number, "granted_at": THEN, **hat} for number, hat in zip(numbers, hats, strict=True)
    ]
    db.session.execute(insert(Hat), worn)


def _desk(office: int, role: Role) -> dict[str, Any]:
    return {"role": role.value, "company_id": company_of(office), "office_id": office}


def _account(number: int) -> dict[str, Any]:
    phone = f"19900000{number:03d}"
    return {
        "id": number,
        "phone": phone,
        "phone_index": blind_index(phone),
        "openid": f"bench-{number}",
        "name": "示范员工",
        "created_at": THEN,
    }
