"""Ceilings by two persons, prices that a manager proposes, and what must come down within seven days (S2-27)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.audit.models import AuditRecord
from app.catalogue.errors import CeilingDatedTwice, PriceAboveCeiling, PriceItemUnknown, SamePriceProposer
from app.catalogue.high_prices import prices_above_ceiling, prices_to_lower
from app.catalogue.price_alerts import warn_of_high_prices
from app.catalogue.price_models import PriceCeiling
from app.catalogue.price_pages import ceiling_page
from app.catalogue.price_proposals import (
    decide,
    decided_proposals,
    propose_ceiling,
    propose_price,
    waiting_proposals,
)
from app.catalogue.price_queries import ceiling_at, price_at, price_list, price_version, price_versions
from app.catalogue.prices import install_standard_prices, publish_price
from app.catalogue.proposal_models import PriceProposal, ProposalKind
from app.companies.hats import scope_of
from app.companies.models import ServiceContract
from app.core import clock
from app.core.db import db, transact
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, WrongState
from app.core.roles import Role
from app.core.scope import SYSTEM
from app.notifications.models import Notification
from tests.engines import both_engines
from tests.factories import make_hat
from tests.factories.places import make_contract, make_place

NOON = clock.china(2026, 11, 20, 12)
DAY = timedelta(days=1)
TAP = "W01"
TOMORROW = clock.china_date(NOON) + DAY


@pytest.fixture
def place(app_db):
    clock.freeze(NOON)
    transact(install_standard_prices)
    return make_place()


@pytest.fixture
def officers(place):
    district_id = place.district.id
    return [scope_of(make_hat(Role.BUR, district_id=district_id)) for _ in range(2)]


@pytest.fixture
def admin(place):
    return scope_of(make_hat(Role.CO, company_id=place.company.id))


@pytest.fixture
def manager(place):
    return scope_of(make_hat(Role.MGR, company_id=place.company.id, office_id=place.office.id))


def wanted(by, fen=3_500, *, item=TAP, on=TOMORROW, reason="市场询价后下调"):
    return transact(lambda: propose_ceiling(item, fen=fen, valid_on=on, reason=reason, by=by).id)


def granted(officers, fen=3_500, **more):
    proposal_id = wanted(officers[0], fen, **more)
    transact(lambda: decide(proposal_id, grant=True, by=officers[1]))
    return proposal_id


def publish(company_id, by, fen, **more):
    return transact(lambda: publish_price(TAP, company_id=company_id, price_fen=fen, by=by, **more))


@both_engines
def test_one_proposes_another_grants_and_it_counts_from_its_day(officers):
    proposal_id = wanted(officers[0])
    with pytest.raises(SamePriceProposer):
        transact(lambda: decide(proposal_id, grant=True, by=officers[0]))
    assert ceiling_at(TAP, NOON + 2 * DAY) == 6_000
    transact(lambda: decide(proposal_id, grant=True, by=officers[1]))
    begins = clock.start_of_china_day(TOMORROW)
    assert (ceiling_at(TAP, begins - timedelta(milliseconds=1)), ceiling_at(TAP, begins)) == (6_000, 3_500)
    row = db.session.scalars(select(PriceCeiling).where(PriceCeiling.proposal_id == proposal_id)).one()
    assert row.set_by == officers[1].account_id
    with pytest.raises(WrongState):
        transact(lambda: decide(proposal_id, grant=True, by=officers[1]))
    actions = list(db.session.scalars(select(AuditRecord.action).order_by(AuditRecord.id)))
    assert actions == ["price.propose", "price.ceiling", "price.grant"]


def test_the_database_itself_wants_two_persons(officers):
    proposal_id = wanted(officers[0])
    alone = {"granted": True, "decided_at": NOON, "decided_by": officers[0].account_id}
    with pytest.raises(Conflict):
        transact(
            lambda: db.session.execute(
                update(PriceProposal).where(PriceProposal.id == proposal_id).values(**alone)
            )
        )


def test_a_refused_one_changes_nothing_and_its_proposer_reads_why(officers):
    proposal_id = wanted(officers[0])
    transact(lambda: decide(proposal_id, grant=False, note="先做市场调查", by=officers[1]))
    assert ceiling_at(TAP, NOON + 2 * DAY) == 6_000
    [told] = messages(officers[0].account_id)
    assert "先做市场调查" in told.body


def test_the_proposer_takes_his_own_back(officers):
    proposal_id = wanted(officers[0])
    transact(lambda: decide(proposal_id, grant=False, note="写错了", by=officers[0]))
    assert waiting_proposals(officers[1], ProposalKind.CEILING) == []
    [taken_back] = decided_proposals(officers[1], ProposalKind.CEILING).items
    assert taken_back.granted is False


def test_what_waits_is_never_cut_off_and_what_was_decided_is_paged(officers):
    first = wanted(officers[0], 3_000)
    later = [wanted(officers[0], 3_001 + fen) for fen in range(3)]
    for proposal_id in later:
        transact(lambda each=proposal_id: decide(each, grant=False, note="写错了", by=officers[0]))
    assert [each.id for each in waiting_proposals(officers[1], ProposalKind.CEILING)] == [first]
    page = decided_proposals(officers[1], ProposalKind.CEILING, limit=2)
    rest = decided_proposals(officers[1], ProposalKind.CEILING, limit=2, cursor=page.next_cursor)
    assert [each.id for each in (*page.items, *rest.items)] == later[::-1]
    assert rest.next_cursor is None


@pytest.mark.parametrize("fen", [-1, True, 10**9, 6_000])
def test_a_ceiling_that_makes_no_sense_or_changes_nothing_is_refused(officers, fen):
    with pytest.raises(Invalid):
        wanted(officers[0], fen)


def test_what_has_no_price_has_no_ceiling_and_today_is_too_early(officers):
    for item in ("G01", "X99"):
        with pytest.raises(PriceItemUnknown):
            wanted(officers[0], item=item)
    with pytest.raises(Invalid):
        wanted(officers[0], on=clock.china_date(NOON))
    with pytest.raises(Invalid):
        wanted(officers[0], reason="短")


def test_two_ceilings_from_the_same_day_are_not_granted(officers):
    granted(officers)
    second = wanted(officers[0], 3_600)
    with pytest.raises(CeilingDatedTwice):
        transact(lambda: decide(second, grant=True, by=officers[1]))


def test_a_day_that_has_come_is_not_granted_any_more(officers):
    proposal_id = wanted(officers[0])
    clock.freeze(NOON + 2 * DAY)
    with pytest.raises(WrongState):
        transact(lambda: decide(proposal_id, grant=True, by=officers[1]))


def test_another_district_and_other_hats_decide_nothing(officers, admin, manager):
    proposal_id = wanted(officers[0])
    stranger = scope_of(make_hat(Role.BUR, district_id=make_place().district.id))
    for by in (stranger, admin, manager):
        with pytest.raises(NotFound):
            transact(lambda by=by: decide(proposal_id, grant=True, by=by))
    with pytest.raises(Forbidden):
        wanted(admin)


# ---- what must come down


def messages(account_id):
    db.session.rollback()
    mine = select(Notification).where(Notification.account_id == account_id)
    return db.session.scalars(mine.order_by(Notification.id)).all()


@both_engines
def test_a_dropped_ceiling_tells_the_company_at_once_and_the_bureau_when_it_is_overdue(
    place, officers, admin
):
    publish(place.company.id, admin, 4_000)
    granted(officers)
    [told] = messages(admin.account_id)
    assert "更换水龙头 ¥40.00 → 不高于 ¥35.00" in told.body
    [coming] = prices_to_lower(clock.now())
    begins = clock.start_of_china_day(TOMORROW)
    assert (coming.since, coming.lower_by) == (begins, begins + 7 * DAY)
    assert prices_above_ceiling(clock.now()) == []
    for after in (DAY, 7 * DAY, 7 * DAY):
        clock.freeze(begins + after)
        transact(lambda: warn_of_high_prices(clock.now()))
    assert [each.title for each in messages(admin.account_id)] == ["有价格要调低"] * 2, "decided, and begun"
    clock.freeze(begins + 7 * DAY + timedelta(milliseconds=1))
    for _ in range(2):
        transact(lambda: warn_of_high_prices(clock.now()))
    for account in (admin.account_id, officers[0].account_id):
        assert len([each for each in messages(account) if "逾期未调低" in each.title]) == 1
    publish(place.company.id, admin, 3_500)
    assert prices_to_lower(clock.now()) == []


def test_a_bureau_is_shown_the_prices_of_the_companies_that_serve_its_district_today(place, officers, admin):
    publish(place.company.id, admin, 4_000)
    granted(officers)
    elsewhere = make_place()
    stranger = scope_of(make_hat(Role.BUR, district_id=elsewhere.district.id))
    assert [each.company_id for each in ceiling_page(officers[0]).too_dear] == [place.company.id]
    assert ceiling_page(stranger).too_dear == []
    transact(lambda: make_contract(elsewhere.estate, db.session.merge(place.office)))
    assert [each.company_id for each in ceiling_page(stranger).too_dear] == [place.company.id]
    clock.freeze(NOON + 10 * DAY)
    assert [each.is_overdue(clock.now()) for each in ceiling_page(stranger).too_dear] == [True]
    ended = update(ServiceContract).where(ServiceContract.company_id == place.company.id)
    transact(lambda: db.session.execute(ended.values(ends_on=clock.china_date(NOON))))
    assert ceiling_page(officers[0]).too_dear == []


def test_a_price_that_was_published_for_a_later_day_is_listed_before_it_begins(place, officers, admin):
    begins = clock.start_of_china_day(TOMORROW) + 3 * DAY
    publish(place.company.id, admin, 3_000)
    publish(place.company.id, admin, 4_000, valid_from=begins)
    granted(officers)
    [coming] = prices_to_lower(clock.now())
    assert (coming.price_fen, coming.ceiling_fen, coming.since) == (4_000, 3_500, begins)
    assert prices_to_lower(clock.now(), {place.company.id}) == [coming]
    assert "11月24日起高于参考上限" in messages(admin.account_id)[-1].body


def test_meanwhile_no_more_than_the_ceiling_is_charged(place, officers, admin):
    publish(place.company.id, admin, 4_000)
    granted(officers)
    clock.freeze(NOON + 10 * DAY)
    [line] = [each for each in price_list(place.company.id, at=clock.now()) if each.code == TAP]
    assert (line.price_fen, line.ceiling_fen, line.charged_fen) == (4_000, 3_500, 3_500)


def test_a_second_drop_gives_no_second_week(place, officers, admin):
    publish(place.company.id, admin, 4_000)
    granted(officers)
    clock.freeze(NOON + 5 * DAY)
    granted(officers, 3_400, on=TOMORROW + 5 * DAY)
    clock.freeze(NOON + 7 * DAY)
    [found] = prices_above_ceiling(clock.now())
    assert (found.ceiling_fen, found.lower_by) == (3_400, clock.start_of_china_day(TOMORROW) + 7 * DAY)


def test_after_a_ceiling_that_rose_again_the_week_begins_anew(place, officers, admin):
    publish(place.company.id, admin, 4_000)
    granted(officers, 3_500)
    granted(officers, 4_500, on=TOMORROW + 2 * DAY)
    granted(officers, 3_900, on=TOMORROW + 4 * DAY)
    clock.freeze(NOON + 6 * DAY)
    [found] = prices_above_ceiling(clock.now())
    assert found.since == clock.start_of_china_day(TOMORROW + 4 * DAY)


# ---- prices of a company


def test_a_manager_proposes_and_his_company_publishes(place, admin, manager):
    proposal_id = transact(
        lambda: propose_price(TAP, fen=4_200, valid_on=TOMORROW, reason="人工涨价", by=manager).id
    )
    assert "更换水龙头" in messages(admin.account_id)[0].body
    with pytest.raises(Forbidden):
        transact(lambda: decide(proposal_id, grant=True, by=manager))
    transact(lambda: decide(proposal_id, grant=True, by=admin))
    begins = clock.start_of_china_day(TOMORROW)
    assert price_at(TAP, place.company.id, NOON) is None
    assert price_at(TAP, place.company.id, begins) == 4_200
    assert messages(manager.account_id)


def test_what_is_above_the_ceiling_is_neither_proposed_nor_published(place, officers, admin, manager):
    with pytest.raises(Invalid):
        transact(lambda: propose_price(TAP, fen=6_100, valid_on=TOMORROW, reason="人工涨价", by=manager))
    proposal_id = transact(
        lambda: propose_price(TAP, fen=5_000, valid_on=TOMORROW, reason="人工涨价", by=manager).id
    )
    granted(officers, 4_500)
    with pytest.raises(PriceAboveCeiling):
        transact(lambda: decide(proposal_id, grant=True, by=admin))


def test_what_was_decided_late_counts_from_the_decision(place, admin, manager):
    proposal_id = transact(
        lambda: propose_price(TAP, fen=4_200, valid_on=TOMORROW, reason="人工涨价", by=manager).id
    )
    clock.freeze(NOON + 3 * DAY)
    transact(lambda: decide(proposal_id, grant=True, by=admin))
    assert price_at(TAP, place.company.id, NOON + 2 * DAY) is None
    assert price_at(TAP, place.company.id, clock.now()) == 4_200


def test_others_propose_no_prices_and_another_company_decides_none(place, admin, manager):
    with pytest.raises(Forbidden):
        transact(lambda: propose_price(TAP, fen=4_200, valid_on=TOMORROW, reason="人工涨价", by=admin))
    proposal_id = transact(
        lambda: propose_price(TAP, fen=4_200, valid_on=TOMORROW, reason="人工涨价", by=manager).id
    )
    stranger = scope_of(make_hat(Role.CO, company_id=make_place().company.id))
    with pytest.raises(NotFound):
        transact(lambda: decide(proposal_id, grant=True, by=stranger))


def test_every_list_has_its_number_and_the_coming_one_is_marked(place):
    company_id = place.company.id
    publish(company_id, SYSTEM, 4_000)
    clock.freeze(NOON + DAY)
    publish(company_id, SYSTEM, 4_100)
    publish(company_id, SYSTEM, 4_200, valid_from=NOON + 5 * DAY)
    versions = price_versions(company_id, at=clock.now())
    assert [(each.number, each.coming) for each in versions] == [(3, True), (2, False), (1, False)]
    assert [price_version(company_id, at=NOON + day * DAY) for day in (-1, 0, 1, 5)] == [0, 1, 2, 3]
