"""派工方式, 督办与约谈, 没收到消息: the pages on which people decide, and the order's page that says why."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from app.audit.models import AuditRecord
from app.companies.models import Office
from app.core import clock
from app.core.db import db, transact
from app.core.outbox import dispatch_one
from app.core.roles import Role
from app.orders.sweeping import sweep
from app.reactions.table import REACTIONS
from app.supervision import drafting
from app.supervision.draft_models import SupervisionDraft
from tests.admin.conftest import Desk
from tests.engines import both_engines
from tests.factories.places import make_place
from tests.factories.staffroom import ACCEPT_JSON


def submit(desk: Desk, url: str, role: Role, **form: str):
    """A form as the page sends it."""
    fields = {"csrf_token": desk.token(role), "request_id": secrets.token_hex(12), **form}
    return desk.client(role).post(url, data=fields)


def react_now() -> None:
    sweep()
    while dispatch_one(REACTIONS):
        pass


def chosen(desk: Desk) -> str:
    db.session.rollback()
    return db.session.scalars(select(Office.dispatching).where(Office.id == desk.scene.place.office.id)).one()


@both_engines
@pytest.mark.parametrize("role", [Role.MGR, Role.CO])
def test_manager_and_company_choose_how_their_office_dispatches(desk: Desk, role: Role) -> None:
    page = desk.get("/admin/dispatching/", role).text
    assert "师傅抢单" in page
    url = f"/admin/dispatching/{desk.scene.place.office.id}"
    assert submit(desk, url, role, mode="rotate").status_code == 302
    assert chosen(desk) == "rotate"
    assert "轮流派单" in desk.get("/admin/dispatching/", role).text
    record = db.session.scalars(select(AuditRecord).where(AuditRecord.action == "office.dispatching")).one()
    assert record.role == role.value


def test_nobody_else_chooses_and_nobody_for_another_office(desk: Desk) -> None:
    url = f"/admin/dispatching/{desk.scene.place.office.id}"
    for role in (Role.DSP, Role.BUR):
        assert desk.get("/admin/dispatching/", role).status_code == 403
        assert submit(desk, url, role, mode="auto").status_code == 403
    other = transact(make_place).office.id
    assert submit(desk, f"/admin/dispatching/{other}", Role.MGR, mode="auto").status_code == 404
    submit(desk, url, Role.MGR, mode="lottery")
    assert chosen(desk) == "assign"


def overdue(desk: Desk) -> int:
    """Two clocks broken on one order, an hour ago."""
    order_id = desk.scene.submit(at=clock.now() - timedelta(hours=1)).order_id
    react_now()
    return order_id


def drafts() -> list[SupervisionDraft]:
    db.session.rollback()
    return list(db.session.scalars(select(SupervisionDraft).order_by(SupervisionDraft.id)))


@both_engines
def test_the_bureau_reads_drafts_sends_one_and_drops_the_other(desk: Desk) -> None:
    overdue(desk)
    interview, rectify = drafts()
    page = desk.get("/admin/drafts/", Role.BUR).text
    assert "约谈通知" in page
    assert interview.basis in page
    words = "请企业负责人周一上午到房管局约谈,说明多次超时的原因。"
    assert submit(desk, f"/admin/drafts/{interview.id}/send", Role.BUR, text=words).status_code == 302
    assert submit(desk, f"/admin/drafts/{rectify.id}/drop", Role.BUR, reason="先约谈再说").status_code == 302
    assert [(each.state, each.note) for each in drafts()] == [("sent", ""), ("dropped", "先约谈再说")]
    assert words in desk.get("/admin/drafts/?state=sent", Role.BUR).text
    again = submit(desk, f"/admin/drafts/{rectify.id}/send", Role.BUR, text=words)
    assert again.status_code == 302
    assert drafts()[1].state == "dropped"


def test_drafts_beyond_one_page_are_reached_and_name_clocks_in_words(desk: Desk, monkeypatch) -> None:
    overdue(desk)
    overdue(desk)
    overdue(desk)
    monkeypatch.setattr(drafting, "SHOWN", 2)
    addresses = ["/admin/drafts/"]
    shown = ""
    while addresses:
        page = desk.get(addresses.pop(), Role.BUR).text
        shown += page
        addresses = [
            unescape(each) for each in re.findall(r'href="(/admin/drafts/\?[^"]*cursor=[^"]*)"', page)
        ]
    kept = drafts()
    assert len(kept) > 2
    assert not [each.id for each in kept if f"/admin/drafts/{each.id}/send" not in shown]
    of_the_office = [each.basis for each in kept if each.order_id is None]
    assert "(接单)" in of_the_office[0]
    assert not [basis for basis in of_the_office if re.search(r"\(C\d", basis)]
    assert desk.get("/admin/drafts/?cursor=x", Role.BUR).status_code == 422


def test_drafts_are_the_bureaus_alone(desk: Desk) -> None:
    overdue(desk)
    draft = drafts()[0]
    for role in (Role.STR, Role.CO, Role.MGR):
        assert desk.get("/admin/drafts/", role).status_code == 403
        assert submit(desk, f"/admin/drafts/{draft.id}/drop", role, reason="不需要了").status_code == 403
    assert submit(desk, "/admin/drafts/987654/drop", Role.BUR, reason="不需要了").status_code == 404


def test_the_order_page_replays_the_ladder_for_who_oversees_it(desk: Desk) -> None:
    order_id = overdue(desk)
    page = desk.get(f"/admin/orders/{order_id}", Role.BUR).text
    assert "时限经过" in page
    assert "到期(L1)" in page
    assert "超时" in page
    assert "时限经过" not in desk.get(f"/admin/orders/{order_id}", Role.DSP).text
    assert "时限经过" not in desk.get(f"/admin/board/data/orders/{order_id}", Role.MGR).text


@both_engines
def test_messages_that_residents_never_got_are_a_number_on_the_board_and_a_list(desk: Desk) -> None:
    assert "没送到的消息" not in desk.get("/admin/board/").text
    with clock.frozen(clock.now() - timedelta(minutes=40)):
        order = desk.scene.submit(at=clock.now(), category_code="G0303", text="监控不亮了")
        while dispatch_one(REACTIONS):
            pass
    assert "没送到的消息 <b>1</b>" in desk.get("/admin/board/").text
    page = desk.get("/admin/unheard/").text
    assert order.number in page
    answer = desk.act(order.order_id, "log_call", result="已电话告诉他")
    assert answer.status_code == 200
    assert "没有漏掉的居民" in desk.get("/admin/unheard/").text
    assert desk.get("/admin/unheard/", Role.CO).status_code == 403


def test_an_emergency_shows_the_desk_whom_to_telephone(desk: Desk) -> None:
    order_id = desk.scene.submit(at=clock.now(), category_code="G0203", text="电线露出来了").order_id
    panel = desk.get(f"/admin/board/data/orders/{order_id}").text
    assert "请逐个打电话" in panel
    assert desk.scene.worker.title in panel
    assert "请逐个打电话" not in desk.get(f"/admin/board/data/orders/{order_id}", Role.CO).text


def test_gas_is_refused_with_the_gas_companys_sentence(desk: Desk) -> None:
    scene = desk.scene
    order_id = scene.submit(at=clock.now(), category_code="G1301", text="楼道里有煤气味").order_id
    scene.accept(order_id)
    answer = desk.act(order_id, "assign", worker_id=scene.worker.id, override_reason="他懂")
    assert (answer.status_code, "燃气公司" in answer.json["message"]) == (422, True)
    sent = desk.act(order_id, "assign", worker_id=scene.worker.id, override_reason="警戒疏散")
    assert sent.json["status"] == "ASSIGNED"


def test_pressing_the_button_twice_decides_once(desk: Desk) -> None:
    """A draft is decided once however often the button is pressed."""
    overdue(desk)
    draft = drafts()[1]
    token, request_id = desk.token(Role.BUR), secrets.token_hex(12)
    for _ in range(2):
        form = {"csrf_token": token, "request_id": request_id, "reason": "先约谈再说"}
        answer = desk.client(Role.BUR).post(f"/admin/drafts/{draft.id}/drop", data=form, headers=ACCEPT_JSON)
        assert answer.status_code == 302
    db.session.rollback()
    dropped = select(AuditRecord).where(AuditRecord.action == "draft.dropped")
    assert len(db.session.scalars(dropped).all()) == 1
