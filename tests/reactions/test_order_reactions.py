"""From what people do to what people hear, through the outbox."""

from __future__ import annotations

import threading
from collections import defaultdict
from datetime import timedelta

from sqlalchemy import func, select

from app.core import clock
from app.core.db import db, transact
from app.core.outbox import OutboxRow, dispatch_one, publish
from app.core.roles import Role
from app.integrations.wechat.answers import Verdict
from app.integrations.wechat.errors import WeChatDown
from app.media.checking import apply_verdict, check_due, review_unanswered
from app.media.models import CheckState, Photo, PhotoCheck
from app.notifications.consents import add_consent
from app.notifications.models import HotlineHandover, Notification, WeChatDelivery
from app.orders import desk, extensions, feedback, field_work
from app.orders.events import ClockReached
from app.orders.slot_models import BookingSlot
from app.orders.sweeping import sweep
from app.reactions.table import REACTIONS
from tests.engines import both_engines
from tests.fakes.district import HOME_NUMBER, RESIDENT_NAME, T0

pytestmark = both_engines


def react() -> int:
    """Run every waiting reaction; none may fail."""
    count = 0
    while dispatch_one(REACTIONS):
        count += 1
    failed = db.session.scalars(select(OutboxRow.last_error).where(OutboxRow.last_error.is_not(None))).all()
    assert failed == []
    return count


def heard(town) -> dict[str, list[str]]:
    """Titles by role, in the order in which they came."""
    db.session.rollback()
    roles = {account_id: role.value for role, account_id in town.accounts.items()}
    told = defaultdict(list)
    for row in db.session.scalars(select(Notification).order_by(Notification.id)):
        told[roles[row.account_id]].append(row.title)
    return told


def at(**later):
    return clock.frozen(T0 + timedelta(**later))


def visit(town, order_id: int, *, finding: str = "灯管烧坏", hours: float = 2) -> None:
    """Check in at the spot with one photo."""
    seen = field_work.CheckIn(
        finding=finding,
        hazardous=False,
        expected_at=clock.now() + timedelta(hours=hours),
        contact_result="已电话说明",
        photo_ids=[town.photo(Role.WRK)],
        latitude=39.9,
        longitude=116.6,
    )
    transact(lambda: field_work.check_in(order_id, seen, by=town.scopes[Role.WRK]))


def under_way(town, order_id: int) -> None:
    """Accepted, assigned, confirmed, departed."""
    transact(lambda: desk.accept(order_id, by=town.scopes[Role.DSP]))
    assign = {"by": town.scopes[Role.DSP], "worker_id": town.worker_id, "override_reason": "最近的一位"}
    transact(lambda: desk.assign(order_id, **assign))
    transact(lambda: field_work.take(order_id, by=town.scopes[Role.WRK]))
    transact(lambda: field_work.depart(order_id, by=town.scopes[Role.WRK]))


def finished(town, order_id: int) -> None:
    """Visited and repaired."""
    visit(town, order_id)
    photo = town.photo(Role.WRK)
    worker = town.scopes[Role.WRK]
    transact(lambda: field_work.finish(order_id, by=worker, result="已换灯管", photo_ids=[photo]))


def test_a_report_that_goes_well(town):
    order = town.report()
    under_way(town, order.order_id)
    finished(town, order.order_id)
    react()
    told = heard(town)
    assert told["RES"] == [
        "已收到您的报修",
        "小区物业已接单",
        "师傅已安排",
        "师傅已出发",
        "已到现场核实",
        "已修好,请您评价",
    ]
    assert told["DSP"] == told["MGR"] == [f"新工单 {order.number}"]
    assert told["WRK"] == [f"新任务 {order.number}"]
    assert set(told) == {"RES", "DSP", "MGR", "WRK"}


def test_reacting_again_to_the_same_event_says_nothing_twice(town):
    town.report()
    react()
    before = heard(town)
    row = db.session.scalars(select(OutboxRow)).one()
    transact(lambda: publish(_same_fact(row)))
    react()
    assert heard(town) == before


def _same_fact(row: OutboxRow):
    kinds = {kind.__name__: kind for kind in REACTIONS}
    return kinds[row.name](**row.payload)


def test_two_dispatchers_of_events_say_everything_once(app_db, town):
    for _ in range(6):
        town.report()
    together, errors = threading.Barrier(3), []

    def work():
        with app_db.app_context():
            together.wait(timeout=20)
            try:
                while dispatch_one(REACTIONS):
                    pass
            except Exception as error:
                errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert errors == []
    react()
    assert [len(titles) for titles in heard(town).values()] == [6, 6, 6]


def test_nobody_accepts_and_the_hotline_takes_over(town):
    order = town.report(text="楼道灯不亮,请打19900000345", photos=1)
    with at(minutes=10, seconds=1):
        sweep()
        react()
    with at(minutes=15, seconds=1):
        sweep()
        react()
        told = heard(town)
        assert told["RES"] == ["已收到您的报修", "已转 962121 热线"]
        assert told["HOT"] == [f"转来工单 {order.number}"]
        assert "接单快到时限" in told["DSP"]
        assert "接单超时" in told["CO"]
        assert "工单已转热线" in told["MGR"]
        handover = db.session.scalars(select(HotlineHandover)).one()
    assert handover.payload["order_no"] == order.number
    assert handover.payload["phone"] == f"199****{town.phone[-4:]}"
    assert handover.payload["text"] == "楼道灯不亮,请打199****0345"
    assert handover.payload["submitted_at"] == "2026-11-20T22:10:00.000+08:00"
    assert handover.payload["photos"][0].startswith("/media/")


def test_every_level_of_a_late_repair_goes_one_step_higher(town):
    order = town.report()
    under_way(town, order.order_id)
    visit(town, order.order_id)
    react()
    for hours, role in ((72, "CO"), (96, "STR"), (144, "BUR")):
        with at(hours=hours, seconds=1):
            sweep()
            react()
            assert heard(town)[role][-1].startswith("修复超时")
    with at(hours=144, seconds=2):
        assert heard(town)["RES"].count("修复超时,已通知经理") == 1
        assert len(heard(town)["BUR"]) == 1


def test_an_extension_is_asked_of_the_manager_and_told_to_both(town):
    order = town.report()
    under_way(town, order.order_id)
    visit(town, order.order_id)
    asked = {
        "reason_code": "buying",
        "reason": "灯具要从厂家发货",
        "expected_at": T0 + timedelta(days=4),
        "photo_ids": [town.photo(Role.WRK)],
    }
    transact(lambda: extensions.request(order.order_id, by=town.scopes[Role.WRK], **asked))
    transact(lambda: extensions.decide(order.order_id, by=town.scopes[Role.MGR], grant=True))
    react()
    told = heard(town)
    assert told["MGR"][-1] == "请审批延期"
    assert told["WRK"][-1] == "延期已批准"
    body = db.session.scalars(
        select(Notification.body).where(Notification.template == "order_extended")
    ).one()
    assert "11月25日 22:10" in body


def test_not_fixed_and_badly_rated_reach_the_manager(town):
    order = town.report()
    under_way(town, order.order_id)
    finished(town, order.order_id)
    photo = town.photo(Role.RES)
    resident = town.scopes[Role.RES]
    transact(lambda: feedback.reopen(order.order_id, by=resident, reason="还是不亮", photo_ids=[photo]))
    react()
    assert heard(town)["MGR"][-1] == "没修好,重新处理"
    assert heard(town)["RES"][-1] == "重新处理"
    with at(hours=1):
        finished(town, order.order_id)
        transact(lambda: feedback.rate(order.order_id, by=resident, stars=1, tags=[], text=""))
        react()
        assert heard(town)["MGR"][-1] == "收到差评"
        assert "BUR" not in heard(town)


def test_a_rejection_names_reason_and_appeal(town):
    order = town.report()
    by = town.scopes[Role.MGR]
    transact(
        lambda: desk.reject(
            order.order_id,
            by=by,
            reason="not_our_estate",
            text="这盏灯属于市政道路照明",
            evidence="市政编号牌",
        )
    )
    react()
    body = db.session.scalars(
        select(Notification.body).where(Notification.template == "order_rejected")
    ).one()
    assert "市政道路照明" in body
    assert "申诉" in body


def test_an_urge_and_a_cancellation_reach_the_desk(town):
    order = town.report()
    resident = town.scopes[Role.RES]
    transact(lambda: feedback.urge(order.order_id, by=resident))
    transact(lambda: feedback.cancel(order.order_id, by=resident, reason="自己好了"))
    react()
    assert heard(town)["DSP"][-2:] == ["居民催办", "工单已取消"]


def test_whoever_did_it_is_not_told(town):
    order = town.report()
    transact(lambda: desk.to_hotline(order.order_id, by=town.scopes[Role.MGR], reason="no_staff"))
    react()
    assert heard(town)["MGR"] == [f"新工单 {order.number}"]
    assert heard(town)["CO"] == ["工单已转热线"]


def test_a_missed_appointment_is_apologised_for(town):
    slot = db.session.scalars(select(BookingSlot).order_by(BookingSlot.begins_at)).all()
    chosen = next(each for each in slot if each.begins_at > T0)
    town.appointment(category="H0201", slot_id=chosen.id)
    db.session.rollback()
    with clock.frozen(chosen.ends_at + timedelta(seconds=1)):
        sweep()
        react()
        assert "对不起,师傅失约了" in heard(town)["RES"]


def test_a_forgotten_confirmation_is_announced_and_then_closed(town):
    order = town.report()
    under_way(town, order.order_id)
    finished(town, order.order_id)
    for hours in (48, 72):
        with at(hours=hours, seconds=1):
            sweep()
            react()
    assert heard(town)["RES"][-2:] == ["还没收到您的评价", "工单已自动办结"]


def test_a_breach_of_an_earlier_round_is_not_told_after_the_reopening(town):
    order = town.report()
    under_way(town, order.order_id)
    finished(town, order.order_id)
    photo = town.photo(Role.RES)
    resident = town.scopes[Role.RES]
    transact(lambda: feedback.reopen(order.order_id, by=resident, reason="还是不亮", photo_ids=[photo]))
    react()
    before = heard(town)
    old = ClockReached(order.order_id, "C3", 0, "DUE", T0.isoformat(), T0.isoformat())
    transact(lambda: publish(old))
    react()
    assert heard(town) == before


def test_no_message_names_the_home_the_person_or_a_phone(town):
    order = town.emergency(category="H0203", text="1502室水管爆了")
    under_way(town, order.order_id)
    visit(town, order.order_id, finding=f"{HOME_NUMBER}室{RESIDENT_NAME}家水管破裂,电话{town.phone}")
    photo = town.photo(Role.WRK)
    result = f"{HOME_NUMBER}已换阀门,{RESIDENT_NAME}已确认"
    worker = town.scopes[Role.WRK]
    transact(lambda: field_work.finish(order.order_id, by=worker, result=result, photo_ids=[photo]))
    for hours in (24, 48, 72):
        with at(hours=hours, seconds=1):
            sweep()
            react()
    told = [f"{row.title} {row.body}" for row in db.session.scalars(select(Notification))]
    told += [str(row.fields) for row in db.session.scalars(select(WeChatDelivery))]
    assert len(told) > 6
    for text in told:
        for secret in (HOME_NUMBER, RESIDENT_NAME, town.phone):
            assert secret not in text


def test_a_consent_turns_the_message_into_a_wechat_delivery(town):
    transact(lambda: add_consent(town.accounts[Role.RES], "order_received"))
    order = town.report()
    react()
    (delivery,) = db.session.scalars(select(WeChatDelivery)).all()
    assert delivery.fields["character_string1"] == order.number
    assert delivery.fields["time3"] == "2026年11月20日 22:25"
    assert delivery.page == f"pages/order/order?id={order.order_id}"


class Checker:
    """WeChat's side of the picture check."""

    def __init__(self, *outcomes: str | Exception) -> None:
        self.outcomes = list(outcomes)
        self.asked: list[str] = []

    def check_image_async(self, url, *, openid, scene):
        self.asked.append(url)
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def check(checker: Checker) -> int:
    return check_due(checker, link=lambda photo_id: f"https://example.invalid/{photo_id}", limit=10)


def photo_state() -> str:
    db.session.rollback()
    return db.session.scalars(select(Photo.check_state)).one()


def test_a_photo_is_asked_about_once_and_judged_by_the_push(town):
    town.report(photos=1)
    react()
    checker = Checker("trace-1")
    assert check(checker) == 1
    assert check(checker) == 0
    assert photo_state() == CheckState.PENDING
    assert transact(lambda: apply_verdict("trace-1", Verdict.RISKY)) is True
    assert transact(lambda: apply_verdict("trace-1", Verdict.PASS)) is False
    assert photo_state() == CheckState.RISKY


def test_a_verdict_that_is_quicker_than_our_record_is_not_lost(town):
    town.report(photos=1)
    react()
    assert transact(lambda: apply_verdict("trace-1", Verdict.PASS)) is False
    check(Checker("trace-1"))
    assert photo_state() == CheckState.PASS


def test_while_wechat_is_down_the_photo_stays_pending_and_is_asked_again(town):
    town.report(photos=1)
    react()
    checker = Checker(WeChatDown(None, "down"), "trace-1")
    check(checker)
    assert photo_state() == CheckState.PENDING
    with at(minutes=1):
        assert check(checker) == 1
    assert len(checker.asked) == 2


def test_without_a_verdict_in_time_a_person_looks(town):
    town.report(photos=1)
    react()
    check(Checker("trace-1"))
    with at(minutes=29):
        assert transact(review_unanswered) == 0
    with at(minutes=31):
        assert transact(review_unanswered) == 1
    assert photo_state() == CheckState.REVIEW


def test_every_photo_is_asked_about_once_however_often_the_order_moves(town):
    order = town.report(photos=2)
    under_way(town, order.order_id)
    react()
    assert db.session.scalar(select(func.count()).select_from(PhotoCheck)) == 2
