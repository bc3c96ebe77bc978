"""Every page of the client in the states that people meet it in: whose phone, which address, what to tap.

The checklist, the screenshots and the Node run of the mini-program all walk this list. A new page of pages.json, or a
new dialog of an old one, is a line here; a test compares the list with pages.json.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.seeds.pictures import picture
from tests.client import field
from tests.client.crew import Crew
from tests.client.district import (
    DISPATCHER,
    FAMILY_OF_THREE_HOMES,
    MANAGER,
    NEIGHBOURS,
    NEWCOMER,
    NON_PILOT,
    RESIDENT,
    WORKER,
    District,
)

PAGES_JSON = Path(__file__).resolve().parent.parent.parent / "miniprogram" / "src" / "pages.json"
NOBODY = ""
LAMP = {"menu": "PUB", "category_code": "G0201", "text": "门厅的灯不亮了,晚上看不见"}


@dataclass(frozen=True)
class Sight:
    """A page as somebody sees it. `order` names an order of `Orders` whose id the page is given, `needs` one that has
    to be there; `taps` lead on from the page to a dialog or a later question ("photo:拍照" takes a photo)."""

    path: str
    who: str = RESIDENT
    order: str = ""
    taps: tuple[str, ...] = ()
    note: str = ""
    needs: str = ""

    @property
    def name(self) -> str:
        """For the test's id and the screenshot's file."""
        parts = [self.path.rpartition("/")[0].replace("/", "-"), self.note or self.order]
        return "-".join(part for part in parts if part)

    @property
    def for_elders(self) -> bool:
        """Pages of residents: targets of 60 px; those of workers and the desk have 44."""
        return self.path.startswith(("pages/", "more/"))


PAGES: tuple[Sight, ...] = (
    Sight("pages/home/home"),
    Sight("pages/home/home", NON_PILOT, note="not-pilot"),
    Sight("pages/home/home", NEWCOMER, note="newcomer"),
    Sight("pages/home/home", WORKER, note="worker"),
    Sight("pages/home/home", DISPATCHER, note="desk"),
    Sight("pages/home/home", FAMILY_OF_THREE_HOMES, note="three-homes"),
    Sight("pages/sign-in/sign-in", NOBODY),
    Sight("pages/report/report"),
    Sight("pages/report/report", FAMILY_OF_THREE_HOMES, note="three-homes"),
    Sight("pages/booking/booking"),
    Sight("pages/emergency/emergency"),
    Sight("pages/sent/sent"),
    Sight("pages/orders/orders"),
    Sight("pages/orders/orders", NEWCOMER, note="empty"),
    Sight("pages/order/order", order="submitted"),
    Sight("pages/order/order", order="working"),
    Sight("pages/order/order", order="done"),
    Sight("pages/order/order", order="held"),
    Sight("pages/rate/rate", order="done"),
    Sight("pages/reopen/reopen", order="done"),
    Sight("pages/messages/messages"),
    Sight("pages/messages/messages", NEWCOMER, note="empty"),
    Sight("pages/mine/mine"),
    Sight("pages/mine/mine", WORKER, note="worker"),
    Sight("more/homes/homes"),
    Sight("more/homes/homes", FAMILY_OF_THREE_HOMES, note="three-homes"),
    Sight("more/homes/homes", NEWCOMER, note="empty"),
    Sight("more/bind/bind", NEWCOMER),
    Sight("more/prices/prices"),
    Sight("more/following/following"),
    Sight("more/following/following", NEWCOMER, note="empty"),
    Sight("more/followed/followed", order="followed"),
    Sight("more/estate/estate"),
    Sight("more/font/font"),
    Sight("more/data/data"),
    Sight("more/privacy/privacy"),
    Sight("more/privacy/privacy", NOBODY, note="signed-out"),
    Sight("more/hats/hats", WORKER),
    Sight("worker/tasks/tasks", WORKER),
    Sight("worker/task/task", WORKER, order="assigned"),
    Sight("worker/task/task", WORKER, order="working"),
    Sight("worker/check-in/check-in", WORKER, order="departed"),
    Sight("worker/finish/finish", WORKER, order="working"),
    Sight("worker/hold/hold", WORKER, order="departed"),
    Sight("worker/extension/extension", WORKER, order="working"),
    Sight("desk/board/board", DISPATCHER),
    Sight("desk/board/board", MANAGER, note="manager"),
    Sight("desk/order/order", DISPATCHER, order="submitted"),
    Sight("desk/order/order", MANAGER, order="extension"),
    Sight("desk/assign/assign", DISPATCHER, order="accepted"),
    Sight("desk/reject/reject", DISPATCHER, order="submitted"),
)
NO_PHOTO, GATE, GATE_CODE = "不拍照,直接说", "小区大门", "GBD-DM"
FURTHER: tuple[Sight, ...] = (
    Sight("pages/home/home", FAMILY_OF_THREE_HOMES, taps=("换一套",), note="choose-home"),
    Sight("pages/sign-in/sign-in", NOBODY, taps=("员工账号登录",), note="staff"),
    Sight("pages/sign-in/sign-in", NOBODY, taps=("新来的人",), note="consent"),
    Sight("pages/report/report", taps=("photo:拍照",), note="place"),
    Sight("pages/report/report", taps=(NO_PHOTO, GATE), note="send"),
    Sight("pages/report/report", taps=(NO_PHOTO, GATE, "类别"), note="category"),
    Sight("pages/report/report", taps=(NO_PHOTO, GATE, "不报了,清空"), note="clear"),
    Sight("pages/report/report", taps=("photo:拍照", GATE, "发送"), note="similar", needs="at_gate"),
    Sight("pages/booking/booking", taps=("灯和电",), note="kinds"),
    Sight("pages/booking/booking", taps=("灯和电", "灯具不亮"), note="prices"),
    Sight("pages/booking/booking", taps=("灯和电", "灯具不亮", "选时间"), note="days"),
    Sight("pages/emergency/emergency", taps=("闻到燃气味",), note="gas"),
    Sight("pages/emergency/emergency", taps=("有人困在电梯里",), note="lift"),
    Sight("pages/emergency/emergency", taps=("灯和电",), note="kinds"),
    Sight("pages/emergency/emergency", taps=("灯和电", "灯具不亮"), note="send"),
    Sight(
        "pages/emergency/emergency", taps=("灯和电", "灯具不亮", "替家里老人报", "马上报修"), note="for-other"
    ),
    Sight("pages/order/order", order="submitted", taps=("取消这次报修",), note="cancel"),
    Sight("pages/order/order", order="submitted", taps=("看大图:修之前",), note="large-photo"),
    Sight("pages/order/order", order="done", taps=("看全部经过",), note="all-events"),
    Sight("pages/order/order", order="held", taps=("看更晚的",), note="later-times"),
    Sight("pages/rate/rate", order="done", taps=("不满意",), note="unhappy"),
    Sight("pages/reopen/reopen", order="done", taps=("还是老样子",), note="reason"),
    Sight("pages/mine/mine", taps=("退出登录",), note="sign-out"),
    Sight("more/homes/homes", taps=("不再关联",), note="leave"),
    Sight("more/bind/bind", NEWCOMER, taps=("中仓小区",), note="building"),
    Sight("more/data/data", taps=("注销账号",), note="close-account"),
    Sight("more/privacy/privacy", taps=("撤回同意",), note="withdraw"),
    Sight("more/followed/followed", order="followed", taps=("不再关注",), note="leave"),
    Sight("worker/task/task", WORKER, order="assigned", taps=("记录电话",), note="call"),
    Sight("worker/task/task", WORKER, order="assigned", taps=("补充照片",), note="photos"),
    Sight("worker/task/task", WORKER, order="assigned", taps=("不能接",), note="decline"),
    Sight("worker/check-in/check-in", WORKER, order="departed", taps=("填点位码",), note="spot-code"),
    Sight("worker/check-in/check-in", WORKER, order="departed", taps=("都不行", "下一步"), note="finding"),
    Sight("worker/finish/finish", WORKER, order="working", taps=("photo:拍照", "加一样配件"), note="parts"),
    Sight("worker/hold/hold", WORKER, order="departed", taps=("家里没人",), note="nobody-home"),
    Sight("desk/order/order", DISPATCHER, order="submitted", taps=("查看电话",), note="phone"),
    Sight("desk/order/order", DISPATCHER, order="submitted", taps=("记录电话",), note="call"),
    Sight("desk/order/order", DISPATCHER, order="submitted", taps=("转962121热线",), note="hotline"),
    Sight("desk/order/order", MANAGER, order="extension", taps=("不同意延期",), note="refuse"),
)
"""Dialogs and later questions of the pages."""
SIGHTS = PAGES + FURTHER


def pages() -> Iterator[str]:
    """Every path of pages.json."""
    found = json.loads(PAGES_JSON.read_text(encoding="utf-8"))
    yield from (page["path"] for page in found["pages"])
    for sub in found["subPackages"]:
        yield from (f"{sub['root']}/{page['path']}" for page in sub["pages"])


class Orders:
    """Orders of the resident in the states that the sights need; made when first asked for, then kept."""

    def __init__(self, district: District) -> None:
        self.district = district
        self.ids: dict[str, int] = {}
        self._crew: Crew | None = None

    def __getitem__(self, name: str) -> int:
        if name not in self.ids:
            self.ids[name] = getattr(self, f"_{name}")()
        return self.ids[name]

    @property
    def crew(self) -> Crew:
        self._crew = self._crew or Crew.of(self.district)
        return self._crew

    def _lamp(self, reporter: str = RESIDENT) -> int:
        phone = field.api(self.district, reporter)
        photo = phone.upload(picture("lamp_dark", seed=len(self.ids) + 1))
        body = {**LAMP, "spot_code": field.spot_code(self.district), "photo_ids": [photo]}
        return int(phone.post("/orders", body)["order_id"])

    def _submitted(self) -> int:
        return self._lamp()

    def _accepted(self) -> int:
        return field.accepted(self.district, RESIDENT)

    def _assigned(self) -> int:
        return field.assigned(self.district, RESIDENT)

    def _departed(self) -> int:
        order_id = field.reported(self.district, RESIDENT)
        self.crew.send_somebody(order_id)
        return order_id

    def _working(self) -> int:
        order_id = self._lamp()
        self.crew.send_somebody(order_id)
        self.crew.check_in(order_id, "灯管烧坏,线路完好")
        return order_id

    def _done(self) -> int:
        order_id = self._working()
        self.crew.finish(order_id, "已更换灯管,亮度正常")
        return order_id

    def _held(self) -> int:
        order_id = field.reported(self.district, RESIDENT, category_code=field.TOILET, text="马桶堵了")
        self.crew.send_somebody(order_id)
        self.crew.check_in(order_id, "敲门没有人应")
        self.crew.find_nobody_home(order_id)
        return order_id

    def _extension(self) -> int:
        order_id = self._working()
        worker = self.crew.worker
        expected = self.district.now().replace(microsecond=0)
        body = {
            "reason_code": "obsolete",
            "reason": "灯具已停产,要等厂家发货",
            "expected_at": expected.replace(year=expected.year + 1).isoformat(timespec="milliseconds"),
            "photo_ids": [worker.upload(picture("lamp_dark", seed=9))],
        }
        worker.post(f"/orders/{order_id}/request-extension", body)
        return order_id

    def _at_gate(self) -> int:
        """Reported by a neighbour, so that the resident's own report finds it."""
        phone = field.api(self.district, NEIGHBOURS[-1])
        body = {**LAMP, "category_code": "G9901", "spot_code": GATE_CODE, "text": "大门口的灯不亮"}
        return int(phone.post("/orders", body)["order_id"])

    def _followed(self) -> int:
        order_id = self._lamp(NEIGHBOURS[-1])
        field.api(self.district, RESIDENT).post(f"/orders/{order_id}/follow")
        return order_id
