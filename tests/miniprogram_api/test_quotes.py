"""报价 over HTTP: what worker and resident send and read, and that nobody agrees to what he has not read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.core.roles import Role
from app.orders.lifecycle import Action
from miniprogram_api.fields import said
from tests.factories.scene import make_neighbour
from tests.miniprogram_api.phones import counted_statements
from tests.miniprogram_api.quote_steps import (
    BOX_LINE,
    LAMP_LINE,
    added_to,
    agreed,
    asked_to_cancel,
    looked_at,
    quoted,
)
from tests.miniprogram_api.steps import submitted

HOUR = timedelta(hours=1)


@pytest.fixture
def here(api):
    """The clock follows the scene."""

    def arrange(make) -> int:
        order_id = make(api.scene)
        api.at(api.scene.at)
        return order_id

    return arrange


def shown(api, order_id: int, role: Role = Role.RES) -> dict:
    answer = api.phone(role).get(f"/orders/{order_id}")
    assert answer.status_code == 200, answer.json
    return answer.json


def buttons(answer: dict) -> list[str]:
    return [each["action"] for each in answer["actions"]]


def test_the_worker_quotes_and_the_resident_reads_every_line_in_words(api, here):
    order_id = here(looked_at)
    body = {"lines": [LAMP_LINE, BOX_LINE], "note": "灯管旧了"}
    sent = api.phone(Role.WRK).send(f"/orders/{order_id}/quote", body)
    assert (sent.status_code, sent.json["status"]) == (200, "QUOTED")
    answer = shown(api, order_id)
    quote = answer["quote"]
    assert [(line["name"], line["quantity_words"], line["amount_words"]) for line in quote["lines"]] == [
        ("灯具检修、接线", "1次", "¥45.00"),
        ("更换开关/插座面板", "2个", "¥40.00"),
    ]
    assert quote["lines"][0]["material_words"] == "材料师傅代买:LED灯管 ¥15.00"
    assert quote["lines"][1]["list_words"] == "¥20.00 × 2个 = ¥40.00"
    assert (quote["total_words"], quote["visit_fee_words"]) == (
        "¥85.00",
        "不修的话,收上门检测费 ¥20.00;修了就不收这一项",
    )
    assert quote["expires_at"] == said(api.scene.at + 24 * HOUR)
    assert quote["words"] == "请在 明天 22:20 前答复,不答复就按不修办结"
    assert (answer["quoted_fen"], answer["agreed_fen"], answer["final_fen"]) == (8_500, None, None)
    assert buttons(answer)[:2] == ["agree_quote", "decline_quote"]
    repair = next(each for each in answer["promises"] if each["clock"] == "C3")
    assert repair["words"] == "修复暂停计时"


def test_agreeing_sends_back_what_was_read_and_the_settlement_is_not_higher(api, here):
    order_id = here(quoted)
    hash_ = shown(api, order_id)["quote"]["hash"]
    answer = api.phone(Role.RES).send(f"/orders/{order_id}/agree-quote", {"hash": hash_})
    assert (answer.json["status"], answer.json["agreed_fen"]) == ("WORKING", 4_500)
    assert (answer.json["quote"]["state"], answer.json["quote"]["words"]) == ("agreed", "居民已同意")
    worker = api.phone(Role.WRK)
    done = {"result": "换了灯管", "photo_ids": api.scene.photos(Role.WRK), "final_fen": 4_501}
    done["old_part_photo_ids"] = api.scene.photos(Role.WRK)
    refused = worker.send(f"/orders/{order_id}/finish", done)
    assert (refused.status_code, refused.json["fields"]) == (422, {"final_fen": "最多 ¥45.00"})
    finished = worker.send(f"/orders/{order_id}/finish", {**done, "final_fen": 4_000})
    assert (finished.json["final_fen"], finished.json["pay_status"]) == (4_000, "待支付")


def test_a_stale_hash_is_a_conflict_and_changes_nothing(api, here):
    order_id = here(quoted)
    stale = shown(api, order_id)["quote"]["hash"]
    phone = api.phone(Role.RES)
    phone.send(f"/orders/{order_id}/agree-quote", {"hash": stale})
    api.phone(Role.WRK).send(f"/orders/{order_id}/quote", {"lines": [BOX_LINE]})
    refused = phone.send(f"/orders/{order_id}/agree-quote", {"hash": stale})
    assert (refused.status_code, refused.json["code"]) == (409, "quote_changed")
    assert shown(api, order_id)["agreed_fen"] == 4_500


def test_what_comes_to_it_is_marked_and_may_be_declined_alone(api, here):
    order_id = here(added_to)
    answer = shown(api, order_id)
    assert [line["added"] for line in answer["quote"]["lines"]] == [False, True]
    assert answer["quote"]["words"].endswith("不答复就按原来同意的修")
    assert buttons(answer)[:2] == ["agree_quote", "decline_addition"]
    after = api.phone(Role.RES).send(f"/orders/{order_id}/decline-addition", {}).json
    assert (after["status"], after["agreed_fen"], after["quoted_fen"]) == ("WORKING", 4_500, 4_500)


def test_work_that_has_a_price_does_not_begin_without_a_quote(api, here):
    order_id = here(looked_at)
    worker = api.phone(Role.WRK)
    refused = worker.send(f"/orders/{order_id}/start")
    assert (refused.status_code, refused.json["code"]) == (409, "not_quoted")
    assert "这次不收费" in refused.json["message"]
    assert {"quote", "waive"} <= set(buttons(shown(api, order_id, Role.WRK)))
    assert worker.send(f"/orders/{order_id}/waive").json["pay_status"] == "免费"
    assert worker.send(f"/orders/{order_id}/start").status_code == 200


def test_after_24_hours_the_answer_is_too_late(api, here):
    order_id = here(quoted)
    hash_ = shown(api, order_id)["quote"]["hash"]
    api.at(api.scene.at + 24 * HOUR + timedelta(milliseconds=1))
    for name, body in (("agree-quote", {"hash": hash_}), ("decline-quote", {})):
        refused = api.phone(Role.RES).send(f"/orders/{order_id}/{name}", body)
        assert (refused.status_code, refused.json["code"]) == (409, "quote_over")


def test_a_neighbour_reads_nothing_of_it(api, here):
    order_id = here(quoted)
    assert api.phone(make_neighbour(api.scene)).get(f"/orders/{order_id}").status_code == 404


def test_an_order_without_a_quote_costs_no_further_statement(api, here):
    order_id = here(submitted)
    phone = api.phone(Role.RES)
    with counted_statements() as seen:
        phone.get(f"/orders/{order_id}")
    assert not any("quotes" in each for each in seen)


# ---- cancelling after the visit


def test_the_resident_asks_the_desk_agrees_and_the_visit_fee_remains(api, here):
    order_id = here(quoted)
    asked = api.phone(Role.RES).send(f"/orders/{order_id}/ask-cancel", {"reason": "亲戚会修"})
    assert asked.json["cancel_asked_at"] == said(api.scene.at)
    assert "ask_cancel" not in buttons(asked.json)
    for role in (Role.DSP, Role.MGR, Role.WRK):
        assert {"agree_cancel", "refuse_cancel"} <= set(buttons(shown(api, order_id, role)))
    after = api.phone(Role.DSP).send(f"/orders/{order_id}/agree-cancel").json
    assert (after["status"], after["final_fen"], after["pay_status"]) == ("CANCELLED", 2_000, "待支付")
    assert after["quote"]["state"] == "cancelled"


def test_a_refusal_gives_its_reason_and_the_repair_goes_on(api, here):
    order_id = here(asked_to_cancel)
    answer = api.phone(Role.WRK).send(f"/orders/{order_id}/refuse-cancel", {"reason": "电线露在外面,不能停"})
    assert (answer.json["status"], answer.json["cancel_asked_at"]) == ("VERIFIED", None)
    last = api.phone(Role.RES).get(f"/orders/{order_id}/timeline").json["items"][-1]
    assert last["note"] == "电线露在外面,不能停"


def test_nobody_can_answer_what_was_not_asked(api, here):
    order_id = here(agreed)
    assert not {Action.AGREE_CANCEL, Action.REFUSE_CANCEL} & set(buttons(shown(api, order_id, Role.DSP)))
    refused = api.phone(Role.DSP).send(f"/orders/{order_id}/agree-cancel")
    assert (refused.status_code, refused.json["code"]) == (409, "wrong_order_state")
