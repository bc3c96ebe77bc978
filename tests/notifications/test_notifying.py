"""One message to one person: written once, in WeChat when there is a consent."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from app.accounts.scopes import own_scope
from app.core.db import db, transact
from app.core.roles import Role
from app.core.scope import SYSTEM
from app.integrations.wechat.templates import compose
from app.notifications.consents import add_consent, stock
from app.notifications.models import Notification, WeChatDelivery
from app.notifications.queries import inbox_page, unread_count
from app.notifications.service import NoSuchMessage, mark_all_read, mark_read, notify, notify_many
from tests.engines import both_engines, in_parallel
from tests.fakes.district import T0

pytestmark = both_engines
FIELDS = compose("order_done", number="R1120-0001", matter="楼道灯不亮", at=T0, note="请您看一看")


def tell(account_id: int, key: str = "order:1:1", **more) -> bool:
    return transact(
        lambda: notify(
            account_id, unique_key=key, template="order_done", title="已修好", body="请您评价", **more
        )
    )


def rows(model) -> list:
    return list(db.session.scalars(select(model).order_by(model.id)))


def test_the_same_key_is_written_once(resident):
    assert tell(resident) is True
    assert tell(resident) is False
    assert [row.title for row in rows(Notification)] == ["已修好"]


def test_the_same_key_reaches_two_persons(town):
    told = transact(
        lambda: notify_many(
            [town.accounts[Role.DSP], town.accounts[Role.MGR], town.accounts[Role.DSP]],
            unique_key="order:1:1",
            template="desk_new",
            title="新工单",
            body="请接单",
        )
    )
    assert told == 2
    assert len(rows(Notification)) == 2


def test_without_a_consent_the_message_stays_in_the_app(resident):
    tell(resident, wechat_fields=FIELDS)
    assert rows(WeChatDelivery) == []
    assert len(rows(Notification)) == 1


def test_a_consent_is_used_by_the_message_that_it_pays_for(resident):
    transact(lambda: add_consent(resident, "order_done", 2))
    tell(resident, wechat_fields=FIELDS, page="pages/order/order?id=1")
    assert stock(resident)["order_done"] == 1
    (delivery,) = rows(WeChatDelivery)
    assert (delivery.fields, delivery.page) == (FIELDS, "pages/order/order?id=1")


def test_a_repeated_reaction_uses_no_second_consent(resident):
    transact(lambda: add_consent(resident, "order_done", 2))
    tell(resident, wechat_fields=FIELDS)
    tell(resident, wechat_fields=FIELDS)
    assert stock(resident)["order_done"] == 1
    assert len(rows(WeChatDelivery)) == 1


def test_a_rolled_back_reaction_gives_its_consent_back(resident):
    transact(lambda: add_consent(resident, "order_done"))

    def fails():
        notify(resident, unique_key="k", template="order_done", title="t", body="b", wechat_fields=FIELDS)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        transact(fails)
    assert stock(resident)["order_done"] == 1
    assert rows(Notification) == []


def test_two_reactions_at_the_same_time_write_one_message(app_db, resident):
    transact(lambda: add_consent(resident, "order_done", 5))
    together, outcomes = threading.Barrier(4), []

    def react():
        with app_db.app_context():
            together.wait(timeout=20)
            outcomes.append(tell(resident, wechat_fields=FIELDS))

    threads = [threading.Thread(target=react) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(outcomes) == [False, False, False, True]
    assert stock(resident)["order_done"] == 4
    assert len(rows(WeChatDelivery)) == 1


def test_one_consent_is_not_spent_twice_by_two_messages_at_the_same_time(app_db, resident):
    transact(lambda: add_consent(resident, "order_done", 1))
    together = threading.Barrier(3)

    def react(number):
        with app_db.app_context():
            together.wait(timeout=20)
            tell(resident, f"order:{number}", wechat_fields=FIELDS)

    threads = [threading.Thread(target=react, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(rows(Notification)) == 3
    assert len(rows(WeChatDelivery)) == 1
    assert stock(resident)["order_done"] == 0


def test_a_long_text_ends_with_an_ellipsis_instead_of_failing(resident):
    transact(lambda: notify(resident, unique_key="k", template="x", title="长" * 80, body="长" * 900))
    (row,) = rows(Notification)
    assert (len(row.title), len(row.body)) == (40, 300)
    assert row.body.endswith("…")


def test_the_inbox_is_paged_newest_first(town, resident):
    for number in range(5):
        tell(resident, f"order:{number}:1")
    scope = town.scopes[Role.RES]
    first = inbox_page(scope, None, 3)
    second = inbox_page(scope, first.next_cursor, 3)
    ids = [row.id for row in [*first.items, *second.items]]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == 5
    assert second.next_cursor is None


def test_reading_lowers_the_number_on_the_badge(town, resident):
    tell(resident, "a")
    tell(resident, "b")
    scope = town.scopes[Role.RES]
    newest = inbox_page(scope).items[0]
    transact(lambda: mark_read(newest.id, scope))
    transact(lambda: mark_read(newest.id, scope))
    assert unread_count(scope) == 1
    assert transact(lambda: mark_all_read(scope)) == 1
    assert unread_count(scope) == 0


def test_somebody_elses_message_cannot_be_found(town, resident):
    tell(resident)
    (row,) = rows(Notification)
    stranger = own_scope(town.scopes[Role.BUR])
    with pytest.raises(NoSuchMessage):
        transact(lambda: mark_read(row.id, stranger))
    assert inbox_page(stranger).items == []
    assert unread_count(stranger) == 0


def test_a_scope_that_sees_everything_still_opens_no_inbox(resident):
    tell(resident)
    assert inbox_page(SYSTEM).items == []


def tell_many(accounts: list[int], **more) -> int:
    plain = {"unique_key": "following:1:1", "template": "order_done", "title": "已修好", "body": "请您评价"}
    return transact(lambda: notify_many(accounts, **plain, **more))


def test_a_message_to_many_spends_the_consents_of_those_who_have_one(town):
    first, second, third = (town.accounts[role] for role in (Role.RES, Role.DSP, Role.MGR))
    for account_id in (first, third):
        transact(lambda account_id=account_id: add_consent(account_id, "order_done"))
    assert tell_many([third, first, second], wechat_fields=FIELDS, page="more/followed/followed?id=1") == 3
    assert sorted(row.account_id for row in rows(WeChatDelivery)) == sorted([first, third])
    assert {row.fields["character_string1"] for row in rows(WeChatDelivery)} == {"R1120-0001"}
    assert [stock(each)["order_done"] for each in (first, second, third)] == [0, 0, 0]


def test_who_has_heard_it_hears_and_pays_nothing_again(town):
    first, second = town.accounts[Role.RES], town.accounts[Role.DSP]
    transact(lambda: add_consent(first, "order_done", 2))
    assert tell_many([first], wechat_fields=FIELDS) == 1
    assert tell_many([first, second], wechat_fields=FIELDS) == 1
    assert (tell_many([first, second], wechat_fields=FIELDS), tell_many([])) == (0, 0)
    assert stock(first)["order_done"] == 1
    assert len(rows(Notification)) == 2


def test_one_consent_is_not_spent_twice_by_two_messages_to_many(app_db, town):
    everybody = [town.accounts[role] for role in (Role.RES, Role.DSP, Role.MGR)]
    for account_id in everybody:
        transact(lambda account_id=account_id: add_consent(account_id, "order_done"))
    works = [
        lambda number=number: transact(
            lambda: notify_many(
                everybody,
                unique_key=f"following:{number}:1",
                template="order_done",
                title="已修好",
                body="请您评价",
                wechat_fields=FIELDS,
            )
        )
        for number in range(4)
    ]
    assert in_parallel(app_db, works) == [3] * 4
    db.session.rollback()
    assert sorted(row.account_id for row in rows(WeChatDelivery)) == sorted(everybody)
    assert [stock(each)["order_done"] for each in everybody] == [0, 0, 0]
