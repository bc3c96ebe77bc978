"""Which offices mended too little of a month in time: the third rule of repeated breach (domain 3.6).

Judged from the daily figures when the month is over; drafts alone follow from it, for a person of the bureau to decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app.companies.queries import bureau_accounts
from app.core.clock import china_date
from app.core.db import db
from app.notifications.service import notify_many
from app.supervision.drafting import Addressee, draft_interview
from app.supervision.models import DailyFigure

ON_TIME_MIN = 80
"""Percent of the promises of repair that fell due in the month, K06b."""
ORDERS_MIN = 10
JUDGED_FROM_DAY = 2
"""On the first day of the next month the figures of the last day are still being written."""


def judge_last_month(at: datetime) -> int:
    """Draft for every office below the mark; returns how many drafts are new. Safe to repeat: an office has one
    interview and one rectification notice for a month, also when they were dropped."""
    today = china_date(at)
    if today.day < JUDGED_FROM_DAY:
        return 0
    last = today.replace(day=1) - timedelta(days=1)
    first, month, made, districts = last.replace(day=1), f"{last:%Y%m}", 0, set()
    for row in _below_the_mark(first, last):
        basis = (
            f"{last.year}年{last.month}月到期的修复时限 {row.due} 个,按期 {row.met} 个"
            f"({row.met * 100 // row.due}%),低于 {ON_TIME_MIN}%。"
        )
        whom = Addressee(row.office_id, row.company_id, row.district_id)
        new = draft_interview(f"month:{row.office_id}:{month}", whom, basis)
        districts |= {row.district_id} if new else set()
        made += new
    for district_id in districts:
        _tell_bureau(district_id, month)
    return made


def _below_the_mark(first: date, last: date) -> Sequence[Any]:
    due, met = func.sum(DailyFigure.c3_due), func.sum(DailyFigure.c3_met)
    place = (DailyFigure.entity_id, DailyFigure.company_id, DailyFigure.district_id)
    statement = (
        select(
            DailyFigure.entity_id.label("office_id"),
            *place[1:],
            due.label("due"),
            met.label("met"),
        )
        .where(DailyFigure.level == "office", DailyFigure.day >= first, DailyFigure.day <= last)
        .group_by(*place)
        .having(due >= ORDERS_MIN, met * 100 < due * ON_TIME_MIN)
        .order_by(DailyFigure.entity_id)
    )
    return db.session.execute(statement).all()


def _tell_bureau(district_id: int, month: str) -> None:
    notify_many(
        bureau_accounts(district_id),
        unique_key=f"drafts:month:{district_id}:{month}",
        template="bureau_draft",
        title="约谈和整改草稿待处理",
        body=f"上月有管理处按期办结率低于 {ON_TIME_MIN}%,系统已拟好约谈和整改通知的草稿。"
        "请到控制台“督办与约谈”核对,发出或作废。",
    )
