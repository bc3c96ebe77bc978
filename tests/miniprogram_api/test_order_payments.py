"""付维修费 over the API: the settlement list before paying, the payment, what each hat reads of it (S0-29, S2-26)."""

from __future__ import annotations

from datetime import timedelta

from app.catalogue.prices import set_ceiling
from app.core import clock
from app.core.db import db, transact
from app.core.roles import Role
from app.core.scope import SYSTEM
from app.orders import paying
from app.orders.lifecycle import Menu
from app.payments.models import Payment
from tests.factories.prices import let_residents_pay
from tests.factories.scene import HOME_LAMP
from tests.miniprogram_api.quote_steps import agreed, looked_at, quoted, settled
from tests.orders.paying import settle_payment


def test_the_settlement_list_stands_there_before_anything_is_paid(api):
    order_id = settled(api.scene)
    shown = api.phone(Role.RES).get(f"/orders/{order_id}").json
    assert [
        (line["label"], line["amount_words"], line["list_words"]) for line in shown["settlement"]["lines"]
    ] == [
        ("灯具检修、接线 1次", "¥30.00", ""),
        ("材料:LED灯管", "¥15.00", ""),
    ]
    assert (shown["settlement"]["total_words"], shown["pay"]["words"]) == ("¥45.00", "待支付 ¥45.00")
    assert shown["pay"] == {
        "state": "待支付",
        "due_fen": 4_500,
        "paid_fen": 0,
        "refunded_fen": 0,
        "payment_id": None,
        "words": "待支付 ¥45.00",
    }
    assert {"pay", "rate", "reopen"} <= {each["action"] for each in shown["actions"]}
    assert "confirm" not in {each["action"] for each in shown["actions"]}


def test_pay_gives_the_payment_and_the_order_names_it_to_its_reporter_alone(api):
    order_id, resident = settled(api.scene), api.phone(Role.RES)
    payment = resident.send(f"/orders/{order_id}/pay").json
    assert (payment["amount_fen"], payment["state"], payment["purpose"]) == (4_500, "created", "repair")
    assert payment["lines"][0]["subject"] == f"order:{order_id}"
    assert payment["payee"] == api.scene.place.company.name
    again = resident.send(f"/orders/{order_id}/pay").json
    assert again["id"] == payment["id"]
    assert resident.get(f"/orders/{order_id}").json["pay"]["payment_id"] == payment["id"]
    for role in (Role.WRK, Role.DSP):
        assert api.phone(role).get(f"/orders/{order_id}").json["pay"]["payment_id"] is None


def test_paid_it_may_be_confirmed_and_every_hat_reads_that_it_is_paid(api):
    order_id, resident = settled(api.scene), api.phone(Role.RES)
    payment_id = resident.send(f"/orders/{order_id}/pay").json["id"]
    refused = resident.send(f"/orders/{order_id}/confirm")
    assert (refused.status_code, refused.json["code"]) == (409, "not_paid")
    assert "维修费" in refused.json["message"]
    settle_payment(api.scene, db.session.get_one(Payment, payment_id))
    api.scene.do(lambda: paying.take_note(order_id))
    for role in (Role.RES, Role.WRK, Role.DSP):
        pay = api.phone(role).get(f"/orders/{order_id}").json["pay"]
        assert (pay["state"], pay["due_fen"], pay["paid_fen"], pay["words"]) == (
            "已支付",
            0,
            4_500,
            "已支付 ¥45.00",
        )
    assert resident.send(f"/orders/{order_id}/confirm").json["status"] == "CLOSED"


def test_nobody_is_asked_whether_it_is_mended_before_it_is_paid(api):
    """The question has two buttons, and 修好了 would be a 409: paying comes first, 没修好 stays possible."""
    order_id, resident = settled(api.scene), api.phone(Role.RES)
    api.at(api.scene.at + timedelta(hours=30))
    shown = resident.get(f"/orders/{order_id}").json
    offered = {each["action"] for each in shown["actions"]}
    assert shown["asks_if_fixed"] is False
    assert {"pay", "reopen"} <= offered and "confirm" not in offered
    payment_id = resident.send(f"/orders/{order_id}/pay").json["id"]
    settle_payment(api.scene, db.session.get_one(Payment, payment_id))
    api.scene.do(lambda: paying.take_note(order_id))
    shown = resident.get(f"/orders/{order_id}").json
    assert shown["asks_if_fixed"] is True
    assert {"confirm", "reopen"} <= {each["action"] for each in shown["actions"]}


def test_where_nobody_pays_on_the_phone_the_question_waits_for_no_money(api):
    order_id = settled(api.scene)
    api.scene.do(lambda: setattr(db.session.merge(api.scene.place.estate), "pay_enabled", False))
    api.at(api.scene.at + timedelta(hours=30))
    shown = api.phone(Role.RES).get(f"/orders/{order_id}").json
    assert (shown["asks_if_fixed"], shown["pay"]["state"]) == (True, "待支付")
    assert "confirm" in {each["action"] for each in shown["actions"]}


def test_the_worker_is_told_which_old_parts_to_show_and_nobody_else(api):
    order_id = agreed(api.scene)
    assert api.phone(Role.WRK).get(f"/orders/{order_id}").json["old_parts"] == ["LED灯管"]
    assert api.phone(Role.RES).get(f"/orders/{order_id}").json["old_parts"] == []
    photos = api.scene.photos(Role.WRK)
    done = {"result": "换了灯管", "photo_ids": photos}
    refused = api.phone(Role.WRK).send(f"/orders/{order_id}/finish", done)
    assert (refused.status_code, list(refused.json["fields"])) == (422, ["old_part_photo_ids"])


def test_whoever_finishes_knows_the_most_that_may_be_settled_and_may_settle_for_less(api):
    order_id = agreed(api.scene)
    worker = api.phone(Role.WRK)
    assert worker.get(f"/orders/{order_id}").json["settle_up_to_fen"] == 4_500
    assert api.phone(Role.RES).get(f"/orders/{order_id}").json["settle_up_to_fen"] is None
    photos = {name: api.scene.photos(Role.WRK) for name in ("photo_ids", "old_part_photo_ids")}
    done = {"result": "没修什么", "final_fen": 0, **photos}
    assert worker.send(f"/orders/{order_id}/finish", done).json["pay"]["words"] == "未收费"


def test_while_nothing_is_settled_nothing_is_to_be_paid(api):
    order_id = quoted(api.scene)
    shown = api.phone(Role.RES).get(f"/orders/{order_id}").json
    assert (shown["settlement"], shown["pay"]["due_fen"], shown["pay"]["state"]) == (None, 0, "未计价")
    assert shown["quote"]["price_version"] == 1


def test_a_free_estate_settles_at_nothing_with_the_list_price_struck_through(api):
    let_residents_pay(api.scene)
    transact(lambda: setattr(api.scene.place.estate, "free_trial", True))
    home = {"category_code": HOME_LAMP, "spot_id": None, "home_id": api.scene.place.homes[0].id}
    order_id = api.scene.until_working(menu=Menu.EMERGENCY, **home)
    worker, resident = api.phone(Role.WRK), api.phone(Role.RES)
    hash_ = worker.send(f"/orders/{order_id}/quote", {"lines": [{"item_code": "E02"}]}).json["quote"]["hash"]
    resident.send(f"/orders/{order_id}/agree-quote", {"hash": hash_})
    api.scene.finish(order_id)
    shown = resident.get(f"/orders/{order_id}").json
    assert (shown["pay"]["state"], shown["pay"]["due_fen"]) == ("免费", 0)
    assert [(line["amount_words"], line["list_words"]) for line in shown["settlement"]["lines"]] == [
        ("免费", "¥30.00")
    ]
    assert (shown["settlement"]["total_words"], shown["settlement"]["list_words"]) == ("未收费", "¥30.00")
    assert "pay" not in {each["action"] for each in shown["actions"]}


def test_a_charged_repair_says_how_long_it_is_under_warranty(api):
    order_id = settled(api.scene)
    words = api.phone(Role.RES).get(f"/orders/{order_id}").json["warranty_words"]
    until = clock.in_china(api.scene.at + timedelta(days=30))
    assert f"{until.month}月{until.day}日" in words and "免费再修" in words


def test_the_list_that_residents_read_never_shows_more_than_the_ceiling(api):
    order_id = looked_at(api.scene)
    transact(lambda: set_ceiling("E02", ceiling_fen=2_500, by=SYSTEM))
    resident, home = api.phone(Role.RES), api.scene.place.homes[0].id
    listed = resident.get("/prices", home_id=home, category_code=HOME_LAMP).json
    prices = {item["code"]: item["price_words"] for group in listed["groups"] for item in group["items"]}
    assert prices["E02"] == "¥25.00"
    items = api.phone(Role.WRK).get(f"/orders/{order_id}/quote-items").json["items"]
    assert {item["code"]: item["most_fen"] for item in items}["E02"] == 2_500


def test_cash_is_told_to_the_resident_as_paid(api):
    order_id = settled(api.scene)
    body = {"photo_ids": api.scene.photos(Role.WRK), "note": "收据 0000123"}
    answer = api.phone(Role.WRK).send(f"/orders/{order_id}/record-cash", body)
    assert (answer.json["pay"]["state"], answer.json["pay"]["paid_fen"]) == ("已支付", 4_500)
    refused = api.phone(Role.RES).send(f"/orders/{order_id}/pay")
    assert (refused.status_code, refused.json["code"]) == (409, "nothing_owed")
