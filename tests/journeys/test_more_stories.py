"""Stories Z5, Z9, Z12, Z13 and Z14 of domain 4.8 over HTTP only: what waits for others, belongs together, saves people,
was judged wrongly."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.core.roles import Role
from tests.journeys.product import ApiClient
from tests.journeys.town import (
    LAMP_DARK,
    LAMP_LIT,
    LIFT_FIRM,
    Town,
    accept_and_assign,
    actions,
    at,
    check_in,
    figure,
    figures_anew,
    finish,
    message_of,
    order,
    plus,
    promise,
    steps_of,
    submit,
)

pytestmark = pytest.mark.processes
LIFT, WALL, GATE_LAMP, WATER = "G0101", "G0701", "G0202", "G0501"
MINUTE = timedelta(minutes=1)


def test_z5_a_leaking_wall_waits_for_the_owners_money_and_its_clock_stands_still(town):
    resident = town.resident()
    sent = submit(resident, town, category_code=WALL, text="12号楼外墙渗水,下雨就往屋里渗")
    order_id = sent["order_id"]
    worker = accept_and_assign(town, order_id)
    check_in(worker, town, order_id)
    due = at(promise(order(resident, order_id), "C3"), "due_at")
    explain_who_pays(town, order_id)
    assert town.console(Role.MGR).act(order_id, "hold_fund")["status"] == "HOLD_FUND"
    assert "暂停" in message_of(town, resident, "order_fund", "征询中")["body"]
    let_days_pass(town, resident, 8)
    shown = order(resident, order_id)
    assert (shown["status"], shown["status_label"], shown["late"]) == (
        "HOLD_FUND",
        "维修资金征询中",
        False,
    )
    assert (promise(shown, "C3")["state"], promise(shown, "C4")["state"]) == ("paused", "met")
    assert shown["standstill"]["kind"] == "FUND"
    town.console(Role.MGR).act(order_id, "end_hold", reason="征询已通过,开始施工")
    steps = steps_of(resident, order_id)
    waited = at(steps["end_hold"], "at") - at(steps["hold_fund"], "at")
    assert waited > timedelta(days=8)
    shown = order(resident, order_id)
    assert (shown["status"], shown["standstill"]) == ("WORKING", None)
    assert promise(shown, "C3")["due_at"] == plus(due, milliseconds=waited / timedelta(milliseconds=1))
    finish(worker, order_id)
    shown = order(resident, order_id)
    assert (shown["status"], promise(shown, "C3")["state"]) == ("DONE", "met")


def explain_who_pays(town: Town, order_id: int) -> None:
    """C4: the manager decides with evidence, the desk tells the reporter; without that nothing is suspended."""
    manager = town.phone(Role.MGR)
    decision = {
        "payer": "fund",
        "reason": "外墙防水已过保修期,无责任人",
        "scope": "12号楼东立面",
        "photo_ids": [manager.upload(LAMP_DARK)],
    }
    shown = manager.post(f"/orders/{order_id}/need-fund", decision)
    assert promise(shown, "C4")["state"] == "pending"
    refused = manager.try_post(f"/orders/{order_id}/hold-fund")
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["fund_told_at"])
    words = {"spoken_to": "报修人", "how": "phone", "words": "已说明要先征询业主意见"}
    town.console(Role.DSP).act(order_id, "tell_fund", **words)


def let_days_pass(town: Town, resident: ApiClient, days: int) -> None:
    """Days in which somebody waits; that another report went to the hotline shows that all was swept which is due."""
    witness = submit(resident, town)["order_id"]
    town.product.advance(*(["24h"] * days))
    town.product.wait_for(
        lambda: order(resident, witness)["status"] == "HOTLINE", within=30, what="the sweep of these days"
    )


def test_z9_five_reports_of_the_same_gate_lamp_are_one_order_with_five_reporters(town):
    people = [town.resident(), *town.neighbours()]
    reports = [submit(each, town, category_code=GATE_LAMP, text="东门的灯不亮了") for each in people]
    first, *others = [each["order_id"] for each in reports]
    desk = town.console(Role.DSP)
    for child in others:
        assert desk.act(child, "merge", master_id=first)["status"] == "MERGED"
    assert order(people[0], first)["also_reported"] == len(others) == 4
    worker = accept_and_assign(town, first)
    town.product.advance("10m")
    check_in(worker, town, first)
    town.product.advance("4h")
    finish(worker, first)
    number = reports[0]["number"]
    for person, child in zip(people[1:], others, strict=True):
        message_of(town, person, "order_merged", number)
        seen = order(person, child)["merged_into"]
        assert (seen["order_id"], seen["following"], seen["status"]) == (first, True, "DONE")
        followed = person.get(f"/following/{first}")
        assert followed["words"] == "共 5 户反映"
        person.post(f"/following/{first}/rate", {"stars": 5, "tags": [], "text": ""})
    bureau, begun = town.console(Role.BUR), at(reports[0], "submitted_at")
    with figures_anew(town):
        page = wait_for_number(town, bureau, "done", number, begun)
        # Reported before midnight and done after it are figures of two days, and today's come first
        reported = wait_for_number(town, bureau, "new", number, begun, category=GATE_LAMP)
    for listed in (reported, page):
        assert [each for each in reports if each["number"] in listed] == [reports[0]]


def test_z12_somebody_is_trapped_in_a_lift_and_the_bureau_reads_every_minute_of_it(town):
    resident = town.resident()
    sent = submit(resident, town, category_code=LIFT, text="有人困在电梯里,按了警铃没有人来")
    order_id, begun = sent["order_id"], at(sent, "submitted_at")
    due = {each["clock"]: each["due_at"] for each in sent["promises"]}
    assert (due["C1"], due["C2"]) == (plus(begun, minutes=3), plus(begun, minutes=15))
    heard = {
        Role.WRK: "crew_emergency",
        Role.MGR: "desk_new",
        Role.STR: "desk_emergency",
        Role.BUR: "desk_emergency",
    }
    for role, template in heard.items():
        message_of(town, town.phone(role), template, sent["number"])
    town.product.advance("1m")
    desk = town.console(Role.DSP)
    desk.act(order_id, "accept")
    refused = desk.press(f"/order-commands/{order_id}/assign", {"worker_id": town.ids["worker"]})
    assert (refused.status_code, refused.json()["code"]) == (422, "not_dispatchable")
    desk.act(order_id, "assign", worker_id=town.ids["lift_firm"])
    firm = town.phone(Role.WRK, of=LIFT_FIRM)
    firm.post(f"/orders/{order_id}/take")
    firm.post(f"/orders/{order_id}/depart")
    town.product.advance("1m", "1m", "1m", "1m", "1m")
    check_in(town.phone(Role.MGR), town, order_id, danger=True)
    until(town, begun + 24 * MINUTE)
    firm.post(f"/orders/{order_id}/start")
    town.product.advance("10m")
    freed = {"result": "已平层开门,人已安全出来,电梯停用检修", "photo_ids": [firm.upload(LAMP_LIT)]}
    firm.post(f"/orders/{order_id}/finish", freed)
    bureau = town.phone(Role.BUR)
    took = {action: at(step, "at") - begun for action, step in steps_of(bureau, order_id).items()}
    assert took["accept"] <= 3 * MINUTE
    assert took["check_in"] <= 15 * MINUTE
    assert 24 * MINUTE <= took["start"] < 26 * MINUTE
    assert 34 * MINUTE <= took["finish"] < 37 * MINUTE
    rungs = climbed(town.console(Role.BUR).page(f"/orders/{order_id}").text)
    kept = [(rung[0], rung[1]) for rung in rungs if "到期(L1)" in rung[1]]
    for which in ("接单", "到场核实", "师傅确认", "修复"):
        assert (which, "到期(L1) 按时做到") in kept


def until(town: Town, instant: datetime) -> None:
    """Let the minutes pass that are missing until then."""
    missing = max(instant - town.now(), timedelta())
    town.product.advance(*(["1m"] * -(-missing // MINUTE)))


def climbed(page: str) -> list[list[str]]:
    """The rows of 时限经过 on an order's page, without their tags."""
    table = page.partition("<h3>时限经过</h3>")[2].partition("</table>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in rows]
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in cells if row]


def test_z13_a_lamp_rejected_as_inside_a_home_is_upheld_by_the_street_and_counted_as_wrong(town):
    resident = town.resident()
    bureau = town.console(Role.BUR)
    sent = submit(resident, town)
    order_id, begun = sent["order_id"], at(sent, "submitted_at")
    said = {"reason": "not_our_service", "text": "这是住户家里的户内线路,不归物业管"}
    refused = town.console(Role.DSP).press(f"/order-commands/{order_id}/reject", said)
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["evidence"])
    town.console(Role.DSP).act(order_id, "reject", **said, evidence="合同第5条")
    with figures_anew(town):
        wait_for_number(town, bureau, "K16", sent["number"], begun)
    wrong = figure(bureau, "wrong_rejected", since=begun).count
    shown = order(resident, order_id)
    assert (shown["status"], actions(shown)) == ("REJECTED", ["appeal"])
    town.product.advance("30m", "30m")
    plea = {"text": "灯在楼道里,不在我家", "photo_ids": [resident.upload(LAMP_DARK)]}
    shown = resident.post(f"/orders/{order_id}/appeal", plea)
    assert re.fullmatch(r"已申诉,街道或房管局 .+前答复", shown["appeal"]["words"])
    message_of(town, town.phone(Role.STR), "desk_appeal", sent["number"])
    town.console(Role.STR).act(order_id, "uphold_appeal", reason="照片显示是楼道灯")
    message_of(town, resident, "order_received", "申诉成立")
    shown = order(resident, order_id)
    assert (shown["status"], {each["clock"] for each in shown["promises"]}) == (
        "SUBMITTED",
        {"C1", "C2", "C3"},
    )
    upheld = at(steps_of(resident, order_id)["uphold_appeal"], "at")
    assert promise(shown, "C1")["due_at"] == plus(upheld, minutes=15)
    bureau = town.console(Role.BUR)
    with figures_anew(town):
        wait_for_number(town, bureau, "wrong_rejected", sent["number"], begun)
    assert figure(bureau, "wrong_rejected", since=begun).count == wrong + 1
    assert sent["number"] not in figure(bureau, "K16", since=begun, outcome="met").page
    worker = accept_and_assign(town, order_id)
    check_in(worker, town, order_id)
    finish(worker, order_id)
    shown = order(resident, order_id)
    assert (shown["status"], shown["late"]) == ("DONE", False)


def wait_for_number(town: Town, desk: Any, code: str, number: str, since: datetime, **more: Any) -> str:
    """The page of a figure, once the order stands on it."""
    return town.product.wait_for(
        lambda: (lambda page: page if number in page else "")(figure(desk, code, since=since, **more).page),
        within=90,
        what=f"{number} behind the figure {code}",
    )


def test_z14_low_water_pressure_waits_for_the_waterworks_and_is_not_held_against_the_company(town):
    resident = town.resident()
    forgotten = visited(town, resident, text="门厅的灯又不亮了")
    held = visited(town, resident, category_code=WATER, text="高层水压低,洗不了澡")
    order_id, begun = held["order_id"], at(order(resident, held["order_id"]), "submitted_at")
    due = at(promise(order(resident, order_id), "C3"), "due_at")
    firm = {"party": "utility", "party_name": "城东自来水公司", "ticket": "W20261121-7"}
    why = {"reason": "二次供水泵故障", "safety": "已在门厅放置临时水桶"}
    town.console(Role.MGR).act(order_id, "hold_third", **firm, **why)
    assert "城东自来水公司" in message_of(town, resident, "order_waiting", held["number"])["body"]
    shown = order(resident, order_id)
    assert (shown["status_label"], shown["standstill"]["party"]) == ("待专业单位", "城东自来水公司")
    town.product.advance("24h", "24h", "24h", "4h")
    message_of(town, town.phone(Role.MGR), "desk_order", "请跟进专业单位", held["number"])
    company = town.console(Role.CO)
    with figures_anew(town):
        page = wait_for_number(town, company, "K06b", forgotten["number"], begun, outcome="missed")
    everything = figure(company, "K06b", since=begun).page
    assert forgotten["number"] in everything
    assert held["number"] not in everything + page
    shown = order(resident, order_id)
    assert (shown["late"], promise(shown, "C3")["state"]) == (False, "paused")
    town.console(Role.MGR).act(order_id, "end_hold", reason="自来水公司已换泵")
    steps = steps_of(resident, order_id)
    waited = at(steps["end_hold"], "at") - at(steps["hold_third"], "at")
    shown = order(resident, order_id)
    assert promise(shown, "C3")["due_at"] == plus(due, milliseconds=waited / timedelta(milliseconds=1))
    finish(town.phone(Role.WRK), order_id)
    assert promise(order(resident, order_id), "C3")["state"] == "met"


def visited(town: Town, resident: ApiClient, **values: Any) -> dict[str, Any]:
    """An order whose worker has been on site."""
    sent = submit(resident, town, **values)
    check_in(accept_and_assign(town, sent["order_id"]), town, sent["order_id"])
    return sent
