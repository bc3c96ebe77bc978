"""Merged, handed over, appealed about, judged anew: where orders stand before these commands, and what is sent."""

from __future__ import annotations

from typing import Any

from app.accounts.scopes import resident_scope
from app.core.roles import Role
from app.core.scope import Scope
from app.orders import appeals, desk, merging, transferring
from app.orders.models import Order
from tests.factories.scene import Scene, make_scene

WHY = "这是绿化组负责的片区"


def submitted(scene: Scene) -> int:
    return scene.submit().order_id


def done(scene: Scene) -> int:
    return scene.until_done()


def rejected(scene: Scene) -> int:
    order_id = submitted(scene)
    words = "现场看过,灯是亮着的没有坏"
    by = scene.by(Role.DSP)
    scene.do(lambda: desk.reject(order_id, by=by, reason="untrue", text=words, evidence="巡查记录"))
    return order_id


def appealed(scene: Scene) -> int:
    order_id = rejected(scene)
    by = scene.by(Role.RES)
    scene.do(lambda: appeals.appeal(order_id, by=by, text="灯在楼道里,确实不亮"))
    return order_id


def merged(scene: Scene) -> int:
    master, child = submitted(scene), submitted(scene)
    by = scene.by(Role.DSP)
    scene.do(lambda: merging.merge(child, by=by, master_id=master))
    return child


def into_another(scene: Scene) -> Any:
    """An open order at the same place, of the desk that asks."""
    return {"master_id": submitted(scene)}


def elsewhere(scene: Scene) -> Scene:
    """Another office with everybody in it."""
    return make_scene(at=scene.at)


def other_office(scene: Scene) -> Any:
    return {"office_id": elsewhere(scene).place.office.id, "reason": WHY}


def ask(order_id: int, by: Scope, office_id: int, scene: Scene) -> None:
    scene.do(lambda: transferring.ask(order_id, by=by, office_id=office_id, reason=WHY))


def asked_of_us(scene: Scene) -> int:
    """An order of another office, which would like this one to take it."""
    other = elsewhere(scene)
    order_id = other.submit().order_id
    ask(order_id, other.by(Role.DSP), scene.place.office.id, scene)
    return order_id


def received(scene: Scene) -> int:
    order_id = asked_of_us(scene)
    scene.do(lambda: transferring.receive(order_id, by=scene.by(Role.DSP)))
    return order_id


def asked_of_another(scene: Scene) -> int:
    order_id = submitted(scene)
    ask(order_id, scene.by(Role.DSP), elsewhere(scene).place.office.id, scene)
    return order_id


def asked_a_third_time(scene: Scene) -> int:
    """From this office to another, to a third, and now they ask a fourth."""
    order_id, holder = submitted(scene), scene
    for _ in range(2):
        following = elsewhere(scene)
        ask(order_id, holder.by(Role.DSP), following.place.office.id, scene)
        receiver = following.by(Role.DSP)
        scene.do(lambda by=receiver: transferring.receive(order_id, by=by))
        holder = following
    ask(order_id, holder.by(Role.DSP), elsewhere(scene).place.office.id, scene)
    return order_id


def reporter_of(order: Order) -> Scope:
    assert order.reporter_id is not None
    return resident_scope(order.reporter_id)


def ours(scene: Scene) -> Any:
    return {"office_id": scene.place.office.id, "reason": "以合同为准"}


JUDGED = {"reason": "照片显示是楼道灯"}
SHORT = ({"reason": "短"}, {})
ALL: tuple[tuple[Any, ...], ...] = (
    ("merge", Role.DSP, submitted, done, into_another, ({}, {"master_id": 0}, {"master_id": "1"})),
    ("unmerge", Role.MGR, merged, submitted, lambda _: {"reason": "是另一盏灯"}, ({}, {"reason": ""})),
    ("transfer", Role.DSP, submitted, done, other_office, ({}, {"office_id": 987_654, "reason": WHY})),
    ("receive", Role.DSP, asked_of_us, received),
    ("send-back", Role.DSP, asked_of_us, received, lambda _: {"reason": "不是我们的"}, ({}, {"reason": ""})),
    (
        "decide-transfer",
        Role.STR,
        asked_a_third_time,
        asked_of_another,
        ours,
        ({}, {"office_id": 987_654, "reason": WHY}),
    ),
    ("appeal", Role.RES, rejected, submitted, lambda _: {"text": "灯确实不亮"}, ({"text": "不"}, {})),
    ("uphold-appeal", Role.STR, appealed, rejected, lambda _: JUDGED, SHORT),
    ("dismiss-appeal", Role.BUR, appealed, rejected, lambda _: JUDGED, SHORT),
    (
        "change-urgency",
        Role.DSP,
        submitted,
        done,
        lambda _: {"urgency": "P1", "reason": "楼道很黑有老人"},
        ({"urgency": "P9", "reason": "楼道很黑有老人"}, {"urgency": "P1", "reason": "黑"}),
    ),
    (
        "recategorise",
        Role.DSP,
        submitted,
        done,
        lambda _: {"category_code": "G0202", "reason": "是庭院里的灯"},
        ({"category_code": "g02", "reason": "是庭院里的灯"}, {"category_code": "G0202"}),
    ),
)
"""Name, role, when it is possible, when it is not, what is sent, what is said badly."""
