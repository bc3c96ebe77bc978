"""Every command on an order: who does it, when it is possible, when it is not, what is said, what is said badly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.companies.dispatch_choice import choose_dispatching
from app.companies.models import Dispatching
from app.core.clock import china, china_date
from app.core.db import transact
from app.core.roles import Role
from app.orders import booking, extensions, feedback, following, grabbing, submitting
from app.orders.lifecycle import Menu
from app.orders.whereabouts import Submission
from miniprogram_api.fields import said
from tests.factories.scene import LAMP, Scene, make_neighbour
from tests.miniprogram_api import quote_steps as price
from tests.miniprogram_api import sorting_steps, waiting_steps

Arrange = Callable[[Scene], int]
Body = Callable[[Scene], Any]


def submitted(scene: Scene) -> int:
    return scene.submit().order_id


def accepted(scene: Scene) -> int:
    order_id = submitted(scene)
    scene.accept(order_id)
    return order_id


def assigned(scene: Scene) -> int:
    order_id = accepted(scene)
    scene.assign(order_id)
    return order_id


def open_to_all(scene: Scene) -> int:
    """An accepted order of an office that lets its crew take orders."""
    by = scene.by(Role.MGR)
    scene.do(lambda: choose_dispatching(scene.place.office.id, by=by, mode=Dispatching.GRAB))
    return accepted(scene)


def grabbed(scene: Scene) -> int:
    order_id = open_to_all(scene)
    scene.do(lambda: grabbing.grab(order_id, by=scene.by(Role.WRK)))
    return order_id


def verified(scene: Scene) -> int:
    order_id = assigned(scene)
    scene.check_in(order_id)
    return order_id


def done(scene: Scene) -> int:
    order_id = verified(scene)
    scene.finish(order_id)
    return order_id


def asked_for_time(scene: Scene) -> int:
    order_id = verified(scene)
    photos, by = scene.photos(Role.WRK), scene.by(Role.WRK)
    scene.do(
        lambda: extensions.request(
            order_id,
            by=by,
            reason_code="buying",
            reason="配件三天后到货",
            expected_at=scene.at + timedelta(days=4),
            photo_ids=photos,
        )
    )
    return order_id


def cancelled(scene: Scene) -> int:
    order_id = submitted(scene)
    scene.do(lambda: feedback.cancel(order_id, by=scene.by(Role.RES), reason="已经自己修好"))
    return order_id


def reported_next_door(scene: Scene) -> int:
    """Somebody else of the house has reported the lamp."""
    lamp = Submission(Menu.REPORT, LAMP, text="门厅的灯不亮了", spot_id=scene.place.spot.id)
    neighbour = make_neighbour(scene)
    return scene.do(lambda: submitting.submit(lamp, by=neighbour)).order_id


def mended_next_door(scene: Scene) -> int:
    order_id = reported_next_door(scene)
    for step in (scene.accept, scene.assign, scene.check_in, scene.finish):
        step(order_id)
    return order_id


def followed(scene: Scene) -> int:
    order_id = reported_next_door(scene)
    scene.do(lambda: following.follow(order_id, by=scene.by(Role.RES)))
    return order_id


def nobody_home(scene: Scene) -> int:
    return scene.at_a_closed_door()


def held(scene: Scene) -> int:
    order_id = nobody_home(scene)
    transact(lambda: booking.open_slots(scene.place.office.id, today=china_date(scene.at)))
    scene.hold(order_id)
    return order_id


def _slot(scene: Scene) -> Any:
    return {"slot_id": scene.slot_at(china(2026, 11, 22, 18))}


@dataclass(frozen=True)
class Step:
    """One command; `bad` lists bodies that are refused with 422."""

    name: str
    role: Role
    possible: Arrange
    impossible: Arrange | None
    body: Body | None = None
    bad: tuple[Any, ...] = ()

    @property
    def path(self) -> str:
        return f"/orders/{{}}/{self.name}"


def _check_in(scene: Scene) -> Any:
    return {
        "finding": "灯管烧坏",
        "hazardous": False,
        "expected_at": said(scene.at + timedelta(hours=3)),
        "contact_result": "已电话告知报修人",
        "photo_ids": scene.photos(Role.WRK),
        "spot_code": scene.place.spot.code,
    }


def _extension(scene: Scene) -> Any:
    return {
        "reason_code": "buying",
        "reason": "配件三天后到货",
        "expected_at": said(scene.at + timedelta(days=4)),
        "photo_ids": scene.photos(Role.WRK),
    }


STEPS = (
    Step("urge", Role.RES, submitted, done),
    Step("cancel", Role.RES, submitted, done, lambda _: {"reason": "已经好了"}, ({}, {"reason": "x"})),
    Step("confirm", Role.RES, done, submitted),
    Step(
        "rate",
        Role.RES,
        done,
        submitted,
        lambda _: {"stars": 5, "tags": ["响应快"], "text": "修得很好"},
        ({"stars": 6}, {"stars": "5"}, {"stars": 5, "tags": ["没有这个"]}, {"stars": 5, "amount": 0}),
    ),
    Step(
        "reopen",
        Role.RES,
        done,
        submitted,
        lambda scene: {"reason": "晚上又不亮了", "photo_ids": scene.photos(Role.RES)},
        ({"reason": "晚上又不亮了", "photo_ids": []}, {"photo_ids": [1]}),
    ),
    Step(
        "add-photos",
        Role.RES,
        submitted,
        done,
        lambda scene: {"photo_ids": scene.photos(Role.RES)},
        ({"photo_ids": []}, {"photo_ids": list(range(1, 11))}, {"photo_ids": [999_999]}),
    ),
    Step("grab", Role.WRK, open_to_all, grabbed),
    Step("take", Role.WRK, assigned, verified),
    Step("decline", Role.WRK, assigned, verified, lambda _: {"reason": "safety"}, ({"reason": "lazy"},)),
    Step("depart", Role.WRK, assigned, verified),
    Step(
        "check-in",
        Role.WRK,
        assigned,
        done,
        _check_in,
        ({}, {"finding": "灯坏", "hazardous": "no", "photo_ids": [1]}),
    ),
    Step("start", Role.WRK, verified, done),
    Step(
        "finish",
        Role.WRK,
        verified,
        done,
        lambda scene: {"result": "已更换灯管", "parts": "灯管一支", "photo_ids": scene.photos(Role.WRK)},
        ({"result": "已更换灯管", "photo_ids": []}, {"photo_ids": [1]}),
    ),
    Step("request-extension", Role.WRK, verified, done, _extension, ({"reason_code": "lazy"},)),
    Step("accept", Role.DSP, submitted, verified, lambda _: {}, ({"spoken_to": 5}, {"office_id": 0})),
    Step(
        "reject",
        Role.DSP,
        submitted,
        verified,
        lambda scene: {"reason": "duplicate", "text": f"与{scene.submit().number}是同一盏灯,已在处理"},
        (
            {"reason": "duplicate", "text": "重复"},
            {"reason": "boring", "text": "与R1120-0001是同一盏灯"},
            {"reason": "duplicate", "text": "与R0101-0001是同一盏灯,已在处理"},
        ),
    ),
    Step("to-hotline", Role.DSP, submitted, verified, lambda _: {"reason": "no_staff"}, ({"reason": "?"},)),
    Step(
        "assign",
        Role.DSP,
        accepted,
        verified,
        lambda scene: {"worker_id": scene.worker.id},
        ({}, {"worker_id": 0}, {"worker_id": 999_999}),
    ),
    Step("approve-extension", Role.MGR, asked_for_time, done),
    Step("refuse-extension", Role.MGR, asked_for_time, done, lambda _: {"note": "今天必须修好"}, ({},)),
    Step(
        "hold",
        Role.WRK,
        nobody_home,
        held,
        lambda scene: {"reason": "nobody_home", "photo_ids": scene.photos(Role.WRK)},
        ({"reason": "lazy"}, {"reason": "nobody_home", "photo_ids": []}, {"reason": "resident_asked"}),
    ),
    Step("choose-slot", Role.RES, held, nobody_home, _slot, ({}, {"slot_id": 0}, {"slot_id": 987_654})),
    Step("ask-later", Role.RES, held, nobody_home),
    Step("end-hold", Role.MGR, held, nobody_home, lambda _: {"reason": "居民到家了"}, ({"reason": ""},)),
    Step(
        "hold-third",
        Role.MGR,
        verified,
        submitted,
        lambda _: waiting_steps.FIRM,
        (
            {},
            {**waiting_steps.FIRM, "party": "nobody"},
            {**waiting_steps.FIRM, "ticket": ""},
            {**waiting_steps.FIRM, "safety": ""},
        ),
    ),
    Step(
        "need-fund",
        Role.MGR,
        verified,
        submitted,
        waiting_steps.need,
        (
            {},
            {"payer": "fund", "reason": "过了保修期", "scope": "东立面", "photo_ids": []},
            {"payer": "utility", "reason": "过了保修期", "scope": "东立面", "photo_ids": [1]},
        ),
    ),
    Step(
        "tell-fund",
        Role.DSP,
        waiting_steps.fund_needed,
        submitted,
        lambda _: waiting_steps.TOLD,
        ({}, {**waiting_steps.TOLD, "how": "shout"}, {**waiting_steps.TOLD, "words": "好"}),
    ),
    Step("hold-fund", Role.MGR, waiting_steps.fund_told, submitted),
    Step(
        "close-fund",
        Role.MGR,
        waiting_steps.fund_asked,
        verified,
        waiting_steps.failed,
        ({}, {"result": "征询没有通过", "photo_ids": []}),
    ),
    Step(
        "request-special",
        Role.MGR,
        verified,
        submitted,
        waiting_steps.special,
        ({}, {"reason": "要返厂大修", "plan": "下月装回", "until": "2026-11-21T10:00:00Z", "photo_ids": [1]}),
    ),
    Step(
        "approve-special",
        Role.BUR,
        waiting_steps.special_asked,
        verified,
        lambda _: {"note": "情况属实", "force_majeure": True},
        ({}, {"note": "情况属实", "until": "2027-11-21T10:00:00Z"}),
    ),
    Step(
        "refuse-special",
        Role.STR,
        waiting_steps.special_asked,
        verified,
        lambda _: {"note": "请先用备用配件恢复"},
        ({}, {"note": ""}),
    ),
    Step(
        "ask-info",
        Role.DSP,
        submitted,
        verified,
        lambda _: {"question": "是几号楼几单元的灯?"},
        ({}, {"question": "哪"}),
    ),
    Step(
        "give-info",
        Role.RES,
        waiting_steps.info_asked,
        verified,
        lambda _: {"text": "3号楼2单元门厅"},
        ({}, {"text": " "}, {"text": 5}, {"photo_ids": [999_999]}),
    ),
    Step("log-call", Role.DSP, submitted, cancelled, lambda _: {"result": "约好下午三点"}, ({"result": ""},)),
    Step(
        "follow",
        Role.RES,
        reported_next_door,
        mended_next_door,
        lambda _: {},
        ({"spot_code": 5}, {"spot_code": "' OR 1=1"}, {"account_id": 1}),
    ),
    Step("unfollow", Role.RES, followed, None),
    Step("quote", Role.WRK, price.looked_at, price.quoted, price.quote_body, price.BAD_QUOTES),
    Step("agree-quote", Role.RES, price.quoted, price.agreed, price.agree_body, price.BAD_HASHES),
    Step("decline-quote", Role.RES, price.quoted, price.added_to, lambda _: {}, ({"reason": 5}, {"why": ""})),
    Step("decline-addition", Role.RES, price.added_to, price.quoted, lambda _: {}, ({"reason": "字" * 201},)),
    Step("waive", Role.WRK, price.looked_at, price.quoted),
    Step("pay", Role.RES, price.settled, price.agreed),
    Step("record-cash", Role.WRK, price.settled, price.agreed, price.cash_body, price.BAD_CASH),
    Step(
        "ask-cancel",
        Role.RES,
        price.quoted,
        price.asked_to_cancel,
        lambda _: {"reason": "亲戚会修"},
        price.WHY,
    ),
    Step("agree-cancel", Role.DSP, price.asked_to_cancel, price.looked_at),
    Step(
        "refuse-cancel", Role.DSP, price.asked_to_cancel, done, lambda _: {"reason": "水管还开着"}, price.WHY
    ),
    *(Step(*each) for each in sorting_steps.ALL),
    Step("reveal", Role.DSP, submitted, None, lambda _: {"reason": "确认门禁"}, ({"reason": ""}, {})),
)
BY_NAME = {step.name: step for step in STEPS}
