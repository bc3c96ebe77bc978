"""The bureau's dashboard over HTTP: figures and lists agree, each hat within its part, exports with a reason."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from admin.csv_export import safe
from app.audit.models import AuditRecord
from app.core import clock, shared_values
from app.core.db import db, transact
from app.core.roles import Role
from app.orders.lifecycle import Status
from app.orders.rules import Clock
from app.supervision.rolling_up import days_to_roll_up, roll_up
from tests.admin.conftest import Desk
from tests.factories import Place, make_place
from tests.supervision.rows import MINUTE, order_row, promise, rating

REGULATORS = [Role.BUR, Role.STR, Role.CO]
LINK = re.compile(r'href="(/admin/dashboard/orders\?[^"]+)"[^>]*>(?:<span[^>]*>[^<]*</span><b>)?([\d,]+)<')


def some_days(place: Place, orders: int = 14) -> None:
    """Orders of the last days, two of three accepted in time, most rated well."""
    for number in range(orders):
        at = clock.now() - timedelta(hours=5 * number + 1)
        order = order_row(place, at, status=Status.CLOSED, finished_at=at + 50 * MINUTE)
        promise(order, Clock.ACCEPT, stopped=at + (20 if number % 3 == 0 else 5) * MINUTE)
        promise(order, Clock.VISIT, stopped=at + 25 * MINUTE)
        promise(order, Clock.REPAIR, limit=40 * MINUTE, stopped=at + (number % 2 * 20 + 30) * MINUTE)
        rating(order, at + 55 * MINUTE, 2 if number % 5 == 0 else 5)
    order_row(place, clock.now() - MINUTE, next_due_at=clock.now() + 14 * MINUTE)


def roll_up_all() -> None:
    for day in days_to_roll_up():
        transact(lambda day=day: roll_up(day))


@pytest.fixture
def neighbour(desk: Desk) -> Place:
    """Another street and company of the same district, with figures of its own."""
    other = make_place(district=desk.scene.place.district)
    transact(lambda: some_days(desk.scene.place))
    transact(lambda: some_days(other, 4))
    roll_up_all()
    return other


def page(desk: Desk, role: Role, query: str = "") -> str:
    answer = desk.get(f"/admin/dashboard/{query}", role)
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("role", REGULATORS)
def test_every_number_of_the_page_leads_to_a_list_of_that_length(
    desk: Desk, neighbour: Place, role: Role
) -> None:
    links = {(html.unescape(url), int(number)) for url, number in LINK.findall(page(desk, role))}
    assert len(links) > 20
    for url, number in links:
        assert rows_of_all_pages(desk, role, url) == number, url


def rows_of_all_pages(desk: Desk, role: Role, url: str) -> int:
    rows, wanted = 0, url
    while wanted:
        text = desk.get(wanted, role).text
        body = text.split("<tbody>")[1].split("</tbody>")[0] if "<tbody>" in text else ""
        rows += body.count("<tr>")
        following = re.search(r'<p class="pager"><a class="button" href="([^"]+)"', text)
        wanted = html.unescape(following.group(1)) if following else ""
    return rows


@pytest.mark.parametrize("role", [Role.STR, Role.CO])
def test_a_street_and_a_company_see_nothing_of_the_other(desk: Desk, neighbour: Place, role: Role) -> None:
    text = page(desk, role) + page(desk, role, "?wall=1&days=7")
    for name in (neighbour.estate.name, neighbour.company.name, neighbour.street.name, neighbour.office.name):
        assert name not in text
    assert neighbour.company.name in page(desk, Role.BUR)


@pytest.mark.parametrize("role", [Role.STR, Role.CO])
@pytest.mark.parametrize("path", ["/admin/dashboard/", "/admin/dashboard/orders"])
def test_ids_of_others_are_not_found(desk: Desk, neighbour: Place, role: Role, path: str) -> None:
    foreign = {"street": neighbour.street.id, "company": neighbour.company.id}
    if path.endswith("orders"):
        foreign |= {"office": neighbour.office.id, "estate": neighbour.estate.id}
    for name, value in foreign.items():
        answer = desk.get(path, role, query_string={name: value, "figure": "new"})
        assert answer.status_code == 404, name


@pytest.mark.parametrize("role", [Role.DSP, Role.MGR, Role.HOT, Role.COM])
def test_other_hats_are_refused(desk: Desk, role: Role) -> None:
    assert desk.get("/admin/dashboard/", role).status_code == 403
    assert desk.get("/admin/dashboard/orders?figure=new", role).status_code == 403


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("figure=K99", 422),
        ("figure=K01&outcome=maybe", 422),
        ("figure=new&from=2026-13-01", 422),
        ("figure=new&from=2026-11-20&to=2026-11-01", 422),
        ("figure=new&from=2001-01-01&to=2026-11-01", 422),
        ("figure=K01&category=G0201", 422),
        ("figure=new&category=XXXXX", 404),
        ("figure=new&estate=abc", 404),
        ("figure=new&until=99999999999999999", 404),
        ("figure=new&cursor=nonsense", 422),
    ],
)
def test_what_makes_no_sense_is_refused(desk: Desk, query: str, status: int) -> None:
    assert desk.get(f"/admin/dashboard/orders?{query}", Role.BUR).status_code == status


def test_the_number_of_statements_does_not_grow_with_orders(desk: Desk, neighbour: Place) -> None:
    path = "/admin/dashboard/"
    desk.statements(path, Role.BUR)  # the calendar is read once and kept
    few = desk.statements(path, Role.BUR)
    transact(lambda: some_days(desk.scene.place, 60))
    roll_up_all()
    assert desk.statements(path, Role.BUR) == few


def test_the_page_says_when_its_figures_are_old_or_missing(desk: Desk) -> None:
    assert "还没有统计数据" in page(desk, Role.BUR)
    roll_up_all()
    assert "数据截至" in page(desk, Role.BUR)
    clock.set_offset(timedelta(minutes=10))
    transact(lambda: _move_clock(timedelta(minutes=10)))
    assert "统计任务没有按时运行" in page(desk, Role.BUR)


def _move_clock(by: timedelta) -> None:
    shared_values.write(shared_values.CLOCK_OFFSET, str(by // timedelta(milliseconds=1)))


def test_without_orders_every_list_says_why_it_is_empty(desk: Desk) -> None:
    roll_up_all()
    text = page(desk, Role.BUR)
    assert "此刻没有等待接单的工单" in text
    assert "这段时间还没有工单" in text
    assert "100.0%" not in text
    assert "没有这样的工单" in desk.get("/admin/dashboard/orders?figure=K10", Role.BUR).text


def test_the_list_masks_the_home_for_bureau_and_company(desk: Desk) -> None:
    def in_home() -> None:
        home = desk.scene.place.homes[0]
        order_row(
            desk.scene.place,
            clock.now() - MINUTE,
            menu="EMG",
            home_id=home.id,
            place_public="3号楼",
            place_full="3号楼1单元101",
        )

    transact(in_home)
    for role in REGULATORS:
        text = desk.get("/admin/dashboard/orders?figure=unaccepted", role).text
        assert "3号楼" in text
        assert "101" not in text.split("<tbody>")[1].split("</tbody>")[0]


def export(desk: Desk, role: Role, **form: str):
    data = {"csrf_token": desk.token(role), "table": "company", "reason": "十一月例会材料", **form}
    return desk.client(role).post("/admin/dashboard/export", data=data)


def test_an_export_carries_figures_with_their_version_and_is_audited(desk: Desk, neighbour: Place) -> None:
    answer = export(desk, Role.BUR)
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/csv")
    head, *rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert head[:4] == ["物业企业", "K01 接单及时率(公式第1版)", "分子", "分母"]
    assert {row[0] for row in rows} == {desk.scene.place.company.name, neighbour.company.name}
    record = db.session.scalars(select(AuditRecord).where(AuditRecord.action == "export.dashboard")).one()
    assert record.details["reason"] == "十一月例会材料"
    assert (record.object_id, record.role, record.details["rows"]) == ("company", "BUR", 2)


@pytest.mark.parametrize("table", ["street", "company", "trend", "categories", "hot_estates"])
def test_every_table_of_the_page_can_be_exported(desk: Desk, neighbour: Place, table: str) -> None:
    assert export(desk, Role.BUR, table=table).status_code == 200


@pytest.mark.parametrize(
    "form", [{"reason": ""}, {"reason": " 无 "}, {"table": "accounts"}, {"table": "office"}]
)
def test_an_export_without_reason_or_of_another_table_is_refused_and_not_audited(
    desk: Desk, neighbour: Place, form: dict[str, str]
) -> None:
    assert export(desk, Role.BUR, **form).status_code == 422
    assert db.session.scalars(select(AuditRecord).where(AuditRecord.action == "export.dashboard")).all() == []


def test_an_export_of_another_company_is_not_found(desk: Desk, neighbour: Place) -> None:
    answer = export(desk, Role.CO, table="estate", company=str(neighbour.company.id))
    assert answer.status_code == 404
    own = export(desk, Role.CO, table="estate").get_data(as_text=True)
    assert neighbour.estate.name not in own
    assert desk.scene.place.estate.name in own


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1"])
def test_no_cell_is_taken_for_a_formula(cell: str) -> None:
    assert safe(cell).startswith("'")
    assert safe("示范物业") == "示范物业"
    assert safe(12) == "12"


def test_links_keep_the_place_and_the_instant_of_the_figures(desk: Desk, neighbour: Place) -> None:
    text = page(desk, Role.BUR, f"?company={neighbour.company.id}&days=7")
    queries = [parse_qs(urlsplit(html.unescape(url)).query) for url, _ in LINK.findall(text)]
    assert {tuple(query["company"]) for query in queries} == {(str(neighbour.company.id),)}
    today = clock.china_date(clock.now()).isoformat()
    assert all("until" in query for query in queries if query.get("to") == [today])


def test_an_indicator_without_cases_says_so_instead_of_drawing_nothing(desk: Desk) -> None:
    transact(lambda: order_row(desk.scene.place, clock.now() - MINUTE))
    roll_up_all()
    text = page(desk, Role.BUR)
    assert "这段时间还没有评价" in text
    assert "这段时间还没有到期的时限" in text
