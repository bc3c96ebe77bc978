"""Paying bills: whose they are, what they cost, to whom the money goes, and what comes of it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.books.models import LedgerLine
from app.core.db import db, transact
from app.core.errors import Invalid
from app.core.scope import SYSTEM
from app.fees import paying, queries
from app.fees.errors import BillNotDue, BillNotFound, NotOpenedHere
from app.fees.rules import BillState, FeeKind
from app.fees.spaces import register_space
from app.payments.errors import NotPayable
from app.payments.models import Merchant, Payment, PaymentLine
from tests.engines import both_engines, in_parallel
from tests.factories.people import make_binding
from tests.fees.town import NOW, bills, charge, issue, make_town, pay_for, settled

pytestmark = both_engines


def pay(ids, by):
    return transact(lambda: paying.pay(ids, by=by, client_ip="127.0.0.1"))


def three_months(town, until="2026-11"):
    charge(town.place)
    for period in ("2026-09", "2026-10", until):
        issue(period)
    return [bill.id for bill in bills(home_id=town.home_ids[0])]


def test_three_months_of_the_example_home_are_858_yuan_and_one_payment(app_db):
    town = make_town(homes=2)
    ids = three_months(town)
    (payment,) = pay(ids, town.resident())
    assert (payment.amount_fen, payment.company_id, len(payment.lines)) == (85_800, town.company_id, 3)
    merchant = db.session.scalars(select(Merchant)).one()
    assert payment.sub_mch_id == merchant.sub_mch_id
    assert payment.title == "物业费 2026年9月等3笔"
    assert payment.lines[0].label.startswith("物业费 2026年9月(")


def test_the_same_choice_again_is_the_same_payment_whatever_its_order(app_db):
    town = make_town(homes=1)
    ids = three_months(town)
    first = pay(ids, town.resident())
    assert [each.id for each in pay(ids[::-1] + ids, town.resident())] == [each.id for each in first]


def test_paid_bills_are_paid_those_of_the_other_home_unchanged_and_the_books_have_it(app_db):
    town = make_town(homes=2)
    ids = three_months(town)
    pay_for(ids, town.resident())
    assert {bill.state for bill in bills(home_id=town.home_ids[0])} == {"paid"}
    assert all(bill.paid_fen == bill.amount_fen and bill.paid_at for bill in bills(home_id=town.home_ids[0]))
    assert {bill.state for bill in bills(home_id=town.home_ids[1])} == {"due"}
    credit = select(LedgerLine.credit_fen).where(LedgerLine.account == "property_fee")
    assert sum(db.session.scalars(credit)) == 85_800
    with pytest.raises(BillNotDue):
        pay(ids[:1], town.resident())


def test_bills_of_two_companies_are_two_payments_each_to_its_own_merchant(app_db):
    mine, other = make_town(homes=1), make_town(homes=1)
    charge(mine.place)
    charge(other.place, 12_000)
    transact(lambda: make_binding(mine.residents[0], other.place.homes[0], slot=2))
    issue("2026-11")
    payments = pay([bill.id for bill in bills()], mine.resident())
    assert [payment.company_id for payment in payments] == sorted([mine.company_id, other.company_id])
    assert len({payment.sub_mch_id for payment in payments}) == 2
    assert sorted(payment.amount_fen for payment in payments) == [13_200, 28_600]


def test_parking_on_common_ground_goes_into_the_owners_book(app_db):
    town = make_town(homes=1)
    charge(town.place, 1_500_000, kind=FeeKind.PARKING_PUBLIC)
    home = town.home_ids[0]
    transact(lambda: register_space(home, number="A1", kind="parking_public", by=SYSTEM))
    issue("2026-12")
    pay_for([bill.id for bill in bills()], town.resident())
    books = select(LedgerLine.account, LedgerLine.credit_fen).where(LedgerLine.credit_fen > 0)
    assert [tuple(row) for row in db.session.execute(books)] == [("parking_public", 15_000)]


def test_a_stranger_finds_no_bill(app_db):
    town, other = make_town(homes=1), make_town(homes=1)
    ids = three_months(town)
    with pytest.raises(BillNotFound):
        pay(ids, other.resident())
    assert db.session.scalars(select(Payment)).all() == []


def test_one_foreign_bill_among_own_ones_refuses_them_all(app_db):
    town = make_town(homes=2)
    three_months(town)
    with pytest.raises(BillNotFound):
        pay([bill.id for bill in bills()], town.resident())


def test_a_tie_that_has_ended_shows_no_bill(app_db):
    town = make_town(homes=1)
    ids = three_months(town)

    def end() -> None:
        tie = db.session.query(queries.HomeBinding).one()
        tie.status, tie.slot, tie.live_home_id, tie.ended_at = "ended", None, None, NOW

    transact(end)
    with pytest.raises(BillNotFound):
        pay(ids, town.resident())


def test_an_estate_without_agreement_refuses_with_the_offices_number(app_db):
    town = make_town(homes=1)
    ids = three_months(town)
    transact(lambda: setattr(db.session.merge(town.place.estate), "pay_enabled", False))
    with pytest.raises(NotOpenedHere) as refused:
        pay(ids, town.resident())
    assert "010-00000010" in refused.value.sentence
    assert "还没有开通线上缴费" in refused.value.sentence


def test_a_company_without_merchant_account_refuses(app_db):
    town = make_town(homes=1)
    ids = three_months(town)
    transact(lambda: db.session.query(Merchant).delete())
    with pytest.raises(NotPayable):
        pay(ids, town.resident())
    assert not queries.homes_of_resident(town.resident())[0].payable


def test_parking_that_was_switched_off_is_not_there(app_db):
    town = make_town(homes=1)
    charge(town.place, 1_500_000, kind=FeeKind.PARKING_PUBLIC)
    home = town.home_ids[0]
    transact(lambda: register_space(home, number="A1", kind="parking_public", by=SYSTEM))
    issue("2026-12")
    ids = [bill.id for bill in bills()]
    assert queries.bills_page(town.resident())[0].items
    transact(lambda: setattr(db.session.merge(town.place.estate), "parking_enabled", False))
    assert queries.bills_page(town.resident())[0].items == []
    assert queries.summary(town.resident())[0].due_fen == 0
    with pytest.raises(BillNotFound):
        pay(ids, town.resident())


@pytest.mark.parametrize("ids", [[], list(range(1, 62))])
def test_none_and_too_many_are_refused(app_db, ids):
    town = make_town(homes=1)
    with pytest.raises(Invalid):
        pay(ids, town.resident())


def test_many_taps_at_once_are_one_payment(app_db):
    town = make_town(homes=1)
    ids, by = three_months(town), town.resident()
    outcomes = in_parallel(app_db, [lambda: pay(ids, by)[0].id for _ in range(8)])
    assert len({each for each in outcomes if isinstance(each, int)}) == 1
    assert all(isinstance(each, int) for each in outcomes), outcomes
    assert len(db.session.scalars(select(PaymentLine)).all()) == 3


def test_hearing_of_the_same_money_twice_changes_nothing(app_db):
    town = make_town(homes=1)
    ids = three_months(town)
    (payment,) = pay_for(ids, town.resident())
    before = [(bill.state, bill.paid_fen, bill.paid_at) for bill in bills()]
    settled(payment.id)
    assert [(bill.state, bill.paid_fen, bill.paid_at) for bill in bills()] == before


def test_what_is_refunded_as_a_whole_is_refunded_and_owes_nothing(app_db):
    town = make_town(homes=1)
    ids = three_months(town)
    (payment,) = pay_for(ids, town.resident())

    def refund() -> None:
        line = db.session.get_one(Payment, payment.id).lines[0]
        line.refunded_fen = line.amount_fen
        payments = db.session.get_one(Payment, payment.id)
        payments.refunded_fen = line.amount_fen

    transact(refund)
    settled(payment.id)
    states = [bill.state for bill in bills()]
    assert states == [BillState.REFUNDED, BillState.PAID, BillState.PAID]
    assert queries.summary(town.resident())[0].due_fen == 0
