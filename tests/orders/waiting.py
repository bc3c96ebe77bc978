"""Steps of orders that wait for somebody else: a firm, the owners' money, a date, the reporter's word."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.core.roles import Role
from app.orders import fund, questions, special, third_party
from app.orders.extension_models import Extension
from app.orders.models import Order
from app.orders.third_party import ThirdParty
from tests.factories.scene import Scene

WATERWORKS = ThirdParty("utility", "城东自来水公司", ticket="W20261121-7")
LEAK = {"text": "外墙渗水,屋里墙皮掉了"}


def wait_for_firm(scene: Scene, order_id: int, *, party: ThirdParty = WATERWORKS, **step: Any) -> Order:
    by = scene.by(Role.MGR)
    return scene.do(
        lambda: third_party.hold_third(
            order_id, by=by, party=party, reason="二次供水泵故障", safety="已在门厅放置临时水桶"
        ),
        **step,
    )


def need_fund(scene: Scene, order_id: int, *, payer: str = "fund", **step: Any) -> Order:
    photos, by = scene.photos(Role.MGR), scene.by(Role.MGR)
    return scene.do(
        lambda: fund.need(
            order_id,
            by=by,
            payer=payer,
            reason="外墙防水已过保修期,无责任人",
            scope="12号楼东立面",
            photo_ids=photos,
        ),
        **step,
    )


def tell_fund(scene: Scene, order_id: int, *, by: Role = Role.DSP, **step: Any) -> Order:
    who = scene.by(by)
    return scene.do(
        lambda: fund.tell(order_id, by=who, spoken_to="报修人", how="phone", words="已说明要先征询业主意见"),
        **step,
    )


def hold_fund(scene: Scene, order_id: int, **step: Any) -> Order:
    by = scene.by(Role.MGR)
    return scene.do(lambda: fund.hold(order_id, by=by), **step)


def close_fund(scene: Scene, order_id: int, **step: Any) -> Order:
    photos, by = scene.photos(Role.MGR), scene.by(Role.MGR)
    return scene.do(
        lambda: fund.close(order_id, by=by, result="同意的面积不足,征询没有通过", photo_ids=photos), **step
    )


def ask_special(scene: Scene, order_id: int, until: datetime, **step: Any) -> Extension:
    photos, by = scene.photos(Role.MGR), scene.by(Role.MGR)
    return scene.do(
        lambda: special.request(
            order_id,
            by=by,
            reason="电梯曳引机要返厂大修",
            plan="27日拆运,12月8日装回,次日检验",
            until=until,
            photo_ids=photos,
        ),
        **step,
    )


def ask(scene: Scene, order_id: int, *, by: Role = Role.DSP, **step: Any) -> Order:
    who = scene.by(by)
    return scene.do(
        lambda: questions.ask(order_id, by=who, question="是几号楼几单元的灯?请拍一张照片"), **step
    )
