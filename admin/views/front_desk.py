"""The front desk: a report by telephone or in person, entered with the keyboard in a quarter of a minute."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_admin import BaseView, expose

from admin import commands, session
from admin.base import ConsoleView
from admin.navigation import DESK
from app.accounts.queries import BoundHome
from app.catalogue.queries import BOOKING, EMERGENCY, REPORT, categories_for
from app.catalogue.standard import KEYWORDS
from app.companies.queries import estates_of_office
from app.core import clock, wording
from app.core.scope import Dimension
from app.estates.queries import home_place, search_homes, spot_place, spots_of
from app.orders import booking
from app.orders.front_desk import enter_report, look_up_caller
from app.orders.lifecycle import Menu
from app.orders.lines import OrderLine
from app.orders.rules import Clock
from app.orders.whereabouts import Submission

CHANNELS = {"电话": "来电人同意登记", "前台": "来访人同意登记"}
PROMISED = {
    Clock.ACCEPT: "接单",
    Clock.VISIT: "到场核实",
    Clock.APPOINTMENT: "按约上门",
    Clock.REPAIR: "修好",
}


class FrontDeskView(ConsoleView):
    """Phone first; homes, open orders and last visits of the number appear by themselves."""

    roles = DESK

    @expose("/")
    def index(self) -> str:
        """The form."""
        (office_id,) = session.scope().ids(Dimension.OFFICE)
        now = clock.now()
        estates = estates_of_office(office_id, clock.china_date(now))
        free = [slot for slot in booking.slots(office_id, at=now) if slot.booked < slot.capacity]
        return self.render(
            "console/front_desk.html",
            channels=CHANNELS,
            estates=estates,
            slots=[(slot.id, wording.span(slot.begins_at, slot.ends_at, now)) for slot in free],
        )

    @expose("/data/categories")
    def categories(self) -> Response:
        """Every category with its pinyin initials and the words that people use, so that typing finds it at once."""
        known = {each.code: each for menu in (REPORT, EMERGENCY, BOOKING) for each in categories_for(menu)}
        return jsonify(
            [
                {
                    "code": each.code,
                    "name": each.name,
                    "pinyin": each.pinyin,
                    "words": KEYWORDS.get(each.code, ()),
                    "in_home": each.in_home,
                    "bookable": each.bookable,
                    "urgency": each.urgency,
                }
                for each in known.values()
            ]
        )

    @expose("/data/spots/<int:estate_id>")
    def spots(self, estate_id: int) -> Response:
        """Public spots of an estate."""
        if estate_id not in session.scope().ids(Dimension.ESTATE):
            return jsonify([])
        return jsonify([{"id": spot.id, "name": spot_place(spot)} for spot in spots_of(estate_id)])

    @expose("/data/caller", methods=("POST",))
    def caller(self) -> Response:
        """What is known of a number; posted, so that it stands in no address."""
        found = look_up_caller(commands.text("phone"), session.scope())
        return jsonify(
            known=found.known,
            name=found.name,
            homes=[_home(home) for home in found.homes],
            open_orders=[_order(line) for line in found.open_orders],
            earlier=[_order(line) for line in found.earlier],
        )

    @expose("/data/homes", methods=("POST",))
    def homes(self) -> Response:
        """Homes of the desk's estates by what a caller says: 5-2-301."""
        found = search_homes(session.scope().ids(Dimension.ESTATE), commands.text("q")[:40])
        return jsonify(
            [
                {
                    "id": home.id,
                    "estate_id": home.estate_id,
                    "words": f"{home.estate.name} {home_place(home)[1]}",
                }
                for home in found
            ]
        )

    @expose("/data/reports", methods=("POST",))
    def submit(self) -> Response:
        """Enter the report; the same request again gives the same order."""
        by = session.scope()

        def work() -> dict[str, Any]:
            submitted = enter_report(_submission(), by=by)
            now = clock.now()
            return {
                "order_id": submitted.order_id,
                "number": submitted.number,
                "promises": [
                    f"{wording.promise_time(due, now)}{PROMISED[which]}"
                    for which, due in submitted.promises.items()
                    if which in PROMISED
                ],
            }

        return commands.run_json(work)


def _submission() -> Submission:
    return Submission(
        menu=Menu.REPORT,  # decided by the category (app/orders/front_desk.py)
        category_code=commands.text("category_code"),
        text=commands.text("text"),
        home_id=commands.number("home_id"),
        spot_id=commands.number("spot_id"),
        estate_id=commands.number("estate_id"),
        place_note=commands.text("place_note"),
        slot_id=commands.number("slot_id"),
        hazardous=commands.flag("hazardous"),
        channel=commands.text("channel"),
        consent_note=commands.text("consent_note"),
        contact_name=commands.text("contact_name"),
        contact_phone=commands.text("phone"),
    )


def _home(home: BoundHome) -> dict[str, Any]:
    return {
        "id": home.home_id,
        "estate_id": home.estate_id,
        "words": f"{home.estate_name} {home.place_full}",
        "relation": home.relation_label,
    }


def _order(line: OrderLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "number": line.number,
        "menu": line.menu.value,
        "kind": line.menu.label,
        "category": line.category,
        "place": line.place,
        "status": line.status.tab,
        "when": wording.moment(line.submitted_at, clock.now()),
        "due": wording.promise_time(line.next_due_at, clock.now()) if line.next_due_at else "",
    }


def views() -> list[BaseView]:
    """The front desk."""
    return [FrontDeskView("前台登记", "front_desk", "front-desk")]
