"""Random lives of payments and refunds, played against the sandbox's cashier: whatever breaks, these things hold.

People choose bills, open the cashier, pay, cancel, ask for their money back; staff review, approve, reject, retry;
notices come late, twice, in any order, forged or never; answers are lost before or after the call was carried out, are
signed wrongly, are HTML; processes die between a call and its record; money arrives for what was given up; somebody
places an order behind our back; nights come with their bills. After each step: every entry balances, nothing is paid
twice, nothing goes back twice or without two persons, WeChat holds no money without a row of ours. At the end of each
life every doubt has become a fact that equals WeChat's, and the last night leaves no difference without a case.

`MONEY_LIVES=500 pytest tests/payments/test_money_machine.py` plays more of them: so many for each beginning.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta
from typing import Any
from zlib import crc32

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from app.accounts.scopes import resident_scope
from app.books.accounts import Account
from app.books.models import LedgerEntry, LedgerLine
from app.core import clock
from app.core.clock import china_date
from app.core.db import db, transact
from app.core.scope import Scope
from app.integrations.wechat.pay.contract import NoticeRefused, Outcome, PayOrder, Trade
from app.payments import refunding
from app.payments.cancelling import ask_wechat, cancel_payment, check_payment
from app.payments.following import follow_due
from app.payments.invariants import broken_rules
from app.payments.models import WAITING, Payment, PaymentLine, PaymentState, Purpose, Refund, RefundStep
from app.payments.notices import hear_payment, hear_refund
from app.payments.opening import Part, open_payment
from app.payments.placing import begin_placing, place, record_placing
from app.payments.refund_rules import RefundReason
from app.payments.sending_refunds import send_due_refunds
from app.reconciliation.comparing import our_side, theirs_of
from app.reconciliation.models import BillFile, CaseState, ReconciliationCase
from app.reconciliation.nightly import reconcile
from app.reconciliation.rules import differences
from app.seeds.credentials import sandbox_openid
from config import SANDBOX_APPID, SANDBOX_SUB_MERCHANTS
from tests.books.bookkeeping import Keepers, make_keepers
from tests.factories import make_account
from tests.factories.money import make_merchant
from tests.factories.rewound import Rows, all_rows, put_back
from tests.payments.cashier import Cashier, open_cashier, or_dies, unless_refused

LIVES, STEPS = int(os.environ.get("MONEY_LIVES", "3")), 25
PEOPLE = ("王阿姨", "李师傅")
BILLS = {1: 28600, 2: 28600, 3: 1, 4: 100_000_00, 5: 999}
"""Number of the bill and its fen."""
PAYING, REFUNDING = ("order", "pay", "tell"), ("ask", "sign", "sign again")
BEGINNINGS = {
    "nothing": (),
    "ordered": PAYING[:1],
    "paid": PAYING[:2],
    "told": PAYING,
    "signed once": (*PAYING, *REFUNDING[:2]),
    "on its way back": (*PAYING, *REFUNDING),
    "given up": ("order", "give up"),
    "late": ("order", "give up", "late"),
}
"""How far the first payment of a life has come: chance alone seldom signs a refund."""
FIRST_BILLS = ((1,), (2, 3), (4,), (1, 2, 5))
COMPANY = SANDBOX_SUB_MERCHANTS[0]
TIMES = {"6s": 6, "40s": 40, "2m": 120, "6m": 360, "31m": 1860, "2h": 7200}
LOST = ("drop", "drop_after", "http_500", "html", "wrong_answer_signature", "answer_in_other_type")
REFUSING = ("NOTENOUGH", "FREQUENCY_LIMITED", "SYSTEMERROR", "SYSTEMERROR_AFTER")
TILL = "TILL20261122000001"
PATHS = (
    "/pay/unifiedorder",
    "/pay/orderquery",
    "/pay/closeorder",
    "/secapi/pay/refund",
    "/pay/refundquery",
    "/pay/downloadbill",
)
DEATHS = ("", "", "", "before", "after")
PAID = (PaymentState.PAID.value, PaymentState.LATE.value)
NEVER_ARRIVES = ("CHANGE", "REFUNDCLOSE")
UNUSUAL = ("paid_before_answer", *NEVER_ARRIVES)
ABOUT_TIME = {"ends", "refund_ends"}
SEEN: Counter[str] = Counter()
which = st.integers(0, 63)
OPEN_STEPS = (RefundStep.REQUESTED.value, RefundStep.REVIEWED.value)
GIVEN_UP = (PaymentState.CLOSING.value, PaymentState.CLOSED.value)


def where(*states: str) -> Any:
    """A rule for lives in which some payment or refund stands there."""
    return precondition(lambda self: not self.standing.isdisjoint(states))


class Money(RuleBasedStateMachine):
    """One company, two residents, three people of the company."""

    beginning: str
    cashier: Cashier
    keepers: Keepers
    payers: dict[str, Scope]
    rows: Rows

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, dict[str, str]]] = []
        self.till_is_open = False
        self.slept = False
        self.standing: set[str] = set()

    @initialize(bills=st.sampled_from(FIRST_BILLS))
    def a_new_day(self, bills: tuple[int, ...]) -> None:
        """The first payment has come so far: chance alone seldom signs a refund, or gives up what was ordered."""
        self.cashier.begin(*PEOPLE)
        put_back(self.rows, untouched=frozenset())
        transact(
            lambda: make_merchant(
                self.keepers.place.company, sub_mch_id=COMPANY, valid_from=china_date(clock.now())
            )
        )
        for step in BEGINNINGS[self.beginning]:
            self._has_happened(step, bills)

    def _has_happened(self, step: str, bills: tuple[int, ...]) -> None:
        """One step of the straight way."""
        if step == "order":
            self.chooses_bills_and_opens_the_cashier(PEOPLE[0], set(bills))
        elif step == "pay":
            self.taps_pay(0, "ok")
        elif step == "tell":
            self.a_notice_is_brought(0, stays=True)
        elif step == "ask":
            self.asks_for_money_back(0, bills[0] % 4, by_staff=False)
        elif step == "sign":
            self.a_refund_is_signed(0, first=True, again=False)
        elif step == "sign again":
            self.a_refund_is_signed(0, first=False, again=False)
        elif step == "give up":
            self.comes_back_or_gives_up(0, giving_up=True)
            self.the_scheduler_comes([("6m", "")])
        else:
            self.money_arrives_for_what_was_given_up(0)

    # what residents do

    @rule(who=st.sampled_from(PEOPLE), bills=st.sets(st.sampled_from(sorted(BILLS)), min_size=1, max_size=3))
    def chooses_bills_and_opens_the_cashier(self, who: str, bills: set[int]) -> None:
        parts = [Part(f"bill:{n}", Account.PROPERTY_FEE, f"账单{n}", BILLS[n]) for n in sorted(bills)]
        found = self.keepers.place
        payment_id = unless_refused(
            lambda: (
                open_payment(
                    parts,
                    purpose=Purpose.BILLS,
                    title="物业费,2026年",
                    company_id=found.company.id,
                    estate_id=found.estate.id,
                    district_id=found.district.id,
                    by=self.payers[who],
                    client_ip="127.0.0.1",
                ).id
            )
        )
        if payment_id is not None:
            self._open(payment_id, who)

    @where(*WAITING)
    @rule(number=which, dies=st.sampled_from(DEATHS))
    def opens_the_cashier_again(self, number: int, dies: str) -> None:
        payment = self._one(Payment, number, *sorted(WAITING))
        if payment is not None:
            self.cashier.mortal.dies = dies
            self._open(payment.id, self._name_of(payment))
            self.cashier.mortal.dies = ""

    def _open(self, payment_id: int, who: str) -> None:
        by, gateway = self.payers[who], self.cashier.gateway
        order = unless_refused(lambda: begin_placing(payment_id, by=by, api=gateway.api))
        created = or_dies(lambda: place(gateway, order)) if order is not None else None
        if created is None:
            return
        SEEN[f"create {created.outcome}"] += 1
        prepay = unless_refused(lambda: record_placing(payment_id, created, by=by).prepay_id)
        if prepay:
            self.sheets.append((who, dict(gateway.client_params(prepay))))

    @precondition(lambda self: self.sheets)
    @rule(number=which, outcome=st.sampled_from(("ok", "ok", "ok", "cancel", "paying", "error")))
    def taps_pay(self, number: int, outcome: str) -> None:
        who, params = self.sheets[number % len(self.sheets)]
        if self.cashier.taps(who, params, outcome):
            SEEN[f"tap {outcome}"] += 1

    @where(*WAITING)
    @rule(number=which, giving_up=st.booleans())
    def comes_back_or_gives_up(self, number: int, giving_up: bool) -> None:
        payment = self._one(Payment, number, *sorted(WAITING))
        if payment is None:
            return
        payment_id, by, receiver = payment.id, self.payers[self._name_of(payment)], self.cashier.receiver
        answer = ask_wechat(self.cashier.gateway, payment_id, by=by)
        act = cancel_payment if giving_up else check_payment
        unless_refused(lambda: act(payment_id, answer, by=by, receiver=receiver).id)

    @where(PaymentState.PAID.value)
    @rule(number=which, share=st.integers(0, 4), by_staff=st.booleans())
    def asks_for_money_back(self, number: int, share: int, by_staff: bool) -> None:
        payment = self._one(Payment, number, PaymentState.PAID.value)
        if payment is None:
            return
        by = self.keepers.first if by_staff else self.payers[self._name_of(payment)]
        payment_id, fen = payment.id, payment.amount_fen * share // 4 or None
        reason = RefundReason.WRONG
        unless_refused(lambda: refunding.ask_refund(payment_id, by=by, reason_code=reason, amount_fen=fen).id)

    # what people of the company do

    @where(*OPEN_STEPS)
    @rule(number=which, first=st.booleans(), again=st.booleans())
    def a_refund_is_signed(self, number: int, first: bool, again: bool) -> None:
        """By whoever is there; sometimes by the one who may not."""
        people = (self.keepers.first, self.keepers.second, self.keepers.admin)
        refund = self._one(Refund, number, *OPEN_STEPS)
        if refund is None:
            return
        refund_id, by = refund.id, people[first + again]
        sign = refunding.review if refund.step == RefundStep.REQUESTED else refunding.approve
        if unless_refused(lambda: sign(refund_id, by=by).id):
            SEEN[sign.__name__] += 1

    @where(*OPEN_STEPS)
    @rule(number=which)
    def a_refund_is_rejected(self, number: int) -> None:
        refund = self._one(Refund, number, *OPEN_STEPS)
        if refund is not None and number % 4 == 0:
            refund_id = refund.id
            unless_refused(lambda: refunding.reject(refund_id, by=self.keepers.second, why="没有依据").id)

    @where(RefundStep.FAILED.value)
    @rule(number=which)
    def a_failed_refund_is_sent_again(self, number: int) -> None:
        refund = self._one(Refund, number, RefundStep.FAILED.value)
        if refund is not None:
            refund_id = refund.id
            unless_refused(lambda: refunding.retry(refund_id, by=self.keepers.second).id)

    # what the machines do

    @rule(
        rounds=st.lists(
            st.tuples(st.sampled_from(sorted(TIMES)), st.sampled_from(DEATHS)), min_size=1, max_size=4
        )
    )
    def the_scheduler_comes(self, rounds: list[tuple[str, str]]) -> None:
        """Again and again after some time, and is killed now and then."""
        for time, dies in rounds:
            self.cashier.passes(timedelta(seconds=TIMES[time]))
            self.cashier.mortal.dies = dies
            or_dies(lambda: follow_due(self.cashier.gateway, 5, receiver=self.cashier.receiver))
            or_dies(lambda: send_due_refunds(self.cashier.gateway, 5))
            self.cashier.mortal.dies = ""

    @precondition(lambda self: self.cashier.bag)
    @rule(number=which, stays=st.booleans())
    def a_notice_is_brought(self, number: int, stays: bool) -> None:
        """Any of those that wait, in any order; one that stays comes again."""
        if self.cashier.bag:
            self._bring(number % len(self.cashier.bag), stays=stays)

    def _bring(self, place: int, *, stays: bool = False) -> None:
        notice = self.cashier.bag[place] if stays else self.cashier.bag.pop(place)
        told, receiver = self.cashier.read(notice), self.cashier.receiver
        if isinstance(told, Trade):
            SEEN[transact(lambda: hear_payment(told, receiver=receiver)).value] += 1
        else:
            transact(lambda: hear_refund(told, receiver=receiver))

    @precondition(lambda self: self.cashier.bag)
    @rule(number=which, old=st.sampled_from((b"28600", b"SUCCESS", b"CNY", b"19000")))
    def a_notice_is_forged(self, number: int, old: bytes) -> None:
        if self.cashier.bag:
            notice = self.cashier.bag[number % len(self.cashier.bag)]
            body = notice.body.replace(old, b"1", 1)
            if body != notice.body and not notice.path.endswith("refund-notice"):
                with pytest.raises(NoticeRefused):
                    self.cashier.mortal.gateway.parse_pay_notice({}, body)

    @rule(
        path=st.sampled_from(PATHS), kind=st.sampled_from(LOST + REFUSING + UNUSUAL), times=st.integers(1, 3)
    )
    def something_will_break(self, path: str, kind: str, times: int) -> None:
        if kind in NEVER_ARRIVES:
            self.cashier.sandbox.call("POST", "/pay/refund_outcome", {"next": kind})
        else:
            self.cashier.sandbox.fault(path, kind, times=times)

    @where(*GIVEN_UP)
    @rule(number=which)
    def money_arrives_for_what_was_given_up(self, number: int) -> None:
        payment = self._one(Payment, number, *GIVEN_UP)
        trade = self._trade(payment.out_trade_no) if payment is not None else None
        if trade is not None and not trade.is_paid:
            self.cashier.sandbox.pay_late(trade.out_trade_no)
            self.cashier.collect()
            SEEN["late money"] += 1

    @precondition(lambda self: not self.till_is_open)
    @rule()
    def somebody_takes_money_behind_our_back(self) -> None:
        """An order with our key and without a row, as a till beside the product would make it."""
        gateway, now = self.cashier.mortal.gateway, clock.now()
        openid = sandbox_openid(SANDBOX_APPID, PEOPLE[1])
        order = PayOrder(TILL, COMPANY, openid, 777, "门卡", "127.0.0.1", now, now + timedelta(hours=1))
        created = gateway.create(order)
        self.till_is_open = True
        if created.outcome is Outcome.OK:
            self.cashier.taps(PEOPLE[1], dict(gateway.client_params(created.prepay_id)), "ok")

    @precondition(lambda self: not self.slept)
    @rule()
    def a_night_passes(self) -> None:
        """WeChat's bill of the day comes at eleven."""
        self.slept = True
        self.cashier.until(hour=11)
        reconcile(self.cashier.gateway, receiver=self.cashier.receiver)
        SEEN["night"] += 1

    # what always holds

    @invariant()
    def it_is_looked_at(self) -> None:
        db.session.rollback()
        SEEN["steps"] += 1
        self.standing = {*db.session.scalars(select(Payment.state)), *db.session.scalars(select(Refund.step))}

    @invariant()
    def the_books_balance_and_hold_what_has_arrived(self) -> None:
        db.session.rollback()
        sums = select(
            LedgerLine.entry_id, func.sum(LedgerLine.debit_fen), func.sum(LedgerLine.credit_fen)
        ).group_by(LedgerLine.entry_id)
        assert all(debit == credit for _, debit, credit in db.session.execute(sums))
        posted = Counter(db.session.scalars(select(LedgerEntry.subject)))
        assert not posted or max(posted.values()) == 1
        payments = db.session.scalars(select(Payment.id).where(Payment.state.in_(PAID)))
        refunds = db.session.scalars(select(Refund.id).where(Refund.step == RefundStep.DONE.value))
        wanted = {f"payment:{n}" for n in payments} | {f"refund:{n}" for n in refunds}
        assert {subject for subject in posted if subject.startswith(("payment:", "refund:"))} == wanted

    @invariant()
    def nothing_is_paid_twice(self) -> None:
        """A bill is covered by one payment that stands; late money covers nothing and goes back."""
        held = (
            select(PaymentLine.subject, func.count())
            .join(Payment, Payment.id == PaymentLine.payment_id)
            .where(
                Payment.state == PaymentState.PAID.value, PaymentLine.refunded_fen < PaymentLine.amount_fen
            )
            .group_by(PaymentLine.subject)
        )
        assert all(count == 1 for _, count in db.session.execute(held))

    @invariant()
    def no_money_is_without_a_row_and_none_goes_back_unasked(self) -> None:
        ours = {each.out_trade_no: each for each in db.session.scalars(select(Payment))}
        sent = {each.out_refund_no: each for each in db.session.scalars(select(Refund))}
        with self.cashier.sandbox.sandbox.world.lock:
            for trade in self.cashier.pay.trades.values():
                if trade.out_trade_no != TILL:
                    row = ours[trade.out_trade_no]
                    assert (row.amount_fen, row.sub_mch_id) == (trade.total_fee, trade.sub_mch_id)
                    assert row.state not in PAID or trade.is_paid
                assert trade.refunded <= trade.total_fee
            for each in self.cashier.pay.refunds.values():
                refund = sent[each.out_refund_no]
                assert refund.amount_fen == each.refund_fee
                persons = {refund.requested_by, refund.first_by, refund.second_by}
                assert refund.by_rule or (None not in persons and len(persons) == 3)

    @invariant()
    def what_goes_back_was_paid(self) -> None:
        for payment in db.session.scalars(select(Payment)):
            assert 0 <= payment.refunding_fen + payment.refunded_fen <= payment.amount_fen
            done = sum(
                each.amount_fen
                for each in db.session.scalars(select(Refund).where(Refund.payment_id == payment.id))
                if each.step == RefundStep.DONE
            )
            assert done == payment.refunded_fen == sum(line.refunded_fen for line in payment.lines)

    @invariant()
    def the_money_check_finds_nothing(self) -> None:
        """The operator's own rules, asked in every state that a life goes through; those about time wait until the
        scheduler has come by."""
        db.session.rollback()
        assert {each.rule for each in broken_rules()} <= ABOUT_TIME

    def teardown(self) -> None:
        """The storm is over: everything becomes a fact, and the facts are WeChat's."""
        try:
            self._everything_ends()
            self._facts_are_the_same_on_both_sides()
            self._the_last_nights_leave_no_difference_without_a_case()
            self.the_books_balance_and_hold_what_has_arrived()
            self.what_goes_back_was_paid()
            assert broken_rules() == []
            SEEN["deaths"] += self.cashier.mortal.deaths
            SEEN["lives"] += 1
        finally:
            self.cashier.mortal.deaths = 0
            clock.freeze(None)

    def _everything_ends(self) -> None:
        self.cashier.sandbox.clear_faults()
        for _ in range(12):
            self.cashier.passes(timedelta(minutes=61))
            while self.cashier.bag:
                self._bring(0)
            for refund in self._refunds(RefundStep.FAILED):
                if self._at_wechat(refund) not in NEVER_ARRIVES:
                    transact(lambda number=refund: refunding.retry(number, by=self.keepers.second).id)
            follow_due(self.cashier.gateway, 50, receiver=self.cashier.receiver)
            send_due_refunds(self.cashier.gateway, 50)
            if not self._waiting() and not self._refunds(RefundStep.SENDING):
                return
        raise AssertionError(f"still in doubt: {self._waiting()}, {self._refunds(RefundStep.SENDING)}")

    def _facts_are_the_same_on_both_sides(self) -> None:
        db.session.rollback()
        for payment in db.session.scalars(select(Payment)):
            trade = self._trade(payment.out_trade_no)
            assert (payment.state in PAID) == (trade is not None and trade.is_paid), payment.out_trade_no
            if trade is not None and trade.is_paid:
                assert payment.transaction_id == trade.transaction_id
        for refund in db.session.scalars(select(Refund)):
            assert (refund.step == RefundStep.DONE) == (self._at_wechat(refund.id) == "SUCCESS")

    def _the_last_nights_leave_no_difference_without_a_case(self) -> None:
        """Two: what the first finds in doubt the second finds settled."""
        for _ in range(2):
            self.cashier.until(hour=11)
            reconcile(self.cashier.mortal.gateway, receiver=self.cashier.receiver)
        db.session.rollback()
        files = list(db.session.scalars(select(BillFile)))
        assert files
        assert all(file.compared_at for file in files)
        cases = select(ReconciliationCase).where(ReconciliationCase.state == CaseState.OPEN.value)
        open_cases = {(each.file_id, each.kind, each.number) for each in db.session.scalars(cases)}
        differing = {
            (file.id, each.kind.value, each.number)
            for file in files
            for each in differences(theirs_of(file.id), our_side(file, theirs_of(file.id)))
        }
        assert differing == open_cases
        till = self._trade(TILL)
        foreign = {TILL} if till is not None and till.is_paid else set()
        named = {number for _, _, number in open_cases}
        assert foreign <= named <= foreign | set(self._numbers_of(RefundStep.FAILED))
        SEEN["cases"] += len(named)

    # looking

    def _one(self, model: type[Any], number: int, *states: str) -> Any:
        db.session.rollback()
        column = model.state if model is Payment else model.step
        found = db.session.scalars(select(model).where(column.in_(states)).order_by(model.id)).all()
        return found[number % len(found)] if found else None

    def _name_of(self, payment: Payment) -> str:
        return next(name for name, scope in self.payers.items() if scope.account_id == payment.payer_id)

    def _trade(self, out_trade_no: str) -> Any:
        return self.cashier.pay.trades.get(f"{self.cashier.settings.wechat_pay_mch_id}/{out_trade_no}")

    def _at_wechat(self, refund_id: int) -> str:
        db.session.rollback()
        number = db.session.get_one(Refund, refund_id).out_refund_no
        known = self.cashier.pay.refunds.get(f"{self.cashier.settings.wechat_pay_mch_id}/{number}")
        return known.state if known else "MISSING"

    def _waiting(self) -> list[str]:
        db.session.rollback()
        waiting = select(Payment.out_trade_no).where(Payment.state.in_(sorted(WAITING)))
        return list(db.session.scalars(waiting))

    def _refunds(self, step: RefundStep) -> list[int]:
        db.session.rollback()
        return list(db.session.scalars(select(Refund.id).where(Refund.step == step.value)))

    def _numbers_of(self, step: RefundStep) -> list[str]:
        return list(db.session.scalars(select(Refund.out_refund_no).where(Refund.step == step.value)))


@pytest.fixture
def stage(app_db):
    """The people of the stage, and the rows with which each life begins."""
    with open_cashier() as cashier:
        Money.cashier, Money.keepers = cashier, make_keepers()
        Money.payers = {}
        for name in PEOPLE:
            openid = sandbox_openid(SANDBOX_APPID, name)
            account = transact(lambda name=name, openid=openid: make_account(openid=openid).id)
            Money.payers[name] = resident_scope(account)
        Money.rows = all_rows()
        yield cashier


def test_the_beginnings_are_what_they_are_called(stage):
    """Else the lives below would all begin with nothing."""
    SEEN.clear()
    ends = {"nothing": set(), "ordered": {"open"}, "paid": {"open"}, "told": {"paid"}}
    ends |= {"signed once": {"paid", "reviewed"}, "on its way back": {"paid", "sending"}}
    ends |= {"given up": {"closed"}, "late": {"closed"}}
    for Money.beginning, wanted in ends.items():
        life = Money()
        life.a_new_day(FIRST_BILLS[0])
        life.it_is_looked_at()
        assert life.standing == wanted, Money.beginning
        life.teardown()
    assert SEEN["late"] == 1


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_whatever_breaks_the_money_is_right(stage, beginning):
    SEEN.clear()
    Money.beginning = beginning
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    chosen = settings(
        max_examples=LIVES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=quiet,
        phases=(Phase.generate,),  # to make a failing life shorter takes many minutes
    )
    run_state_machine_as_test(seed(crc32(beginning.encode()))(Money), settings=chosen)
    print(dict(SEEN))  # shown with -s: what this many lives have met
    assert SEEN["lives"] >= LIVES
