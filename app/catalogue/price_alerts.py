"""Who has to lower a price is told when the ceiling is decided, when it counts, and when the seven days are over; then
the bureau hears it too (S2-27)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from sqlalchemy import or_, select

from app.catalogue.high_prices import TooDear, prices_to_lower
from app.companies.models import ServiceContract
from app.companies.queries import bureau_accounts, company_admins
from app.core import clock
from app.core.clock import in_china
from app.core.db import db
from app.core.money import yuan
from app.estates.models import Estate
from app.notifications.service import notify_many

NAMED = 5
"""So many items stand in a message by name."""


def warn_of_high_prices(at: datetime) -> int:
    """Tell companies and bureau what they have not been told; returns how many people were told. Safe to repeat: each
    step of each drop is told once to each person."""
    found = sorted(prices_to_lower(at), key=_drop)
    return sum(_warn(list(same), at) for _, same in groupby(found, key=_drop))


def _drop(each: TooDear) -> tuple[int, datetime]:
    return each.company_id, each.since


def _warn(found: list[TooDear], at: datetime) -> int:
    first = found[0]
    key = f"price:{first.company_id}:{int(first.since.timestamp())}"
    until = f"{in_china(first.lower_by):%m月%d日 %H:%M}"
    if first.is_overdue(at):
        body = f"{_items(found)}。高于参考上限,到 {until} 还没有调低;收费已按上限计算。"
        people = {*company_admins(first.company_id), *_bureau_of(first.company_id, at)}
        title = f"{first.company} 价格逾期未调低"
        return _tell(people, f"{key}:overdue", title, body)
    step = "coming" if first.since > at else "now"
    since = f"{in_china(first.since):%m月%d日}起"
    body = f"{_items(found)}。{since}高于参考上限,请在 {until} 前调低并公布;从那时起收费按上限计算。"
    return _tell(set(company_admins(first.company_id)), f"{key}:{step}", "有价格要调低", body)


def _items(found: list[TooDear]) -> str:
    named = [
        f"{each.item} {yuan(each.price_fen)} → 不高于 {yuan(each.ceiling_fen)}" for each in found[:NAMED]
    ]
    more = f"等 {len(found)} 项" if len(found) > NAMED else ""
    return ";".join(named) + more


def _tell(people: Iterable[int], key: str, title: str, body: str) -> int:
    return notify_many(sorted(people), unique_key=key, template="price_lower", title=title[:40], body=body)


def _bureau_of(company_id: int, at: datetime) -> set[int]:
    """The supervisors of every district in which the company serves an estate today."""
    today = clock.china_date(at)
    districts = (
        select(Estate.district_id)
        .distinct()
        .join(ServiceContract, ServiceContract.estate_id == Estate.id)
        .where(
            ServiceContract.company_id == company_id,
            ServiceContract.begins_on <= today,
            or_(ServiceContract.ends_on.is_(None), ServiceContract.ends_on >= today),
        )
    )
    return {account for district in db.session.scalars(districts) for account in bureau_accounts(district)}
