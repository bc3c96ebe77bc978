"""不实报事: the bureau's list and the button that lifts a limit."""

from __future__ import annotations

import secrets

import pytest
from sqlalchemy import select

from app.audit.models import AuditRecord
from app.core.db import db
from app.core.roles import Role
from app.orders.false_reports import LIFT, MANY
from tests.admin.conftest import Desk
from tests.admin.test_front_desk import REPORTS, report

URL = "/admin/false-reports/"


def limited(desk: Desk) -> list[str]:
    """The numbers of five reports that the desk has rejected as untrue."""
    sent = [desk.scene.submit() for _ in range(MANY)]
    for each in sent:
        words = {"text": "到现场没有发现问题,电话核实过", "evidence": "巡查记录"}
        assert desk.act(each.order_id, "reject", reason="untrue", **words).status_code == 200
    return [each.number for each in sent]


def lift(desk: Desk, role: Role = Role.BUR, reason: str = "已当面说明,孩子误报"):
    form = {"csrf_token": desk.token(role), "request_id": secrets.token_hex(12), "reason": reason}
    return desk.client(role).post(f"{URL}{desk.scene.resident.id}/lift", data=form)


def test_the_bureau_reads_who_is_limited_and_why_and_lifts_it_with_a_reason(desk: Desk) -> None:
    numbers = limited(desk)
    page = desk.get(URL, Role.BUR).text
    assert [number for number in numbers if number not in page] == []
    assert desk.scene.resident.name not in page
    assert lift(desk, reason="好").status_code == 302
    assert "请再写具体一点" in desk.get(URL, Role.BUR).text
    assert lift(desk).status_code == 302
    page = desk.get(URL, Role.BUR).text
    assert "已解除,居民会收到通知" in page
    assert "没有受限的居民" in page
    db.session.rollback()
    record = db.session.scalars(select(AuditRecord).where(AuditRecord.action == LIFT)).one()
    assert record.details["reason"] == "已当面说明,孩子误报"
    assert "解除每天报1件的限制" in desk.get("/admin/audit/", Role.BUR).text


@pytest.mark.parametrize("role", [Role.DSP, Role.MGR, Role.CO, Role.STR])
def test_nobody_else_opens_the_list_or_lifts(desk: Desk, role: Role) -> None:
    limited(desk)
    assert desk.get(URL, role).status_code == 403
    assert lift(desk, role).status_code == 403
    db.session.rollback()
    assert db.session.scalars(select(AuditRecord.id).where(AuditRecord.action == LIFT)).all() == []


def test_nobody_is_limited_at_first(desk: Desk) -> None:
    assert "没有受限的居民" in desk.get(URL, Role.BUR).text


def test_the_front_desk_goes_on_writing_down_what_he_says(desk: Desk) -> None:
    limited(desk)
    for place in ("门厅", "三层走廊"):
        assert (
            desk.post(REPORTS, report(desk, phone=desk.scene.resident.phone, place_note=place)).status_code
            == 200
        )


def test_whom_the_bureau_has_nothing_against_is_not_found_whatever_the_form_says(desk: Desk) -> None:
    assert lift(desk, reason="").status_code == 404
    assert lift(desk).status_code == 404
