"""One order of the demonstration and everything that people do with it; each act is a call of the order services."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.catalogue.standard import STANDARD
from app.core import clock
from app.core.db import db
from app.core.scope import Scope
from app.orders import desk, dispatching, extensions, feedback, field_work, fund, holds, merging, third_party
from app.orders.lifecycle import Menu, Status
from app.orders.models import Order
from app.orders.rules import order_number
from app.orders.slot_models import BookingSlot
from app.orders.submitting import submit
from app.orders.third_party import ThirdParty
from app.orders.whereabouts import Submission
from app.seeds.album import kinds_for
from app.seeds.cast import Cast, Spot
from app.seeds.people import Resident
from app.seeds.price_lists import agree_on_a_price, pay_what_is_owed, quote_the_usual, replaces_a_part
from app.seeds.texts import NOTHING_BEFORE, REACHED, WORDS, Words

HAZARDOUS = frozenset(row.code for row in STANDARD if row.hazardous)
REPAIR_TAKES = timedelta(hours=2)


@dataclass
class Case:
    """An order to be. `slot` begins a booking; `by_phone` lets the desk enter it; `worker` is a position in the office,
    None for whom the ranking puts first."""

    cast: Cast
    estate: str
    menu: Menu
    category: str
    reporter: Resident
    slot: datetime | None = None
    by_phone: bool = False
    hazardous: bool = False
    worker: int | None = None
    text: str = ""
    finding: str = ""
    result: str = ""
    spot: Spot | None = None
    told: Callable[[int], None] | None = None
    order_id: int = 0
    worker_id: int | None = None

    def __post_init__(self) -> None:
        words = WORDS.get(self.category, Words(("",), ("情况属实",), ("已处理好",)))
        self.desk = self.cast.desk(self.estate)
        self.dispatcher = self.cast.dice.choice(self.desk.dispatchers)
        number = self.cast.dice.randrange(len(words.reports))
        self.text = self.text or words.reports[number]
        self.finding = self.finding or words.findings[number]
        self.result = self.result or words.results[number]
        self.parts = words.parts
        self.picture = self.cast.dice.randrange(2)
        self.before, self.after = kinds_for(self.category)
        self.is_hazardous = self.hazardous or self.category in HAZARDOUS
        self.reached = self.cast.dice.choice(REACHED)
        self._declined: set[int] = set()
        if self.menu is Menu.REPORT and self.spot is None:
            self.spot = self.cast.spot(self.estate, self.category)

    def submit(self) -> None:
        """T1 by the resident, or by the desk for somebody on the telephone."""
        by = self.dispatcher if self.by_phone else self.reporter.scope
        account = self.reporter.account
        entered = {
            "channel": "电话",
            "consent_note": "电话里同意登记",
            "contact_name": account.name or "",
            "contact_phone": account.phone or "",
            "reporter_id": account.id,
        }
        submission = Submission(
            menu=self.menu,
            category_code=self.category,
            text=self.text,
            photo_ids=() if self.by_phone else self._photos(by, self.before),
            home_id=None if self.menu is Menu.REPORT else self.reporter.homes[0],
            spot_id=self.spot.id if self.spot else None,
            slot_id=self._slot_id(),
            hazardous=self.hazardous,
            **(entered if self.by_phone else {}),  # type: ignore[arg-type]
        )
        self.order_id = submit(submission, by=by).order_id
        if self.told is not None:
            self.told(self.order_id)

    def _slot_id(self) -> int | None:
        return None if self.slot is None else self._slot_at(self.slot)

    def _slot_at(self, begins_at: datetime) -> int:
        mine = (BookingSlot.office_id == self.desk.office_id) & (BookingSlot.begins_at == begins_at)
        return db.session.scalars(select(BookingSlot.id).where(mine)).one()

    def _photos(self, by: Scope, kind: str) -> list[int]:
        return [self.cast.album.take(by, kind, self.picture)]

    def accept(self) -> None:
        """T2."""
        desk.accept(self.order_id, by=self.dispatcher)

    def accept_by_hotline(self) -> None:
        """T4: 962121 has spoken to the office."""
        desk.accept(self.order_id, by=self.cast.hotline, spoken_to="管理处值班经理")

    def hand_to_hotline(self) -> None:
        """T3 by the desk itself."""
        desk.to_hotline(self.order_id, by=self.dispatcher, reason="no_staff", text="电工都在抢修现场")

    def reject(self, reason: str, text: str) -> None:
        """T23: a duplicate names the order before it, anything else what proves it."""
        proof, before = "值班登记本与现场查看记录", self._order_before()
        if reason == desk.DUPLICATE and not before:
            reason, text = NOTHING_BEFORE
        elif reason == desk.DUPLICATE:
            proof = before
        desk.reject(self.order_id, by=self.desk.manager, reason=reason, text=text, evidence=proof)

    def _order_before(self) -> str:
        """The number of the order before it in the estate; empty for the first one."""
        mine = db.session.get_one(Order, self.order_id)
        older = select(Order).where(
            Order.office_id == mine.office_id, Order.estate_id == mine.estate_id, Order.id < mine.id
        )
        found = db.session.scalars(older.order_by(Order.id.desc()).limit(1)).one_or_none()
        return order_number(found.id, found.menu, found.submitted_at) if found else ""

    def merge(self) -> None:
        """T27: into the oldest open order of the same problem."""
        first = merging.choices(self.order_id, self.dispatcher)[0]
        merging.merge(self.order_id, by=self.dispatcher, master_id=first.id)

    def assign(self, by: Scope | None = None) -> None:
        """T5: the best worker who may go; nobody, when the matter needs a certificate that no one here holds."""
        order = db.session.get_one(Order, self.order_id)
        ranked = dispatching.candidates(order, at=clock.now())
        fitting = [each for each in ranked if not each.blocked and each.worker_id not in self._declined]
        if self.worker is not None:
            wanted = self.desk.workers[self.worker].id
            fitting = [each for each in fitting if each.worker_id == wanted]
        if not fitting:
            return
        chosen = fitting[0]
        reason = "今天人手紧,已和师傅电话说好" if chosen.doubts else ""
        desk.assign(
            self.order_id, by=by or self.dispatcher, worker_id=chosen.worker_id, override_reason=reason
        )
        self.worker_id = chosen.worker_id

    def assign_by_hotline(self) -> None:
        """T5 by 962121."""
        self.assign(self.cast.hotline)

    @property
    def crew(self) -> Scope:
        """Who is on site: the worker, or the manager himself."""
        return self.desk.manager if self.worker_id is None else self.desk.crew[self.worker_id]

    def take(self) -> None:
        """The worker confirms."""
        if self.worker_id is not None:
            field_work.take(self.order_id, by=self.crew)

    def decline(self, reason: str, text: str) -> None:
        """T6: the worker cannot come; he is not asked again."""
        if self.worker_id is not None:
            field_work.decline(self.order_id, by=self.crew, reason=reason, text=text)
            self._declined.add(self.worker_id)
            self.worker, self.worker_id = None, None

    def depart(self) -> None:
        """T7."""
        if self.worker_id is not None:
            field_work.depart(self.order_id, by=self.crew)

    def check_in(self) -> None:
        """T8 with a photo, and with one of the warning sign where there is danger."""
        by, ground = self.crew, self.cast.grounds[self.estate]
        drift = self.cast.dice.uniform(-0.0006, 0.0006)
        visit = field_work.CheckIn(
            finding=self.finding,
            hazardous=self.is_hazardous,
            expected_at=clock.now() + REPAIR_TAKES,
            contact_result=self.reached,
            photo_ids=self._photos(by, self.before),
            protection_photo_ids=self._photos(by, "warning_sign") if self.is_hazardous else (),
            spot_code=self.spot.code if self.spot else "",
            latitude=ground.latitude + drift,
            longitude=ground.longitude + drift,
        )
        field_work.check_in(self.order_id, visit, by=by)

    def start(self) -> None:
        """T9; where it costs something, work begins when the resident agrees to the price (T10, T11)."""
        self._agree_on_a_price()
        if db.session.get_one(Order, self.order_id).status == Status.VERIFIED:
            field_work.start(self.order_id, by=self.crew)

    def quote(self) -> None:
        """T10: the resident has not answered yet."""
        quote_the_usual(db.session.get_one(Order, self.order_id), crew=self.crew)

    def _agree_on_a_price(self) -> None:
        agree_on_a_price(self.order_id, crew=self.crew, resident=self.reporter.scope)

    def call_in_vain(self) -> None:
        """Whoever stands at the closed door telephones."""
        desk.log_call(self.order_id, by=self.crew, result="打电话没人接")

    def hold(self, text: str) -> None:
        """T14: nobody home, with a photo of the door."""
        door = self._photos(self.crew, "door_fixed")
        holds.hold(self.order_id, by=self.crew, reason="nobody_home", text=text, photo_ids=door)

    def choose_slot(self, begins_at: datetime) -> None:
        """The resident chooses when somebody will be home."""
        holds.choose_slot(self.order_id, by=self.reporter.scope, slot_id=self._slot_at(begins_at))

    def wait_for_the_waterworks(self) -> None:
        """T15: it is the utility's pipe."""
        firm = ThirdParty("utility", "示范自来水公司", ticket="示范工单 18")
        third_party.hold_third(
            self.order_id, by=self.desk.manager, party=firm, reason="市政供水压力不足", safety="已贴告示"
        )

    def need_fund(self) -> None:
        """T16: the wall belongs to all owners, and its warranty is over."""
        by = self.desk.manager
        words = {"reason": "外墙已过保修期,不属日常维护", "scope": "东立面渗水部位"}
        fund.need(self.order_id, by=by, payer="fund", photo_ids=self._photos(by, self.before), **words)

    def tell_fund(self) -> None:
        """C4: the reporter hears it before the owners are asked."""
        said = "已说明要征询业主,通过以后再修"
        fund.tell(self.order_id, by=self.desk.manager, spoken_to="报修人", how="phone", words=said)

    def hold_fund(self) -> None:
        fund.hold(self.order_id, by=self.desk.manager)

    def finish(self) -> None:
        """T20 with the photo afterwards, and with one of the old part where one was replaced."""
        by = self.crew
        self._agree_on_a_price()
        after = self._photos(by, self.after)
        old = self._photos(by, self.before) if replaces_a_part(self.order_id) else []
        words: dict[str, Any] = {"result": self.result, "parts": self.parts}
        field_work.finish(self.order_id, by=by, photo_ids=after, old_part_photo_ids=old, **words)

    def ask_extension(self, reason: str, text: str, days: float) -> None:
        """T18 by the worker, with a photo of what is missing."""
        extensions.request(
            self.order_id,
            by=self.crew,
            reason_code=reason,
            reason=text,
            expected_at=clock.now() + timedelta(days=days),
            photo_ids=self._photos(self.crew, self.before),
        )

    def decide_extension(self, grant: bool, note: str = "") -> None:
        """T18 by the manager, or by the company when the manager asked himself."""
        by = self.desk.company if self.worker_id is None else self.desk.manager
        extensions.decide(self.order_id, by=by, grant=grant, note=note)

    def rate(self, stars: int, tags: tuple[str, ...], text: str) -> None:
        """T21 with stars."""
        feedback.rate(self.order_id, by=self.reporter.scope, stars=stars, tags=tags, text=text)

    def confirm(self) -> None:
        """T21 without stars, once what is owed is paid."""
        pay_what_is_owed(self.order_id, by=self.desk.manager, receipt=lambda by: self._photos(by, self.after))
        feedback.confirm(self.order_id, by=self.reporter.scope)

    def reopen(self, reason: str) -> None:
        """T22 with a photo of what is wrong."""
        by = self.reporter.scope
        feedback.reopen(self.order_id, by=by, reason=reason, photo_ids=self._photos(by, self.before))

    def cancel(self, reason: str) -> None:
        """T25; where there is danger only a withdrawal."""
        feedback.cancel(self.order_id, by=self.reporter.scope, reason=reason)

    def urge(self) -> None:
        """催办."""
        feedback.urge(self.order_id, by=self.reporter.scope)

    def log_call(self, result: str) -> None:
        """The desk has called back."""
        desk.log_call(self.order_id, by=self.dispatcher, result=result)
