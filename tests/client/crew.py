"""The other side of a resident's story, played over plain HTTP: the desk accepts and assigns, a worker repairs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.accounts.models import Account
from app.companies.models import Worker
from app.core.db import db
from app.seeds.credentials import sandbox_openid
from tests.client.district import DISPATCHER, WORKER, District
from tests.journeys.product import ApiClient

ALTHOUGH = "同事在外抢修,先请他去"


@dataclass
class Crew:
    """Desk and worker of the pilot estate; each method is what they press. `title` is how people call the worker."""

    district: District
    desk: ApiClient
    worker: ApiClient
    worker_id: int
    title: str

    @classmethod
    def of(cls, district: District, name: str = WORKER) -> Crew:
        """With this worker's phone."""
        openid = sandbox_openid(district.product.settings.wechat_appid, name)
        with district.product.looking_in():
            row = db.session.execute(
                select(Worker.id, Worker.title)
                .join(Account, Account.id == Worker.account_id)
                .where(Account.openid == openid)
            ).one()
        return cls(district, district.api(DISPATCHER), district.api(name), row.id, row.title)

    def send_somebody(self, order_id: int) -> None:
        """Accept, assign, set off."""
        self.desk.post(f"/orders/{order_id}/accept")
        sent = {"worker_id": self.worker_id, "override_reason": ALTHOUGH}
        self.desk.post(f"/orders/{order_id}/assign", sent)
        self.worker.post(f"/orders/{order_id}/take")
        self.worker.post(f"/orders/{order_id}/depart")

    def check_in(
        self, order_id: int, finding: str, *, danger: bool = False, before: str = "lamp_dark"
    ) -> None:
        """On site, with a photo, and a second one of the sign where there is danger."""
        expected = self.district.now() + timedelta(hours=24)
        sign = [self.worker.upload(self.district.draw("warning_sign", seed=1))] if danger else []
        self.worker.post(
            f"/orders/{order_id}/check-in",
            {
                "finding": finding,
                "hazardous": danger,
                "expected_at": expected.isoformat(timespec="milliseconds"),
                "contact_result": "已电话告知报修人",
                "photo_ids": [self.worker.upload(self.district.draw(before, seed=1))],
                "protection_photo_ids": sign,
            },
        )

    def finish(self, order_id: int, result: str, *, after: str = "lamp_lit") -> None:
        """With a photo, and one of the old part where one was replaced."""
        body = {"result": result, "photo_ids": [self.worker.upload(self.district.draw(after, seed=1))]}
        if self.worker.get(f"/orders/{order_id}")["old_parts"]:
            body["old_part_photo_ids"] = [self.worker.upload(self.district.draw("tap_dripping", seed=2))]
        self.worker.post(f"/orders/{order_id}/finish", body)

    def find_nobody_home(self, order_id: int) -> None:
        """Two calls more than five minutes apart and a photo of the door (T14)."""
        self.worker.post(f"/orders/{order_id}/log-call", {"result": "电话没人接"})
        self.district.advance(*["1m"] * 6)
        self.worker.post(f"/orders/{order_id}/log-call", {"result": "还是没人接"})
        door = self.worker.upload(self.district.draw("door_fixed", seed=1))
        self.worker.post(f"/orders/{order_id}/hold", {"reason": "nobody_home", "photo_ids": [door]})


def order_of(resident: ApiClient, *, category: str) -> dict[str, Any]:
    """The newest order of this category that the resident has sent."""
    found = resident.get("/orders")["items"]
    return next(each for each in found if each["category"] == category)
