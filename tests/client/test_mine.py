"""我的: homes, binding, font size, hats, privacy and personal data, as people use them."""

from __future__ import annotations

import json

from playwright.sync_api import expect
from sqlalchemy import func, select

from app.accounts.models import Account
from app.core.db import db
from app.estates.models import Building, Estate, Home, Unit
from app.seeds.credentials import sandbox_openid
from tests.client.district import FAMILY_OF_THREE_HOMES, NEIGHBOURS, NEWCOMER, RESIDENT, WORKER

OTHER_ESTATE = "DEMO-004"
"""Where none of these people lives."""


def test_messages_left_and_everything_about_me_is_found_under_mine(phones):
    wang = phones(RESIDENT).open("pages/mine/mine")
    wang.sees("微信提醒")
    for line in (
        "我的消息",
        "我的住房",
        "我关注的",
        "小区报修记录",
        "价目表",
        "字号",
        "我的信息",
        "隐私说明",
    ):
        expect(wang.pressable(line).first).to_be_visible()


def test_the_font_size_is_chosen_kept_and_used_on_every_page(phones):
    wang = phones(RESIDENT).open("more/font/font")
    wang.tap("特大")
    expect(wang.page.get_by_role("radio", name="特大")).to_have_attribute("aria-checked", "true")
    wang.close_app()
    wang.open("pages/mine/mine")
    size = wang.text("价目表").first.evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
    assert size >= 30


def test_three_homes_are_enough_and_the_main_one_is_chosen(phones):
    liu = phones(FAMILY_OF_THREE_HOMES).open("more/homes/homes")
    liu.sees("已关联 3 套")
    expect(liu.pressable("关联住房", exact=True)).to_have_count(0)
    liu.tap("以这套为主")
    liu.sees("首页显示的是这一套")


def test_a_home_is_found_in_large_steps_and_waits_for_the_office(phones, district):
    estate, building, unit, home = _a_home(district)
    phone = phones(NEIGHBOURS[6]).open("more/bind/bind")
    phone.type("小区名或地址", estate)
    phone.tap("找小区")
    phone.tap(estate)
    for number in (f"{building}号楼", f"{unit}单元", f"{home}室"):
        phone.tap(number, exact=True)
    phone.sees(f"{building}号楼 {unit}单元 {home}室")
    phone.tap("家人")
    phone.tap("请管理处核对")
    phone.tap("关联这套住房")
    phone.sees("已提交,管理处核对后生效")
    phone.tap("回首页")
    phone.open("more/homes/homes").sees("审核中")


def test_a_tenant_must_say_until_when_and_keeps_what_was_typed(phones, district):
    estate, building, unit, home = _a_home(district, place=1)
    phone = phones(NEIGHBOURS[7]).open("more/bind/bind")
    phone.type("小区名或地址", estate)
    phone.tap("找小区")
    phone.tap(estate)
    for number in (f"{building}号楼", f"{unit}单元", f"{home}室"):
        phone.tap(number, exact=True)
    phone.tap("租户")
    phone.tap("关联这套住房")
    phone.sees("错误:")
    phone.type("租到哪一天", "2031-06-30")
    phone.tap("关联这套住房")
    phone.sees("已提交,管理处核对后生效")


def test_consent_is_withdrawn_as_easily_as_it_was_given(phones):
    phone = phones(NEIGHBOURS[6]).open("more/privacy/privacy")
    phone.sees("您已同意这一版说明")
    phone.tap("撤回同意")
    phone.tap("撤回", exact=True)
    expect(phone.pressable("同意", exact=True)).to_be_visible()
    phone.tap("同意", exact=True)
    phone.sees("您已同意这一版说明")


def test_a_person_sees_and_takes_along_what_is_held_about_him(phones):
    phone = phones(NEIGHBOURS[5]).open("more/data/data")
    phone.sees("手机号")
    with phone.page.expect_download() as download:
        phone.tap("导出我的信息")
    content = json.loads(download.value.path().read_text())
    assert content
    phone.sees("已存为")


def test_an_account_is_deleted_only_by_typing_the_word(phones, district):
    phone = phones(NEWCOMER).open("more/data/data")
    phone.tap("注销账号")
    phone.page.get_by_role("alertdialog").get_by_role("button", name="注销账号").tap()
    phone.sees("请输入“注销”两个字")
    phone.type("请输入“注销”", "注销")
    phone.page.get_by_role("alertdialog").get_by_role("button", name="注销账号").tap()
    phone.sees_no("注销账号")
    assert not phone.stored("token")
    with district.product.looking_in():
        openid = sandbox_openid(district.product.settings.wechat_appid, NEWCOMER)
        assert not db.session.scalar(select(func.count()).where(Account.openid == openid))


def test_a_worker_changes_his_hat_and_lands_where_he_works(phones):
    li = phones(WORKER).open("more/hats/hats")
    li.tap("居民")
    li.sees("公区报事")
    li.open("more/hats/hats")
    li.tap("维修师傅")
    li.arrives_at("worker/tasks/tasks")


def test_leaving_asks_first_and_keeps_nothing_that_opens_doors(phones):
    phone = phones(NEIGHBOURS[4]).open("pages/mine/mine")
    phone.tap("退出登录")
    phone.tap("不退出")
    assert phone.stored("token")
    phone.tap("退出登录")
    phone.tap("退出", exact=True)
    phone.sees_no("要退出登录吗")
    assert not phone.stored("token")


def _a_home(district, place: int = 0) -> tuple[str, str, str, str]:
    """Estate, building, entrance and home of another estate, in words."""
    with district.product.looking_in():
        found = db.session.execute(
            select(Estate.name, Building.number, Unit.number, Home.number)
            .select_from(Home)
            .join(Estate, Estate.id == Home.estate_id)
            .join(Building, Building.id == Home.building_id)
            .join(Unit, Unit.id == Home.unit_id)
            .where(Estate.code == OTHER_ESTATE)
            .order_by(Home.id.desc())
            .offset(place)
        ).first()
        return tuple(found)
