"""The desk and the manager when an order goes no straight way: a firm, the fund, another office, the same problem."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.accounts.models import Account, Credential, Hat
from app.companies.models import Office
from app.core.db import db, transact
from app.core.roles import Role
from app.seeds.credentials import sandbox_openid
from tests.client import field
from tests.client.district import DISPATCHER, HATS, MANAGER, NEIGHBOURS, District
from tests.client.phone import Phone

BOARD, ORDER, FORM, TRANSFERS = (
    "desk/board/board",
    "desk/order/order",
    "desk/form/form",
    "desk/transfers/transfers",
)
OTHER_LOGIN = "demo-dsp2"
LAMP = {"menu": "PUB", "category_code": "G0201", "text": "门厅的灯不亮了"}


@pytest.fixture
def du(phones) -> Phone:
    """Dispatcher Du."""
    return phones(DISPATCHER, tolerated=("status of 404",))


@pytest.fixture
def manager(phones) -> Phone:
    """The manager of the same office."""
    return phones(MANAGER, tolerated=("status of 404",))


@pytest.fixture
def their_desk(district, phones, monkeypatch) -> tuple[Phone, str]:
    """The dispatcher of another company's office, with a phone, and the office's name."""
    name = "diaodu-2"
    monkeypatch.setitem(HATS, name, Role.DSP)

    def work() -> str:
        account = db.session.scalars(
            select(Account).join(Credential).where(Credential.login_name == OTHER_LOGIN)
        ).one()
        account.openid = sandbox_openid(district.product.settings.wechat_appid, name)
        hat = db.session.scalars(select(Hat).where(Hat.account_id == account.id, Hat.role == Role.DSP)).one()
        return str(db.session.get_one(Office, hat.office_id).name)

    with district.product.looking_in():
        office = transact(work)
    return phones(name), office


def shown(district: District, order_id: int, who: str = DISPATCHER):
    return field.api(district, who).get(f"/orders/{order_id}")


def lamp(district: District, resident: str) -> int:
    """A public lamp, which anybody may report."""
    phone = field.api(district, resident)
    photo = phone.upload(district.draw("lamp_dark", seed=int(resident[-1])))
    body = {**LAMP, "spot_code": field.spot_code(district), "photo_ids": [photo]}
    return int(phone.post("/orders", body)["order_id"])


def lamp_seen(district: District, resident: str) -> int:
    """The worker has looked at it."""
    order_id, desk = lamp(district, resident), field.api(district, DISPATCHER)
    desk.post(f"/orders/{order_id}/accept", {})
    worker = field.worker_id(district, order_id, "shifu-li")
    desk.post(f"/orders/{order_id}/assign", {"worker_id": worker, "override_reason": "就在附近"})
    field.check_in(district, order_id)
    return order_id


def open_rare(phone: Phone, order_id: int, action: str) -> None:
    """What is rare stands behind 别的处理."""
    phone.open(ORDER, id=order_id)
    phone.tap("别的处理")
    phone.tap(action)
    phone.arrives_at(FORM)


def photograph(phone: Phone, button: str) -> None:
    phone.photograph(button)
    phone.page.get_by_role("button", name="删除第 1 张照片").wait_for()


def test_the_manager_waits_for_a_firm_and_goes_on_when_it_is_done(manager, district):
    order_id = lamp_seen(district, NEIGHBOURS[0])
    open_rare(manager, order_id, "等专业单位")
    manager.sees("每 24 小时提醒您跟进一次")
    manager.tap("供水、供电、供气等专业单位")
    manager.type("对方的名称", "城东供电公司")
    manager.tap("要对方停水停电才能修")
    manager.tap("已断电")
    manager.tap("等专业单位", exact=True)
    manager.sees("请写对方的工单号;没有的,写打给谁、怎么答复的")
    manager.type("对方的工单号", "W20261121-7")
    photograph(manager, "拍照")
    manager.tap("等专业单位", exact=True)
    manager.arrives_at(ORDER)
    manager.sees("挂起,等专业单位")
    manager.sees("W20261121-7")
    assert shown(district, order_id)["status"] == "HOLD_THIRD"
    assert "third" in [photo["step"] for photo in shown(district, order_id)["photos"]]

    manager.tap("恢复处理")
    manager.type("为什么恢复", "供电公司已送电")
    manager.page.get_by_role("alertdialog").get_by_role("button", name="恢复处理").tap()
    manager.sees("已办好")
    assert shown(district, order_id)["status"] == "WORKING"


def test_a_half_filled_form_is_kept_and_sent_once(manager, district):
    order_id = lamp_seen(district, NEIGHBOURS[1])
    open_rare(manager, order_id, "申请特延")
    manager.tap("主机要返厂大修")
    manager.close_app()
    open_rare(manager, order_id, "申请特延")
    expect(manager.page.get_by_role("textbox", name="为什么")).to_have_value("主机要返厂大修")
    manager.type("怎么修、这段时间怎么办", "先装备用灯,下月装回")
    manager.page.get_by_role("radio").last.tap()
    photograph(manager, "拍凭证")

    def lose(route) -> None:
        route.fetch()
        route.abort("internetdisconnected")

    manager.page.route("**/request-special", lose, times=1)
    manager.tap("申请特延", exact=True)
    manager.arrives_at(ORDER)
    manager.sees("等街道或房管局决定")
    events = field.api(district, DISPATCHER).get(f"/orders/{order_id}/timeline")["items"]
    assert [event["action"] for event in events].count("request_special") == 1


def test_the_owners_money_is_decided_explained_and_then_waited_for(manager, district):
    order_id = lamp_seen(district, NEIGHBOURS[2])
    open_rare(manager, order_id, "需动用维修资金")
    manager.tap("水电气热等专业单位承担")
    manager.type("依据", "外墙防水已过保修期,没有责任人")
    manager.type("修哪里", "12 号楼东立面")
    manager.tap("认定,要动用")
    manager.sees("这由专业单位负责,请用“等专业单位”并填对方单号")
    manager.tap("住宅专项维修资金")
    manager.tap("认定,要动用")
    manager.sees("请拍一张凭证照片")
    photograph(manager, "拍凭证")
    manager.tap("认定,要动用")
    manager.arrives_at(ORDER)

    manager.tap("已向居民说明")
    manager.arrives_at(FORM)
    manager.tap("报修人", exact=True)
    manager.tap("电话")
    manager.tap("要先征询业主意见")
    manager.tap("已经说明")
    manager.arrives_at(ORDER)
    manager.tap("转维修资金征询")
    manager.page.get_by_role("alertdialog").get_by_role("button", name="转维修资金征询").tap()
    manager.sees("挂起,维修资金征询中")
    assert shown(district, order_id)["status"] == "HOLD_FUND"
    open_rare(manager, order_id, "征询未通过,办结")
    manager.type("征询结果", "同意的面积不足三分之二")
    photograph(manager, "拍凭证")
    manager.tap("征询未通过,办结", exact=True)
    manager.arrives_at(ORDER)
    assert shown(district, order_id)["status"] == "CLOSED"


def test_two_reports_of_one_lamp_become_one_and_can_be_parted_again(du, manager, district):
    first, second = lamp(district, NEIGHBOURS[3]), lamp(district, NEIGHBOURS[4])
    number = field.number(district, first)
    open_rare(du, second, "并入同类问题")
    du.tap("并入这一张")
    du.sees("请选:并入哪一张?")
    du.type("那一张的编号", number)
    du.tap(number)
    du.tap("并入这一张")
    du.arrives_at(ORDER)
    du.sees(f"已并入 {number}")
    assert shown(district, second)["merged_into"]["order_id"] == first
    manager.open(ORDER, id=second)
    manager.tap("取消合并")
    manager.type("为什么是另一个问题", "是两盏不同的灯")
    manager.page.get_by_role("alertdialog").get_by_role("button", name="取消合并").tap()
    manager.sees("已办好")
    assert shown(district, second)["status"] == "ACCEPTED"


def hand_over(du: Phone, order_id: int, office: str) -> None:
    open_rare(du, order_id, "转给其他管理处")
    du.tap(office)
    du.tap("设备由对方维护")
    du.tap("请对方接收")
    du.arrives_at(ORDER)
    du.sees("在此之前仍由本管理处负责")


def test_another_office_sends_an_order_back_and_receives_it_at_the_second_try(du, their_desk, district):
    order_id = lamp(district, NEIGHBOURS[5])
    number = field.number(district, order_id)
    their, office = their_desk
    hand_over(du, order_id, office)
    their.open(BOARD)
    their.tap("转来的工单 1 张")
    their.arrives_at(TRANSFERS)
    their.sees("设备由对方维护")
    their.tap(f"不接收转单 {number}")
    their.tap("位置不在本管理处的小区")
    their.tap("不接收", exact=True)
    their.sees("已告知对方,工单仍由对方负责")
    their.sees_no(number)
    hand_over(du, order_id, office)
    their.pressable(f"接收转单 {number}", exact=True).tap()
    their.arrives_at(ORDER)
    their.sees(number)
    du.open(ORDER, id=order_id)
    du.sees("错误:")


def test_the_desk_asks_sorts_and_hears_the_answer(du, district):
    order_id = field.reported(district, NEIGHBOURS[6])
    du.open(ORDER, id=order_id)
    du.tap("别的处理")
    du.tap("请居民补充信息")
    du.tap("请拍一张能看清位置的照片")
    du.tap("请居民补充", exact=True)
    du.sees("已请居民补充:请拍一张能看清位置的照片")
    field.api(district, NEIGHBOURS[6]).post(f"/orders/{order_id}/give-info", {"text": "客厅正中间那盏"})
    du.sees("居民补充:客厅正中间那盏", within_s=30)

    open_rare(du, order_id, "调整紧急程度")
    du.tap("紧急,")
    du.tap("现场有危险")
    du.tap("调整", exact=True)
    du.arrives_at(ORDER)
    assert shown(district, order_id)["urgency"] == "P1"
    open_rare(du, order_id, "改类别")
    du.type("找一找", "马桶")
    du.page.get_by_role("radio").first.tap()
    du.tap("和报修人核实过")
    du.tap("改成这一类")
    du.arrives_at(ORDER)
    district.wait_for(lambda: "马桶" in shown(district, order_id)["category"])


def test_a_duplicate_is_refused_with_the_number_of_the_other_order(du, district):
    order_id = lamp(district, NEIGHBOURS[7])
    du.open(ORDER, id=order_id)
    du.tap("不予受理")
    du.arrives_at(FORM)
    du.tap("重复报修")
    du.type("给居民的说明", "和前一张是同一盏灯,已经在处理")
    du.tap("不予受理", exact=True)
    du.sees("请写出已有的工单编号,例如 R1121-0042")
    du.type("依据", field.number(district, lamp(district, NEIGHBOURS[3])))
    du.tap("不予受理", exact=True)
    du.arrives_at(ORDER)
    assert shown(district, order_id)["status"] == "REJECTED"


def test_the_order_to_merge_into_is_found_by_its_number(du, district):
    first, second = lamp(district, NEIGHBOURS[3]), lamp(district, NEIGHBOURS[4])
    number = field.number(district, first)
    open_rare(du, second, "并入同类问题")
    du.type("那一张的编号", "R0101-9999")
    du.sees("下面没有这张工单")
    du.type("那一张的编号", number.lower())
    expect(du.page.get_by_role("radio")).to_have_count(1)
    du.tap(number)
    du.tap("并入这一张")
    du.arrives_at(ORDER)
    du.sees(f"已并入 {number}")


def test_a_duplicate_of_no_order_of_the_estate_is_not_taken(du, district):
    order_id = lamp(district, NEIGHBOURS[7])
    du.open(FORM, id=order_id, action="reject")
    du.tap("重复报修")
    du.type("给居民的说明", "和前一张是同一盏灯,已经在处理")
    du.type("已有工单的编号", "R0101-9999")
    du.tap("不予受理", exact=True)
    du.sees("R0101-9999 不是这个小区的另一张工单")
    assert shown(district, order_id)["status"] == "SUBMITTED"
