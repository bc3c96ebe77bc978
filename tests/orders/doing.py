"""How each action is done with sensible words and fresh evidence: what the machine of random lives presses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from app.core import clock
from app.core.roles import Role
from app.orders import booking, desk, extensions, feedback, field_work, hold_offers, holds
from app.orders.field_work import CheckIn
from app.orders.lifecycle import Action, Menu
from app.orders.models import Order
from app.orders.moving import get_order
from tests.factories.scene import HOME_LAMP, Scene
from tests.orders.doing_waiting import WAITING_DOERS

MENUS = (Menu.REPORT.value, Menu.EMERGENCY.value, Menu.BOOKING.value)
Doer = Callable[[Scene, int, Role], Any]


def submit(scene: Scene, menu: str) -> int:
    """One order of this menu by the resident."""
    if menu == Menu.REPORT:
        return scene.submit().order_id
    at_home = {
        "menu": Menu(menu),
        "category_code": HOME_LAMP,
        "spot_id": None,
        "home_id": scene.place.homes[0].id,
    }
    if menu == Menu.EMERGENCY:
        return scene.submit(**at_home).order_id
    return scene.submit(**at_home, slot_id=_free_slot(scene)).order_id


def _free_slot(scene: Scene) -> int:
    def find() -> int:
        booking.open_slots(scene.place.office.id, today=clock.china_date(scene.at))
        free = [
            each for each in booking.slots(scene.place.office.id, at=scene.at) if each.booked < each.capacity
        ]
        return free[0].id

    return scene.do(find)


def _order(scene: Scene, order_id: int, who: Role) -> Order:
    return get_order(order_id, scene.by(who))


def _accept(scene: Scene, order_id: int, who: Role) -> Any:
    spoken_to = "王经理" if who is Role.HOT else ""
    return desk.accept(order_id, by=scene.by(who), spoken_to=spoken_to)


def _assign(scene: Scene, order_id: int, who: Role) -> Any:
    return desk.assign(order_id, by=scene.by(who), worker_id=scene.worker.id, override_reason="同事都不在")


def _check_in(scene: Scene, order_id: int, who: Role) -> Any:
    visit = CheckIn(
        finding="灯管烧坏",
        hazardous=False,
        expected_at=clock.now() + timedelta(hours=5),
        contact_result="已电话告知报修人",
        photo_ids=scene.photos(who),
        spot_code=scene.place.spot.code,
    )
    return field_work.check_in(order_id, visit, by=scene.by(who))


def _hold(scene: Scene, order_id: int, who: Role) -> Any:
    return holds.hold(order_id, by=scene.by(who), reason="resident_asked", text="明天下午再来", photo_ids=())


def _choose_slot(scene: Scene, order_id: int, who: Role) -> Any:
    offered = hold_offers.offer(_order(scene, order_id, who), at=clock.now())
    assert offered is not None
    if offered.slots:
        holds.choose_slot(order_id, by=scene.by(who), slot_id=offered.slots[0].id)


def _request_extension(scene: Scene, order_id: int, who: Role) -> Any:
    return extensions.request(
        order_id,
        by=scene.by(who),
        reason_code="obsolete",
        reason="灯具停产,等厂家发货",
        expected_at=clock.now() + timedelta(days=2),
        photo_ids=scene.photos(who),
    )


def _finish(scene: Scene, order_id: int, who: Role) -> Any:
    return field_work.finish(order_id, by=scene.by(who), result="已更换灯管", photo_ids=scene.photos(who))


def _reopen(scene: Scene, order_id: int, who: Role) -> Any:
    return feedback.reopen(order_id, by=scene.by(who), reason="灯又不亮了", photo_ids=scene.photos(who))


def _reject(scene: Scene, order_id: int, who: Role) -> Any:
    return desk.reject(
        order_id,
        by=scene.by(who),
        reason="not_our_service",
        text="这是供电公司的线路,请拨打供电热线",
        photo_ids=scene.photos(who),
    )


def _plain(verb: Callable[..., Any], **words: Any) -> Doer:
    return lambda scene, order_id, who: verb(order_id, by=scene.by(who), **words)


DOERS: dict[Action, Doer] = {
    **WAITING_DOERS,
    Action.ACCEPT: _accept,
    Action.TO_HOTLINE: _plain(desk.to_hotline, reason="no_staff"),
    Action.REJECT: _reject,
    Action.ASSIGN: _assign,
    Action.TAKE: _plain(field_work.take),
    Action.DECLINE: _plain(field_work.decline, reason="busy"),
    Action.DEPART: _plain(field_work.depart),
    Action.CHECK_IN: _check_in,
    Action.START: _plain(field_work.start),
    Action.HOLD: _hold,
    Action.CHOOSE_SLOT: _choose_slot,
    Action.ASK_LATER: _plain(holds.ask_later),
    Action.END_HOLD: _plain(holds.end_hold, reason="可以接着修了"),
    Action.REQUEST_EXTENSION: _request_extension,
    Action.APPROVE_EXTENSION: _plain(extensions.decide, grant=True),
    Action.REFUSE_EXTENSION: _plain(extensions.decide, grant=False, note="市场上有现货"),
    Action.FINISH: _finish,
    Action.CONFIRM: _plain(feedback.confirm),
    Action.RATE: _plain(feedback.rate, stars=4, tags=(), text=""),
    Action.REOPEN: _reopen,
    Action.CANCEL: _plain(feedback.cancel, reason="已经自己修好"),
    Action.URGE: _plain(feedback.urge),
    Action.LOG_CALL: _plain(desk.log_call, result="电话没人接"),
}
