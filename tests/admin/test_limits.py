"""Limits, parameters, emergency periods and the trial of another limit, over HTTP as two persons of the bureau."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.audit.models import AuditRecord
from app.audit.service import ensure_head
from app.core import clock
from app.core.calendar_days import install_standard, known_calendar
from app.core.calendar_models import CalendarDay
from app.core.clock import china
from app.core.db import db, transact
from app.core.roles import Role
from app.orders.clock_models import DeadlinePolicy
from app.orders.declaration_models import Declaration
from app.orders.proposal_models import Proposal
from tests.admin.conftest import Desk
from tests.factories.people import GOOD_PASSWORD, make_credential, make_hat
from tests.factories.places import make_place
from tests.factories.staffroom import sign_in
from tests.live import csrf_of

M = timedelta(minutes=1)


class Officer:
    """Another person of the bureau with a browser of his own."""

    def __init__(self, desk: Desk, district_id: int) -> None:
        hat = transact(lambda: make_hat(Role.BUR, district_id=district_id))
        name = make_credential(hat.account, login_name=f"bur-{hat.account_id}").login_name
        db.session.commit()
        self.client = desk.app.test_client()
        assert sign_in(self.client, name, GOOD_PASSWORD).status_code == 302
        self.token = csrf_of(self.client.get("/admin/account/").text)

    def send(self, url: str, **fields: str):
        data = {"csrf_token": self.token, "request_id": secrets.token_hex(12), **fields}
        return self.client.post(url, data=data, follow_redirects=True)


@pytest.fixture
def officers(desk: Desk) -> tuple[Officer, Officer]:
    """Two who decide together."""
    transact(ensure_head)
    transact(install_standard)
    district_id = desk.scene.place.district.id
    return Officer(desk, district_id), Officer(desk, district_id)


def tomorrow() -> str:
    return f"{clock.china_date(clock.now()) + timedelta(days=1)}"


def propose(officer: Officer, **fields: str):
    wanted = {"clock": "C2", "limit": "20", "valid_on": tomorrow(), "reason": "按例会决定", **fields}
    return officer.send("/admin/limits/propose-limit", **wanted)


def newest_id() -> int:
    db.session.rollback()
    return db.session.scalars(select(Proposal.id).order_by(Proposal.id.desc()).limit(1)).one()


def test_one_proposes_another_grants_and_the_page_shows_old_and_new(desk: Desk, officers) -> None:
    first, second = officers
    page = propose(first, urgency="P2", also_running="yes").text
    assert "等另一位监管人员批准" in page
    assert "要由另一个人批准" in page
    proposal_id = newest_id()
    refused = first.send(f"/admin/limits/{proposal_id}/decide", decision="grant").text
    assert "不能自己批准自己提出的" in refused
    granted = second.send(f"/admin/limits/{proposal_id}/decide", decision="grant").text
    assert "已批准,到日期自动生效" in granted
    assert "20 分钟" in granted
    assert "30 分钟" in granted
    assert "未生效" in granted
    db.session.rollback()
    row = db.session.scalars(select(DeadlinePolicy).where(DeadlinePolicy.proposal_id == proposal_id)).one()
    assert (row.limit_ms, row.urgency, row.also_running) == (20 * 60_000, "P2", True)
    actions = set(db.session.scalars(select(AuditRecord.action)))
    assert {"proposal.propose", "proposal.grant"} <= actions


def test_the_same_form_twice_is_one_proposal(desk: Desk, officers) -> None:
    first, _ = officers
    for _ in range(2):
        propose(first, request_id="once-and-only-once")
    db.session.rollback()
    assert len(db.session.scalars(select(Proposal.id)).all()) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"limit": "半小时"}, "整数"),
        ({"limit": "99999999999999999999"}, "整数"),
        ({"limit": "9" * 5000}, "整数"),
        ({"valid_on": "明天"}, "日期"),
        ({"valid_on": "2020-01-01"}, "最早是明天"),
        ({"estate": "没有这个小区"}, "没有找到这个小区"),
        ({"street_id": "x"}, "列表"),
        ({"street_id": "0" * 5000}, "列表"),
        ({"clock": "C99"}, "请选择时限"),
        ({"reason": "短"}, "具体"),
    ],
)
def test_a_wrong_form_is_explained_and_writes_nothing(desk: Desk, officers, wrong, said) -> None:
    page = propose(officers[0], **wrong).text
    assert re.search(rf'<p class="note note-late" role="alert">[^<]*{said}', page)
    db.session.rollback()
    assert db.session.scalars(select(Proposal.id)).all() == []


def test_a_parameter_is_changed_by_two_persons_too(desk: Desk, officers) -> None:
    first, second = officers
    sent = {"key": "night_deferral", "value": "on", "valid_on": tomorrow(), "reason": "居民夜里休息"}
    assert "已提出" in first.send("/admin/limits/propose-value", **sent).text
    page = second.send(f"/admin/limits/{newest_id()}/decide", decision="refuse", note="再议").text
    assert "已退回" in page
    assert "未采纳" in page
    assert "居民夜里休息" in page
    assert '<option value="on">顺延</option>' in page
    assert "<td>不顺延</td><td>顺延</td>" in page


def test_another_district_cannot_decide_and_other_hats_do_not_come_in(desk: Desk, officers) -> None:
    propose(officers[0])
    proposal_id = newest_id()
    stranger = Officer(desk, transact(make_place).district.id)
    assert stranger.send(f"/admin/limits/{proposal_id}/decide", decision="grant").status_code == 404
    assert desk.get("/admin/limits/", Role.STR).status_code == 403
    assert desk.post("/admin/limits/propose-limit", {}, Role.CO).status_code == 403


def test_an_emergency_period_is_declared_shown_and_lifted(desk: Desk, officers) -> None:
    officer = officers[0]
    begins = clock.in_china(clock.now())
    sent = {
        "begins_at": f"{begins + M:%Y-%m-%dT%H:%M}",
        "ends_at": f"{begins + timedelta(hours=5):%Y-%m-%dT%H:%M}",
        "reason": "暴雨红色预警",
        "estate": desk.scene.place.estate.name,
    }
    page = officer.send("/admin/emergencies/declare", **sent).text
    assert "应急期已公布" in page
    assert desk.scene.place.estate.name in page
    db.session.rollback()
    declared = db.session.scalars(select(Declaration)).one()
    assert declared.street_id == desk.scene.place.street.id
    assert "已提前解除" in officer.send(f"/admin/emergencies/{declared.id}/lift").text
    assert "这个应急期已经结束" in officer.send(f"/admin/emergencies/{declared.id}/lift").text
    wrong = officer.send("/admin/emergencies/declare", **{**sent, "ends_at": sent["begins_at"]}).text
    assert "结束时间应晚于开始时间" in wrong


@pytest.fixture
def visits(desk: Desk) -> str:
    """Two visits of last month, after 10 and after 25 minutes; the question that asks for it."""
    today = clock.china_date(clock.now())
    at = china(today.year, today.month, 1, 12) - timedelta(days=5)
    for minutes in (10, 25):
        order_id = desk.scene.submit(at=at).order_id
        desk.scene.accept(order_id, after=M)
        desk.scene.assign(order_id, after=M)
        desk.scene.check_in(order_id, at=at + minutes * M)
    return f"clock=C2&from=30&to=20&month={clock.in_china(at):%Y-%m}"


def test_the_trial_says_what_another_limit_would_have_cost(desk: Desk, officers, visits: str) -> None:
    officer = officers[0]
    page = officer.client.get(f"/admin/what-if/?{visits}").text
    assert "由 30 分钟 改为 20 分钟" in page
    assert re.search(r"及时率 <b>100.0% → 50.0%</b>", page)
    assert "由按时变超时 1 单" in page
    assert 'data-chart="{' in page
    assert desk.scene.place.office.name in page
    empty = officer.client.get(f"/admin/what-if/?{visits.replace('from=30', 'from=31')}").text
    assert "这个月没有这样的时限" in empty


def test_the_trial_is_exported_with_a_reason_on_record(desk: Desk, officers, visits: str) -> None:
    officer = officers[0]
    fields = dict(pair.split("=") for pair in visits.split("&"))
    assert officer.send("/admin/what-if/export", **fields, reason="").status_code == 422
    answer = officer.send("/admin/what-if/export", **fields, reason="时限论证材料")
    assert answer.mimetype == "text/csv"
    head, line, total = answer.text.lstrip("\ufeff").splitlines()
    assert head.startswith("管理处,现行判定数")
    assert line == f"{desk.scene.place.office.name},2,2,100.0%,2,1,50.0%,1,0"
    assert total.startswith("合计,2")
    record = db.session.scalars(select(AuditRecord).where(AuditRecord.action == "export.what_if")).one()
    assert record.details["reason"] == "时限论证材料"


@pytest.mark.parametrize("query", ["clock=C99&from=1&to=2", "clock=C2&from=a&to=2", "clock=C2&from=30&to=30"])
def test_a_question_that_makes_no_sense_is_explained(desk: Desk, officers, query: str) -> None:
    assert officers[0].client.get(f"/admin/what-if/?{query}").status_code == 422
    assert officers[0].client.get("/admin/what-if/?clock=C2&from=30&to=20&street_id=9999").status_code == 404


def test_a_missing_calendar_is_said_on_every_page_of_those_who_should_know(desk: Desk, officers) -> None:
    words = "年的工作日历"
    if clock.in_china(clock.now()).month < 12 and clock.in_china(clock.now()).year == 2026:
        assert words not in desk.get("/admin/inbox/", Role.BUR).text
    transact(lambda: db.session.query(CalendarDay).delete())
    known_calendar.forget()
    assert words in desk.get("/admin/inbox/", Role.BUR).text
    assert words in desk.get("/admin/inbox/", Role.CO).text
    assert words not in desk.get("/admin/inbox/", Role.DSP).text
