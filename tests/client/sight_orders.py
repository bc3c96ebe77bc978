"""The orders that the sights show, each in the state that its page is for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.client import field
from tests.client.crew import Crew
from tests.client.district import MANAGER, NEIGHBOURS, RESIDENT, District
from tests.client.sight_money import MoneySights

LAMP = {"menu": "PUB", "category_code": "G0201", "text": "门厅的灯不亮了,晚上看不见"}
GATE_CODE = "GBD-DM"
PASSING = {"assigned": timedelta(minutes=2), "submitted": timedelta(minutes=8)}
"""How long an order surely stays in a state that the sweep ends, by the product's clock, which other sights move: an
offer waits 5 minutes for its worker (T6), a report 15 for the desk (T3)."""
RUBBISH = {"kind": "PROBLEM", "topic": "CLEAN", "text": "大门口的垃圾桶满了两天没有清"}


class Orders(MoneySights):
    """Orders, bills and payments in the states that the sights need; made when first asked for, then kept as long as
    they stay so. What is one page for several payments is a text of ids."""

    def __init__(self, district: District) -> None:
        self.district = district
        self.ids: dict[str, int | str] = {}
        self._made_at: dict[str, datetime] = {}
        self._crew: Crew | None = None

    def __getitem__(self, name: str) -> int | str:
        if name not in self.ids or self._has_passed(name):
            self._made_at[name] = self.district.now()
            self.ids[name] = getattr(self, f"_{name}")()
        return self.ids[name]

    def _has_passed(self, name: str) -> bool:
        return name in PASSING and self.district.now() - self._made_at[name] > PASSING[name]

    @property
    def crew(self) -> Crew:
        self._crew = self._crew or Crew.of(self.district)
        return self._crew

    def _lamp(self, reporter: str = RESIDENT) -> int:
        phone = field.api(self.district, reporter)
        photo = phone.upload(self.district.draw("lamp_dark", seed=len(self.ids) + 1))
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

    def _accepted_lamp(self) -> int:
        self["submitted"]
        order_id = self._lamp(NEIGHBOURS[-2])
        self.crew.desk.post(f"/orders/{order_id}/accept")
        return order_id

    def _looked_at(self) -> int:
        return field.looked_at(self.district, RESIDENT, free=False)

    def _quoted(self) -> int:
        order_id = self._looked_at()
        field.quote(self.district, order_id)
        return order_id

    def _added(self) -> int:
        """In a free estate: list prices struck through, and something that was not agreed to yet."""
        order_id = field.looked_at(self.district, RESIDENT)
        self.crew.worker.post(f"/orders/{order_id}/quote", {"lines": [{"item_code": "E02"}]})
        resident = field.api(self.district, RESIDENT)
        read = resident.get(f"/orders/{order_id}")["quote"]["hash"]
        resident.post(f"/orders/{order_id}/agree-quote", {"hash": read})
        switches = {
            "item_code": "E04",
            "quantity_hundredths": 200,
            "material_by": "resident",
            "material": "面板",
        }
        self.crew.worker.post(f"/orders/{order_id}/quote", {"lines": [switches], "note": "面板也老化了"})
        return order_id

    def _asked(self) -> int:
        order_id = self._lamp()
        question = {"question": "是几层的灯?灯罩是圆的还是方的?"}
        self.crew.desk.post(f"/orders/{order_id}/ask-info", question)
        return order_id

    def _rejected(self) -> int:
        order_id, desk = self._lamp(), self.crew.desk
        photo = desk.upload(self.district.draw("lamp_lit", seed=len(self.ids) + 1))
        text = "这盏灯由供电公司维护,请拨打95598报修"
        body = {"reason": "not_our_service", "text": text, "photo_ids": [photo]}
        desk.post(f"/orders/{order_id}/reject", body)
        return order_id

    def _appealed(self) -> int:
        order_id = self._rejected()
        words = {"text": "灯在楼道里,物业合同里写了归物业管"}
        field.api(self.district, RESIDENT).post(f"/orders/{order_id}/appeal", words)
        return order_id

    def _merged(self) -> int:
        order_id, master = self._lamp(), self._lamp(NEIGHBOURS[-1])
        self.crew.desk.post(f"/orders/{order_id}/merge", {"master_id": master})
        return order_id

    def _wants_out(self) -> int:
        order_id = self._quoted()
        field.api(self.district, RESIDENT).post(f"/orders/{order_id}/ask-cancel", {"reason": "亲戚会修"})
        return order_id

    def _offered(self) -> int:
        """The pilot's office lets its crew take orders, from now on."""
        field.let_crew_grab(self.district)
        return self._accepted()

    def _waiting_firm(self) -> int:
        order_id = self._working()
        field.api(self.district, MANAGER).post(f"/orders/{order_id}/hold-third", field.FIRM)
        return order_id

    def _fund_needed(self) -> int:
        order_id, manager = self._working(), field.api(self.district, MANAGER)
        photo = manager.upload(self.district.draw("site_generic", seed=3))
        body = {
            "payer": "fund",
            "reason": "外墙防水已过保修期",
            "scope": "12号楼东立面",
            "photo_ids": [photo],
        }
        manager.post(f"/orders/{order_id}/need-fund", body)
        return order_id

    def _extension(self) -> int:
        order_id = self._working()
        worker = self.crew.worker
        expected = self.district.now().replace(microsecond=0)
        body = {
            "reason_code": "obsolete",
            "reason": "灯具已停产,要等厂家发货",
            "expected_at": expected.replace(year=expected.year + 1).isoformat(timespec="milliseconds"),
            "photo_ids": [worker.upload(self.district.draw("lamp_dark", seed=9))],
        }
        worker.post(f"/orders/{order_id}/request-extension", body)
        return order_id

    def _at_gate(self) -> int:
        """Reported by a neighbour, so that the resident's own report finds it."""
        phone = field.api(self.district, NEIGHBOURS[-1])
        body = {**LAMP, "category_code": "G9901", "spot_code": GATE_CODE, "text": "大门口的灯不亮"}
        return int(phone.post("/orders", body)["order_id"])

    def _snap(self, **values: Any) -> int:
        phone = field.api(self.district, RESIDENT)
        photo = phone.upload(self.district.draw("site_generic", seed=len(self.ids) + 1))
        body = {**RUBBISH, "spot_code": GATE_CODE, "photo_ids": [photo], **values}
        return int(phone.post("/snaps", body)["snap_id"])

    def _snap_sent(self) -> int:
        return self._snap()

    def _snap_opened(self) -> int:
        snap_id = self._snap()
        field.api(self.district, MANAGER).post(f"/snaps/{snap_id}/open")
        return snap_id

    def _snap_answered(self) -> int:
        snap_id, manager = self._snap_opened(), field.api(self.district, MANAGER)
        photo = manager.upload(self.district.draw("site_generic", seed=len(self.ids) + 50))
        reply = {"text": "今天上午已清运,以后每天两次。谢谢您提醒", "photo_ids": [photo]}
        manager.post(f"/snaps/{snap_id}/reply", reply)
        return snap_id

    def _snap_declined(self) -> int:
        snap_id = self._snap_opened()
        reason = {"reason": "围墙外的垃圾箱由街道环卫所管理"}
        field.api(self.district, MANAGER).post(f"/snaps/{snap_id}/decline", reason)
        return snap_id

    def _snap_converted(self) -> int:
        snap_id = self._snap_opened()
        field.api(self.district, MANAGER).post(f"/snaps/{snap_id}/convert", {"category_code": "G9901"})
        return snap_id

    def _followed(self) -> int:
        order_id = self._lamp(NEIGHBOURS[-1])
        field.api(self.district, RESIDENT).post(f"/orders/{order_id}/follow")
        return order_id
