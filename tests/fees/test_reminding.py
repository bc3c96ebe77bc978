"""Who hears of a bill, when, and that nobody hears it twice."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from app.accounts.models import Relation
from app.core import clock
from app.core.clock import china
from app.core.db import db, transact
from app.fees import reminding, rules
from app.fees.events import BillingRunFinished
from app.fees.reminding import Owed
from app.fees.run_models import BillTelling
from app.integrations.wechat.errors import ConsentUsed
from app.notifications.consents import add_consent, stock
from app.notifications.delivering import deliver_due
from app.notifications.models import Notification, WeChatDelivery
from app.reactions.fee_reactions import announce_bills
from tests.engines import both_engines, in_parallel
from tests.factories.people import make_account, make_binding
from tests.fakes.messenger import Messenger
from tests.fees.town import bills, charge, issue, make_town, pay_for
from tests.miniprogram_api.phones import counted_statements

DUE = date(2026, 11, 30)


def messages() -> list[Notification]:
    db.session.rollback()
    return list(db.session.scalars(select(Notification).order_by(Notification.id)))


def work_off(limit: int = 2) -> None:
    while transact(lambda: reminding.tell_next_page(limit)):
        pass


@pytest.fixture
def town(app_db):
    """Three homes with their November bills, announced and told."""
    town = make_town(homes=3)
    charge(town.place)
    done = issue("2026-11")
    for _ in range(2):
        transact(lambda: announce_bills(BillingRunFinished(done.run_id, "2026-11", done.bills)))
        break
    work_off()
    return town


@both_engines
def test_owners_and_tenants_hear_of_a_new_month_once_each(town):
    assert [message.account_id for message in messages()] == [each.id for each in town.residents]
    assert "您有 1 笔账单,共 ¥286.00,请在 11月30日前缴费" in messages()[0].body
    work_off()
    assert len(messages()) == 3


@both_engines
@pytest.mark.parametrize(
    ("at", "title"),
    [
        (china(2026, 11, 23, 9), "缴费提醒"),
        (china(2026, 11, 29, 9), "缴费提醒"),
        (china(2026, 12, 7, 9), "账单已过缴费日期"),
        (china(2026, 12, 30, 9), "账单已过缴费日期30天"),
    ],
)
def test_reminders_come_on_their_days_to_those_who_still_owe(town, at, title):
    paid = bills(home_id=town.home_ids[0])
    pay_for([bill.id for bill in paid], town.resident())
    clock.freeze(at)
    for _ in range(2):
        transact(lambda: reminding.plan_reminders(clock.china_date(clock.now())))
        work_off()
    told = messages()[3:]
    assert [message.title for message in told] == [title, title]
    assert {message.account_id for message in told} == {each.id for each in town.residents[1:]}


def test_on_other_days_nobody_is_reminded(town):
    clock.freeze(china(2026, 11, 27, 9))
    assert transact(lambda: reminding.plan_reminders(clock.china_date(clock.now()))) == 0


def test_a_reminder_that_was_missed_by_a_day_is_made_up_for_and_an_old_one_is_not(town):
    assert transact(lambda: reminding.plan_reminders(date(2026, 11, 24))) == 1
    assert transact(lambda: reminding.plan_reminders(date(2026, 11, 26))) == 0


def test_family_and_helpers_are_not_told_but_a_tenant_is(town):
    home = town.place.homes[0]

    def move_in() -> list[int]:
        people = [make_account() for _ in range(3)]
        ties = (Relation.FAMILY, Relation.PROXY, Relation.TENANT)
        for person, relation in zip(people, ties, strict=True):
            make_binding(person, home, relation=relation)
        return [person.id for person in people]

    family, proxy, tenant = transact(move_in)
    transact(lambda: reminding.plan_reminders(date(2026, 11, 23)))
    work_off()
    told = {message.account_id for message in messages()[3:]}
    assert tenant in told
    assert not {family, proxy} & told


def test_one_message_for_all_homes_of_a_person(town):
    first = town.residents[0]
    transact(lambda: make_binding(first, town.place.homes[1], slot=2))
    transact(lambda: reminding.plan_reminders(date(2026, 11, 23)))
    work_off()
    mine = [message for message in messages()[3:] if message.account_id == first.id]
    assert len(mine) == 1
    assert "您有 2 笔账单,共 ¥572.00" in mine[0].body


def test_later_bills_of_the_same_day_are_announced_alone(town):
    transact(lambda: reminding.announce(DUE))
    work_off()
    assert len(messages()) == 3


@both_engines
def test_two_schedulers_tell_everybody_once_and_a_killed_page_is_told_again_as_a_whole(town, app_db):
    transact(lambda: reminding.plan_reminders(date(2026, 11, 23)))

    def dies() -> None:
        reminding.tell_next_page(2)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        transact(dies)
    assert len(messages()) == 3
    in_parallel(app_db, [lambda: work_off(1) for _ in range(2)])
    work_off(1)
    assert len(messages()) == 6
    rounds = db.session.scalars(select(BillTelling).where(BillTelling.stage == "before7")).one()
    assert (rounds.told, rounds.done_at is not None) == (3, True)


def consented(town, taps: int = 1) -> int:
    """The first resident has tapped so often; his account."""
    account_id = town.residents[0].id

    transact(lambda: add_consent(account_id, "bill", taps))
    return account_id


def deliveries() -> list[WeChatDelivery]:
    db.session.rollback()
    return list(db.session.scalars(select(WeChatDelivery).order_by(WeChatDelivery.id)))


def remind(at) -> None:
    clock.freeze(at)
    transact(lambda: reminding.plan_reminders(clock.china_date(clock.now())))
    work_off()


@both_engines
def test_whoever_has_tapped_hears_of_it_in_wechat_as_well_and_everybody_in_the_app(town):
    reader = consented(town)
    remind(china(2026, 11, 23, 9))
    assert len(messages()) == 6
    (copy,) = deliveries()
    assert (copy.account_id, copy.template, copy.page) == (reader, "bill", "money/bills/bills")
    assert copy.fields == {
        "thing2": "缴费提醒,共1笔账单",
        "time3": "2026年11月30日 23:59",
        "thing4": "¥286.00",
    }
    assert stock(reader)["bill"] == 0
    remind(china(2026, 11, 29, 9))
    assert (len(messages()), len(deliveries())) == (9, 1), "one tap is one message"


def test_at_night_the_inbox_has_it_and_wechat_waits_for_the_morning(town):
    consented(town)
    remind(china(2026, 11, 23, 2))
    assert len(messages()) == 6
    assert deliveries()[0].next_at == china(2026, 11, 23, 8)


def test_43101_is_final_and_the_next_reminder_is_told_in_the_app_alone(town):
    reader = consented(town, 3)
    remind(china(2026, 11, 23, 9))
    messenger = Messenger(ConsentUsed(43101, "user refuse to accept the msg"))
    assert deliver_due(messenger, configured={}, limit=5) == 1
    assert (deliveries()[0].state, stock(reader)["bill"]) == ("refused", 0)
    remind(china(2026, 11, 29, 9))
    assert (len(messages()), len(deliveries())) == (9, 1)


def test_telling_a_page_asks_once_who_may_be_reached_in_wechat(town):
    transact(lambda: reminding.plan_reminders(date(2026, 11, 23)))
    with counted_statements() as statements:
        transact(lambda: reminding.tell_next_page(50))
    assert len([each for each in statements if "wechat_consents" in each]) == 1
    assert not [each for each in statements if "openid" in each]


@pytest.mark.parametrize("stage", ["issued", *reminding.REMINDERS])
def test_every_text_says_how_much_and_fits_its_row(stage):
    title, body = reminding.words(stage, Owed(1, 60, rules.AMOUNT_MAX_FEN), DUE)
    assert len(title) <= 40
    assert len(body) <= 300
    assert "¥1000000.00" in body
