"""服务预约 as a person does it: the price first, then day and hour, then everything in one sentence (S2-03, S2-07)."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from playwright.sync_api import expect
from sqlalchemy import update

from app.core import clock
from app.core.db import db, transact
from app.orders.slot_models import BookingSlot
from tests.client.crew import order_of
from tests.client.district import FAMILY_OF_THREE_HOMES, NEIGHBOURS, TENANT

TAP = "水龙头"


def choose_tap(phone):
    phone.open("pages/booking/booking")
    phone.tap("水龙头、水管")
    phone.tap(TAP, exact=True)
    phone.sees("更换水龙头")


def test_a_visit_is_booked_after_the_price_was_read(phones, district):
    phone = phones(NEIGHBOURS[3])
    phone.open()
    phone.tap("服务预约")
    phone.tap("水龙头、水管")
    phone.tap(TAP, exact=True)
    phone.sees("试点期间免费")
    phone.sees("¥40.00/个")
    price = phone.page.locator(".anju-price-old", has_text="¥40.00/个")
    assert price.evaluate("each => getComputedStyle(each).textDecorationLine") == "line-through"
    phone.sees("参考上限 ¥60.00")
    phone.tap("看好了,选时间")
    phone.tap("明天")
    phone.tap("下午 14:00")
    phone.photograph("拍照", kind="tap_dripping")
    phone.tap("下一步")
    phone.sees("师傅 明天")
    phone.sees("下午 14:00")
    phone.tap("确认预约")
    phone.arrives_at("pages/sent/sent")
    sent = order_of(district.api(NEIGHBOURS[3]), category=TAP)
    assert (sent["menu"], sent["status"], bool(sent["thumb"])) == ("APT", "SUBMITTED", True)
    phone.open("pages/order/order", id=sent["id"])
    phone.sees("14:00–16:00 上门")


def test_a_paying_estate_sees_what_the_visit_costs(phones):
    phone = phones(TENANT)
    choose_tap(phone)
    expect(phone.text("试点期间免费")).to_have_count(0)
    phone.sees("参考上限由房管局定")
    phone.sees("先报价,您同意了再修")


def test_a_full_slot_is_named_and_cannot_be_chosen(phones, district):
    api = district.api(NEIGHBOURS[4])
    slot = slots_of(api)[-1]
    fill(district, slot["id"])
    phone = phones(NEIGHBOURS[4])
    choose_tap(phone)
    phone.tap("看好了,选时间")
    phone.page.get_by_role("radio").last.tap()
    full = phone.page.get_by_role("radio", name="已约满")
    expect(full).to_have_attribute("aria-disabled", "true")
    full.first.tap(force=True)
    phone.sees("几点方便")


def test_a_slot_that_fills_up_meanwhile_leads_back_to_the_choice(phones, district):
    api = district.api(NEIGHBOURS[6])
    phone = phones(NEIGHBOURS[6])
    choose_tap(phone)
    phone.tap("看好了,选时间")
    phone.tap("后天")
    phone.tap("下午 14:00")
    phone.tap("不用说明,下一步")
    fill(district, slot_at(district, api, days=2, hour=14)["id"])
    phone.tap("确认预约")
    phone.sees("这个时段刚被约满,请换一个时段")
    phone.tap("后天")
    expect(phone.page.get_by_role("radio", name="已约满").first).to_be_visible()
    assert not [each for each in bookings_of(api) if each["category"] == TAP]


def test_who_has_three_homes_says_to_which(phones, district):
    phone = phones(FAMILY_OF_THREE_HOMES)
    phone.open("pages/booking/booking")
    phone.tap("换一处住房")
    homes = district.api(FAMILY_OF_THREE_HOMES).get("/me/homes")["items"]
    other = next(home for home in homes[1:] if home["in_home_service"])
    phone.tap(f"{other['estate']} {other['place']}")
    phone.sees(f"到 {other['estate']} {other['place']}")


def test_without_a_network_the_booking_is_kept_and_sent_once_later(phones, district):
    phone, api = phones(NEIGHBOURS[5]), district.api(NEIGHBOURS[5])
    before = len(bookings_of(api))
    choose_tap(phone)
    phone.tap("看好了,选时间")
    phone.tap("后天")
    phone.tap("上午 10:00")
    phone.tap("不用说明,下一步")
    with phone.offline():
        phone.tap("确认预约")
        phone.arrives_at("pages/sent/sent")
        phone.sees("联网后自动发送")
    district.wait_for(lambda: len(bookings_of(api)) > before, what="the booking")
    phone.page.wait_for_timeout(1500)
    assert len(bookings_of(api)) == before + 1


def bookings_of(api) -> list[dict]:
    return [each for each in api.get("/orders")["items"] if each["menu"] == "APT"]


def slots_of(api) -> list[dict]:
    home = next(each for each in api.get("/me/homes")["items"] if each["status"] == "active")
    return api.get("/slots", home_id=home["home_id"])["items"]


def slot_at(district, api, *, days: int, hour: int) -> dict:
    """The slot that begins at this hour in so many days, by the district's calendar."""
    day = clock.china_date(district.now()) + timedelta(days=days)
    begins = datetime.combine(day, time(hour), clock.CHINA)
    return next(each for each in slots_of(api) if datetime.fromisoformat(each["begins_at"]) == begins)


def fill(district, slot_id: int) -> None:
    """Others have taken all the places."""
    with district.product.looking_in():
        transact(lambda: _fill(slot_id))


def _fill(slot_id: int) -> None:
    db.session.execute(
        update(BookingSlot).where(BookingSlot.id == slot_id).values(booked=BookingSlot.capacity)
    )
