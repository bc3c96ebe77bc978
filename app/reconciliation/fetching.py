"""Fetching bills: a row before each call, the call outside any transaction, what it brought kept in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import insert, or_, select
from structlog import get_logger

from app.core import clock
from app.core.clock import start_of_china_day
from app.core.db import db, lock, table_of, transact
from app.core.outgoing import Claimed, OutgoingState, put_off, record, take
from app.integrations.wechat.pay.contract import BillAnswer, Outcome, PayGateway
from app.payments.models import Payment, Refund
from app.reconciliation.models import BillFile, BillLine
from app.reconciliation.rules import Theirs, lines, own

NO_BILL = "NO_BILL"
DELAYS = tuple(timedelta(minutes=minutes) for minutes in (5, 10, 30, 60))
NOTHING_AFTER = timedelta(hours=48)
"""So long after a day on which money moved WeChat may still be making its bill; then the bill counts as empty."""
GIVEN_UP_AFTER = timedelta(days=88)
log = get_logger("reconciliation")


@dataclass(frozen=True)
class Wanted:
    """A bill to ask for."""

    claimed: Claimed
    bill_on: date
    sub_mch_id: str


def fetch_one(gateway: PayGateway) -> bool:
    """Ask for the bill that is due first; False when none is."""
    wanted = transact(_take_one)
    if wanted is None:
        return False
    answer = gateway.bill(wanted.bill_on, wanted.sub_mch_id)
    transact(lambda: keep(wanted, answer))
    return True


def _take_one() -> Wanted | None:
    claimed = next(iter(take(BillFile, 1)), None)
    if claimed is None:
        return None
    file = db.session.get_one(BillFile, claimed.id)
    return Wanted(claimed, file.bill_on, file.sub_mch_id)


def keep(wanted: Wanted, answer: BillAnswer) -> None:
    """Keep what came, once; or try again later, as long as WeChat keeps bills."""
    file = db.session.scalars(lock(select(BillFile).where(BillFile.id == wanted.claimed.id))).one()
    if file.fetched_at is not None:
        return  # another process has been faster: our lease had run out
    if answer.outcome is Outcome.OK:
        _keep_rows(file, lines(answer.rows), answer.sha256)
    elif answer.code == NO_BILL and (not _money_moved(file) or _since(file) > NOTHING_AFTER):
        _keep_rows(file, [], "")
    elif _since(file) > GIVEN_UP_AFTER:
        record(file, OutgoingState.GIVEN_UP, error=answer.code or "no answer")
        log.error("bill_given_up", file=file.id)
    else:
        delay = DELAYS[min(wanted.claimed.attempt, len(DELAYS)) - 1]
        put_off(file, delay, error=(answer.code or answer.outcome.value)[:200])


def _since(file: BillFile) -> timedelta:
    return clock.now() - start_of_china_day(file.bill_on + timedelta(days=1))


def _money_moved(file: BillFile) -> bool:
    """Whether our rows say that the bill of this day cannot be empty."""
    paid = select(Payment.id).where(Payment.paid_on == file.bill_on, Payment.sub_mch_id == file.sub_mch_id)
    back = (
        select(Refund.id)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Refund.company_id == file.company_id, Refund.refunded_on == file.bill_on)
        .where(Payment.sub_mch_id == file.sub_mch_id)
    )
    found = select(BillFile.id).where(BillFile.id == file.id, or_(paid.exists(), back.exists()))
    return db.session.scalar(found) is not None


def _keep_rows(file: BillFile, found: Sequence[Theirs], sha256: str) -> None:
    mine = own(found, file.sub_mch_id)
    file.fetched_at, file.sha256, file.line_count = clock.now(), sha256, len(found)
    file.paid_fen = sum(line.came_fen for line in mine if not line.is_refund)
    file.refunded_fen = -sum(line.came_fen for line in mine if line.is_refund)
    file.fee_fen = sum(line.fee_fen for line in mine)
    record(file, OutgoingState.DONE)
    rows = [_row(file.id, line) for line in found]
    if rows:
        db.session.execute(insert(table_of(BillLine)), rows)


def _row(file_id: int, line: Theirs) -> dict[str, object]:
    return {
        "file_id": file_id,
        "trade_no": line.trade_no,
        "refund_no": line.refund_no,
        "transaction_id": line.transaction_id,
        "sub_mch_id": line.sub_mch_id,
        "trade_state": line.trade_state[:16],
        "refund_state": line.refund_state[:16],
        "at": line.at,
        "amount_fen": line.amount_fen,
        "fee_fen": line.fee_fen,
        "twice": line.twice,
    }
