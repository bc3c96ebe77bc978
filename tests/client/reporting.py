"""How a person fills in and sends a report of a public matter, for the tests of reporting."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.client.district import NEIGHBOURS
from tests.client.field import api

REPORT, SENT = "pages/report/report", "pages/sent/sent"
ONE, TWO, THREE = NEIGHBOURS[0], NEIGHBOURS[1], NEIGHBOURS[2]


def orders(district, name, **wanted):
    """What this person has sent, newest first."""
    found = api(district, name).get("/orders?limit=50")["items"]
    return [each for each in found if all(each[key] == value for key, value in wanted.items())]


def at_send(phone, place="中心路", **how):
    """Photo and place are given; the page waits for 发送."""
    phone.open(REPORT)
    phone.photograph("拍照", **how)
    phone.tap(place)
    expect(phone.pressable("发送", exact=True).first).to_be_visible()
    return phone


def send_anyway(phone, *, seen="已收到"):
    """Tap 发送, and insist if a neighbour was first."""
    phone.tap("发送", exact=True)
    insist = phone.pressable("不是同一件,仍要报").first
    expect(insist.or_(phone.text(seen).last)).to_be_visible(timeout=12_000)
    if insist.is_visible():
        insist.tap()
