"""账单 and 收费标准 at the console: who sees what, what the forms do, what wrong figures get."""

from __future__ import annotations

import io
import re
import secrets
from decimal import Decimal

import pytest

from app.audit.service import ensure_head
from app.core import clock
from app.core.db import db, transact
from app.core.roles import Role
from app.core.scope import SYSTEM
from app.estates.models import Estate, Home
from app.fees import issuing, rules, standards
from app.fees.bill_models import Bill
from app.fees.models import FeeStandard, LateFeeClause, ParkingSpace
from app.fees.run_models import BillingRun
from app.fees.standards import NewStandard
from scheduler.jobs.issue_bills import issue_bills
from tests.admin.conftest import Desk
from tests.factories.people import GOOD_PASSWORD, make_credential, make_hat
from tests.factories.places import make_place
from tests.factories.staffroom import sign_in
from tests.live import csrf_of
from tests.miniprogram_api.phones import counted_statements


class MoneyPerson:
    """An accountant or administrator of a company, with a browser of his own."""

    def __init__(self, desk: Desk, role: Role, company_id: int) -> None:
        hat = transact(lambda: make_hat(role, company_id=company_id))
        name = make_credential(hat.account, login_name=f"{role.lower()}-{hat.account_id}").login_name
        db.session.commit()
        self.client = desk.app.test_client()
        assert sign_in(self.client, name, GOOD_PASSWORD).status_code == 302
        self.token = csrf_of(self.client.get("/admin/account/").text)

    def get(self, url: str) -> str:
        answer = self.client.get(url)
        assert answer.status_code == 200, answer.status_code
        return answer.text

    def send(self, url: str, **fields):
        data = {"csrf_token": self.token, "request_id": secrets.token_hex(12), **fields}
        return self.client.post(url, data=data, follow_redirects=True)


@pytest.fixture
def month() -> str:
    return rules.period_of(clock.china_date(clock.now()))


@pytest.fixture
def billed(desk: Desk, month: str) -> Desk:
    """The scene's estate with this month's bills of 286.00."""
    place = desk.scene.place

    def prepare() -> None:
        ensure_head()
        db.session.get_one(Estate, place.estate.id).parking_enabled = True
        for home in place.homes:
            db.session.get_one(Home, home.id).area_m2 = Decimal("110.00")
        wanted = NewStandard(place.estate.id, "property", 26_000, "2026-01", "按建筑面积")
        standards.set_standard(wanted, company_id=place.company.id, by=SYSTEM)

    transact(prepare)
    issuing.issue(month, by=SYSTEM)
    return desk


@pytest.fixture
def accountant(billed: Desk) -> MoneyPerson:
    return MoneyPerson(billed, Role.FIN, billed.scene.place.company.id)


@pytest.fixture
def administrator(billed: Desk) -> MoneyPerson:
    return MoneyPerson(billed, Role.CO, billed.scene.place.company.id)


def newest() -> Bill:
    db.session.rollback()
    return db.session.query(Bill).order_by(Bill.id.desc()).first()


def test_the_accountant_finds_bills_by_home_month_and_state(billed, accountant, month):
    page = accountant.get("/admin/bills/")
    assert page.count("110.00 m² × ¥2.60") == len(billed.scene.place.homes)
    building = billed.scene.place.building.number
    one = accountant.get(f"/admin/bills/?home={building}-1-101&period={month}&state=due")
    assert one.count("110.00 m² × ¥2.60") == 1
    assert "没有符合条件的账单" in accountant.get("/admin/bills/?state=paid")
    assert "没有符合条件的账单" in accountant.get("/admin/bills/?period=2020-01")


def test_another_company_sees_none_of_it(billed, desk):
    other = transact(lambda: make_place().company.id)
    stranger = MoneyPerson(desk, Role.FIN, other)
    assert "没有符合条件的账单" in stranger.get("/admin/bills/")
    bill_id = newest().id
    assert stranger.client.get(f"/admin/bills/{bill_id}").status_code == 404
    refused = stranger.send(f"/admin/bills/{bill_id}/correct", amount="1", reason="想改就改")
    assert refused.status_code == 404
    assert newest().id == bill_id


@pytest.mark.parametrize("role", [Role.DSP, Role.MGR, Role.HOT, Role.BUR])
def test_no_other_hat_opens_these_pages(billed, role):
    assert billed.get("/admin/bills/", role).status_code in (403, 404)
    assert billed.get("/admin/fees/", role).status_code in (403, 404)


def test_a_correction_makes_a_new_version_that_the_page_shows_with_its_reason(accountant):
    bill_id = newest().id
    page = accountant.send(
        f"/admin/bills/{bill_id}/correct", amount="260.00", reason="面积更正为100平方米"
    ).text
    assert "已更正" in page
    new = newest()
    assert (new.amount_fen, new.version) == (26_000, 2)
    shown = accountant.get(f"/admin/bills/{new.id}")
    assert "面积更正为100平方米" in shown
    assert "已作废" in shown


@pytest.mark.parametrize("amount", ["", "abc", "-1", "1e3", "9" * 40, "286.001", "😀", "]]>", "286"])
def test_a_wrong_amount_is_explained_and_writes_nothing(accountant, amount):
    bill = newest()
    page = accountant.send(f"/admin/bills/{bill.id}/correct", amount=amount, reason="面积更正").text
    assert 'class="note note-late"' in page
    assert newest().id == bill.id


def test_the_administrator_reads_bills_and_does_not_correct_them(administrator):
    bill = newest()
    assert "更正后的金额" not in administrator.get(f"/admin/bills/{bill.id}")
    assert (
        administrator.send(f"/admin/bills/{bill.id}/correct", amount="1", reason="想改就改").status_code
        == 403
    )


def test_the_administrator_publishes_a_price_from_the_next_month_on(billed, administrator, month):
    estate_id = str(billed.scene.place.estate.id)
    following = rules.months_later(month, 1)
    wanted = {"estate_id": estate_id, "kind": "property", "price": "2.80", "from_period": following}
    page = administrator.send("/admin/fees/set", **wanted, method="按建筑面积").text
    assert "已公布" in page
    assert "未生效" in page
    refused = administrator.send("/admin/fees/set", **{**wanted, "from_period": month}).text
    assert "最早从下个月起" in refused
    db.session.rollback()
    assert db.session.query(FeeStandard).count() == 2


@pytest.mark.parametrize("price", ["", "二", "-1", "2.60001", "99999999", "1e2", "]]>"])
def test_a_wrong_price_is_explained(billed, administrator, month, price):
    wanted = {"estate_id": str(billed.scene.place.estate.id), "kind": "property", "price": price}
    page = administrator.send("/admin/fees/set", **wanted, from_period=rules.months_later(month, 1)).text
    assert 'class="note note-late"' in page
    assert db.session.query(FeeStandard).count() == 1


def test_the_accountant_does_not_set_prices(billed, accountant, month):
    wanted = {"estate_id": str(billed.scene.place.estate.id), "kind": "property", "price": "9"}
    answer = accountant.send("/admin/fees/set", **wanted, from_period=rules.months_later(month, 1))
    assert answer.status_code == 403
    assert "公布新的标准" not in accountant.get("/admin/fees/")


def test_clause_and_space_are_registered_and_the_space_given_back(billed, administrator, accountant):
    place = billed.scene.place
    clause = {"rate": "0.05", "grace_days": "5", "cap_percent": "30"}
    assert "已登记" in administrator.send(f"/admin/fees/clause/{place.contract.id}", **clause).text
    db.session.rollback()
    assert db.session.query(LateFeeClause).one().rate_millionths == 500
    building = place.building.number
    space = {"estate_id": str(place.estate.id), "number": "地面1", "kind": "parking_public"}
    assert "车位已登记" in accountant.send("/admin/fees/spaces", **space, home=f"{building}-1-101").text
    assert "把房号写全" in accountant.send("/admin/fees/spaces", **space, home="不存在").text
    db.session.rollback()
    row = db.session.query(ParkingSpace).one()
    assert "停止登记" in accountant.send(f"/admin/fees/spaces/{row.id}/end").text


def test_agency_bills_are_read_in_or_every_wrong_line_is_named(billed, accountant, month):
    place = billed.scene.place
    head = "楼号,单元,房号,金额,说明\n"

    def send(text: bytes):
        fields = {
            "estate_id": str(place.estate.id),
            "kind": "water",
            "period": month,
            "due_on": f"{rules.due_on(month)}",
        }
        return accountant.send("/admin/bills/import", **fields, file=(io.BytesIO(text), "water.csv")).text

    building = place.building.number
    wrong = send(f"{head}{building},1,101,86.40,\n{building},1,999,3,\n".encode())
    assert "第3行:没有这一户" in wrong
    assert db.session.query(Bill).filter_by(kind="water").count() == 0
    assert "已写入 1 张" in send(f"{head}{building},1,101,86.40,本期12吨\n".encode("gb18030"))
    assert newest().amount_fen == 8_640
    assert "CSV" in send(b"\xff\xff\xff\x00")
    assert head.strip() in accountant.get("/admin/bills/template.csv")


class _Context:
    @staticmethod
    def stopping() -> bool:
        return False


def test_a_month_begun_at_the_console_is_written_by_the_scheduler_and_the_page_says_so(
    billed, accountant, month
):
    following = rules.months_later(month, 1)
    assert "开始出账" in accountant.send("/admin/bills/issue", period=following).text
    assert re.search(r"<progress", accountant.get("/admin/bills/"))
    issue_bills(_Context())
    db.session.rollback()
    assert db.session.query(Bill).filter_by(period=following).count() == len(billed.scene.place.homes)
    assert all(run.finished_at for run in db.session.query(BillingRun))
    assert "✓ 完成" in accountant.get("/admin/bills/")
    assert "只能出本月或下月" in accountant.send("/admin/bills/issue", period="2020-01").text


def test_the_list_costs_as_many_statements_for_many_bills_as_for_one(billed, accountant, month):
    def cost(url: str) -> int:
        db.session.rollback()
        with counted_statements() as seen:
            accountant.get(url)
        return len(seen)

    building = billed.scene.place.building.number
    one, all_ = f"/admin/bills/?home={building}-1-101", "/admin/bills/?home=01"
    cost(one)
    assert cost(one) == cost(all_)


@pytest.fixture
def estates(billed: Desk) -> tuple[int, int]:
    """The scene's estate, charged 2.60, and another of the same company without a price."""
    other = transact(lambda: make_place(company=billed.scene.place.company))
    return billed.scene.place.estate.id, other.estate.id


def prices_of(estate_id: int) -> list[int]:
    db.session.rollback()
    rows = db.session.query(FeeStandard).filter_by(estate_id=estate_id).order_by(FeeStandard.id)
    return [row.price_hundredths for row in rows]


def test_several_estates_are_raised_and_priced_in_one_form(estates, administrator, month):
    first, second = estates
    page = administrator.get("/admin/fees/batch?kind=property&add=0.10")
    assert re.search(rf'name="price-{first}"[^>]*value="2.70"', page)
    assert re.search(rf'name="price-{second}"[^>]*value=""', page)
    sent = {"kind": "property", "from_period": rules.months_later(month, 1), "method": "按建筑面积"}
    prices = {f"price-{first}": "2.70", f"price-{second}": "1.205"}
    answer = administrator.send("/admin/fees/batch", **sent, **prices).text
    assert "已公布 2 个小区的新单价" in answer
    assert (prices_of(first), prices_of(second)) == ([26_000, 27_000], [12_050])
    assert "2.70," in administrator.get("/admin/fees/batch?kind=property")


def test_a_field_that_is_left_empty_leaves_its_estate_alone(estates, administrator, month):
    first, second = estates
    sent = {"kind": "property", "from_period": rules.months_later(month, 1)}
    page = administrator.send(
        "/admin/fees/batch", **sent, **{f"price-{first}": "", f"price-{second}": "1.20"}
    )
    assert "已公布 1 个小区的新单价" in page.text
    assert (prices_of(first), prices_of(second)) == ([26_000], [12_000])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"from_period": "2026-01"}, "最早从下个月起"),
        ({"from_period": "下个月"}, "月份请写成"),
        ({"first": "两块七"}, "”:单价应为元"),
        ({"first": "99999"}, "单价请填"),
        ({"first": "", "second": ""}, "请填写 1 到"),
    ],
)
def test_a_refused_batch_is_explained_publishes_nothing_and_keeps_what_was_typed(
    estates, administrator, month, wrong, said
):
    first, second = estates
    prices = {f"price-{first}": wrong.get("first", "2.75"), f"price-{second}": wrong.get("second", "1.35")}
    period = wrong.get("from_period", rules.months_later(month, 1))
    page = administrator.send("/admin/fees/batch", kind="property", from_period=period, **prices).text
    assert said in page
    assert f'value="{prices[f"price-{second}"]}"' in page
    assert (prices_of(first), prices_of(second)) == ([26_000], [])


def test_others_read_the_form_and_publish_nothing(estates, accountant, desk, month):
    first, _ = estates
    assert "新单价由企业管理员公布" in accountant.get("/admin/fees/batch")
    stranger = MoneyPerson(desk, Role.CO, transact(lambda: make_place().company.id))
    assert f"price-{first}" not in stranger.get("/admin/fees/batch")
    sent = {"kind": "property", "from_period": rules.months_later(month, 1), f"price-{first}": "9.99"}
    for person in (accountant, stranger):
        person.send("/admin/fees/batch", **sent)
    assert prices_of(first) == [26_000]


def test_a_wrong_raise_is_explained(estates, administrator):
    assert "单价应为元" in administrator.get("/admin/fees/batch?kind=nothing&add=abc")


def test_the_form_costs_the_same_however_many_estates_there_are(estates, administrator, billed):
    with counted_statements() as few:
        administrator.get("/admin/fees/batch")
    for _ in range(3):
        transact(lambda: make_place(company=billed.scene.place.company))
    with counted_statements() as many:
        administrator.get("/admin/fees/batch")
    assert len(many) == len(few)
