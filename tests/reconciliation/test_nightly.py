"""对账, run as the scheduler runs it: planned, fetched, compared, settled, each once (S0-03)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.books.accounts import Account, Book
from app.books.models import LedgerEntry, LedgerLine
from app.books.queries import Lens, trial_balance
from app.core import clock
from app.core.clock import china, china_date
from app.core.db import db, transact
from app.integrations.wechat.pay.contract import BillAnswer, Outcome
from app.notifications.models import Notification
from app.payments.following import end_payment
from app.payments.models import Payment, PaymentState, Refund
from app.payments.opening import Part
from app.reconciliation import nightly
from app.reconciliation.fetching import fetch_one
from app.reconciliation.models import BillFile, BillLine, CaseKind, ReconciliationCase, SettlementBatch
from app.reconciliation.planning import plan_bills
from tests.books.bookkeeping import Keepers, make_keepers
from tests.engines import both_engines, in_parallel
from tests.factories.money import RECEIVER, bill_parts, make_merchant, make_payment, pay
from tests.reconciliation.billing import Billing, arrive, night, paid, paid_row, refunded

NOON = china(2026, 11, 20, 12)
NEXT_DAY = china(2026, 11, 21, 10, 35)


@pytest.fixture
def keepers(app_db) -> Keepers:
    return opened()


def opened() -> Keepers:
    """A company that takes payments since the day itself."""
    clock.freeze(NOON)
    keepers = make_keepers()
    make_merchant(keepers.place.company, valid_from=china_date(NOON))
    return keepers


def at(instant: datetime, billing: Billing) -> None:
    clock.freeze(instant)
    night(billing)


def balances(keepers: Keepers, book: Book = Book.PROPERTY) -> dict[Account, int]:
    lens = Lens(
        keepers.first, book, china_date(NOON) - timedelta(days=9), china_date(NOON) + timedelta(days=90)
    )
    return {each.account: each.closing_fen for each in trial_balance(lens) if each.closing_fen}


def cases() -> list[tuple[str, str, str]]:
    statement = select(ReconciliationCase.kind, ReconciliationCase.state, ReconciliationCase.note)
    return [tuple(row) for row in db.session.execute(statement.order_by(ReconciliationCase.kind))]


def file() -> BillFile:
    db.session.rollback()
    return db.session.scalars(select(BillFile).order_by(BillFile.id).limit(1)).one()


@both_engines
def test_a_day_without_differences_is_settled_to_the_fen(app_db):
    keepers, billing = opened(), Billing()
    first = paid(keepers.place, billing, fen=28600)
    paid(keepers.place, billing, fen=12345)
    refund = refunded(first.id, 600)
    billing.sends_back(first, refund)
    at(NEXT_DAY, billing)
    batch = db.session.scalars(select(SettlementBatch)).one()
    assert (batch.paid_fen, batch.refunded_fen, batch.difference_fen) == (40945, 600, 0)
    assert batch.fee_fen == 171 + 74 - 3
    assert batch.net_fen == 40945 - 600 - 242
    assert (batch.payments, batch.refunds, batch.company_id) == (2, 1, keepers.company_id)
    assert cases() == []
    assert balances(keepers) == {
        Account.BANK: batch.net_fen,
        Account.CHANNEL_FEE: 242,
        Account.PROPERTY_FEE: 40345,
    }
    assert (file().sha256, file().line_count) == ("ab" * 32, 3)


def test_the_owners_money_comes_whole_and_fees_are_the_companys(keepers):
    billing, estate_id = Billing(), keepers.estate_id
    parts = [*bill_parts(10000), Part("bill:9", Account.PARKING_PUBLIC, "公共车位11月", 15000, estate_id)]
    paid(keepers.place, billing, parts=parts)
    at(NEXT_DAY, billing)
    assert balances(keepers, Book.REVENUE) == {Account.BANK: 15000, Account.PARKING_PUBLIC: 15000}
    assert balances(keepers) == {
        Account.BANK: 10000 - 150,
        Account.CHANNEL_FEE: 150,
        Account.PROPERTY_FEE: 10000,
    }


def test_nothing_is_asked_before_half_past_ten_of_the_next_day(keepers):
    billing = Billing()
    paid(keepers.place, billing)
    at(china(2026, 11, 20, 23), billing)
    at(china(2026, 11, 21, 10, 29), billing)
    assert billing.asked == []
    at(china(2026, 11, 21, 10, 30), billing)
    assert [day for day, _ in billing.asked] == [china_date(NOON)]


def test_twice_is_once(keepers):
    billing = Billing()
    paid(keepers.place, billing)
    make_payment(keepers.place)
    billing.takes(make_payment(keepers.place), transaction_id="x", out_trade_no="UNKNOWN01")
    for _ in range(3):
        at(NEXT_DAY, billing)
    assert len(billing.asked) == 1
    assert [each[0] for each in cases()] == ["missing_here"]
    assert db.session.scalar(select(func.count(SettlementBatch.id))) == 1


@both_engines
def test_two_at_a_time_is_once(app_db):
    keepers, billing = opened(), Billing()
    for _ in range(3):
        paid(keepers.place, billing)
    paid(keepers.place, billing, billed=False)
    clock.freeze(NEXT_DAY)
    ended = in_parallel(app_db, [lambda: nightly.reconcile(billing, receiver=RECEIVER)] * 2)
    assert ended == [None, None]
    db.session.rollback()
    assert db.session.scalar(select(func.count(SettlementBatch.id))) == 1
    assert db.session.scalar(select(func.count(BillLine.id))) == 3
    assert [each[0] for each in cases()] == ["missing_there"]
    settled = select(func.count(LedgerEntry.id)).where(LedgerEntry.subject.startswith("settlement:"))
    assert db.session.scalar(settled) == 1


class Killed(BaseException):
    """The process dies here."""


class Dying(Billing):
    """Dies in the middle of fetching."""

    def bill(self, day, sub_mch_id=""):
        raise Killed()


def test_killed_while_it_fetches_it_is_finished_when_the_lease_is_over(keepers):
    billing = Billing()
    paid(keepers.place, billing)
    with pytest.raises(Killed):
        at(NEXT_DAY, Dying())
    at(NEXT_DAY + timedelta(seconds=30), billing)
    assert billing.asked == []
    at(NEXT_DAY + timedelta(seconds=61), billing)
    assert db.session.scalars(select(SettlementBatch.net_fen)).one() > 0


def test_killed_between_fetching_and_comparing_it_is_finished_later(keepers):
    billing = Billing()
    paid(keepers.place, billing)
    clock.freeze(NEXT_DAY)
    transact(plan_bills)
    assert fetch_one(billing)
    assert file().compared_at is None
    at(NEXT_DAY + timedelta(minutes=5), billing)
    assert file().compared_at is not None
    assert len(billing.asked) == 1


def test_a_bill_that_is_not_there_yet_is_asked_for_again(keepers):
    billing = Billing(answers=[BillAnswer(Outcome.UNKNOWN, "TIMEOUT"), BillAnswer(Outcome.FAILED, "NO_BILL")])
    paid(keepers.place, billing)
    at(NEXT_DAY, billing)
    assert (file().state, file().last_error) == ("waiting", "TIMEOUT")
    at(NEXT_DAY + timedelta(minutes=4), billing)
    assert len(billing.asked) == 1
    at(NEXT_DAY + timedelta(minutes=6), billing)
    assert file().fetched_at is None  # money has moved, so an empty bill is not believed at once
    at(NEXT_DAY + timedelta(minutes=20), billing)
    assert file().compared_at is not None
    assert cases() == []


def test_a_day_on_which_nothing_happened_is_done_without_a_batch(keepers):
    at(NEXT_DAY, Billing())
    assert file().compared_at is not None
    assert db.session.scalar(select(func.count(SettlementBatch.id))) == 0


def test_an_empty_bill_of_a_day_with_money_is_in_the_end_a_case_for_each_payment(keepers):
    billing = Billing()
    paid(keepers.place, billing, billed=False)
    for hours in range(0, 50, 2):
        at(NEXT_DAY + timedelta(hours=hours), billing)
    assert [each[:2] for each in cases()] == [("missing_there", "open")]


def test_days_that_were_missed_are_caught_up(keepers):
    billing = Billing()
    for day in range(4):
        clock.freeze(NOON + timedelta(days=day))
        paid(keepers.place, billing, fen=1000 + day)
    at(NEXT_DAY + timedelta(days=5), billing)
    days = db.session.scalars(select(BillFile.bill_on).order_by(BillFile.bill_on)).all()
    assert days == [china_date(NOON) + timedelta(days=past) for past in range(6)]
    assert sorted(db.session.scalars(select(SettlementBatch.paid_fen))) == [1000, 1001, 1002, 1003]
    assert cases() == []


def test_a_company_without_an_account_is_not_asked_about_and_an_old_account_still_is(keepers):
    make_keepers()
    other = make_keepers()
    day = china_date(NOON)
    make_merchant(
        other.place.company,
        sub_mch_id="1999",
        valid_from=day - timedelta(days=9),
        valid_until=day - timedelta(days=5),
    )
    billing = Billing()
    at(NEXT_DAY, billing)
    assert [each for each, account in billing.asked if account == "1999"] == [
        day - timedelta(days=past) for past in range(9, -1, -1)
    ]


@both_engines
def test_a_number_that_another_company_has_now_is_billed_to_that_company(keepers):
    """Refunds of the first company may come for a year, but from the day of the second on the bill is the second's."""
    second, day = make_keepers(), china_date(NOON)
    before = day - timedelta(days=5)
    make_merchant(
        keepers.place.company, sub_mch_id="1900000790", valid_from=day - timedelta(days=9), valid_until=before
    )
    make_merchant(second.place.company, sub_mch_id="1900000790", valid_from=day - timedelta(days=2))
    clock.freeze(NEXT_DAY)
    transact(plan_bills)
    mine = select(BillFile.bill_on, BillFile.company_id).where(BillFile.sub_mch_id == "1900000790")
    owners = {row.bill_on: row.company_id for row in db.session.execute(mine)}
    assert sorted(owners) == [day - timedelta(days=past) for past in range(9, -1, -1)]
    handed_over = day - timedelta(days=2)
    assert {owners[each] for each in owners if each < handed_over} == {keepers.company_id}
    assert {owners[each] for each in owners if each >= handed_over} == {second.company_id}


def test_a_payment_that_only_the_bill_knows_to_be_paid_is_asked_for_and_settled(app_db):
    keepers, billing = opened(), Billing()
    payment = make_payment(keepers.place, fen=5000)
    billing.takes(payment)
    at(NEXT_DAY, billing)
    db.session.rollback()
    settled = db.session.get_one(Payment, payment.id)
    assert (settled.state, settled.paid_on) == (PaymentState.PAID, china_date(NOON))
    assert cases() == []
    assert balances(keepers)[Account.PROPERTY_FEE] == 5000
    assert Account.WECHAT not in balances(keepers)


def test_money_for_a_payment_that_had_ended_goes_back_by_rule(keepers):
    billing = Billing()
    payment = make_payment(keepers.place, fen=5000)
    transact(lambda: end_payment(db.session.get_one(Payment, payment.id)))
    billing.takes(payment)
    at(NEXT_DAY, billing)
    assert db.session.get_one(Payment, payment.id).state == PaymentState.LATE
    refund = db.session.scalars(select(Refund)).one()
    assert (refund.by_rule, refund.amount_fen) == (True, 5000)
    assert balances(keepers)[Account.TO_REFUND] == 5000
    assert cases() == []


def test_a_bill_alone_settles_nothing(keepers):
    """WeChat, asked, does not say what its bill says: then nothing moves and a person looks at it."""
    billing = Billing()
    payment = make_payment(keepers.place, fen=5000)
    trade = billing.takes(payment)
    del billing.orders[trade.out_trade_no]
    at(NEXT_DAY, billing)
    assert db.session.get_one(Payment, payment.id).transaction_id is None
    assert [each[:2] for each in cases()] == [("state", "open")]
    assert balances(keepers)[Account.DIFFERENCE] == -5000


def test_every_kind_of_difference_becomes_a_case_and_the_books_still_equal_the_bill(keepers):
    billing = Billing()
    wrong, missing = paid(keepers.place, billing, billed=False), paid(keepers.place, billing, billed=False)
    billing.takes(wrong, amount_fen=wrong.amount_fen + 100)
    billing.takes(make_payment(keepers.place), out_trade_no="NOBODYKNOWS1")
    sent = paid(keepers.place, billing)
    billing.sends_back(sent, refunded(sent.id, 500), refund_fen=700)
    lost = paid(keepers.place, billing)
    refunded(lost.id, 300)
    going = paid(keepers.place, billing)
    billing.sends_back(going, refunded(going.id, 400, done=False))
    at(NEXT_DAY, billing)
    assert {each[0] for each in cases()} == {
        "amount", "missing_there", "missing_here", "refund_sum", "refund_there", "refund_state",
    }  # fmt: skip
    batch = db.session.scalars(select(SettlementBatch)).one()
    carried = db.session.scalar(select(func.sum(ReconciliationCase.carried_fen)))
    assert batch.difference_fen == carried == 100 + 28600 - 200 - 400
    found = balances(keepers)
    assert found[Account.BANK] == batch.net_fen
    assert found[Account.DIFFERENCE] == -batch.difference_fen
    assert found[Account.WECHAT] == missing.amount_fen - 300
    told = set(db.session.scalars(select(Notification.account_id)))
    assert told == {scope.account_id for scope in (keepers.first, keepers.second, keepers.admin)}


def test_a_case_that_is_no_more_is_closed_by_rule_and_clears_what_it_carried(keepers):
    billing = Billing()
    payment = paid(keepers.place, billing, fen=5000)
    refund = refunded(payment.id, 400, done=False)
    billing.sends_back(payment, refund)
    at(NEXT_DAY, billing)
    assert [each[:2] for each in cases()] == [("refund_state", "open")]
    assert balances(keepers)[Account.DIFFERENCE] == 400
    arrive(refund.id)
    at(NEXT_DAY + timedelta(days=1, minutes=5), billing)
    assert cases() == [("refund_state", "settled", "再次核对时两边已经一致")]
    found = balances(keepers)
    assert Account.DIFFERENCE not in found
    assert Account.WECHAT not in found
    assert found[Account.PROPERTY_FEE] == 4600


def test_a_payment_that_the_next_bill_has_is_explained_by_it(keepers):
    billing = Billing()
    paid(keepers.place, billing)
    late = paid(keepers.place, billing, billed=False, fen=7700)
    at(NEXT_DAY, billing)
    assert [each[:2] for each in cases()] == [("missing_there", "open")]
    trade = billing.orders[late.out_trade_no]
    billing.add(paid_row(trade, at=china(2026, 11, 21, 0, 0, 2)))
    at(NEXT_DAY + timedelta(days=1, minutes=5), billing)
    assert [each[:2] for each in cases()] == [("missing_there", "settled")]
    assert Account.WECHAT not in balances(keepers)
    assert Account.DIFFERENCE not in balances(keepers)


def test_a_row_that_two_bills_have_is_settled_once(keepers):
    billing = Billing()
    payment = paid(keepers.place, billing, fen=5000)
    again = paid_row(billing.orders[payment.out_trade_no], at=china(2026, 11, 21, 9), fee_fen=0)
    billing.add(again)
    at(NEXT_DAY, billing)
    at(NEXT_DAY + timedelta(days=1, minutes=5), billing)
    assert [each[:2] for each in cases()] == [("twice", "open")]
    assert balances(keepers)[Account.DIFFERENCE] == -5000
    assert Account.WECHAT not in balances(keepers)


class Stumbling(Billing):
    """Breaks down over one account."""

    over = ""

    def query(self, out_trade_no, sub_mch_id):
        if sub_mch_id == self.over:
            raise ValueError("what nobody can read")
        return super().query(out_trade_no, sub_mch_id)


def test_a_bill_that_cannot_be_compared_keeps_no_other_from_it(keepers):
    billing, other = Stumbling(), make_keepers()
    make_merchant(other.place.company, valid_from=china_date(NOON))
    waiting = make_payment(keepers.place)
    billing.takes(waiting)
    paid(other.place, billing)
    billing.over = waiting.sub_mch_id
    at(NEXT_DAY, billing)
    assert db.session.scalars(select(SettlementBatch.company_id)).all() == [other.company_id]
    billing.over = ""
    at(NEXT_DAY + timedelta(minutes=5), billing)
    assert db.session.scalar(select(func.count(SettlementBatch.id))) == 2
    assert cases() == []


def test_a_row_of_another_account_is_a_case_and_in_no_sum(keepers):
    billing = Billing()
    payment = paid(keepers.place, billing)
    row = paid_row(billing.orders[payment.out_trade_no], out_trade_no="SOMEBODYELSE", sub_mch_id="1911111111")
    billing.told = lambda rows: [*rows, row]
    at(NEXT_DAY, billing)
    assert [each[0] for each in cases()] == ["foreign"]
    batch = db.session.scalars(select(SettlementBatch)).one()
    assert (batch.paid_fen, batch.difference_fen) == (payment.amount_fen, 0)


def test_the_bill_of_a_year_ago_is_given_up_and_stays_visible(keepers):
    billing = Billing(answers=[BillAnswer(Outcome.UNKNOWN, "TIMEOUT")] * 99)
    paid(keepers.place, billing)
    at(NEXT_DAY, billing)
    at(NEXT_DAY + timedelta(days=90), billing)
    assert file().state == "given_up"


def test_ten_times_the_payments_cost_the_same_statements(keepers, counted):
    billing = Billing()
    paid(keepers.place, billing)
    with counted() as few:
        at(NEXT_DAY, billing)
    clock.freeze(NOON + timedelta(days=1))
    for _ in range(10):
        paid(keepers.place, billing)
    with counted() as many:
        at(NEXT_DAY + timedelta(days=1), billing)
    assert len(many) <= len(few) + 14  # the second night also looks at the first day's bill again


def test_all_lines_balance_whatever_happened(keepers):
    billing = Billing()
    paid(keepers.place, billing)
    payment = make_payment(keepers.place)
    billing.takes(payment)
    pay(payment)
    at(NEXT_DAY, billing)
    sums = select(func.sum(LedgerLine.debit_fen), func.sum(LedgerLine.credit_fen))
    debit, credit = db.session.execute(sums).one()
    assert debit == credit > 0
    assert not set(db.session.scalars(select(ReconciliationCase.kind))) & {CaseKind.STATE.value}
