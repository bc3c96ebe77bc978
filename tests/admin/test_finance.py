"""财务: ledger, vouchers, reconciliation, settlements, reports, public revenue over HTTP, by those who keep books."""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import event, func, select

from admin.finance_words import subject_words
from app.accounts.models import Account as Person
from app.audit.models import AuditRecord
from app.audit.service import ensure_head
from app.books import revenue
from app.books.accounts import Account
from app.books.models import LedgerEntry
from app.books.quarters import Quarter, quarter_of
from app.books.revenue_models import RevenueReport
from app.books.voucher_models import Direction, Voucher, VoucherPhoto
from app.core import clock
from app.core.clock import china_date
from app.core.db import db, transact
from app.core.roles import Role
from app.core.scope import Scope
from app.reconciliation.models import ReconciliationCase, SettlementBatch
from tests.admin.conftest import Desk
from tests.books.bookkeeping import Keepers, booked, entered, make_keepers, public_income, today, wanted
from tests.factories.money import bill_parts, make_merchant
from tests.factories.people import GOOD_PASSWORD, make_credential
from tests.factories.staffroom import sign_in
from tests.live import csrf_of
from tests.miniprogram_api.phones import picture
from tests.reconciliation.billing import Billing, night, paid

PAGES = (
    "/admin/finance-ledger/",
    "/admin/finance-vouchers/",
    "/admin/finance-reconciliation/",
    "/admin/finance-settlements/",
    "/admin/finance-reports/",
    "/admin/finance-reports/?report=expense",
    "/admin/finance-reports/?report=balance",
    "/admin/finance-revenue/",
)


@dataclass
class Browser:
    """One keeper of the books at the console."""

    client: object
    token: str

    def get(self, url: str):
        return self.client.get(url)

    def send(self, url: str, **fields):
        data = {"csrf_token": self.token, "request_id": secrets.token_hex(12), **fields}
        return self.client.post(url, data=data, follow_redirects=True)


@dataclass
class Office:
    """A company's three keepers with their browsers."""

    keepers: Keepers
    first: Browser
    second: Browser
    admin: Browser


def browser(desk: Desk, scope: Scope) -> Browser:
    account = db.session.get_one(Person, scope.account_id)
    name = make_credential(account, login_name=f"keeper-{account.id}").login_name
    db.session.commit()
    client = desk.app.test_client()
    assert sign_in(client, name, GOOD_PASSWORD).status_code == 302
    return Browser(client, csrf_of(client.get("/admin/account/").text))


def make_office(desk: Desk, keepers: Keepers) -> Office:
    people = (browser(desk, scope) for scope in (keepers.first, keepers.second, keepers.admin))
    return Office(keepers, *people)


@pytest.fixture
def office(desk: Desk) -> Office:
    transact(ensure_head)
    return make_office(desk, make_keepers(desk.scene.place))


def voucher_fields(**other: str) -> dict[str, str]:
    plain = {"kind": "property:expense:cleaning", "amount": "1,280.5", "happened_on": f"{today()}"}
    return {**plain, "memo": "十一月保洁费", "counter": "bank", **other}


def newest(model) -> int:
    db.session.rollback()
    return db.session.scalars(select(model.id).order_by(model.id.desc()).limit(1)).one()


def reconciled(keepers: Keepers) -> None:
    """Yesterday with a settlement of two payments and one open difference."""
    billing = Billing()
    with clock.frozen(clock.now() - timedelta(days=2)):
        make_merchant(keepers.place.company, valid_from=china_date(clock.now()))
        paid(keepers.place, billing, parts=bill_parts(28600))
        paid(keepers.place, billing, fen=9900)
        paid(keepers.place, billing, fen=5500, billed=False)
    night(billing)


@pytest.mark.parametrize("url", PAGES)
def test_every_page_opens_empty_for_both_hats_and_for_nobody_else(
    desk: Desk, office: Office, url: str
) -> None:
    for one in (office.first, office.admin):
        page = one.get(url)
        assert page.status_code == 200
        assert 'class="empty"' in page.text
    for role in (Role.BUR, Role.STR, Role.DSP, Role.MGR):
        assert desk.get(url, role).status_code == 403


def test_the_column_offers_the_pages_to_accountants_and_to_nobody_else(desk: Desk, office: Office) -> None:
    assert "/admin/finance-ledger/" in office.first.get("/admin/inbox/").text
    assert "/admin/finance-ledger/" in office.admin.get("/admin/inbox/").text
    for role in (Role.BUR, Role.DSP):
        assert "/admin/finance-" not in desk.get("/admin/inbox/", role).text


def test_a_voucher_goes_through_three_browsers_into_the_ledger(office: Office) -> None:
    page = office.first.send("/admin/finance-vouchers/enter", **voucher_fields()).text
    assert "已提交,等另一位同事审核" in page
    here = f"/admin/finance-vouchers/{newest(Voucher)}"
    own = office.first.get(here).text
    assert "/approve" not in own
    assert "这一步要由另一位同事做" not in own
    assert "制单、审核、核对要由不同的人做" in office.first.send(f"{here}/approve").text
    assert "已入账" in office.second.send(f"{here}/approve").text
    assert (
        "制单、审核、核对要由不同的人做"
        in office.second.send(f"{here}/reconcile", reference="流水 8801").text
    )
    assert "这一步要由另一位同事做" not in office.admin.get(here).text
    done = office.admin.send(f"{here}/reconcile", reference="流水 8801").text
    assert "已核对" in done
    assert "流水 8801" in done
    ledger = office.admin.get("/admin/finance-ledger/").text
    assert "1,280.50" in ledger
    assert "借贷相等" in ledger
    assert here in ledger


def test_the_same_form_twice_is_one_voucher(office: Office) -> None:
    for _ in range(2):
        office.first.send("/admin/finance-vouchers/enter", **voucher_fields(request_id="once-and-only-once"))
    db.session.rollback()
    assert db.session.scalar(select(func.count(Voucher.id))) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"amount": ""}, "128.50 这样"),
        ({"amount": "-5"}, "128.50 这样"),
        ({"amount": "1.234"}, "128.50 这样"),
        ({"amount": "九百"}, "128.50 这样"),
        ({"amount": "٥٠"}, "128.50 这样"),
        ({"amount": "9" * 5000}, "128.50 这样"),
        ({"amount": "0.00"}, "大于 0"),
        ({"amount": "999999999"}, "一亿"),
        ({"kind": "property:expense:channel_fee"}, "收支科目"),
        ({"kind": "fund:income:bank"}, "收支科目"),
        ({"kind": "😀"}, "收支科目"),
        ({"counter": "wechat"}, "银行存款"),
        ({"happened_on": "昨天"}, "日期"),
        ({"happened_on": "2099-01-01"}, "400 天"),
        ({"memo": " "}, "具体"),
        ({"memo": "长" * 200}, "缩短"),
        ({"estate_id": "999999"}, "小区"),
        ({"estate_id": "x"}, "列表"),
        ({"kind": "revenue:income:advertising"}, "哪个小区"),
    ],
)
def test_a_wrong_form_is_explained_and_writes_nothing(office: Office, wrong, said: str) -> None:
    page = office.first.send("/admin/finance-vouchers/enter", **voucher_fields(**wrong)).text
    assert '<p class="note note-late" role="alert">' in page
    assert said in page
    db.session.rollback()
    assert db.session.scalar(select(func.count(Voucher.id))) == 0


def test_words_of_a_person_are_shown_as_text(office: Office) -> None:
    memo = "]]><script>alert(1)</script>😀"
    office.first.send("/admin/finance-vouchers/enter", **voucher_fields(memo=memo))
    page = office.first.get("/admin/finance-vouchers/").text
    assert "<script>alert" not in page
    assert "😀" in page


def test_a_receipt_is_shown_with_its_voucher_and_what_is_no_photo_is_refused(office: Office) -> None:
    photo = (io.BytesIO(picture()), "receipt.jpg")
    office.first.send("/admin/finance-vouchers/enter", **voucher_fields(photos=photo))
    voucher_id = newest(Voucher)
    assert db.session.scalar(select(func.count(VoucherPhoto.id))) == 1
    assert "/media/" in office.second.get(f"/admin/finance-vouchers/{voucher_id}").text
    text = (io.BytesIO(b"no picture at all"), "receipt.jpg")
    page = office.first.send("/admin/finance-vouchers/enter", **voucher_fields(photos=text)).text
    assert 'role="alert"' in page
    db.session.rollback()
    assert db.session.scalar(select(func.count(Voucher.id))) == 1


def test_a_mistake_is_reversed_and_not_edited(office: Office) -> None:
    voucher = booked(office.keepers, wanted())
    here = f"/admin/finance-vouchers/{voucher.id}"
    assert "冲销凭证已提交" in office.first.send(f"{here}/reverse", why="记重了").text
    assert "不能再冲一次" in office.second.send(f"{here}/reverse", why="记重了").text
    reversal = f"/admin/finance-vouchers/{newest(Voucher)}"
    office.admin.send(f"{reversal}/approve")
    assert "看原凭证" in office.admin.get(reversal).text
    db.session.rollback()
    assert db.session.scalar(select(func.count(LedgerEntry.id))) == 2


def test_a_rejected_voucher_says_why(office: Office) -> None:
    voucher_id = entered(office.keepers).id
    page = office.second.send(f"/admin/finance-vouchers/{voucher_id}/reject", why="没有发票").text
    assert "已退回,没有入账" in page
    assert "没有发票" in page
    assert "没有发票" not in office.second.get("/admin/finance-vouchers/?state=entered").text


def test_another_company_opens_nothing_by_its_number(desk: Desk, office: Office) -> None:
    voucher_id = booked(office.keepers, wanted()).id
    reconciled(office.keepers)
    case_id, batch_id = newest(ReconciliationCase), newest(SettlementBatch)
    stranger = make_office(desk, make_keepers())
    for url in (f"/admin/finance-vouchers/{voucher_id}", f"/admin/finance-settlements/{batch_id}"):
        assert stranger.first.get(url).status_code == 404
    for url in (
        f"/admin/finance-vouchers/{voucher_id}/approve",
        f"/admin/finance-reconciliation/{case_id}/close",
    ):
        fields = {"state": "settled", "note": "不是我们的", "reference": "0000"}
        assert stranger.first.send(url, **fields).status_code == 404
    estate_id = office.keepers.estate_id
    assert stranger.first.get(f"/admin/finance-ledger/?estate_id={estate_id}").status_code == 404


def test_a_form_without_a_token_is_refused(office: Office) -> None:
    answer = office.first.client.post("/admin/finance-vouchers/enter", data=voucher_fields())
    assert answer.status_code in (302, 400, 403)
    assert db.session.scalar(select(func.count(Voucher.id))) == 0


def test_a_difference_is_worked_off_with_a_word(office: Office) -> None:
    reconciled(office.keepers)
    case_id = newest(ReconciliationCase)
    page = office.first.get("/admin/finance-reconciliation/").text
    assert "平台有,微信账单没有" in page
    assert "1 处差异待处理" in page
    here = f"/admin/finance-reconciliation/{case_id}/close"
    assert "具体" in office.first.send(here, state="settled", note="短").text
    assert "请选择" in office.first.send(here, state="open", note="还没有处理").text
    assert "已处理" in office.first.send(here, state="settled", note="次日账单已补上").text
    assert "已经处理过" in office.admin.send(here, state="explained", note="又说一次原因").text
    assert "次日账单已补上" in office.admin.get("/admin/finance-reconciliation/?state=settled").text
    assert "没有待处理的差异" in office.admin.get("/admin/finance-reconciliation/").text


def test_settlements_show_what_is_on_its_way_and_what_has_come(office: Office) -> None:
    reconciled(office.keepers)
    paid(office.keepers.place, Billing(), fen=77700)
    page = office.first.get("/admin/finance-settlements/").text
    assert "777.00" in page
    assert "385.00" in page
    batch_id = newest(SettlementBatch)
    one = office.admin.get(f"/admin/finance-settlements/{batch_id}").text
    assert "286.00" in one
    assert "到账净额" in one


def test_reports_show_their_sums_and_the_chart_has_its_table(office: Office) -> None:
    keepers = office.keepers
    booked(keepers, wanted())
    booked(keepers, wanted(account=Account.SECURITY, amount_fen=40_00))
    income = {"direction": Direction.INCOME, "account": Account.OTHER_INCOME}
    booked(keepers, wanted(amount_fen=500_00, memo="=1+1", **income))
    expense = office.first.get("/admin/finance-reports/?report=expense").text
    assert "data-chart=" in expense
    assert "168.00" in expense
    assert "76.2%" in expense
    shown = office.first.get("/admin/finance-reports/").text
    assert "500.00" in shown
    assert "=1+1" in shown
    assert "借贷相等" in office.first.get("/admin/finance-reports/?report=balance").text


def export(one: Browser, **fields):
    return one.send("/admin/finance-reports/export", **{"report": "income", "reason": "十一月例会", **fields})


def test_an_export_says_who_took_it_when_and_why_and_holds_no_formula(office: Office) -> None:
    income = {"direction": Direction.INCOME, "account": Account.OTHER_INCOME}
    booked(office.keepers, wanted(amount_fen=1234_56, memo='=HYPERLINK("x")', **income))
    booked(office.keepers, wanted(amount_fen=1, memo="+86 😀 ]]>", **income))
    answer = export(office.first, reason="=十一月例会")
    assert answer.status_code == 200
    sheet = load_workbook(io.BytesIO(answer.data)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert "导出,用途:=十一月例会" in rows[1][0]
    assert "示范物业企业财务" in rows[1][0]
    assert rows[2] == ["日期", "摘要", "科目", "小区", "金额(元)"]
    texts = {row[1] for row in rows[3:]}
    assert {'\'=HYPERLINK("x")', "'+86 😀 ]]>"} <= texts
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "inlineStr", "n", "d"}
    assert [row[4] for row in rows[3:]] == [0.01, 1234.56, 1234.57]
    record = db.session.scalars(select(AuditRecord).where(AuditRecord.action == "export.finance")).one()
    assert (record.details["reason"], record.details["rows"]) == ("=十一月例会", 3)


@pytest.mark.parametrize("report", ["expense", "balance"])
def test_every_report_is_exported(office: Office, report: str) -> None:
    booked(office.keepers, wanted())
    sheet = load_workbook(io.BytesIO(export(office.admin, report=report).data)).active
    assert any(cell.value == 128 for row in sheet.iter_rows() for cell in row)


def test_an_export_without_a_reason_or_of_nothing_known_leaves_no_file(office: Office) -> None:
    assert export(office.first, reason=" 短 ").status_code == 422
    assert export(office.first, report="salaries").status_code == 404
    assert export(office.first, first="2020-01-01").status_code == 422
    db.session.rollback()
    exported = select(func.count(AuditRecord.id)).where(AuditRecord.action == "export.finance")
    assert db.session.scalar(exported) == 0


@pytest.mark.parametrize(
    "query", ["book=x", "account=x", "first=x", "first=2026-02-02&last=2026-01-01", "estate_id=x", "cursor=x"]
)
def test_a_question_that_makes_no_sense_is_explained(office: Office, query: str) -> None:
    booked(office.keepers, wanted())
    for page in ("/admin/finance-ledger/", "/admin/finance-reports/"):
        income = {"direction": Direction.INCOME, "account": Account.OTHER_INCOME}
        booked(office.keepers, wanted(**income))
        assert office.first.get(f"{page}?{query}").status_code == 422


def test_the_fund_book_can_be_looked_at_and_nothing_else(office: Office) -> None:
    page = office.first.get("/admin/finance-ledger/?book=fund").text
    assert "维修资金账只能看,不能记" in page
    assert "请向区维修资金管理机构查询" in page
    assert "fund" not in {value.split(":")[0] for value in _kinds(office)}


def _kinds(office: Office) -> list[str]:
    page = office.first.get("/admin/finance-vouchers/").text
    return [part.split('"')[0] for part in page.split('<option value="') if ":" in part.split('"')[0]]


def last_quarter() -> Quarter:
    return quarter_of(quarter_of(today()).first - timedelta(days=1))


def test_public_revenue_is_drafted_approved_and_published_by_the_right_hats(office: Office) -> None:
    keepers, code = office.keepers, last_quarter().code
    booked(keepers, public_income(keepers, 500_00, last_quarter().first))
    place = {"estate_id": f"{keepers.estate_id}", "quarter": code}
    assert office.admin.send("/admin/finance-revenue/draft", **place).status_code == 403
    assert "等另一位同事审核" in office.first.send("/admin/finance-revenue/draft", **place).text
    assert "已经编制过" in office.first.send("/admin/finance-revenue/draft", **place).text
    here = f"/admin/finance-revenue/{newest(RevenueReport)}"
    assert "不同的人" in office.first.send(f"{here}/approve").text
    assert office.second.send(f"{here}/publish").status_code == 403
    assert "等企业管理员公示" in office.second.send(f"{here}/approve").text
    assert "居民现在可以看到" in office.admin.send(f"{here}/publish").text
    sheet = load_workbook(io.BytesIO(export(office.second, report="revenue").data)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert [row[3:] for row in rows[3:]] == [
        ["期初结余", None, 0],
        ["收入", "广告场地收益", 500],
        ["期末结余", None, 500],
    ]
    page = office.second.get("/admin/finance-revenue/").text
    assert "500.00" in page
    assert "/withdraw" not in page
    assert "已撤回" in office.admin.send(f"{here}/withdraw", why="漏记一笔广告费").text
    for wrong in ({"quarter": "2026"}, {"estate_id": ""}, {"estate_id": "77777"}):
        answer = office.first.send("/admin/finance-revenue/draft", **{**place, **wrong})
        assert 'role="alert"' in answer.text


def test_lists_cost_the_same_statements_however_much_they_show(office: Office, count: Callable) -> None:
    few_by_page = {}
    for size in (1, 12):
        for _ in range(size):
            booked(office.keepers, wanted(direction=Direction.INCOME, account=Account.OTHER_INCOME))
            booked(office.keepers, wanted())
        for url in (*PAGES, "/admin/finance-vouchers/?state=all"):
            number = count(lambda url=url: office.first.get(url))
            assert number <= few_by_page.setdefault(url, number), url
    assert max(few_by_page.values()) <= 16


def test_every_quarter_is_exported_and_the_page_goes_on(office: Office) -> None:
    """Estates times quarters are soon more than a page; a file that ends early would say so nowhere."""
    keepers, quarters = office.keepers, revenue.PAGE + 2

    def drafts() -> None:
        for _ in range(quarters):
            report = revenue.draft(keepers.estate_id, last_quarter().code, by=keepers.first)
            revenue.withdraw(report.id, why="重新编制一次", by=keepers.first)

    transact(drafts)
    page = office.second.get("/admin/finance-revenue/").text
    assert page.count("已撤回</span>") == revenue.PAGE
    cursor = page.split("cursor=")[1].split("&")[0].split('"')[0]
    assert office.second.get(f"/admin/finance-revenue/?cursor={cursor}").text.count("已撤回</span>") == 2
    answer = export(office.second, report="revenue")
    rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(answer.data)).active.iter_rows()]
    assert rows[0][0] == "公共收益 各季度"
    assert sum(row[3] == "期初结余" for row in rows) == quarters
    assert "anju-revenue.xlsx" in answer.headers["Content-Disposition"]


def test_every_source_of_an_entry_has_a_chinese_name() -> None:
    for kind in ("payment", "refund", "settlement", "voucher", "case", "cash"):
        words = subject_words(f"{kind}:31")
        assert words.endswith(" 31")
        assert not words.removesuffix(" 31").isascii(), kind


@pytest.fixture
def count() -> Callable:
    """How many statements something costs."""

    def of(work: Callable) -> int:
        seen = []

        def note(*args: object) -> None:
            seen.append(args[2])

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            assert work().status_code == 200
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    return of
