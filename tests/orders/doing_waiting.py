"""How orders are made to wait, for the machine of random lives (doing.py): a firm, the fund, a date, a question."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from app.core import clock
from app.core.roles import Role
from app.orders import fund, questions, special, third_party
from app.orders.lifecycle import Action
from tests.factories.scene import Scene
from tests.orders.waiting import WATERWORKS

Doer = Callable[[Scene, int, Role], Any]


def _hold_third(scene: Scene, order_id: int, who: Role) -> Any:
    return third_party.hold_third(
        order_id, by=scene.by(who), party=WATERWORKS, reason="二次供水泵故障", safety="已放警示牌"
    )


def _need_fund(scene: Scene, order_id: int, who: Role) -> Any:
    return fund.need(
        order_id,
        by=scene.by(who),
        payer="fund",
        reason="外墙已过保修期",
        scope="东立面",
        photo_ids=scene.photos(who),
    )


def _tell_fund(scene: Scene, order_id: int, who: Role) -> Any:
    return fund.tell(order_id, by=scene.by(who), spoken_to="报修人", how="phone", words="已说明要征询业主")


def _close_fund(scene: Scene, order_id: int, who: Role) -> Any:
    return fund.close(order_id, by=scene.by(who), result="征询没有通过", photo_ids=scene.photos(who))


def _request_special(scene: Scene, order_id: int, who: Role) -> Any:
    return special.request(
        order_id,
        by=scene.by(who),
        reason="曳引机要返厂大修",
        plan="下月8日装回",
        until=clock.now() + timedelta(days=30),
        photo_ids=scene.photos(who),
    )


WAITING_DOERS: dict[Action, Doer] = {
    Action.HOLD_THIRD: _hold_third,
    Action.NEED_FUND: _need_fund,
    Action.TELL_FUND: _tell_fund,
    Action.HOLD_FUND: lambda scene, order_id, who: fund.hold(order_id, by=scene.by(who)),
    Action.CLOSE_FUND: _close_fund,
    Action.REQUEST_SPECIAL: _request_special,
    Action.APPROVE_SPECIAL: lambda scene, order_id, who: special.approve(
        order_id, by=scene.by(who), note="情况属实"
    ),
    Action.REFUSE_SPECIAL: lambda scene, order_id, who: special.refuse(
        order_id, by=scene.by(who), note="先用备用配件"
    ),
    Action.ASK_INFO: lambda scene, order_id, who: questions.ask(
        order_id, by=scene.by(who), question="是几号楼几单元的灯?"
    ),
    Action.GIVE_INFO: lambda scene, order_id, who: questions.give(
        order_id, by=scene.by(who), text="3号楼2单元"
    ),
}
