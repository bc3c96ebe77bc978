"""What differs is a matter of what stands in the bill, never of its order or of rows that stand there twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.integrations.wechat.pay.contract import BillRow
from app.payments.models import PaymentState, RefundStep
from app.reconciliation.models import CaseKind
from app.reconciliation.rules import OurRefund, Ours, Side, differences, lines, matched, own

SUB, OTHER = "1900000201", "1900000202"
AT = datetime(2026, 11, 20, 4, tzinfo=UTC)


def row(number: str, fen: int, **other: object) -> BillRow:
    plain = {"transaction_id": f"42{number}", "sub_mch_id": SUB, "state": "SUCCESS", "at": AT}
    return BillRow(number, amount_fen=fen, **{**plain, **other})  # type: ignore[arg-type]


def back(number: str, refund_no: str, fen: int, **other: object) -> BillRow:
    plain = {"state": "REFUND", "refund_state": "SUCCESS"}
    return row(number, 0, **{**plain, "out_refund_no": refund_no, "refund_fen": fen, **other})


def ours(number: str, fen: int, *, id: int = 1, state: str = "paid", sub: str = SUB) -> Ours:
    return Ours(id, number, sub, state, fen)


def side(*payments: Ours, refunds: tuple[OurRefund, ...] = (), **due: object) -> Side:
    return Side(SUB, {each.trade_no: each for each in payments}, {r.refund_no: r for r in refunds}, **due)  # type: ignore[arg-type]


def found(bill: list[BillRow], of: Side) -> list[tuple[CaseKind, str, int]]:
    return [(each.kind, each.number, each.carried_fen) for each in differences(lines(bill), of)]


def test_the_same_on_both_sides_is_no_difference():
    refund = OurRefund(5, "R1", 1, SUB, RefundStep.DONE.value, 30)
    of = side(ours("A1", 100), refunds=(refund,))
    assert found([row("A1", 100), back("A1", "R1", 30)], of) == []
    assert found([row("A1", 100)], side(ours("A1", 100, state="late"))) == []


def test_each_kind_of_difference_is_named_with_the_money_that_it_carries():
    done, going = RefundStep.DONE.value, RefundStep.SENDING.value
    refunds = (
        OurRefund(1, "R1", 1, SUB, done, 30),
        OurRefund(2, "R2", 1, SUB, going, 40),
        OurRefund(3, "R3", 1, OTHER, done, 50),
    )
    of = side(
        ours("A2", 90, id=2),
        ours("A3", 100, id=3, state=PaymentState.OPEN.value),
        ours("A4", 100, id=4, sub=OTHER),
        refunds=refunds,
        due_payments=[ours("A8", 70, id=8)],
        due_refunds=[OurRefund(9, "R9", 8, SUB, done, 20)],
    )
    bill = [
        row("A1", 100),
        row("A2", 100),
        row("A3", 100),
        row("A4", 100),
        row("A5", 100, sub_mch_id=OTHER),
        back("A1", "R0", 10),
        back("A2", "R1", 35),
        back("A3", "R2", 40),
        back("A4", "R3", 50),
    ]
    assert set(found(bill, of)) == {
        (CaseKind.MISSING_HERE, "A1", 100),
        (CaseKind.AMOUNT, "A2", 10),
        (CaseKind.STATE, "A3", 100),
        (CaseKind.MISSING_HERE, "A4", 100),
        (CaseKind.FOREIGN, "A5", 0),
        (CaseKind.REFUND_MISSING_HERE, "R0", -10),
        (CaseKind.REFUND_AMOUNT, "R1", -5),
        (CaseKind.REFUND_STATE, "R2", -40),
        (CaseKind.REFUND_MISSING_HERE, "R3", -50),
        (CaseKind.MISSING_THERE, "A8", 0),
        (CaseKind.REFUND_MISSING_THERE, "R9", 0),
    }


def test_a_bill_that_calls_a_payment_revoked_or_a_refund_failed_is_a_difference_of_state():
    refund = OurRefund(5, "R1", 1, SUB, RefundStep.DONE.value, 30)
    of = side(ours("A1", 100), refunds=(refund,))
    bill = [row("A1", 100, state="REVOKED"), back("A1", "R1", 30, refund_state="CHANGE")]
    assert found(bill, of) == [(CaseKind.REFUND_STATE, "R1", 0), (CaseKind.STATE, "A1", -100)]


def test_two_rows_of_one_payment_that_disagree_are_a_case_and_the_larger_counts():
    of = side(ours("A1", 100))
    assert found([row("A1", 100), row("A1", 60)], of) == [(CaseKind.TWICE, "A1", 0)]
    assert found([row("A1", 100), row("A1", 160)], of) == [
        (CaseKind.AMOUNT, "A1", 60),
        (CaseKind.TWICE, "A1", 0),
    ]


def test_what_an_earlier_bill_had_is_not_taken_again():
    of = side(ours("A1", 100), billed_before={("A1", "")})
    assert found([row("A1", 100)], of) == [(CaseKind.TWICE, "A1", 100)]
    assert matched(lines([row("A1", 100)]), of) == ([], [])


numbers = st.sampled_from(["A1", "A2", "A3", "A4"])
subs = st.sampled_from([SUB, SUB, SUB, OTHER])
amounts = st.integers(1, 300)
bill_rows = st.one_of(
    st.builds(
        lambda number, fen, sub, state, minutes: row(
            number, fen, sub_mch_id=sub, state=state, at=AT + timedelta(minutes=minutes)
        ),
        numbers,
        amounts,
        subs,
        st.sampled_from(["SUCCESS", "SUCCESS", "REVOKED"]),
        st.integers(0, 3),
    ),
    st.builds(
        lambda number, refund_no, fen, sub, state: back(
            number, refund_no, fen, sub_mch_id=sub, refund_state=state, fee_fen=-1
        ),
        numbers,
        st.sampled_from(["R1", "R2", "R3"]),
        amounts,
        subs,
        st.sampled_from(["SUCCESS", "PROCESSING", "CHANGE"]),
    ),
)
our_payments = st.lists(
    st.builds(
        lambda number, fen, sub, state: ours(number, fen, id=int(number[1]), sub=sub, state=state),
        numbers,
        amounts,
        subs,
        st.sampled_from([each.value for each in PaymentState]),
    ),
    unique_by=lambda each: each.trade_no,
)
our_refunds = st.lists(
    st.builds(
        lambda number, fen, sub, step: OurRefund(int(number[1]), number, 1, sub, step, fen),
        st.sampled_from(["R1", "R2", "R3"]),
        amounts,
        subs,
        st.sampled_from([each.value for each in RefundStep]),
    ),
    unique_by=lambda each: each.refund_no,
)


@settings(max_examples=300, deadline=None)
@given(st.lists(bill_rows, max_size=10), our_payments, our_refunds, st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_of_the_rows_gives_the_same_cases(bill, payments, refunds, dice):
    of = side(*payments, refunds=tuple(refunds), due_payments=[p for p in payments if p.came_fen])
    again = [*bill, *dice.choices(bill, k=dice.randint(0, 5))] if bill else []
    dice.shuffle(again)
    assert differences(lines(bill), of) == differences(lines(again), of)
    assert lines(bill) == lines(again)


@settings(max_examples=300, deadline=None)
@given(st.lists(bill_rows, max_size=10), our_payments, our_refunds)
def test_the_differences_carry_exactly_what_the_books_do_not_explain(bill, payments, refunds):
    of = side(*payments, refunds=tuple(refunds))
    theirs = lines(bill)
    paid, sent = matched(theirs, of)
    known = sum(each.came_fen for each in payments if each.id in paid)
    known += sum(each.came_fen for each in refunds if each.id in sent)
    came = sum(line.came_fen for line in own(theirs, SUB))
    assert came - known == sum(each.carried_fen for each in differences(theirs, of))


@settings(max_examples=100, deadline=None)
@given(st.lists(bill_rows, max_size=10), our_payments, our_refunds)
def test_no_case_stands_twice(bill, payments, refunds):
    cases = differences(lines(bill), side(*payments, refunds=tuple(refunds)))
    assert len({(each.kind, each.number) for each in cases}) == len(cases)
