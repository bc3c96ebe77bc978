"""Stories Z1, Z2, Z3, Z4, Z6, Z7, Z8 and Z15 of domain 4.8 over HTTP only: API, console, real scheduler, sandbox.

Orders that wait, are sorted or save people stand in test_more_stories.py.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import select

from app.books.models import LedgerEntry, LedgerLine
from app.core import clock
from app.core.db import db
from app.core.roles import Role
from tests.journeys.charging import (
    agree_on_a_tap,
    charging,
    finish_with_the_old_tap,
    invoice_in_the_letter_box,
    pay_for_it,
)
from tests.journeys.product import ApiClient
from tests.journeys.town import (
    LAMP_DARK,
    Town,
    accept_and_assign,
    actions,
    at,
    check_in,
    finish,
    message_of,
    order,
    plus,
    promise,
    submit,
)

pytestmark = pytest.mark.processes
TILE, HOME_LAMP, TAP = "G0103", "H0101", "H0201"


def test_z15_a_missed_appointment_is_a_breach_and_the_resident_gets_an_apology(town):
    resident = town.resident()
    slots = [slot for slot in resident.get("/slots", home_id=town.ids["home"])["items"] if slot["free"]]
    slot = slots[0]
    sent = submit(
        resident,
        town,
        menu="APT",
        category_code=HOME_LAMP,
        spot_id=None,
        home_id=town.ids["home"],
        slot_id=slot["id"],
        text="想约师傅看看吸顶灯",
    )
    order_id = sent["order_id"]
    accept_and_assign(town, order_id)
    wait = datetime.fromisoformat(slot["ends_at"]) - at(sent, "submitted_at")
    town.product.advance(*(["4h"] * (int(wait / timedelta(hours=4)) + 1)))
    shown = town.product.wait_for(
        lambda: (lambda found: found if promise(found, "C2-APT")["breached"] else None)(
            order(resident, order_id)
        ),
        within=30,
        what="the breach of the appointment",
    )
    assert shown["late"]
    apology = town.product.wait_for(
        lambda: [
            each for each in resident.get("/messages")["items"] if "对不起" in each["title"] + each["body"]
        ],
        within=30,
        what="the apology",
    )
    assert len(apology) == 1


def test_z7_nobody_is_home_at_the_first_visit_and_the_tap_is_mended_at_the_second(town):
    with charging(town):
        _tell_z7(town)


def _tell_z7(town: Town) -> None:
    resident = town.resident()
    home = {"spot_id": None, "home_id": town.ids["home"]}
    sent = submit(resident, town, menu="EMG", category_code=TAP, text="厨房水龙头一直滴水", **home)
    order_id = sent["order_id"]
    worker = accept_and_assign(town, order_id, although="水暖工在外抢修")
    town.product.advance("10m")
    check_in(worker, town, order_id)
    due = datetime.fromisoformat(promise(order(resident, order_id), "C3")["due_at"])
    held = nobody_home(town, worker, order_id)
    began, told = at(held["hold"], "begun_at"), message_of(town, resident, "order_hold")
    assert (held["status"], held["hold"]["until"]) == ("HOLD_RESIDENT", plus(began, hours=72))
    assert "家里没人" in told["body"]
    hold = order(resident, order_id)["hold"]
    assert len(hold["slots"]) == 3
    slot = hold["slots"][-1]
    shown = resident.post(f"/orders/{order_id}/choose-slot", {"slot_id": slot["id"]})
    assert shown["hold"]["agreed"]["begins_at"] == shown["hold"]["until"] == slot["begins_at"]
    assert promise(shown, "C3")["state"] == "paused"
    listed = town.console(Role.DSP).data("/board/data/list", queue="on_hold")
    assert [each["id"] for each in listed["rows"]] == [order_id]
    begins = datetime.fromisoformat(slot["begins_at"])
    shown = when_the_hold_ends(town, resident, order_id, begins - began)
    assert promise(shown, "C3")["due_at"] == plus(
        due, milliseconds=(begins - began) / timedelta(milliseconds=1)
    )
    message_of(town, resident, "order_assigned", sent["number"])
    agree_on_a_tap(worker, resident, order_id)
    finish_with_the_old_tap(worker, order_id)
    payment = pay_for_it(town, resident, order_id, name="laowang")
    assert (payment["state"], payment["amount_fen"]) == ("paid", 6_500)
    resident.post(f"/orders/{order_id}/rate", {"stars": 5, "tags": ["态度好"]})
    shown = order(resident, order_id)
    assert (shown["status"], shown["pay_status"], shown["no_shows"]) == ("CLOSED", "已支付", 1)
    assert (shown["pay"]["paid_fen"], shown["pay"]["due_fen"]) == (6_500, 0)
    assert not promise(shown, "C3")["breached"]
    assert {photo["step"] for photo in shown["photos"]} == {"submit", "site", "door", "after", "old_part"}
    done = [each["action"] for each in resident.get(f"/orders/{order_id}/timeline")["items"]]
    assert (
        done[-9:]
        == [
            *("log_call", "log_call", "hold", "choose_slot", "end_hold"),
            *("quote", "agree_quote", "finish", "paid", "rate"),
        ][-9:]
    )
    _the_money_is_the_companys(town, payment["id"])
    invoice_in_the_letter_box(resident, town.console(Role.CO), payment["id"])


def _the_money_is_the_companys(town: Town, payment_id: int) -> None:
    with town.product.looking_in():
        mine = select(LedgerEntry.id).where(LedgerEntry.subject == f"payment:{payment_id}")
        lines = db.session.scalars(select(LedgerLine).where(LedgerLine.entry_id.in_(mine))).all()
        assert {(line.account, line.debit_fen, line.credit_fen) for line in lines} == {
            ("wechat", 6_500, 0),
            ("repair", 0, 6_500),
        }


def nobody_home(town: Town, worker: ApiClient, order_id: int) -> dict[str, Any]:
    """Two calls more than five minutes apart, a photo of the door; without them there is no hold."""
    body = {"reason": "nobody_home", "text": "敲门没人应", "photo_ids": [worker.upload(LAMP_DARK)]}
    worker.post(f"/orders/{order_id}/log-call", {"result": "电话没人接"})
    refused = worker.try_post(f"/orders/{order_id}/hold", body)
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["calls"])
    town.product.advance("1m", "1m", "1m", "1m", "1m", "1m")
    worker.post(f"/orders/{order_id}/log-call", {"result": "还是没人接"})
    return worker.post(f"/orders/{order_id}/hold", body)


def when_the_hold_ends(town: Town, client: ApiClient, order_id: int, wait: timedelta) -> Any:
    """Let the time pass until the scheduler has ended the hold; returns the order then."""
    town.product.advance(*(["4h"] * (int(wait / timedelta(hours=4)) + 1)))
    return town.product.wait_for(
        lambda: (lambda found: found if found["status"] == "WORKING" else None)(order(client, order_id)),
        within=30,
        what="the end of the hold",
    )


def test_z1_an_elderly_couples_ceiling_lamp_is_mended_within_the_hour_and_costs_nothing(town):
    resident = town.resident()
    sent = submit(
        resident,
        town,
        menu="EMG",
        category_code=HOME_LAMP,
        spot_id=None,
        home_id=town.ids["home"],
        text="客厅吸顶灯不亮,老两口爬不上去",
    )
    assert sent["number"].startswith("E")
    worker = accept_and_assign(town, sent["order_id"])
    town.product.advance("10m", "10m")
    check_in(worker, town, sent["order_id"])
    finish(worker, sent["order_id"])
    shown = order(resident, sent["order_id"])
    assert "rate" in actions(shown)
    resident.post(
        f"/orders/{sent['order_id']}/rate", {"stars": 5, "tags": ["响应快", "修得好"], "text": "谢谢师傅"}
    )
    shown = order(resident, sent["order_id"])
    assert (shown["status"], shown["pay_status"]) == ("CLOSED", "免费")
    assert [each["breached"] for each in shown["promises"]] == [False] * 4
    assert {photo["step"] for photo in shown["photos"]} == {"submit", "site", "after"}


def test_z2_a_loose_tile_is_secured_within_half_an_hour_and_mended_the_next_day(town):
    resident = town.resident()
    sent = submit(resident, town, category_code=TILE, hazardous=True, text="电梯厅地砖松动,容易绊倒")
    worker = accept_and_assign(town, sent["order_id"])
    town.product.advance("15m", "10m", "1m", "1m", "1m")
    refused = worker.try_post(
        f"/orders/{sent['order_id']}/check-in",
        {
            "finding": "地砖松动",
            "hazardous": True,
            "expected_at": (clock.now() + timedelta(days=30)).isoformat(timespec="milliseconds"),
            "contact_result": "已告知",
            "photo_ids": [worker.upload(LAMP_DARK)],
            "spot_code": town.spot_code,
        },
    )
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["protection_photo_ids"])
    check_in(worker, town, sent["order_id"], danger=True)
    town.product.advance("15m", "4h", "4h", "4h", "4h", "4h")
    finish(worker, sent["order_id"])
    shown = order(resident, sent["order_id"])
    assert shown["status"] == "DONE"
    for which in ("C1", "C2", "C3"):
        assert not promise(shown, which)["breached"]
    assert timedelta(minutes=28) < stopped(shown, "C2") - at(shown, "submitted_at") < timedelta(minutes=30)


def stopped(shown: dict[str, Any], which: str) -> datetime:
    return datetime.fromisoformat(promise(shown, which)["stopped_at"])


def test_z3_a_road_lamp_is_mended_in_forty_hours(town):
    resident = town.resident()
    sent = submit(resident, town, category_code="G0202", text="小区路灯不亮")
    worker = accept_and_assign(town, sent["order_id"])
    check_in(worker, town, sent["order_id"])
    town.product.advance("24h", "4h", "4h", "4h", "4h")
    finish(worker, sent["order_id"])
    repair = promise(order(resident, sent["order_id"]), "C3")
    assert not repair["breached"]
    assert datetime.fromisoformat(repair["due_at"]) - at(sent, "submitted_at") == timedelta(hours=72)


def test_z4_a_lamp_that_is_no_longer_made_is_extended_and_mended_on_time_after_100_hours(town):
    resident = town.resident()
    sent = submit(resident, town)
    order_id = sent["order_id"]
    worker = accept_and_assign(town, order_id)
    check_in(worker, town, order_id)
    town.product.advance("24h", "24h")
    asked = {
        "reason_code": "obsolete",
        "reason": "灯泡型号已停产,正在找替代型号",
        "expected_at": (clock.now() + timedelta(days=30)).isoformat(timespec="milliseconds"),
        "photo_ids": [worker.upload(LAMP_DARK)],
    }
    worker.post(f"/orders/{order_id}/request-extension", asked)
    assert promise(order(resident, order_id), "C3")["due_at"] == promise_after(sent, 72)
    assert worker.try_post(f"/orders/{order_id}/approve-extension").status_code == 403
    town.console(Role.MGR).act(order_id, "approve_extension")
    assert promise(order(resident, order_id), "C3")["due_at"] == promise_after(sent, 120)
    town.product.advance("24h", "24h", "4h")
    finish(worker, order_id)
    shown = order(resident, order_id)
    assert (shown["status"], shown["extended"], promise(shown, "C3")["breached"]) == ("DONE", True, False)


def promise_after(sent: dict[str, Any], hours: int) -> str:
    due = at(sent, "submitted_at") + timedelta(hours=hours)
    return due.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_z6_nobody_accepts_and_962121_takes_over_and_assigns_at_22_minutes(town):
    resident = town.resident()
    sent = submit(resident, town)
    order_id = sent["order_id"]
    town.product.advance("15m")
    handed = town.product.wait_for(
        lambda: order(resident, order_id)["status"] == "HOTLINE", within=30, what="the transfer"
    )
    assert handed
    refused = town.console(Role.DSP).press(f"/order-commands/{order_id}/accept")
    assert refused.status_code == 409
    assert "962121" in refused.json()["message"]
    told = town.product.wait_for(
        lambda: (lambda found: found if sent["number"] in numbers(found) else None)(hotline_orders(town)),
        within=30,
        what="the hand-over to the hotline",
    )
    assert numbers(told).count(sent["number"]) == 1
    town.product.advance("1m", "1m", "1m", "1m", "1m", "1m", "1m")
    hot = town.console(Role.HOT)
    listed = hot.data("/board/data/list", queue="hotline")
    assert [each["id"] for each in listed["rows"]] == [order_id]
    hot.act(order_id, "accept", spoken_to="李女士", office_id=town.ids["office"])
    hot.act(order_id, "assign", worker_id=town.ids["worker"])
    shown = order(resident, order_id)
    accepted = promise(shown, "C1")
    assert (shown["status"], accepted["breached"]) == ("ASSIGNED", True)
    taken = datetime.fromisoformat(accepted["stopped_at"]) - at(sent, "submitted_at")
    assert timedelta(minutes=22) <= taken < timedelta(minutes=24)
    inbox = town.product.wait_for(
        lambda: [
            each
            for each in resident.get("/messages")["items"]
            if "962121" in each["title"] and sent["number"] in each["body"]
        ],
        within=30,
        what="the message about the hotline",
    )
    assert len(inbox) == 1


def numbers(handed: list[dict[str, Any]]) -> list[str]:
    return [each["order"]["order_no"] for each in handed]


def hotline_orders(town: Town) -> list[dict[str, Any]]:
    return requests.get(f"{town.product.sandbox}/sandbox/hotline", timeout=10).json()["orders"]


def test_z8_a_drain_that_is_blocked_again_after_two_days_is_reopened_once(town):
    resident = town.resident()
    sent = submit(resident, town)
    order_id = sent["order_id"]
    worker = accept_and_assign(town, order_id)
    check_in(worker, town, order_id)
    finish(worker, order_id)
    resident.post(f"/orders/{order_id}/rate", {"stars": 4})
    town.product.advance("24h", "24h")
    again = {"reason": "两天后又不亮了", "photo_ids": [resident.upload(LAMP_DARK)]}
    shown = resident.post(f"/orders/{order_id}/reopen", again)
    assert (shown["status"], shown["round"]) == ("WORKING", 1)
    check_in(worker, town, order_id)
    finish(worker, order_id)
    shown = order(resident, order_id)
    assert (shown["status"], shown["round"]) == ("DONE", 1)
    assert not promise(shown, "C3", 1)["breached"]
    assert [each["action"] for each in resident.get(f"/orders/{order_id}/timeline")["items"]].count(
        "reopen"
    ) == 1
