"""收缴监管: counted again where something changed, the same as the bills say, seen by whom it concerns (S0-12, K25)."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import func, select

from app.companies.hats import scope_of
from app.core import clock
from app.core.db import db, transact
from app.core.outbox import dispatch_one
from app.core.roles import Role
from app.core.scope import Scope
from app.fees import correcting
from app.fees.bill_models import Bill
from app.fees.rules import FeeKind
from app.reactions.collection_reactions import recount_paid
from app.reactions.table import REACTIONS
from app.supervision import collection
from app.supervision.collection import Lens
from app.supervision.collection_models import CollectionFigure, CollectionStale
from app.supervision.counting_bills import count_stale
from tests.engines import both_engines, in_parallel
from tests.factories.people import make_hat
from tests.fees.town import NOW, Town, bills, charge, issue, make_town, pay_for

pytestmark = both_engines
MONTH = Lens("2026-11")


@pytest.fixture(autouse=True)
def _standing_clock():
    clock.freeze(NOW)
    yield
    clock.freeze(None)


@pytest.fixture
def town(app_db) -> Town:
    found = make_town(homes=4)
    charge(found.place)
    return found


def caught_up() -> int:
    """Everything that was published is done, and what is stale is counted; returns how many estate months were."""
    while dispatch_one(REACTIONS):
        pass
    done = 0
    while counted := transact(lambda: count_stale(20)):
        done += counted
    return done


def bureau(town: Town) -> Scope:
    return transact(lambda: scope_of(make_hat(Role.BUR, district_id=town.place.district.id)))


def sums(scope: Scope, lens: Lens = MONTH) -> tuple[int, int, int, int, int]:
    line = collection.total(lens, scope)
    return line.bills, line.paid_bills, line.billed_fen, line.paid_fen, line.refunded_fen


def test_an_issued_month_is_counted_and_a_payment_moves_it(town):
    issue()
    assert caught_up() == 1
    authority = bureau(town)
    assert sums(authority) == (4, 0, 114_400, 0, 0)
    pay_for([bills(home_id=town.home_ids[0])[0].id], town.resident())
    caught_up()
    line = collection.total(MONTH, authority)
    assert (line.paid_bills, line.paid_fen, line.rate, line.bills_rate) == (1, 28_600, 25.0, 25.0)
    assert caught_up() == 0


def test_a_corrected_bill_counts_once_with_its_new_amount(town):
    issue()
    finance = town.by(Role.FIN)
    first, second = (bills(home_id=each)[0].id for each in town.home_ids[:2])
    transact(lambda: correcting.correct(first, amount_fen=20_000, reason="面积更正", by=finance))
    transact(lambda: correcting.correct(second, amount_fen=0, reason="不应收取", by=finance))
    caught_up()
    assert sums(bureau(town)) == (3, 0, 28_600 * 2 + 20_000, 0, 0)


def test_the_figures_equal_a_count_of_all_bills_after_any_mixture(town):
    dice = random.Random(20261122)
    charge(town.place, 3_000, kind=FeeKind.LIFT)
    for period in ("2026-09", "2026-10", "2026-11"):
        issue(period)
    for number, home_id in enumerate(town.home_ids):
        mine = [bill.id for bill in bills(home_id=home_id)]
        chosen = dice.sample(mine, dice.randint(1, len(mine)))
        pay_for(chosen, town.resident(number))
    caught_up()
    counted = db.session.execute(
        select(
            CollectionFigure.period,
            CollectionFigure.kind,
            CollectionFigure.bills,
            CollectionFigure.billed_fen,
            CollectionFigure.paid_fen,
        ).order_by(CollectionFigure.period, CollectionFigure.kind)
    ).all()
    whole = db.session.execute(
        select(Bill.period, Bill.kind, func.count(), func.sum(Bill.amount_fen), func.sum(Bill.paid_fen))
        .where(Bill.state != "void")
        .group_by(Bill.period, Bill.kind)
        .order_by(Bill.period, Bill.kind)
    ).all()
    assert [tuple(map(str, each)) for each in counted] == [tuple(map(str, each)) for each in whole]
    months = collection.by_month(MONTH, bureau(town))
    assert [each.name for each in months][-3:] == ["2026-09", "2026-10", "2026-11"]
    assert (len(months), months[0].rate) == (12, None)


def test_counting_twice_or_by_two_at_once_is_counting_once(app_db, town):
    issue()
    while dispatch_one(REACTIONS):
        pass
    counted = in_parallel(app_db, [lambda: transact(lambda: count_stale(20))] * 2)
    assert sorted(counted) == [0, 1]
    paid = bills()[0]
    fact = type("Fact", (), {"subjects": [paid.subject]})()
    for _ in range(2):
        transact(lambda: recount_paid(fact))
        caught_up()
    assert sums(bureau(town)) == (4, 0, 114_400, 0, 0)
    assert db.session.scalars(select(CollectionStale)).all() == []


def test_everybody_sees_his_own_part_and_the_parts_add_up(town):
    other = make_town(homes=2)
    charge(other.place)
    issue()
    caught_up()
    authority, company = bureau(town), town.by(Role.CO)
    assert sums(authority)[0] == 4
    assert sums(company) == sums(authority)
    assert sums(bureau(other))[0] == 2
    for part in (collection.by_street, collection.by_company):
        assert sum(line.billed_fen for line in part(MONTH, authority)) == 114_400
    page = collection.by_estate(MONTH, authority, limit=1)
    assert [line.name for line in page.items] == [town.place.estate.name]
    assert page.next_cursor is None
    elsewhere = Lens("2026-11", estate_id=other.place.estate.id)
    assert sums(authority, elsewhere)[0] == 0
    assert collection.estate_name(other.place.estate.id, authority) == ""
