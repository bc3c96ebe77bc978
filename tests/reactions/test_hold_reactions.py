"""Nobody home, and 修好了吗: from what people do to what they hear, through sweep and outbox, on both engines."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.core import clock
from app.core.clock import china
from app.core.db import db, transact
from app.core.roles import Role
from app.notifications.consents import add_consent
from app.notifications.models import Notification, WeChatDelivery
from app.orders import desk, feedback, holds
from app.orders.slot_models import BookingSlot
from app.orders.sweeping import sweep
from tests.engines import both_engines
from tests.fakes.district import RESIDENT_NAME
from tests.reactions.test_order_reactions import at, finished, heard, react, under_way, visit

pytestmark = both_engines
MORNING = china(2026, 11, 21, 8)


def held(town) -> int:
    """An emergency at home; at 22:40 the worker goes away again."""
    order_id = town.emergency(category="H0201", text="水龙头一直滴水").order_id
    under_way(town, order_id)
    visit(town, order_id, finding="敲门没人应")
    worker = town.scopes[Role.WRK]
    for minute in (10, 15):
        with at(minutes=minute):
            transact(lambda: desk.log_call(order_id, by=worker, result="电话没人接"))
    photo = town.photo(Role.WRK)
    with at(minutes=30):
        transact(
            lambda: holds.hold(
                order_id, by=worker, reason="nobody_home", text=f"{RESIDENT_NAME}家没人", photo_ids=[photo]
            )
        )
    return order_id


def chosen(town, order_id: int, begins_at) -> None:
    slot = db.session.scalars(select(BookingSlot.id).where(BookingSlot.begins_at == begins_at)).one()
    by = town.scopes[Role.RES]
    transact(lambda: holds.choose_slot(order_id, by=by, slot_id=slot))


def bodies(town, role: Role) -> list[str]:
    db.session.rollback()
    mine = Notification.account_id == town.accounts[role]
    return list(db.session.scalars(select(Notification.body).where(mine).order_by(Notification.id)))


def deliveries() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(WeChatDelivery.template).order_by(WeChatDelivery.id)))


def test_a_hold_offers_three_times_in_the_inbox_and_in_wechat_and_tells_the_manager(town):
    transact(lambda: add_consent(town.accounts[Role.RES], "order_hold"))
    held(town)
    with at(minutes=31):
        react()
    assert bodies(town, Role.RES)[-1] == (
        "王师傅来过,家里没人。请选一个新的时间:明天 08:00–10:00、明天 10:00–12:00、明天 14:00–16:00。"
        "请在 11月23日 22:40 前选好。"
    )
    assert deliveries() == ["order_hold"]
    assert "家里没人:居民家没人" in bodies(town, Role.MGR)[-1]
    assert "挂起" not in "".join(heard(town)["DSP"])


def test_a_chosen_time_is_told_to_worker_and_resident_and_the_worker_is_called_when_it_comes(town):
    order_id = held(town)
    with at(hours=1):
        chosen(town, order_id, MORNING)
        react()
    assert bodies(town, Role.RES)[-1].startswith("已约好:王师傅 明天 08:00–10:00 再上门,请家里留人。")
    assert "居民约了 明天 08:00–10:00" in bodies(town, Role.WRK)[-1]
    before = heard(town)["RES"]
    with clock.frozen(MORNING + timedelta(seconds=1)):
        sweep()
        react()
    assert heard(town)["WRK"][-1] == "约好的时间到了"
    assert heard(town)["RES"] == before


def test_without_a_choice_the_desk_must_call_and_the_resident_knows_it(town):
    held(town)
    with at(minutes=30, hours=72, seconds=1):
        sweep()
        react()
    assert heard(town)["RES"][-1] == "还没约好上门时间"
    assert heard(town)["DSP"][-1] == heard(town)["MGR"][-1] == "请打电话约上门时间"


def test_an_offer_that_was_answered_before_it_could_be_told_is_not_made_any_more(town):
    order_id = held(town)
    with at(hours=1):
        chosen(town, order_id, MORNING)
        react()
    assert "师傅来过,家里没人" not in heard(town)["RES"]
    assert heard(town)["RES"][-1] == "已约好上门时间"


def test_nobody_home_twice_is_told_with_the_way_back(town):
    order_id = held(town)
    worker = town.scopes[Role.WRK]
    with at(hours=1):
        chosen(town, order_id, MORNING)
    with clock.frozen(MORNING + timedelta(seconds=1)):
        sweep()
    for minute in (1, 6):
        with clock.frozen(MORNING + timedelta(minutes=minute)):
            transact(lambda: desk.log_call(order_id, by=worker, result="电话没人接"))
    photo = town.photo(Role.WRK)
    with clock.frozen(MORNING + timedelta(minutes=7)):
        transact(lambda: holds.hold(order_id, by=worker, reason="nobody_home", photo_ids=[photo]))
        react()
    assert "12月6日 08:07 前都可以点“没修好”重新处理" in bodies(town, Role.RES)[-1]
    assert heard(town)["MGR"][-1] == "两次没联系上居民"


def asked(town) -> list[str]:
    db.session.rollback()
    question = Notification.template == "order_ask"
    return list(db.session.scalars(select(Notification.title).where(question)))


def done(town) -> int:
    order_id = town.report().order_id
    under_way(town, order_id)
    finished(town, order_id)
    return order_id


def test_a_day_after_the_repair_the_resident_is_asked_once_in_inbox_and_wechat(town):
    transact(lambda: add_consent(town.accounts[Role.RES], "order_ask", 5))
    done(town)
    for later in ({"hours": 24}, {"hours": 24, "milliseconds": 1}, {"hours": 25}, {"hours": 40}):
        with at(**later):
            sweep()
            react()
        assert len(asked(town)) == (0 if later == {"hours": 24} else 1)
    assert asked(town) == ["修好了吗?"]
    assert deliveries() == ["order_ask"]
    with at(hours=48, seconds=1):
        sweep()
        react()
    assert heard(town)["RES"][-2:] == ["修好了吗?", "还没收到您的评价"]
    assert "修好了吗?" not in heard(town)["DSP"] + heard(town)["MGR"]


def test_who_has_confirmed_rated_or_reopened_is_not_asked(town):
    resident = town.scopes[Role.RES]
    orders = [done(town) for _ in range(3)]
    photo = town.photo(Role.RES)
    with at(hours=3):
        transact(lambda: feedback.confirm(orders[0], by=resident))
        transact(lambda: feedback.rate(orders[1], by=resident, stars=5))
        transact(lambda: feedback.reopen(orders[2], by=resident, reason="又坏了", photo_ids=[photo]))
    with at(hours=26):
        sweep()
        react()
    assert asked(town) == []


def test_whoever_answers_between_the_sweep_and_the_message_is_not_asked(town):
    order_id = done(town)
    with at(hours=24, seconds=1):
        sweep()
        transact(lambda: feedback.confirm(order_id, by=town.scopes[Role.RES]))
        react()
    assert asked(town) == []
