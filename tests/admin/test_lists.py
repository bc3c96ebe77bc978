"""Orders in a list, people, roster, requests for homes, audit log, inbox."""

from __future__ import annotations

from datetime import timedelta

import pytest

from admin.order_words import status_words
from app.core import clock
from app.core.db import db, transact
from app.core.roles import Role
from app.notifications.models import Notification
from app.orders.lifecycle import Status
from tests.admin.conftest import Desk
from tests.factories import (
    make_account,
    make_binding,
    make_certificate,
    make_credential,
    make_hat,
    make_place,
    make_shift,
    make_staff,
    make_worker,
)
from tests.factories.staffroom import sign_in
from tests.live import csrf_of


def test_filters_stay_in_the_address_and_narrow_the_list(desk: Desk) -> None:
    open_one = desk.scene.submit().number
    done = desk.scene.order(desk.scene.until_done())
    page = desk.get("/admin/orders/?status=open&menu=PUB").text
    assert open_one in page
    assert f"-{done.id:04d}" not in page
    assert 'value="open" selected' in page


def test_fifty_one_orders_make_two_pages_without_a_gap(desk: Desk) -> None:
    numbers = {desk.scene.submit().number for _ in range(51)}
    first = desk.get("/admin/orders/").text
    cursor = first.split("cursor=")[1].split('"')[0]
    second = desk.get(f"/admin/orders/?cursor={cursor}").text
    shown = (
        [number for number in numbers if number in first],
        [number for number in numbers if number in second],
    )
    assert (len(shown[0]), len(shown[1])) == (50, 1)
    assert set(shown[0]) | set(shown[1]) == numbers


@pytest.mark.parametrize(
    "query",
    ["status=NONSENSE", "menu=X", "late=never", "begin=yesterday", "estate=abc", "cursor=%00", "street=1,2"],
)
def test_a_filter_that_makes_no_sense_is_told_and_not_guessed(desk: Desk, query: str) -> None:
    answer = desk.get(f"/admin/orders/?{query}")
    assert answer.status_code == 200
    assert "note-late" in answer.text


def test_a_whole_number_opens_the_order_and_a_telephone_lists(desk: Desk) -> None:
    submitted = desk.scene.submit()
    desk.scene.submit()
    token = desk.token(Role.DSP)
    client = desk.client()
    opened = client.post("/admin/orders/find", data={"csrf_token": token, "q": submitted.number})
    assert opened.location == f"/admin/orders/{submitted.order_id}"
    listed = client.post("/admin/orders/find", data={"csrf_token": token, "q": desk.scene.resident.phone})
    assert submitted.number in listed.text
    assert "11位手机号" in client.post("/admin/orders/find", data={"csrf_token": token, "q": "灯"}).text


def test_the_order_page_tells_the_whole_story(desk: Desk) -> None:
    page = desk.get(f"/admin/orders/{desk.scene.until_done()}").text
    for piece in ("灯管烧坏", "已更换灯管", "扫码核实", "会修这类问题", "按时完成", "居民确认", "修之后"):
        assert piece in page, piece


def test_expired_and_expiring_certificates_stand_out(desk: Desk) -> None:
    today = clock.china_date(clock.now())
    worker = make_worker(desk.scene.place.office, district_id=desk.scene.place.district.id)
    make_certificate(worker, "高处作业", valid_to=today - timedelta(days=1))
    make_certificate(worker, "有限空间", valid_to=today + timedelta(days=30))
    make_certificate(worker, "健康证", valid_to=today + timedelta(days=31))
    page = desk.get("/admin/workers/").text
    assert "✕ 高处作业 已过期" in page
    assert "⚠ 有限空间 快到期" in page
    assert "✓ 健康证 有效" in page


def test_lists_of_people_cost_the_same_for_one_and_for_twenty(desk: Desk) -> None:
    before = [desk.statements(url) for url in ("/admin/workers/", "/admin/staff/")]
    for _ in range(20):
        make_worker(desk.scene.place.office, district_id=desk.scene.place.district.id)
    assert [desk.statements(url) for url in ("/admin/workers/", "/admin/staff/")] == before


def test_people_of_another_company_are_on_no_list(desk: Desk) -> None:
    other = make_place()
    stranger = make_staff(other.office, account=make_account(name="别家员工甲"))
    for role in (Role.DSP, Role.MGR, Role.CO):
        assert "别家员工甲" not in desk.get("/admin/staff/", role).text
        assert desk.get(f"/admin/staff/details/?id={stranger.id}", role).status_code == 404


def test_the_filter_of_statuses_speaks_to_the_staff_and_tells_each_apart(desk: Desk) -> None:
    words = [status_words(status) for status in Status]
    assert len(set(words)) == len(words)
    assert not [each for each in words if "您" in each or "请" in each]
    page = desk.get("/admin/orders/?status=HOLD_RESIDENT").text
    assert '<option value="HOLD_RESIDENT" selected>挂起:待居民预约</option>' in page


def test_an_id_of_thousands_of_digits_is_nobody(desk: Desk) -> None:
    for path in ("/admin/staff/details/?id=", "/admin/dashboard/?street="):
        assert desk.get(path + "9" * 5000, Role.CO).status_code == 404


def test_a_shift_with_one_person_is_a_gap(desk: Desk) -> None:
    office = desk.scene.place.office
    first, second = (make_staff(office, account=make_account(name=name)) for name in ("值守甲", "值守乙"))
    make_shift(first, clock.china(2026, 11, 18, 0), hours=24)
    make_shift(second, clock.china(2026, 11, 18, 8), hours=16)
    page = desk.get("/admin/roster/?week=2026-11-18").text
    assert "00:00–08:00 缺 1 人" in page
    assert "08:00–24:00" not in page
    assert "值守甲" in page


def test_the_roster_of_another_office_is_not_found(desk: Desk) -> None:
    other = make_place()
    assert desk.get(f"/admin/roster/?office={other.office.id}", Role.CO).status_code == 404
    assert desk.get("/admin/roster/?week=never").status_code == 422


def test_the_desk_decides_about_homes_with_a_reason(desk: Desk) -> None:
    good = make_binding(
        make_account(name="申请人甲"), desk.scene.place.homes[2], status="pending", method="review"
    )
    bad = make_binding(make_account(), desk.scene.place.homes[3], status="pending", method="review")
    page = desk.get("/admin/bindings/").text
    assert "申***" in page
    assert "申请人甲" not in page
    client, token = desk.client(), csrf_of(page)
    plain = {"csrf_token": token, "decision": "accept", "request_id": "accept-this-one"}
    client.post(f"/admin/bindings/{good.id}/decide", data=plain)
    client.post(f"/admin/bindings/{good.id}/decide", data=plain)
    refuse = {"csrf_token": token, "decision": "reject", "request_id": "refuse-this-one", "reason": ""}
    client.post(f"/admin/bindings/{bad.id}/decide", data=refuse)
    db.session.expire_all()
    db.session.rollback()
    assert (good.status, bad.status) == ("active", "pending")
    told = {**refuse, "request_id": "refuse-with-words", "reason": "请带房本到管理处"}
    client.post(f"/admin/bindings/{bad.id}/decide", data=told)
    db.session.rollback()
    assert (bad.status, bad.reason) == ("rejected", "请带房本到管理处")


def test_the_bureau_reads_business_records_and_the_auditor_all(desk: Desk) -> None:
    order_id = desk.scene.submit().order_id
    desk.post(f"/admin/order-commands/{order_id}/contact", {"reason": "回访"})
    make_hat(Role.AUA, account=(account := make_account(name="示范审计")))
    make_credential(account, login_name="aua")
    auditor = desk.app.test_client()
    sign_in(auditor, "aua")
    whole, business = auditor.get("/admin/audit/").text, desk.get("/admin/audit/", Role.BUR).text
    for page in (whole, business):
        assert "原因:回访" in page
    assert "<td>登录</td>" in whole
    assert "<td>登录</td>" not in business
    filtered = auditor.get("/admin/audit/?action=session.sign_in").text
    assert "原因:回访" not in filtered


def test_the_bell_counts_what_is_unread_and_only_ones_own(desk: Desk) -> None:
    def tell() -> None:
        for role, key in ((Role.DSP, "mine"), (Role.MGR, "theirs")):
            note = Notification(
                account_id=desk.scene.by(role).account_id,
                unique_key=key,
                template="clock",
                title=f"给{role.value}",
                body="请处理",
                created_at=clock.now(),
            )
            db.session.add(note)

    transact(tell)
    page = desk.get("/admin/inbox/").text
    assert "给DSP" in page
    assert "给MGR" not in page
    assert "消息,1 条未读" in page
    desk.client().post("/admin/inbox/read", data={"csrf_token": desk.token(Role.DSP)})
    assert "条未读" not in desk.get("/admin/inbox/").text
    assert "消息,1 条未读" in desk.get("/admin/inbox/", Role.MGR).text


def test_empty_lists_say_why_they_are_empty(desk: Desk) -> None:
    assert "还没有工单" in desk.get("/admin/orders/").text
    assert "没有等待审核的住房" in desk.get("/admin/bindings/").text
    assert "还没有消息" in desk.get("/admin/inbox/").text
    assert "可以安心交班" in desk.get("/admin/handover/").text
