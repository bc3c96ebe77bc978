"""Stories Z10 and Z11 of domain 4.8 over HTTP only: 随手拍 that nobody answers, and one that is thanked for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from app.core.roles import Role
from tests.journeys.product import ApiClient
from tests.journeys.town import LAMP_DARK, Town, actions, at, figure, figures_anew, message_of, plus

pytestmark = pytest.mark.processes


def shown(client: ApiClient, snap_id: int) -> Any:
    return client.get(f"/snaps/{snap_id}")


def steps(client: ApiClient, snap_id: int) -> list[str]:
    return [each["action"] for each in shown(client, snap_id)["timeline"]]


def test_z10_a_complaint_about_the_cleaning_is_read_never_answered_and_completes_itself_on_day_ten(
    town: Town,
):
    resident = town.resident()
    body = {"kind": "PROBLEM", "topic": "CLEAN", "text": "垃圾桶满了两天没人清", "spot_id": town.ids["spot"]}
    refused = resident.try_post("/snaps", body)
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["photo_ids"])
    sent = resident.post("/snaps", {**body, "photo_ids": [resident.upload(LAMP_DARK)]})
    snap_id, sent_at = sent["snap_id"], at(sent, "submitted_at")
    assert sent["due_at"] == plus(sent_at, days=10)
    town.product.advance("24h", "24h")
    manager = town.phone(Role.MGR)
    waiting = manager.get("/snaps", open="true")["items"]
    assert snap_id in [each["id"] for each in waiting]
    assert shown(resident, snap_id)["status"] == "SUBMITTED"
    opened = manager.post(f"/snaps/{snap_id}/open")
    assert (opened["status"], actions(opened)) == ("ACCEPTED", ["reply", "decline", "convert"])
    message_of(town, resident, "snap", sent["number"], "已接收")
    town.product.advance("24h", "24h", "24h", "24h")
    message_of(town, manager, "desk_snap", "已5天未回复")
    town.product.advance("24h", "24h", "24h")
    message_of(town, manager, "desk_snap", "最后1天")
    assert shown(resident, snap_id)["status"] == "ACCEPTED"
    town.product.advance("24h")
    message_of(town, resident, "snap", sent["number"], "10天没有得到回复")
    ended = shown(resident, snap_id)
    assert (ended["status"], ended["status_label"], ended["late"]) == ("EXPIRED", "自动办结(未回复)", True)
    assert at(ended, "closed_at") > at(ended, "due_at")
    late = manager.try_post(f"/snaps/{snap_id}/reply", {"text": "来晚了,抱歉"})
    assert (late.status_code, late.json()["code"]) == (409, "wrong_snap_state")
    assert steps(resident, snap_id) == ["submit", "open", "expire"]
    is_counted(town, sent["number"], at(sent, "due_at"))


def is_counted(town: Town, number: str, due: datetime) -> None:
    """The bureau's K20 names it among those that were not answered."""
    bureau = town.console(Role.BUR)

    def named() -> bool:
        missed = figure(bureau, "K20", since=due, outcome="missed")
        return missed.count >= 1 and number in missed.page

    with figures_anew(town):
        town.product.wait_for(named, within=60, what="the figure K20")
    assert number not in figure(bureau, "K20", since=due, outcome="met").page


def test_z11_praise_for_a_guard_is_thanked_for_on_the_first_day_and_the_sender_is_content(town: Town):
    resident = town.resident()
    body = {
        "kind": "PRAISE",
        "topic": "ORDER",
        "text": "下雨天保安师傅撑伞把我送到楼下",
        "estate_id": town.ids["estate"],
    }
    sent = resident.post("/snaps", body)
    snap_id = sent["snap_id"]
    town.product.advance("4h")
    console = town.console(Role.MGR)
    assert sent["number"] in console.page("/snaps/").text
    manager = town.phone(Role.MGR)
    manager.post(f"/snaps/{snap_id}/open")
    answered = manager.post(f"/snaps/{snap_id}/reply", {"text": "谢谢您,已在班前会上转告他"})
    assert (answered["status"], actions(answered)) == ("ANSWERED", [])
    assert at(answered["reply"], "at") - at(sent, "submitted_at") < timedelta(days=1)
    told = message_of(town, resident, "snap_answered", sent["number"], "有回复了")
    assert told["snap_id"] == snap_id
    assert actions(shown(resident, snap_id)) == ["rate", "follow_up"]
    closed = resident.post(f"/snaps/{snap_id}/rate", {"stars": 5, "text": "回得很快"})
    assert (closed["status"], closed["stars"], closed["late"]) == ("CLOSED", 5, False)
    town.product.advance(*["24h"] * 11)
    assert steps(resident, snap_id) == ["submit", "open", "reply", "rate"]
