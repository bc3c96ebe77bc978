"""What is held of the sender of a 随手拍: counted, given in a copy, and nobody's any more when he leaves."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from app.core.db import db, transact
from app.core.masking import CLOSED_NAME
from app.core.roles import Role
from app.feedback.queries import snap_line
from app.privacy.closing import close_account
from app.privacy.holdings import what_is_held
from app.privacy.sections import SECTIONS, Links
from tests.feedback import doing


def test_the_sender_is_told_what_is_held_and_gets_it_in_his_copy(scene):
    snap_id = doing.send(scene, text="3号楼大厅的灯太暗")
    doing.reply(scene, snap_id, text="已换成亮一些的灯")
    doing.rate(scene, snap_id, stars=4)
    (held,) = [each for each in what_is_held(scene.resident.id) if each.key == "snaps"]
    assert held.words.startswith("1 条随手拍")
    links = Links("http://127.0.0.1", scene.at + timedelta(hours=1))
    (row,) = SECTIONS["随手拍"](scene.resident.id, links)
    assert (row["描述"], row["联系电话"], row["星"]) == ("3号楼大厅的灯太暗", scene.resident.phone, 4)
    assert [step["步骤"] for step in row["进展"]] == ["已提交", "物业已回复", "已评价"]


def test_who_closes_his_account_leaves_words_without_name_door_and_number(scene):
    phone = scene.resident.phone
    snap_id = doing.send(scene, text=f"我是{scene.resident.name},住3号楼502室,电话{phone}")
    transact(lambda: close_account(scene.by(Role.RES), actor=f"account:{scene.resident.id}"))
    row = doing.snap(snap_id)
    assert (row.contact_name, row.contact_phone, row.status) == (CLOSED_NAME, None, "SUBMITTED")
    shown = snap_line(snap_id, scene.by(Role.MGR)).text
    assert not any(secret in shown for secret in (phone, "502", "示范居民"))
    kept = db.session.execute(text("SELECT text FROM snaps")).scalar_one()
    assert phone not in kept
    doing.reply(scene, snap_id)
    doing.tell_all(scene.at)
    assert doing.snap(snap_id).status == "ANSWERED"
