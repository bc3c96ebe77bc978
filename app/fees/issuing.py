"""出账: the bills of a month for every home of the city, or of one company, chunk by chunk (S0-27, domain 3.11).

Prices and contracts are settled when a run begins. Each chunk is one transaction of two INSERT ... SELECT and of the
chunk's own end: a process that is killed leaves whole chunks, whoever comes next goes on, and several may work at once
because chunks are claimed. A month that was issued already gets only what is missing, which is usually nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, insert, select, update

from app.core import clock
from app.core.db import changed, claim, db, insert_once, lock, table_of, transact
from app.core.errors import Invalid, WrongState
from app.core.outbox import publish
from app.core.scope import Scope
from app.estates.models import Home
from app.fees import rules
from app.fees.events import BillingRunFinished
from app.fees.rates import settle_rates
from app.fees.run_models import EVERY_COMPANY, BillingChunk, BillingRate, BillingRun
from app.fees.set_based import write_bills

HOMES_A_CHUNK = 50_000


class RunUnderWay(WrongState):
    """A run of the whole city and one of a company would write the same bills."""

    code = "billing_under_way"
    message = "这个月正在出账,请等它完成后再看"


@dataclass(frozen=True)
class Progress:
    """How far a run is."""

    run_id: int
    period: str
    chunks: int
    done: int
    bills: int

    @property
    def is_over(self) -> bool:
        """Whether every chunk is written."""
        return self.done == self.chunks


def issue(
    period: str,
    *,
    by: Scope,
    company_id: int = EVERY_COMPANY,
    homes_a_chunk: int = HOMES_A_CHUNK,
    told: Callable[[Progress], None] = lambda progress: None,
    stopping: Callable[[], bool] = lambda: False,
) -> Progress:
    """Issue the month, or finish what an earlier process began; commits chunk by chunk and tells of each.

    Raises Invalid for no month, RunUnderWay.
    """
    run_id = transact(lambda: begin(period, by=by, company_id=company_id, homes_a_chunk=homes_a_chunk))
    while not stopping() and transact(lambda: issue_next_chunk(run_id)):
        told(progress_of(run_id))
    transact(lambda: finish(run_id))
    return progress_of(run_id)


def begin(
    period: str, *, by: Scope, company_id: int = EVERY_COMPANY, homes_a_chunk: int = HOMES_A_CHUNK
) -> int:
    """The run that goes on, or a new one with its prices and chunks. Raises Invalid, RunUnderWay."""
    if not rules.is_period(period):
        raise Invalid("月份请写成 2026-12 这样", fields={"period": "不是月份"})
    running = _running(period, company_id)
    if running is not None:
        return running
    newest = select(func.max(BillingRun.number)).where(
        BillingRun.period == period, BillingRun.company_id == company_id
    )
    row = {
        "period": period,
        "company_id": company_id,
        "number": (db.session.scalar(newest) or 0) + 1,
        "chunks": 0,
        "bills": 0,
        "started_at": clock.now(),
        "started_by": by.account_id,
    }
    if not insert_once(table_of(BillingRun), row):
        raise RunUnderWay()  # somebody was faster by a moment
    run_id = db.session.scalars(
        select(BillingRun.id).where(
            BillingRun.period == period,
            BillingRun.company_id == company_id,
            BillingRun.number == row["number"],
        )
    ).one()
    settle_rates(run_id, period, company_id)
    _cut_into_chunks(run_id, homes_a_chunk)
    return run_id


def _running(period: str, company_id: int) -> int | None:
    unfinished = select(BillingRun).where(BillingRun.period == period, BillingRun.finished_at.is_(None))
    if company_id != EVERY_COMPANY:
        unfinished = unfinished.where(BillingRun.company_id.in_({company_id, EVERY_COMPANY}))
    runs = list(db.session.scalars(lock(unfinished.order_by(BillingRun.id))))
    mine = [run.id for run in runs if run.company_id == company_id]
    if runs and not mine:
        raise RunUnderWay()
    return mine[0] if mine else None


def _cut_into_chunks(run_id: int, homes_a_chunk: int) -> None:
    """By counting along the ids, so that gaps between them do not matter."""
    estates = select(BillingRate.estate_id).where(BillingRate.run_id == run_id)
    if db.session.scalar(estates.limit(1)) is None:
        return
    rows: list[dict[str, object]] = []
    first = db.session.scalar(select(func.min(Home.id)))
    while first is not None:
        step = select(Home.id).where(Home.id >= first).order_by(Home.id).offset(homes_a_chunk).limit(1)
        following = db.session.scalar(step)
        last = following - 1 if following else db.session.scalar(select(func.max(Home.id)))
        rows.append(
            {
                "run_id": run_id,
                "number": len(rows) + 1,
                "first_home_id": first,
                "last_home_id": last,
                "bills": 0,
            }
        )
        first = following
    if rows:
        db.session.execute(insert(table_of(BillingChunk)), rows)
    changed(update(BillingRun).where(BillingRun.id == run_id).values(chunks=len(rows)))


def issue_next_chunk(run_id: int) -> bool:
    """Write the bills of the next chunk that nobody has claimed; False when there is none."""
    waiting = select(BillingChunk).where(BillingChunk.run_id == run_id, BillingChunk.done_at.is_(None))
    chunk = db.session.scalars(claim(waiting.order_by(BillingChunk.number).limit(1))).one_or_none()
    if chunk is None:
        return False
    run = db.session.get_one(BillingRun, run_id)
    runs = select(func.count()).select_from(BillingRun).where(BillingRun.period == run.period)
    at, before = clock.now(), rules.months_later(run.period, -1)
    values = {
        "run_id": run_id,
        "first": chunk.first_home_id,
        "last": chunk.last_home_id,
        "period": run.period,
        "day": rules.first_day(run.period),
        "days": rules.days_of(run.period),
        "before_day": rules.first_day(before),
        "before_days": rules.days_of(before),
        "due_on": rules.due_on(run.period),
        "issued_at": at,
    }
    chunk.bills = write_bills(values, is_first=db.session.scalar(runs) == 1)
    chunk.done_at = at
    return True


def finish(run_id: int) -> bool:
    """End the run when its last chunk is written; True for the one process that does it."""
    progress = progress_of(run_id)
    if not progress.is_over:
        return False
    open_ = (BillingRun.id == run_id) & BillingRun.finished_at.is_(None)
    ended = update(BillingRun).where(open_).values(finished_at=clock.now(), bills=progress.bills)
    if not changed(ended):
        return False
    publish(BillingRunFinished(run_id, progress.period, progress.bills))
    return True


def progress_of(run_id: int) -> Progress:
    """How far it is, in two small statements."""
    run = db.session.execute(
        select(BillingRun.period, BillingRun.chunks).where(BillingRun.id == run_id)
    ).one()
    done = select(func.count(), func.coalesce(func.sum(BillingChunk.bills), 0)).where(
        BillingChunk.run_id == run_id, BillingChunk.done_at.is_not(None)
    )
    count, bills = db.session.execute(done).one()
    return Progress(run_id, run.period, run.chunks, count, int(bills))


def unfinished_runs() -> list[int]:
    """Runs that somebody has begun, the oldest first."""
    begun = select(BillingRun.id).where(BillingRun.finished_at.is_(None)).order_by(BillingRun.id)
    return list(db.session.scalars(begun))


def is_issued(period: str) -> bool:
    """Whether a run of the whole city has finished for the month."""
    over = select(BillingRun.id).where(
        BillingRun.period == period,
        BillingRun.company_id == EVERY_COMPANY,
        BillingRun.finished_at.is_not(None),
    )
    return db.session.scalar(over.limit(1)) is not None
