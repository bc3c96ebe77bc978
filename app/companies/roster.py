"""值守排班: who keeps the desk in a week, and when fewer than two do (S3-11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlalchemy import select

from app.accounts.models import Account
from app.companies.models import Office, Shift, Staff
from app.companies.rules import MIN_ON_DUTY, Duty
from app.core.clock import start_of_china_day
from app.core.db import db
from app.core.scope import Dimension, Scope, condition

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Turn:
    """One person on duty for one stretch of time."""

    name: str
    post: str
    duty: str
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Gap:
    """A stretch in which too few keep the desk."""

    begins_at: datetime
    ends_at: datetime
    missing: int


@dataclass(frozen=True)
class Day:
    """One calendar day of the roster, with the turns that begin on it and the gaps inside it."""

    on: date
    turns: Sequence[Turn]
    gaps: Sequence[Gap]


def offices_of(scope: Scope) -> list[Office]:
    """The offices whose roster this hat may read."""
    mine = Office.id.in_(sorted(scope.ids(Dimension.OFFICE))) | Office.company_id.in_(
        sorted(scope.ids(Dimension.COMPANY))
    )
    return list(db.session.scalars(select(Office).where(mine).order_by(Office.name)))


def week(office_id: int, monday: date, scope: Scope) -> list[Day]:
    """Seven days from `monday`, in one statement."""
    begin = start_of_china_day(monday)
    statement = (
        select(Account.name, Staff.post, Shift.duty, Shift.begins_at, Shift.ends_at)
        .join(Staff, Staff.id == Shift.staff_id)
        .join(Account, Account.id == Staff.account_id)
        .where(condition(Shift, scope), Shift.office_id == office_id)
        .where(Shift.begins_at < begin + WEEK, Shift.ends_at > begin)
        .order_by(Shift.begins_at, Shift.id)
    )
    turns = [Turn(row[0] or "", *row[1:]) for row in db.session.execute(statement)]
    return [_day(monday + timedelta(days=number), turns) for number in range(7)]


def _day(on: date, turns: Sequence[Turn]) -> Day:
    begin, end = start_of_china_day(on), start_of_china_day(on + timedelta(days=1))
    desk = [turn for turn in turns if turn.duty == Duty.DESK]
    touching = [turn for turn in turns if turn.begins_at < end and turn.ends_at > begin]
    return Day(on, touching, gaps(desk, begin, end))


def gaps(turns: Sequence[Turn], begin: datetime, end: datetime, *, needed: int = MIN_ON_DUTY) -> list[Gap]:
    """The stretches between `begin` and `end` with fewer than `needed` on duty; neighbours with the same number are
    one. Pure."""
    edges = {edge for turn in turns for edge in (turn.begins_at, turn.ends_at) if begin < edge < end}
    instants = sorted({begin, end} | edges)
    found: list[Gap] = []
    for since, until in pairwise(instants):
        present = sum(turn.begins_at <= since and turn.ends_at >= until for turn in turns)
        missing = needed - present
        if missing <= 0:
            continue
        if found and found[-1].ends_at == since and found[-1].missing == missing:
            found[-1] = Gap(found[-1].begins_at, until, missing)
        else:
            found.append(Gap(since, until, missing))
    return found
