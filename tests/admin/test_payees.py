"""收款开通 over HTTP: two persons of the bureau change where money goes, company and accountant read their own."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.audit.models import AuditRecord
from app.audit.service import ensure_head
from app.companies.models import Admission
from app.core import clock
from app.core.db import db, transact
from app.core.roles import Role
from app.estates.models import Estate
from app.payments.merchants import merchant_on
from app.payments.models import Merchant
from app.payments.onboarding_models import ChangeKind, PayChange
from app.payments.onboarding_queries import CHANGES
from config import SANDBOX_MCH_ID
from tests.admin.conftest import Desk
from tests.admin.test_limits import Officer
from tests.factories import make_company, make_credential, make_hat, make_place

NUMBER = "1900000777"


@pytest.fixture
def officers(desk: Desk) -> tuple[Officer, Officer]:
    """Two who decide together."""
    transact(ensure_head)
    district_id = desk.scene.place.district.id
    return Officer(desk, district_id), Officer(desk, district_id)


def accountant(desk: Desk) -> Role:
    """Give the company of the scene an accountant who can sign in."""
    hat = make_hat(Role.FIN, company_id=desk.scene.place.company.id)
    account = hat.account_id
    desk.logins[Role.FIN.value] = make_credential(hat.account, login_name=f"fin-{account}").login_name
    return Role.FIN


def today() -> date:
    return clock.china_date(clock.now())


def register(desk: Desk, officer: Officer, **fields: str) -> str:
    wanted = {
        "company_id": str(desk.scene.place.company.id),
        "sub_mch_id": NUMBER,
        "on_day": f"{today()}",
        "reason": "特约商户进件已通过",
        **fields,
    }
    return officer.send("/admin/payees/register", **wanted).text


def newest() -> PayChange:
    db.session.rollback()
    return db.session.scalars(select(PayChange).order_by(PayChange.id.desc()).limit(1)).one()


def grant(officer: Officer) -> str:
    return officer.send(f"/admin/payees/{newest().id}/decide", decision="grant").text


def account_of(company_id: int, day: date | None = None) -> str | None:
    db.session.rollback()
    found = merchant_on(company_id, day or today())
    return found.sub_mch_id if found else None


def switches(estate_id: int) -> tuple[bool, bool]:
    db.session.rollback()
    estate = db.session.get_one(Estate, estate_id, populate_existing=True)
    return estate.pay_enabled, estate.parking_enabled


def test_an_account_counts_only_after_a_second_person_has_agreed(desk: Desk, officers) -> None:
    first, second = officers
    company_id = desk.scene.place.company.id
    assert "等另一位监管人员批准" in register(desk, first)
    assert account_of(company_id) is None
    assert "不能自己批准自己提出的" in grant(first)
    assert account_of(company_id) is None
    assert "已批准" in grant(second)
    assert account_of(company_id) == NUMBER
    actions = list(db.session.scalars(select(AuditRecord.action).order_by(AuditRecord.id)))
    assert actions[-2:] == ["pay_change.propose", "pay_change.grant"]
    assert "已经有结论" in grant(second)


def test_a_new_account_ends_the_old_one_on_the_day_before(desk: Desk, officers) -> None:
    first, second = officers
    company_id = desk.scene.place.company.id
    register(desk, first)
    grant(second)
    next_week = today() + timedelta(days=7)
    register(desk, first, sub_mch_id="1900000778", on_day=f"{next_week}")
    grant(second)
    assert account_of(company_id, next_week - timedelta(days=1)) == NUMBER
    assert account_of(company_id, next_week) == "1900000778"
    shown = second.client.get("/admin/payees/").text
    assert shown.index("1900000778") < shown.index(NUMBER)
    assert "未生效" in shown
    register(desk, first, sub_mch_id="1900000779", on_day=f"{next_week}")
    assert "同一天或更晚" in grant(second)


def test_an_account_ends_with_a_day_and_then_nobody_can_pay(desk: Desk, officers) -> None:
    first, second = officers
    company_id = desk.scene.place.company.id
    register(desk, first)
    grant(second)
    ending = {"company_id": str(company_id), "on_day": f"{today()}", "reason": "企业退出服务"}
    assert "等另一位" in first.send("/admin/payees/end", **ending).text
    assert "已批准" in grant(second)
    assert account_of(company_id) == NUMBER
    assert account_of(company_id, today() + timedelta(days=1)) is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"sub_mch_id": "12"}, "8到10位数字"),
        ({"sub_mch_id": "19000007七7"}, "8到10位数字"),
        ({"sub_mch_id": SANDBOX_MCH_ID}, "平台自己的服务商商户号"),
        ({"company_id": "987654321"}, "请从列表里选择企业"),
        ({"company_id": "-1"}, "请从列表里选择"),
        ({"company_id": ""}, "请从列表里选择企业"),
        ({"on_day": "2020-01-01"}, "日期应从今天起"),
        ({"on_day": "明天"}, "日期应写成"),
        ({"reason": "好"}, "至少4个字"),
        ({"reason": "长" * 201}, "缩短到200字"),
    ],
    ids=str,
)
def test_a_wrong_form_is_explained_and_writes_nothing(desk: Desk, officers, wrong, said) -> None:
    assert said in register(desk, officers[0], **wrong)
    db.session.rollback()
    assert db.session.scalars(select(PayChange)).first() is None


def test_money_never_goes_to_another_company_or_to_one_that_is_not_admitted(desk: Desk, officers) -> None:
    first, second = officers
    register(desk, first)
    grant(second)
    other = make_company()
    assert "登记在另一家企业名下" in register(desk, first, company_id=str(other.id))
    suspended = make_company(admission=Admission.SUSPENDED)
    said = register(desk, first, company_id=str(suspended.id), sub_mch_id="1900000790")
    assert "没有准入" in said
    shop = make_company(is_third_party=True)
    said = register(desk, first, company_id=str(shop.id), sub_mch_id="1900000791")
    assert "请从列表里选择企业" in said
    assert list(db.session.scalars(select(Merchant.company_id))) == [desk.scene.place.company.id]


def test_an_estate_is_opened_only_where_money_has_somewhere_to_go(desk: Desk, officers) -> None:
    first, second = officers
    estate = desk.scene.place.estate
    wanted = {"estate": estate.name, "switch": "pay", "on": "yes", "reason": "已签支付协议"}
    assert "还没有收款商户号" in first.send("/admin/payees/switch", **wanted).text
    register(desk, first)
    grant(second)
    assert "等另一位" in first.send("/admin/payees/switch", **wanted).text
    assert "已批准" in grant(second)
    assert switches(estate.id) == (True, False)
    assert "已经开通" in first.send("/admin/payees/switch", **wanted).text
    assert "✓ 开通" in desk.get("/admin/payees/", Role.CO).text
    first.send("/admin/payees/switch", **{**wanted, "on": "no"})
    grant(second)
    assert switches(estate.id) == (False, False)
    said = {"没有找到这个小区": {"estate": "别处的小区"}, "请选择开通哪一项": {"switch": "votes"}}
    for words, wrong in said.items():
        assert words in first.send("/admin/payees/switch", **{**wanted, **wrong}).text


def test_a_refusal_says_why_and_leaves_everything_as_it_was(desk: Desk, officers) -> None:
    first, second = officers
    register(desk, first)
    decide = f"/admin/payees/{newest().id}/decide"
    assert "至少2个字" in second.send(decide, decision="refuse").text
    assert "已退回" in second.send(decide, decision="refuse", note="进件主体不是这家企业").text
    assert account_of(desk.scene.place.company.id) is None
    assert "进件主体不是这家企业" in first.client.get("/admin/payees/").text


def test_the_history_goes_on_behind_the_first_page(desk: Desk, officers) -> None:
    first, place = officers[0], desk.scene.place
    refused = {"granted": False, "decided_by": 1, "decided_at": clock.now(), "decision_note": "材料不全"}
    changes = [
        PayChange(
            district_id=place.district.id,
            kind=ChangeKind.REGISTER.value,
            company_id=place.company.id,
            sub_mch_id=f"{1900000800 + number}",
            on_day=today(),
            reason="进件材料待核",
            proposed_by=1,
            proposed_at=clock.now(),
            **refused,
        )
        for number in range(CHANGES + 1)
    ]
    transact(lambda: db.session.add_all(changes))
    shown = first.client.get("/admin/payees/").text
    assert "1900000850" in shown
    assert "1900000800" not in shown
    older = shown.split("decided=")[1].split('"')[0]
    assert "1900000800" in first.client.get(f"/admin/payees/?decided={older}").text


def test_company_and_accountant_read_their_own_and_change_nothing(desk: Desk, officers) -> None:
    first, second = officers
    register(desk, first)
    grant(second)
    elsewhere = make_place(district=desk.scene.place.district)
    register(desk, first, company_id=str(elsewhere.company.id), sub_mch_id="1900000888")
    grant(second)
    for role in (Role.CO, accountant(desk)):
        shown = desk.get("/admin/payees/", role).text
        assert NUMBER in shown
        assert "1900000888" not in shown
        assert elsewhere.estate.name not in shown
        assert "登记或更换商户号" not in shown
        body = {"csrf_token": desk.token(role), "request_id": "a-company-form-1", "company_id": "1"}
        assert desk.client(role).post("/admin/payees/register", data=body).status_code == 403
    for role in (Role.DSP, Role.MGR, Role.STR):
        assert desk.get("/admin/payees/", role).status_code == 403


def test_another_district_neither_sees_nor_decides(desk: Desk, officers) -> None:
    register(desk, officers[0])
    foreign = Officer(desk, make_place().district.id)
    assert foreign.send(f"/admin/payees/{newest().id}/decide", decision="grant").status_code == 404
    assert NUMBER not in foreign.client.get("/admin/payees/").text


def test_the_page_costs_as_many_statements_for_ten_estates_as_for_one(desk: Desk, officers) -> None:
    before = desk.statements("/admin/payees/", Role.BUR)
    for _ in range(9):
        make_place(district=desk.scene.place.district, homes=1)
    assert desk.statements("/admin/payees/", Role.BUR) == before


def test_the_fund_has_a_switch_of_its_own_that_stays_off_while_there_is_no_special_account(
    desk: Desk, officers
) -> None:
    first, second = officers
    register(desk, first)
    grant(second)
    estate = desk.scene.place.estate
    wanted = {"estate": estate.code, "switch": "fund", "on": "yes", "reason": "业主大会已通过续筹方案"}
    assert "只能交到维修资金专户" in first.send("/admin/payees/switch", **wanted).text
    assert newest().kind == "register", "nothing was proposed"
    assert "已经关闭" in first.send("/admin/payees/switch", **{**wanted, "on": "no"}).text
    shown = second.client.get("/admin/payees/").text
    assert "续筹维修资金" in shown
    bills, parking = {**wanted, "switch": "pay"}, {**wanted, "switch": "parking"}
    for each in (bills, parking):
        first.send("/admin/payees/switch", **each)
        assert "已批准" in grant(second)
    db.session.rollback()
    opened = db.session.get_one(Estate, estate.id, populate_existing=True)
    assert (opened.pay_enabled, opened.parking_enabled, opened.fund_enabled) == (True, True, False)


def test_a_proposal_from_elsewhere_to_open_the_fund_is_not_carried_out(desk: Desk, officers) -> None:
    first, second = officers
    register(desk, first)
    grant(second)
    estate_id = desk.scene.place.estate.id

    proposed = PayChange(
        kind="open",
        estate_id=estate_id,
        switch="fund",
        district_id=desk.scene.place.district.id,
        reason="业主大会已通过续筹方案",
        proposed_by=newest().proposed_by,
        proposed_at=clock.now(),
    )
    transact(lambda: db.session.add(proposed))
    assert "只能交到维修资金专户" in grant(second)
    db.session.rollback()
    assert not db.session.get_one(Estate, estate_id, populate_existing=True).fund_enabled
