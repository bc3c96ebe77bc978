"""出账: every home once, to the fen, whatever is killed and whoever works beside."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.clock import china
from app.core.db import db, transact
from app.core.errors import Invalid
from app.core.outbox import OutboxRow
from app.core.scope import SYSTEM
from app.fees import issuing, rules, spaces
from app.fees.bill_models import Bill
from app.fees.issuing import RunUnderWay
from app.fees.rules import FeeKind
from app.fees.run_models import BillingChunk, BillingRun
from app.fees.standards import NewStandard, set_standard
from tests.engines import both_engines, in_parallel
from tests.factories.places import make_contract, make_office, make_place
from tests.fees.town import bills, charge, issue, make_town

pytestmark = both_engines


def test_each_home_gets_its_bill_to_the_fen_with_how_it_came_about(app_db):
    town = make_town(homes=3)
    standard = charge(town.place)
    done = issue("2026-11")
    assert (done.bills, done.is_over) == (3, True)
    found = bills()
    assert {bill.home_id for bill in found} == set(town.home_ids)
    bill = found[0]
    assert (bill.amount_fen, bill.state, bill.due_on, bill.version) == (28_600, "due", date(2026, 11, 30), 1)
    assert (bill.quantity_hundredths, bill.price_hundredths, bill.standard_id) == (
        11_000,
        26_000,
        standard.id,
    )
    assert (bill.company_id, bill.estate_id) == (town.company_id, town.place.estate.id)
    assert (bill.district_id, bill.contract_id) == (town.place.district.id, town.place.contract.id)


def test_the_statement_rounds_as_the_rule_does(app_db):
    areas = ["0.01", "33.33", "60.57", "89.99", "110.00", "9999.99", "50.05", "87.65"]
    town = make_town(homes=len(areas))

    def measure() -> None:
        for home, area in zip(town.place.homes, areas, strict=True):
            db.session.merge(home).area_m2 = Decimal(area)

    transact(measure)
    charge(town.place, 5_555)
    issue("2026-11")
    for bill in bills():
        assert bill.amount_fen == rules.amount_fen(bill.quantity_hundredths, 5_555)
    assert len(bills()) == len([area for area in areas if Decimal(area) * 5_555 >= 50])


def test_a_new_price_counts_from_its_month_on_and_leaves_the_month_before_alone(app_db):
    town = make_town(homes=1)
    charge(town.place)
    charge(town.place, 28_000, since="2026-12")
    for period in ("2026-11", "2026-12"):
        issue(period)
    assert [(bill.period, bill.amount_fen) for bill in bills()] == [("2026-11", 28_600), ("2026-12", 30_800)]


def test_a_company_that_takes_over_on_a_day_has_the_bills_of_the_month_that_begins_then(app_db):
    town = make_town(homes=1)
    charge(town.place)

    def hand_over() -> int:
        contract = db.session.merge(town.place.contract)
        contract.ends_on = date(2026, 11, 30)
        office = make_office()
        make_contract(town.place.estate, office, begins_on=date(2026, 12, 1))
        return office.company_id

    new_company = transact(hand_over)
    issue("2026-11")
    issue("2026-12")
    assert [(bill.period, bill.company_id) for bill in bills()] == [("2026-11", town.company_id)]
    offer = NewStandard(town.place.estate.id, "property", 30_000, "2026-12")
    transact(lambda: set_standard(offer, company_id=new_company, by=SYSTEM))
    issue("2026-12")
    assert [(bill.period, bill.company_id) for bill in bills()][1:] == [("2026-12", new_company)]


def test_spaces_are_counted_for_each_home_and_kind_and_only_where_parking_is_on(app_db):
    town = make_town(homes=2)
    charge(town.place, 1_500_000, kind=FeeKind.PARKING_PUBLIC)
    charge(town.place, 600_000, kind=FeeKind.PARKING_OWN)
    since = date(2026, 10, 1)

    def register() -> None:
        for number, kind in (("A1", "parking_public"), ("A2", "parking_public"), ("B1", "parking_own")):
            spaces.register_space(town.home_ids[0], number=number, kind=kind, by=SYSTEM, from_on=since)
        spaces.register_space(town.home_ids[1], number="A3", kind="parking_public", by=SYSTEM)

    transact(register)
    issue("2026-11")
    assert [(bill.kind, bill.amount_fen, bill.quantity_hundredths) for bill in bills()] == [
        ("parking_own", 6_000, 100),
        ("parking_public", 30_000, 200),
    ]
    transact(lambda: setattr(db.session.merge(town.place.estate), "parking_enabled", False))
    issue("2026-12")
    assert bills(period="2026-12") == []


def test_a_second_run_adds_nothing_but_what_is_missing(app_db):
    town = make_town(homes=5)
    charge(town.place)
    assert issue("2026-11").bills == 5
    assert issue("2026-11").bills == 0
    late = transact(lambda: make_place(company=town.place.company, homes=2))
    charge(late)
    assert issue("2026-11").bills == 2
    assert len(bills()) == 7
    assert len({(bill.home_id, bill.kind) for bill in bills()}) == 7


def test_what_a_killed_process_has_left_is_finished_by_the_next_and_no_chunk_is_done_twice(app_db):
    town = make_town(homes=7)
    charge(town.place)
    count = 0

    def killed_after_two() -> bool:
        nonlocal count
        count += 1
        return count > 2

    broken = issuing.issue("2026-11", by=SYSTEM, homes_a_chunk=2, stopping=killed_after_two)
    assert (broken.done, broken.chunks, len(bills())) == (2, 4, 4)
    charge(town.place, 99_000, since="2026-12")
    done = issue("2026-11", homes_a_chunk=2)
    assert (done.run_id, done.done, done.bills, len(bills())) == (broken.run_id, 4, 7, 7)
    assert db.session.scalar(select(func.count()).select_from(BillingRun)) == 1


def test_a_chunk_that_dies_before_its_commit_leaves_nothing(app_db):
    town = make_town(homes=4)
    charge(town.place)
    run_id = transact(lambda: issuing.begin("2026-11", by=SYSTEM, homes_a_chunk=2))

    def dies() -> None:
        issuing.issue_next_chunk(run_id)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        transact(dies)
    assert bills() == []
    assert issue("2026-11").bills == 4


def test_two_processes_at_once_write_each_bill_once(app_db):
    town = make_town(homes=12)
    charge(town.place)
    run_id = transact(lambda: issuing.begin("2026-11", by=SYSTEM, homes_a_chunk=1))

    def work() -> int:
        count = 0
        while transact(lambda: issuing.issue_next_chunk(run_id)):
            count += 1
        transact(lambda: issuing.finish(run_id))
        return count

    assert sum(in_parallel(app_db, [work] * 3)) == 12
    assert len(bills()) == 12
    done = select(func.count()).select_from(BillingChunk).where(BillingChunk.done_at.is_not(None))
    assert db.session.scalar(done) == 12
    events = select(OutboxRow).where(OutboxRow.name == "BillingRunFinished")
    assert [row.payload["bills"] for row in db.session.scalars(events)] == [12]


def test_one_company_may_issue_its_own_month_and_the_city_the_rest(app_db):
    mine, other = make_town(homes=2), make_town(homes=3)
    charge(mine.place)
    charge(other.place)
    assert issue("2026-11", company_id=mine.company_id).bills == 2
    assert {bill.company_id for bill in bills()} == {mine.company_id}
    assert issue("2026-11").bills == 3


def test_a_company_waits_for_the_run_of_the_city(app_db):
    town = make_town(homes=2)
    charge(town.place)
    transact(lambda: issuing.begin("2026-11", by=SYSTEM))
    with pytest.raises(RunUnderWay):
        issue("2026-11", company_id=town.company_id)


def test_a_city_without_a_single_price_has_an_empty_run(app_db):
    make_town(homes=2)
    done = issue("2026-11")
    assert (done.chunks, done.bills, done.is_over) == (0, 0, True)


@pytest.mark.parametrize("period", ["2026-13", "November", "2026-1", "]]>", "😀"])
def test_what_is_no_month_is_refused(app_db, period):
    with pytest.raises(Invalid):
        issue(period)
    assert db.session.scalar(select(func.count()).select_from(Bill)) == 0


def test_a_month_counts_as_issued_when_the_run_of_the_city_is_over(app_db):
    town = make_town(homes=2)
    charge(town.place)
    clock.freeze(china(2026, 12, 1, 0, 10))
    assert not issuing.is_issued("2026-12")
    issue("2026-12", company_id=town.company_id)
    assert not issuing.is_issued("2026-12")
    issue("2026-12")
    assert issuing.is_issued("2026-12")
