"""按日计收: a contract that begins or ends inside a month is paid for its days, to the fen, on both engines."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.companies.models import ServiceContract
from app.core.db import db, transact
from app.core.scope import SYSTEM
from app.fees import rules, spaces
from app.fees.part_months import served
from app.fees.rules import FeeKind
from app.fees.standards import NewStandard, set_standard
from tests.engines import both_engines
from tests.factories.places import make_contract, make_office
from tests.fees.town import Town, bills, charge, issue, make_town

NOVEMBER, DECEMBER = "2026-11", "2026-12"


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


# ---- the rule


@pytest.mark.parametrize(
    ("whole", "days", "of", "before", "fen"),
    [
        (28_600, 30, 30, 0, 28_600),
        (28_600, 15, 30, 0, 14_300),
        (28_601, 15, 30, 0, 14_301),
        (28_601, 15, 30, 15, 14_300),
        (28_600, 10, 31, 0, 9_226),
        (28_600, 21, 31, 10, 19_374),
        (1, 1, 31, 0, 0),
        (1, 30, 31, 1, 1),
        (0, 10, 30, 5, 0),
        (28_600, 0, 30, 0, 0),
    ],
)
def test_a_part_of_a_month_is_rounded_by_the_sum_up_to_its_last_day(whole, days, of, before, fen):
    assert rules.part_fen(whole, days, of, before=before) == fen


@given(st.integers(0, rules.AMOUNT_MAX_FEN), st.lists(st.integers(1, 10), min_size=1, max_size=8))
def test_the_parts_of_a_month_are_together_the_whole_and_each_is_within_a_fen(whole, parts):
    of, before, total = sum(parts), 0, 0
    for days in parts:
        part = rules.part_fen(whole, days, of, before=before)
        assert abs(part - Decimal(whole) * days / of) < 1
        before, total = before + days, total + part
    assert total == whole


def contract(company: int, begins: str, ends: str | None = None, number: int = 1) -> ServiceContract:
    return ServiceContract(
        id=number, company_id=company, begins_on=day(begins), ends_on=day(ends) if ends else None
    )


def said(contracts: list[ServiceContract], period: str) -> tuple[int, int, int, int] | None:
    """Company, days, days of the month before, days of others before those."""
    found = served(contracts, period)
    return found and (found.contract.company_id, found.days, found.carried, found.carried_before)


@pytest.mark.parametrize(
    ("contracts", "november", "december"),
    [
        ([contract(1, "01-01")], (1, 30, 0, 0), (1, 31, 0, 0)),
        ([contract(1, "01-01", "11-30")], (1, 30, 0, 0), None),
        ([contract(1, "01-01", "11-15")], (1, 15, 0, 0), None),
        ([contract(1, "11-16")], None, (1, 31, 15, 0)),
        ([contract(1, "01-01", "11-15"), contract(2, "11-16", number=2)], (1, 15, 0, 0), (2, 31, 15, 15)),
        ([contract(1, "01-01"), contract(2, "11-16", number=2)], (1, 15, 0, 0), (2, 31, 15, 15)),
        ([contract(1, "01-01", "11-10"), contract(2, "11-21", number=2)], (1, 10, 0, 0), (2, 31, 10, 10)),
        ([contract(1, "01-01", "11-15"), contract(1, "11-16", number=2)], (1, 30, 0, 0), (1, 31, 0, 0)),
        ([contract(1, "11-16", "12-10")], None, (1, 10, 15, 0)),
        (
            [
                contract(1, "01-01", "11-10"),
                contract(2, "11-11", "11-20", number=2),
                contract(3, "11-21", number=3),
            ],
            (1, 10, 0, 0),
            (3, 31, 10, 20),
        ),
    ],
)
def test_the_days_of_a_month_belong_to_the_company_that_serves(contracts, november, december):
    assert said(contracts, NOVEMBER) == november
    assert said(contracts, DECEMBER) == december


# ---- the bills


AREAS = ("110.00", "89.99", "33.33", "60.57", "0.37")


def taken_over(
    *, last_day: str, first_day: str, price: int = 26_000, since: str = NOVEMBER
) -> tuple[Town, int]:
    """A company ends and another begins, with homes of odd areas; the new company's id."""
    town = make_town(homes=len(AREAS))
    charge(town.place)

    def hand_over() -> int:
        for home, area in zip(town.place.homes, AREAS, strict=True):
            db.session.merge(home).area_m2 = Decimal(area)
        db.session.merge(town.place.contract).ends_on = day(last_day)
        office = make_office()
        make_contract(town.place.estate, office, begins_on=day(first_day))
        return office.company_id

    new_company = transact(hand_over)
    offer = NewStandard(town.place.estate.id, "property", price, since)
    transact(lambda: set_standard(offer, company_id=new_company, by=SYSTEM))
    return town, new_company


@both_engines
def test_two_companies_share_the_month_of_the_change_to_the_fen(app_db):
    town, new_company = taken_over(last_day="11-15", first_day="11-16")
    assert issue(NOVEMBER).bills == issue(DECEMBER).bills == len(AREAS)
    old = {bill.home_id: bill for bill in bills(period=NOVEMBER)}
    new = {bill.home_id: bill for bill in bills(period=DECEMBER)}
    assert {bill.company_id for bill in old.values()} == {town.company_id}
    assert {bill.company_id for bill in new.values()} == {new_company}
    for home_id, area in zip(town.home_ids, AREAS, strict=True):
        whole = rules.amount_fen(int(Decimal(area) * 100), 26_000)
        assert old[home_id].amount_fen == rules.part_fen(whole, 15, 30)
        assert old[home_id].amount_fen + new[home_id].amount_fen == 2 * whole
    first = town.home_ids[0]
    assert (old[first].amount_fen, new[first].amount_fen) == (14_300, 28_600 + 14_300)
    assert old[first].note == "本月服务15天,按15/30计收"
    assert new[first].note == "含11月15天,按15/30计收"
    assert issue(NOVEMBER).bills == issue(DECEMBER).bills == 0


@both_engines
def test_the_days_of_the_month_before_have_the_price_of_then(app_db):
    town, new_company = taken_over(last_day="11-20", first_day="11-21", price=24_000)
    offer = NewStandard(town.place.estate.id, "property", 30_000, DECEMBER)
    transact(lambda: set_standard(offer, company_id=new_company, by=SYSTEM))
    issue(DECEMBER)
    bill = bills(period=DECEMBER, home_id=town.home_ids[0])[0]
    assert bill.amount_fen == 33_000 + 26_400 // 3
    assert bill.note == "含11月10天(¥2.40),按10/30计收"
    assert (bill.quantity_hundredths, bill.price_hundredths) == (11_000, 30_000)


@both_engines
def test_who_has_no_price_in_the_month_of_his_beginning_charges_nothing_for_it(app_db):
    taken_over(last_day="11-15", first_day="11-16", since=DECEMBER)
    issue(DECEMBER)
    assert {bill.note for bill in bills(period=DECEMBER)} == {""}
    assert bills(period=DECEMBER)[0].amount_fen == 28_600


@both_engines
def test_a_renewed_contract_of_the_same_company_breaks_no_month(app_db):
    town = make_town(homes=2)
    charge(town.place)

    def renew() -> None:
        db.session.merge(town.place.contract).ends_on = day("11-15")
        make_contract(town.place.estate, db.session.merge(town.place.office), begins_on=day("11-16"))

    transact(renew)
    for period in (NOVEMBER, DECEMBER):
        issue(period)
    assert [(bill.amount_fen, bill.note) for bill in bills()] == [(28_600, "")] * 4


@both_engines
def test_a_contract_that_ends_inside_a_month_is_paid_for_its_spaces_by_the_day_as_well(app_db):
    town = make_town(homes=1)
    charge(town.place, 1_500_000, kind=FeeKind.PARKING_PUBLIC)
    home_id = town.home_ids[0]

    def prepare() -> int:
        for number, since in (("A1", "10-01"), ("A2", "11-20")):
            spaces.register_space(
                home_id, number=number, kind="parking_public", by=SYSTEM, from_on=day(since)
            )
        db.session.merge(town.place.contract).ends_on = day("11-10")
        office = make_office()
        make_contract(town.place.estate, office, begins_on=day("11-11"))
        return office.company_id

    new_company = transact(prepare)
    offer = NewStandard(town.place.estate.id, "parking_public", 1_500_000, NOVEMBER)
    transact(lambda: set_standard(offer, company_id=new_company, by=SYSTEM))
    for period in (NOVEMBER, DECEMBER):
        issue(period)
    old, new = bills()
    assert (old.company_id, old.amount_fen) == (town.company_id, 5_000)
    assert (new.company_id, new.amount_fen) == (new_company, 30_000 + 10_000)


@both_engines
def test_other_estates_of_the_run_have_their_whole_month(app_db):
    whole = make_town(homes=1)
    charge(whole.place)
    taken_over(last_day="11-15", first_day="11-16")
    assert issue(NOVEMBER).bills == 1 + len(AREAS)
    assert [bill.amount_fen for bill in bills(home_id=whole.home_ids[0])] == [28_600]


@both_engines
def test_a_company_that_issues_its_own_month_gets_its_own_parts_alone(app_db):
    town, new_company = taken_over(last_day="11-15", first_day="11-16")
    assert issue(NOVEMBER, company_id=new_company).bills == 0
    assert issue(NOVEMBER, company_id=town.company_id).bills == len(AREAS)
    assert issue(DECEMBER, company_id=town.company_id).bills == 0
    assert issue(DECEMBER, company_id=new_company).bills == len(AREAS)
