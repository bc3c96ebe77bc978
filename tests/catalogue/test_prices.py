"""The price list of domain 4.2, ceilings, and prices that are dated and never above them (S2-27)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from app.audit.models import AuditRecord
from app.catalogue.errors import PriceAboveCeiling, PriceBackdated, PriceDatedTwice, PriceItemUnknown
from app.catalogue.high_prices import prices_above_ceiling
from app.catalogue.price_models import CompanyPrice, PriceCeiling, PriceItem, PriceKind
from app.catalogue.price_queries import ceiling_at, price_list, price_version
from app.catalogue.prices import install_standard_prices, publish_price, publish_prices, set_ceiling
from app.catalogue.standard_prices import STANDARD_PRICES
from app.companies.hats import scope_of
from app.core import clock
from app.core.db import db, transact
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.roles import Role
from app.core.scope import SYSTEM
from tests.engines import both_engines, in_parallel
from tests.factories import make_company, make_district, make_hat

NOON = clock.china(2026, 11, 20, 12)
TAP = "W01"


@pytest.fixture
def company(app_db):
    clock.freeze(NOON)
    transact(install_standard_prices)
    return make_company()


@pytest.fixture
def admin(company):
    return scope_of(make_hat(Role.CO, company_id=company.id))


@pytest.fixture
def bureau(company):
    """Two persons have agreed already (test_price_proposals.py); what they wanted is written."""
    return SYSTEM


def publish(company, by, fen, *, item=TAP, **more):
    company_id = company.id
    return transact(lambda: publish_price(item, company_id=company_id, price_fen=fen, by=by, **more))


def lower(by, fen, **more):
    return transact(lambda: set_ceiling(TAP, ceiling_fen=fen, by=by, **more))


def price_of(company, at=NOON, item=TAP):
    return next(line.price_fen for line in price_list(company.id, at=at) if line.code == item)


@both_engines
def test_the_list_is_installed_once(app_db):
    assert transact(install_standard_prices) == len(STANDARD_PRICES)
    assert transact(install_standard_prices) == 0
    assert db.session.scalar(select(func.count()).select_from(PriceItem)) == len(STANDARD_PRICES) == 41


def test_the_list_holds_what_the_specification_says():
    rows = {row.code: row for row in STANDARD_PRICES}
    assert (rows[TAP].ceiling_fen, rows[TAP].demo_fen, rows[TAP].unit) == (6000, 4000, "个")
    assert (rows["D04"].ceiling_fen, rows["D04"].demo_fen) == (30000, 20000)
    assert (rows["M04"].demo_fen, rows["S01"].demo_fen) == (0, 0), "for the public good"
    assert (rows["F01"].ceiling_fen, rows["F01"].demo_fen, rows["F01"].kind) == (3000, 0, PriceKind.VISIT)
    assert (rows["F02"].ceiling_fen, rows["F02"].demo_fen) == (5000, 3000)
    assert (rows["G01"].ceiling_fen, rows["G01"].kind) == (None, PriceKind.REFERRAL)
    assert all(row.demo_fen <= row.ceiling_fen for row in STANDARD_PRICES if row.ceiling_fen is not None)


def test_a_ceiling_of_the_bureau_survives_another_installation(company, bureau):
    clock.freeze(NOON + timedelta(seconds=1))
    lower(bureau, 5500)
    assert transact(install_standard_prices) == 0
    assert ceiling_at(TAP, clock.now()) == 5500


def test_sixty_one_yuan_for_a_tap_is_refused_and_sixty_is_not(company, admin):
    with pytest.raises(PriceAboveCeiling) as refused:
        publish(company, admin, 6100)
    assert "¥60.00" in refused.value.sentence
    assert list(refused.value.fields) == ["price_fen"]
    assert price_of(company) is None
    publish(company, admin, 6000)
    assert price_of(company) == 6000


@both_engines
def test_a_price_counts_from_its_instant_and_the_older_one_stays_readable(company, admin):
    publish(company, admin, 4000)
    tomorrow = NOON + timedelta(days=1)
    publish(company, admin, 4500, valid_from=tomorrow)
    assert price_of(company, tomorrow - timedelta(milliseconds=1)) == 4000
    assert price_of(company, tomorrow) == 4500
    assert price_of(company, NOON) == 4000


def test_only_the_company_itself_publishes(company, admin):
    foreign = scope_of(make_hat(Role.CO, company_id=make_company().id))
    manager = scope_of(make_hat(Role.FIN, company_id=company.id))
    for by in (foreign, manager):
        with pytest.raises(Forbidden):
            publish(company, by, 4000)
    one_of_the_bureau = scope_of(make_hat(Role.BUR, district_id=make_district().id))
    for by in (admin, one_of_the_bureau):
        with pytest.raises(Forbidden):
            lower(by, 5000)
    assert price_of(company) is None


def test_the_past_is_not_rewritten(company, admin, bureau):
    earlier = NOON - timedelta(milliseconds=1)
    with pytest.raises(PriceBackdated):
        publish(company, admin, 4000, valid_from=earlier)
    with pytest.raises(PriceBackdated):
        lower(bureau, 5000, valid_from=earlier)


@both_engines
def test_one_item_has_one_price_from_an_instant(company, admin):
    publish(company, admin, 4000)
    with pytest.raises(PriceDatedTwice):
        publish(company, admin, 4100)
    assert price_of(company) == 4000


def test_a_negative_price_is_refused_by_the_service_and_by_the_database(company, admin):
    with pytest.raises(Invalid):
        publish(company, admin, -1)
    row = {"company_id": company.id, "item_code": TAP, "price_fen": -1}
    at = {"valid_from": NOON, "published_at": NOON}
    with pytest.raises(Conflict):
        transact(lambda: db.session.execute(insert(CompanyPrice), {**row, **at}))


def publish_all(company, by, prices, **more):
    company_id = company.id
    return transact(lambda: publish_prices(prices, company_id=company_id, by=by, **more))


@both_engines
def test_many_prices_are_one_version_of_the_list_and_what_is_the_same_is_left_out(company, admin):
    publish(company, admin, 4000)
    clock.freeze(NOON + timedelta(minutes=1))
    written = publish_all(company, admin, {TAP: 4000, "W02": 2500, "D04": 20000})
    assert [row.item_code for row in written] == ["D04", "W02"]
    assert price_version(company.id, at=clock.now()) == 2
    assert [price_of(company, clock.now(), item) for item in (TAP, "W02", "D04")] == [4000, 2500, 20000]
    records = db.session.scalars(select(AuditRecord).where(AuditRecord.action == "price.publish")).all()
    assert len(records) == 3


@pytest.mark.parametrize(
    ("prices", "named"), [({TAP: 6001}, TAP), ({"X99": 100}, "X99"), ({"G01": 0}, "G01"), ({TAP: -1}, TAP)]
)
def test_one_price_that_is_wrong_publishes_none_of_them_and_is_named(company, admin, prices, named):
    with pytest.raises(Invalid) as refused:
        publish_all(company, admin, {"W02": 2500, "W03": 2500, **prices})
    assert named in refused.value.sentence
    assert price_of(company, item="W02") is None
    assert price_of(company, item="W03") is None


def test_a_list_that_changes_nothing_is_no_version_and_strangers_publish_none(company, admin):
    publish(company, admin, 4000)
    with pytest.raises(Invalid):
        publish_all(company, admin, {TAP: 4000})
    foreign = scope_of(make_hat(Role.CO, company_id=make_company().id))
    with pytest.raises(Forbidden):
        publish_all(company, foreign, {"W02": 2500})
    assert price_version(company.id, at=clock.now()) == 1


@pytest.mark.parametrize("item", ["G01", "X99"])
def test_gas_and_what_is_not_in_the_list_have_no_price(company, admin, item):
    with pytest.raises(PriceItemUnknown):
        publish(company, admin, 0, item=item)


@both_engines
def test_a_price_above_a_ceiling_that_dropped_is_listed_until_it_comes_down(company, admin, bureau):
    publish(company, admin, 5800)
    clock.freeze(NOON + timedelta(days=1))
    lower(bureau, 5000)
    found = prices_above_ceiling(clock.now())
    assert [(each.company_id, each.item_code, each.price_fen, each.ceiling_fen) for each in found] == [
        (company.id, TAP, 5800, 5000)
    ]
    assert found[0].lower_by == clock.now() + timedelta(days=7)
    with pytest.raises(PriceAboveCeiling):
        publish(company, admin, 5100)
    publish(company, admin, 5000)
    assert prices_above_ceiling(clock.now()) == []


@both_engines
def test_a_price_and_a_lower_ceiling_at_the_same_moment_end_in_order(app_db, company, admin, bureau):
    """Whoever comes second sees the other: the price is refused, or it is listed as too dear."""
    clock.freeze(NOON + timedelta(seconds=1))
    outcomes = in_parallel(app_db, [lambda: publish(company, admin, 5900).id, lambda: lower(bureau, 5000).id])
    db.session.rollback()  # what this test had read before is over
    refused = any(isinstance(outcome, PriceAboveCeiling) for outcome in outcomes)
    assert len(prices_above_ceiling(clock.now())) == (0 if refused else 1)


def test_every_price_and_ceiling_is_audited(company, admin, bureau):
    publish(company, admin, 4000)
    clock.freeze(NOON + timedelta(seconds=1))
    lower(bureau, 5000)
    actions = db.session.scalars(select(AuditRecord.action).order_by(AuditRecord.id)).all()
    assert actions == ["price.publish", "price.ceiling"]


def test_a_list_for_one_group_holds_its_items_and_the_fees(company):
    transact(lambda: publish_price("E01", company_id=company.id, price_fen=1000, by=SYSTEM))
    lines = price_list(company.id, at=NOON, group="H01")
    assert {line.group for line in lines} == {"H01", None}
    assert {line.kind for line in lines if line.group is None} == {PriceKind.VISIT, PriceKind.NIGHT}
    priced = {line.code: (line.price_fen, line.ceiling_fen) for line in lines}
    assert priced["E01"] == (1000, 2000)
    assert priced["E02"] == (None, 5000)
    assert db.session.scalar(select(func.count()).select_from(PriceCeiling)) == 40
