"""Orders that wait, as the commands of steps.py need them, and what is sent to bring them there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.core.roles import Role
from miniprogram_api.fields import said
from tests.factories.scene import Scene
from tests.orders import waiting

FIRM = {
    "party": "utility",
    "party_name": "城东自来水公司",
    "ticket": "W20261121-7",
    "reason": "二次供水泵故障",
    "safety": "已在门厅放置临时水桶",
}
TOLD = {"spoken_to": "报修人", "how": "phone", "words": "已说明要先征询业主意见"}


def at_work(scene: Scene) -> int:
    return scene.until_working(at=scene.at)


def fund_needed(scene: Scene) -> int:
    order_id = at_work(scene)
    waiting.need_fund(scene, order_id)
    return order_id


def fund_told(scene: Scene) -> int:
    order_id = fund_needed(scene)
    waiting.tell_fund(scene, order_id)
    return order_id


def fund_asked(scene: Scene) -> int:
    order_id = fund_told(scene)
    waiting.hold_fund(scene, order_id)
    return order_id


def special_asked(scene: Scene) -> int:
    order_id = at_work(scene)
    waiting.ask_special(scene, order_id, scene.at + timedelta(days=20))
    return order_id


def info_asked(scene: Scene) -> int:
    order_id = scene.submit(at=scene.at).order_id
    waiting.ask(scene, order_id)
    return order_id


def need(scene: Scene) -> Any:
    return {
        "payer": "fund",
        "reason": "外墙防水已过保修期,无责任人",
        "scope": "12号楼东立面",
        "photo_ids": scene.photos(Role.MGR),
    }


def failed(scene: Scene) -> Any:
    return {"result": "同意的面积不足,征询没有通过", "photo_ids": scene.photos(Role.MGR)}


def special(scene: Scene) -> Any:
    return {
        "reason": "电梯曳引机要返厂大修",
        "plan": "27日拆运,12月8日装回",
        "until": said(scene.at + timedelta(days=20)),
        "photo_ids": scene.photos(Role.MGR),
    }
