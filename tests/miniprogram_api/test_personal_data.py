"""我的信息: seeing what is held, taking a copy along, closing the account (domain 5.1 P15, P17)."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from app.accounts.models import Account, AccountStatus, Credential, HomeBinding, PrivacyConsent
from app.accounts.scopes import resident_scope
from app.accounts.service import find_or_create_resident
from app.audit.models import AuditRecord
from app.core.db import db, table_of, transact
from app.core.receipts import CommandReceipt
from app.core.roles import Role
from app.media.discard_models import DiscardedFile
from app.media.models import Photo, Voice
from app.notifications.consents import add_consent
from app.notifications.models import Notification, WeChatConsent, WeChatDelivery
from app.notifications.service import notify
from app.orders import following
from app.orders.follower_models import OrderFollower
from app.orders.voice_models import OrderVoice
from tests.factories.people import make_account, make_credential, make_hat, make_resident
from tests.factories.units import saved

PHONE, NAME = "19900000771", "陈玉兰"
GOODBYE = {"confirmation": "注销"}


@pytest.fixture
def chen(api):
    """A resident with a home, a message, reminders in stock, a loose photo and a recording."""
    account = make_resident(api.scene.place.homes[2], phone=PHONE, name=NAME, openid="openid-chen")

    def write() -> None:
        notify(account.id, unique_key="m", template="order_done", title="已修好", body="请评价")
        add_consent(account.id, "order_done", 2)
        at = {"uploaded_by": account.id, "uploaded_at": api.scene.at}
        saved(Photo(**at, sha256="0" * 64, key="2026/11/loose.jpg", width=4, height=3))

    transact(write)
    api.scene.scopes[Role.RES] = resident_scope(account.id)
    return account


def _phone(api):
    return api.phone(Role.RES)


def _finished(api, **values) -> int:
    return api.scene.until_done(**values)


def _spoken(api, account_id: int, order_id: int) -> None:
    def write() -> None:
        at = {"uploaded_by": account_id, "uploaded_at": api.scene.at, "attached": True}
        voice = saved(Voice(**at, sha256="1" * 64, key="2026/11/voice.wav", duration_ms=1200))
        saved(OrderVoice(order_id=order_id, voice_id=voice.id, step="submit"))

    transact(write)


# --- seeing ---


def test_everything_that_is_held_is_told_in_plain_words(api, chen):
    _finished(api)
    shown = {item["key"]: item for item in _phone(api).get("/me/data").json["items"]}
    assert shown["account"]["words"].startswith("手机号 199****0771、姓名 陈**、微信身份编号")
    assert shown["orders"]["count"] == 1
    assert shown["homes"]["words"] == "现在关联 1 套住房,记着您的身份和有效期"
    assert {"photos", "messages", "consents", "sessions", "reminders"} <= set(shown)
    assert "hats" not in shown, "what there is nothing of is not mentioned"
    said = json.dumps(list(shown.values()), ensure_ascii=False)
    assert PHONE not in said
    assert NAME not in said


# --- taking along ---


def test_the_copy_holds_ones_own_data_in_full(api, chen):
    _finished(api, text="厨房的灯不亮")
    answer = _phone(api).send("/me/data/export")
    assert answer.status_code == 200, answer.json
    content = answer.json["content"]
    assert answer.json["file_name"] == "安居-我的信息-20261120.json"
    assert (content["账号"]["手机号"], content["账号"]["姓名"]) == (PHONE, NAME)
    assert content["住房"][0]["地址"].endswith("301")
    [order] = content["报修"]
    assert (order["描述"], order["联系电话"]) == ("厨房的灯不亮", PHONE)
    steps = [step["步骤"] for step in order["进展"]]
    assert (steps[0], steps[3]) == ("已提交", "已到现场核实")
    assert content["照片"][0]["地址"].startswith("http")
    assert content["消息"][0]["标题"] == "已修好"
    assert content["微信提醒"] == {"维修完成通知": 2}
    assert "openid-chen" not in json.dumps(answer.json)


def test_the_copy_holds_nothing_of_others(api, chen):
    other = make_resident(api.scene.place.homes[3], phone="19900000772", name="别家人")
    transact(lambda: notify(other.id, unique_key="o", template="t", title="别人的消息", body="x"))
    said = json.dumps(_phone(api).send("/me/data/export").json, ensure_ascii=False)
    for foreign in ("19900000772", "别家人", "别人的消息"):
        assert foreign not in said


def test_a_copy_is_audited_and_told_to_its_owner(api, chen):
    _phone(api).send("/me/data/export")
    rows = db.session.execute(select(AuditRecord.action, AuditRecord.account_id)).all()
    assert ("personal_data.export", chen.id) in [tuple(row) for row in rows]
    newest = _phone(api).get("/messages").json["items"][0]
    assert newest["title"] == "已导出您的个人信息"


def test_three_copies_a_day_and_a_repeat_is_none(api, chen):
    phone = _phone(api)
    for number in range(3):
        assert phone.send("/me/data/export", key=f"export-key-{number}").status_code == 200
        api.later(seconds=1)
    assert phone.send("/me/data/export", key="export-key-2").status_code == 200, "the first answer again"
    refused = phone.send("/me/data/export")
    assert (refused.status_code, refused.json["code"]) == (429, "exported_enough")
    api.later(hours=3)
    assert _phone(api).send("/me/data/export").status_code == 200, "another day"


def test_a_session_of_this_morning_has_to_sign_in_again_first(api, chen):
    phone = _phone(api)
    api.later(minutes=15)
    for path, body in (("/me/data/export", None), ("/me/delete", GOODBYE)):
        answer = phone.send(path, body)
        assert (answer.status_code, answer.json["code"]) == (401, "sign_in_again")
    assert phone.get("/me/data").status_code == 200
    assert _phone(api).send("/me/data/export").status_code == 200


def test_staff_have_no_such_routes_under_their_hats(api):
    for role in (Role.WRK, Role.DSP):
        assert api.phone(role).get("/me/data").status_code == 403
        assert api.phone(role).send("/me/delete", GOODBYE).status_code == 403


# --- closing ---


def test_a_closed_account_keeps_nothing_that_names_the_person(api, chen):
    order_id = _finished(api, text=f"我是{NAME},电话{PHONE},灯不亮")
    _spoken(api, chen.id, order_id)
    phone = _phone(api)
    phone.get("/me")
    assert phone.send("/me/delete", GOODBYE).status_code == 200
    assert phone.get("/me").status_code == 401
    db.session.rollback()
    account = db.session.get_one(Account, chen.id)
    assert (account.phone, account.phone_index, account.openid, account.name) == (None, None, None, None)
    assert account.status == AccountStatus.CANCELLED
    order = api.scene.order(order_id)
    assert (order.contact_name, order.contact_phone, order.contact_index) == ("已注销用户", None, None)
    assert "灯不亮" in order.text
    assert PHONE not in order.text
    assert NAME not in order.text
    for model in (Notification, WeChatDelivery, WeChatConsent):
        assert db.session.scalar(select(model.id).where(model.account_id == chen.id)) is None
    assert db.session.scalar(select(OrderVoice.id)) is None
    keys = set(db.session.scalars(select(DiscardedFile.key)))
    assert keys == {"2026/11/loose.jpg", "2026/11/loose_thumb.jpg", "2026/11/voice.wav"}


def test_what_was_reported_stays_for_the_desk_as_nobodys(api, chen):
    order_id = _finished(api)
    _phone(api).send("/me/delete", GOODBYE)
    shown = api.phone(Role.DSP).get(f"/orders/{order_id}").json
    assert (shown["contact"]["name"], shown["contact"]["phone"]) == ("已注销用户", "")
    assert shown["contact"]["can_reveal"] is False
    assert len(shown["photos"]) == 2, "the evidence of the repair"


def test_the_whole_database_forgets_the_number_and_the_name(api, chen):
    _finished(api, text=f"我是{NAME},电话{PHONE},灯不亮")
    phone = _phone(api)
    phone.send("/me/data/export")
    phone.send("/me/delete", GOODBYE)
    db.session.rollback()
    for table in Account.metadata.tables.values():
        said = repr(db.session.execute(table.select()).all())
        assert PHONE not in said, table.name
        assert NAME not in said, table.name


def test_ties_to_homes_end_and_the_slot_is_free(api, chen):
    _phone(api).send("/me/delete", GOODBYE)
    binding = db.session.scalars(select(HomeBinding).where(HomeBinding.account_id == chen.id)).one()
    assert (binding.status, binding.slot, binding.live_home_id) == ("ended", None, None)
    assert binding.reason == "账号已注销"


def test_the_consent_stays_as_proof_and_is_withdrawn(api, chen):
    _phone(api).send("/me/delete", GOODBYE)
    consent = db.session.scalars(select(PrivacyConsent).where(PrivacyConsent.account_id == chen.id)).one()
    assert consent.withdrawn_at == api.scene.at


def test_a_later_sign_in_with_the_same_wechat_is_somebody_new(api, chen):
    _phone(api).send("/me/delete", GOODBYE)
    again = transact(lambda: find_or_create_resident("openid-chen"))
    assert again.id != chen.id
    assert again.phone is None


def test_the_kept_answers_of_commands_go_too(api, chen):
    phone = _phone(api)
    phone.send("/me/data/export")
    phone.send("/me/delete", GOODBYE)
    actor = CommandReceipt.actor == f"account:{chen.id}"
    kept = db.session.execute(table_of(CommandReceipt).select().where(actor)).all()
    assert len(kept) == 1, "only that of the closing itself"


def test_while_an_order_is_open_the_account_stays_and_the_sentence_says_what_to_do(api, chen):
    order_id = api.scene.submit().order_id
    answer = _phone(api).send("/me/delete", GOODBYE)
    assert (answer.status_code, answer.json["code"]) == (409, "open_orders")
    assert answer.json["message"] == "您还有1张报修没有办完,办完或取消以后再注销"
    _phone(api).send(f"/orders/{order_id}/cancel", {"reason": "不用修了"})
    assert _phone(api).send("/me/delete", GOODBYE).status_code == 200


def test_who_still_works_here_is_sent_to_the_employer(api, chen):
    make_hat(Role.STR, account=db.session.get_one(Account, chen.id), street_id=api.scene.place.street.id)
    answer = _phone(api).send("/me/delete", GOODBYE)
    assert (answer.status_code, answer.json["code"]) == (409, "still_employed")


def test_a_former_members_login_is_gone(api, chen):
    make_credential(db.session.get_one(Account, chen.id), login_name="chen")
    _phone(api).send("/me/delete", GOODBYE)
    assert db.session.scalar(select(Credential.id).where(Credential.account_id == chen.id)) is None


@pytest.mark.parametrize("body", [{}, {"confirmation": "好"}, {"confirmation": ""}, {"confirm": "注销"}])
def test_without_the_word_nothing_happens_and_the_field_is_named(api, chen, body):
    answer = _phone(api).send("/me/delete", body)
    assert answer.status_code == 422
    assert answer.json["fields"]
    assert _phone(api).get("/me").status_code == 200


def test_who_follows_a_neighbours_report_leaves_it(api, chen):
    order_id = api.scene.submit(by=Role.RES).order_id
    neighbour = make_resident(api.scene.place.homes[3])
    scope = resident_scope(neighbour.id)
    transact(lambda: following.follow(order_id, by=scope))
    assert api.phone(scope).send("/me/delete", GOODBYE).status_code == 200
    row = db.session.scalars(select(OrderFollower)).one()
    assert row.home_id is None
    assert row.left_at == api.scene.at


def test_an_order_that_a_relative_reported_with_the_number_is_counted_and_cleaned(api, chen):
    """The elder closes his own account: an open order for him comes first, a finished one forgets him."""
    relative = make_resident(api.scene.place.homes[2], relation="family")
    body = {
        "menu": "EMG",
        "category_code": "H0101",
        "text": "客厅的灯不亮了",
        "home_id": api.scene.place.homes[2].id,
        "on_behalf": {"name": NAME, "phone": PHONE, "consent_note": "电话里同意"},
    }
    order_id = api.phone(resident_scope(relative.id)).send("/orders", body).json["order_id"]
    assert _phone(api).send("/me/delete", GOODBYE).status_code == 409
    api.phone(resident_scope(relative.id)).send(f"/orders/{order_id}/cancel", {"reason": "不用修了"})
    assert _phone(api).send("/me/delete", GOODBYE).status_code == 200
    assert api.scene.order(order_id).contact_name == "已注销用户"


def test_the_closing_is_audited(api, chen):
    _phone(api).send("/me/delete", GOODBYE)
    record = db.session.scalars(select(AuditRecord).where(AuditRecord.action == "account.close")).one()
    assert (record.account_id, record.object_id) == (chen.id, str(chen.id))
    assert record.details == {"orders": 0, "homes": 1}


def test_somebody_with_nothing_but_a_wechat_can_leave(api):
    account = make_account(consented=False)

    def bare() -> None:
        row = db.session.get_one(Account, account.id)
        row.phone, row.phone_index, row.name = None, None, None

    transact(bare)
    phone = api.phone(resident_scope(account.id))
    assert phone.get("/me/data").json["items"][0]["words"] == "微信身份编号"
    assert phone.send("/me/delete", GOODBYE).status_code == 200
