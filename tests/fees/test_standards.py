"""收费标准, 车位, 违约金条款: who sets them, from when they count, what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from app.audit.models import AuditRecord
from app.core.db import db, transact
from app.core.errors import Invalid, NotFound
from app.core.roles import Role
from app.core.scope import SYSTEM
from app.estates.errors import HomeHidden
from app.fees import clauses, queries, spaces, standards
from app.fees.errors import (
    NotYourMoney,
    ServesNoEstate,
    SpaceTaken,
    StandardBackdated,
    StandardDatedTwice,
)
from app.fees.models import FeeStandard
from app.fees.rules import FeeKind
from app.fees.standards import NewStandard
from tests.engines import both_engines
from tests.factories.people import make_hat
from tests.factories.places import make_place
from tests.fees.town import bills, charge, issue, make_town

pytestmark = both_engines


@pytest.fixture
def town(app_db):
    """Two homes whose company may charge."""
    return make_town(homes=2)


def offer(town, **other) -> NewStandard:
    return replace(NewStandard(town.place.estate.id, "property", 26_000, "2026-12", "按建筑面积"), **other)


def set_(town, wanted, by):
    return transact(lambda: standards.set_standard(wanted, company_id=town.company_id, by=by))


def test_the_administrator_sets_a_price_and_it_is_on_record(town):
    row = set_(town, offer(town), town.by(Role.CO))
    assert (row.price_hundredths, row.valid_from) == (26_000, date(2026, 12, 1))
    record = db.session.scalars(select(AuditRecord).where(AuditRecord.action == "fee.standard")).one()
    assert record.details["price"] == "¥2.60"


@pytest.mark.parametrize("role", [Role.FIN, Role.MGR, Role.BUR])
def test_nobody_else_does(town, role):
    with pytest.raises(NotYourMoney):
        set_(town, offer(town), town.by(role))


def test_the_administrator_of_another_company_does_not(town):
    other = make_town(homes=1)
    with pytest.raises(NotYourMoney):
        set_(town, offer(town), other.by(Role.CO))


def test_a_company_cannot_charge_where_it_does_not_serve(town):
    other = make_town(homes=1)
    wanted = offer(town, estate_id=other.place.estate.id)
    with pytest.raises(ServesNoEstate):
        set_(town, wanted, town.by(Role.CO))


def test_a_later_price_counts_from_the_next_month_at_the_earliest(town):
    charge(town.place)
    with pytest.raises(StandardBackdated):
        set_(town, offer(town, from_period="2026-11", price_hundredths=99_000), town.by(Role.CO))
    set_(town, offer(town, price_hundredths=99_000), town.by(Role.CO))
    with pytest.raises(StandardDatedTwice):
        set_(town, offer(town, price_hundredths=11_000), town.by(Role.CO))


@pytest.mark.parametrize(
    "wrong",
    [
        {"price_hundredths": -1},
        {"price_hundredths": 10**8},
        {"price_hundredths": 10**40},
        {"price_hundredths": True},
        {"kind": "water"},
        {"kind": "]]>"},
        {"kind": ""},
        {"from_period": "2026-13"},
        {"from_period": "😀"},
        {"method": "长" * 101},
    ],
)
def test_impossible_figures_are_refused(town, wrong):
    with pytest.raises(Invalid):
        set_(town, offer(town, **wrong), town.by(Role.CO))
    assert db.session.scalars(select(FeeStandard)).all() == []


def two_estates(town) -> tuple[int, int]:
    """A second estate of the same company beside the town's own."""
    second = transact(lambda: make_place(company=town.place.company, homes=1))
    return town.place.estate.id, second.estate.id


def set_many(town, wanted, by):
    return transact(lambda: standards.set_standards(wanted, company_id=town.company_id, by=by))


def prices_now() -> list[tuple[int, int]]:
    db.session.rollback()
    rows = db.session.query(FeeStandard).order_by(FeeStandard.id)
    return [(row.estate_id, row.price_hundredths) for row in rows]


def test_several_estates_are_priced_at_once_each_on_record(town):
    first, second = two_estates(town)
    wanted = [offer(town, estate_id=second, price_hundredths=31_000), offer(town, estate_id=first)]
    set_many(town, wanted, town.by(Role.CO))
    assert prices_now() == [(first, 26_000), (second, 31_000)]
    records = db.session.scalars(select(AuditRecord).where(AuditRecord.action == "fee.standard")).all()
    assert {record.details["estate_id"] for record in records} == {first, second}


def test_one_estate_that_is_wrong_leaves_all_as_they_were_and_is_named(town):
    first, second = two_estates(town)
    charge(town.place)
    by, name = town.by(Role.CO), town.place.estate.name
    set_(town, offer(town, price_hundredths=27_000), by)
    before = prices_now()
    for wrong in (offer(town), offer(town, price_hundredths=-1), offer(town, from_period="2026-11")):
        with pytest.raises(Invalid) as refused:
            set_many(town, [offer(town, estate_id=second, from_period=wrong.from_period), wrong], by)
        assert f"“{name}”" in refused.value.sentence
        assert prices_now() == before
    assert first == town.place.estate.id


def test_a_batch_is_the_administrators_of_his_own_estates_and_of_each_once(town):
    first, second = two_estates(town)
    both = [offer(town, estate_id=first), offer(town, estate_id=second)]
    foreign = make_town(homes=1)
    for by in (town.by(Role.FIN), foreign.by(Role.CO)):
        with pytest.raises(NotYourMoney):
            set_many(town, both, by)
    by = town.by(Role.CO)
    for wanted in ([], [*both, both[0]], [*both, offer(town, estate_id=foreign.place.estate.id)]):
        with pytest.raises(Invalid):
            set_many(town, wanted, by)
    assert prices_now() == []


def test_the_publicity_names_what_is_charged_and_what_is_announced(town):
    charge(town.place)
    charge(town.place, 1_500_000, kind=FeeKind.PARKING_PUBLIC)
    charge(town.place, 28_000, since="2026-12")
    found = standards.fee_publicity(town.place.estate.id)
    prices = [(item.kind, item.price_hundredths, item.next_price_hundredths) for item in found.items]
    assert prices == [(FeeKind.PROPERTY, 26_000, 28_000), (FeeKind.PARKING_PUBLIC, 1_500_000, None)]
    assert found.contract is not None
    assert found.clause is None


def test_an_estate_that_does_not_exist_has_no_publicity(town):
    with pytest.raises(NotFound):
        standards.fee_publicity(10**9)


def test_a_space_belongs_to_one_home_at_a_time_and_ends_with_a_day(town):
    first, second = town.home_ids
    by = town.by(Role.FIN)
    space = transact(lambda: spaces.register_space(first, number="A1", kind="parking_own", by=by))
    with pytest.raises(SpaceTaken):
        transact(lambda: spaces.register_space(second, number="A1", kind="parking_own", by=by))
    transact(lambda: spaces.end_space(space.id, by=by))
    transact(lambda: spaces.register_space(second, number="A1", kind="parking_own", by=by))
    assert [each.home_id for each in spaces.spaces_of_estate(town.place.estate.id)] == [second]


def test_a_space_in_an_estate_of_somebody_else_is_not_found(town):
    by = make_town(homes=1).by(Role.FIN)
    with pytest.raises(HomeHidden):
        transact(lambda: spaces.register_space(town.home_ids[0], number="A1", kind="parking_own", by=by))
    desk = transact(lambda: make_hat(Role.DSP, office_id=town.place.office.id))
    assert desk
    with pytest.raises(NotYourMoney):
        by = town.by(Role.MGR)
        transact(lambda: spaces.register_space(town.home_ids[0], number="A1", kind="parking_own", by=by))


def test_a_late_fee_is_shown_by_the_contract_and_never_due(town):
    charge(town.place)
    issue("2026-10")
    (line,) = queries.bills_page(
        town.resident(),
    )[0].items
    assert (line.overdue, line.late_fee_fen) == (True, 0)
    clause = {"rate_millionths": 500, "grace_days": 5, "cap_percent": 30}
    contract_id = town.place.contract.id
    by = town.by(Role.CO)
    transact(lambda: clauses.register_clause(contract_id, **clause, by=by))
    (line,) = queries.bills_page(town.resident())[0].items
    assert line.late_fee_fen == 243
    assert line.bill.unpaid_fen == bills()[0].amount_fen == 28_600


@pytest.mark.parametrize(
    "wrong", [{"rate_millionths": 3001}, {"rate_millionths": 0}, {"grace_days": -1}, {"cap_percent": 31}]
)
def test_a_clause_beyond_what_courts_allow_is_refused(town, wrong):
    clause = {"rate_millionths": 500, "grace_days": 5, "cap_percent": 30, **wrong}
    with pytest.raises(Invalid):
        transact(lambda: clauses.register_clause(town.place.contract.id, **clause, by=SYSTEM))
