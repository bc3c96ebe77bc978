"""代老人报修: a person of the same home reports for somebody else, who becomes the order's contact (S2-31).

The reporter stays the reporter: he follows the order, confirms and rates. The beneficiary is whom the worker calls, and
hears of the steps too when his number has an account (app/reactions/beneficiary_reactions.py).
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from app.accounts.models import RELATION_LABELS, Account, AccountStatus, Relation
from app.core.crypto import blind_index
from app.core.db import db, table_of
from app.core.errors import Invalid
from app.core.roles import Role
from app.core.scope import Scope
from app.orders.models import Order
from app.orders.proxy_models import ProxyConsent
from app.orders.whereabouts import OnBehalf, Place, Submission

MAY_ACT = frozenset({Relation.OWNER, Relation.CO_OWNER, Relation.FAMILY, Relation.PROXY})
"""Whom a binding lets act for somebody in the home; a tenant speaks for himself."""
NAME_MAX, NOTE_MIN, NOTE_MAX = 20, 2, 200
_NUMBER = re.compile(r"1\d{10}|0\d{9,11}")


def check_on_behalf(submission: Submission, by: Scope, place: Place) -> None:
    """Whether this person may report for another one here; raises Invalid naming the field."""
    given = submission.on_behalf
    if given is None:
        return
    if by.role is not Role.RES or place.home_id is None or place.resident is None:
        raise Invalid("代报只用于上门维修,公区的问题谁看见都可以直接报", fields={"on_behalf": "请选择住房"})
    if place.resident.relation not in MAY_ACT:
        who = RELATION_LABELS[Relation(place.resident.relation)]
        raise Invalid(
            f"您在这套住房登记的是{who},不能代别人报修;请住户的家人或代办人来报",
            fields={"on_behalf": "这个身份不能代报"},
        )
    if not given.name.strip():
        raise Invalid("请填写老人的称呼,师傅好联系", fields={"on_behalf.name": "必填"})
    if not _NUMBER.fullmatch(_digits(given.phone)):
        problem = "请填写11位手机号,或带区号的座机"
        raise Invalid(problem, fields={"on_behalf.phone": problem})
    if len(given.consent_note.strip()) < NOTE_MIN:
        raise Invalid("请写明老人怎样同意的,如“电话里同意”", fields={"on_behalf.consent_note": "必填"})


def contact_columns(given: OnBehalf) -> dict[str, Any]:
    """The beneficiary as the order's contact."""
    phone = _digits(given.phone)
    return {
        "contact_name": given.name.strip()[:NAME_MAX],
        "contact_phone": phone,
        "contact_index": blind_index(phone),
    }


def keep_consent(order_id: int, given: OnBehalf, *, by: Scope, place: Place, at: datetime) -> None:
    """Record who says so, as what, when and in what way."""
    row = {
        "order_id": order_id,
        "given_to": by.account_id,
        "relation": place.resident.relation,
        "given_at": at,
        "way": given.consent_note.strip()[:NOTE_MAX],
    }
    db.session.execute(insert(table_of(ProxyConsent)), row)


def is_on_behalf(order: Order) -> bool:
    """Whether a resident reported it for somebody else; what a desk enters has `entered_by`."""
    return order.entered_by is None and bool(order.consent_note)


def beneficiary_account(order: Order) -> int | None:
    """The account that has the beneficiary's number now and is not the reporter's own; None when nobody has."""
    if not is_on_behalf(order) or order.contact_index is None:
        return None
    his = (Account.phone_index == order.contact_index) & (Account.status == AccountStatus.ACTIVE)
    account_id = db.session.scalar(select(Account.id).where(his))
    return None if account_id == order.reporter_id else account_id


def _digits(phone: str) -> str:
    return re.sub(r"[\s-]", "", phone).removeprefix("+86")
