"""保修 (3.10): what was charged is mended again within thirty days and for nothing; T20 shows the old part (S2-13)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core.db import db
from app.core.errors import Invalid
from app.core.roles import Role
from app.orders import cancelling, evidence, feedback, field_work, settling
from app.orders.errors import MissingEvidence, NotQuoted, TooLate
from app.orders.lifecycle import Action, Status
from app.orders.models import Completion
from app.orders.quote_lines import Wanted
from tests.orders.paying import to_pay
from tests.orders.quoting import HOUR, MINUTE, TAP, actions, agree, decline, dripping, newest, quote, working

DAY = timedelta(days=1)


def closed(scene, *, after: timedelta) -> int:
    """65.00 were charged, the resident has rated; so much later."""
    order_id = to_pay(scene)
    scene.do(lambda: feedback.rate(order_id, by=scene.by(Role.RES), stars=5))
    scene.at += after
    return order_id


def reopen(scene, order_id: int, by: Role = Role.RES, **step):
    photos = scene.photos(by) if by is Role.RES else []
    who = scene.by(by)
    return scene.do(lambda: feedback.reopen(order_id, by=who, reason="又滴水了", photo_ids=photos), **step)


def test_a_charged_repair_is_reopened_for_thirty_days_and_not_a_millisecond_longer(scene):
    order_id = closed(scene, after=30 * DAY)
    assert Action.REOPEN in actions(scene, order_id, Role.RES)
    assert reopen(scene, order_id).warranty
    other = closed(scene, after=30 * DAY + timedelta(milliseconds=1))
    assert Action.REOPEN not in actions(scene, other, Role.RES)
    with pytest.raises(TooLate):
        reopen(scene, other)


def test_what_cost_nothing_keeps_its_seven_days(scene):
    order_id = working(scene)
    by, photos, old = scene.by(Role.WRK), scene.photos(Role.WRK), scene.photos(Role.WRK)
    words = {"result": "拧紧了", "photo_ids": photos, "old_part_photo_ids": old, "final_fen": 0}
    scene.do(lambda: field_work.finish(order_id, by=by, **words))
    scene.at += 8 * DAY
    assert Action.REOPEN not in actions(scene, order_id, Role.RES)


def test_the_same_item_is_free_with_its_material_and_anything_else_costs(scene):
    order_id = closed(scene, after=20 * DAY)
    reopen(scene, order_id)
    scene.check_in(order_id, after=HOUR)
    with pytest.raises(Invalid):
        quote(scene, order_id, TAP)
    free_tap = Wanted("W01", material_by="company", material="陶瓷芯水龙头")
    made = quote(scene, order_id, free_tap, Wanted("W02"))
    assert [(line.name, line.amount_fen, line.list_price_fen, line.warranty) for line in made.lines] == [
        ("更换水龙头", 6_500, 4_000, False),
        ("更换水龙头", 0, 4_000, True),
        ("更换角阀", 2_500, 2_500, False),
    ]
    assert (made.total_fen, made.list_fen) == (9_000, 13_000)
    agree(scene, order_id)
    scene.finish(order_id)
    assert scene.order(order_id).final_fen == 9_000


def test_more_of_the_item_than_was_repaired_is_a_line_of_its_own(scene):
    order_id = closed(scene, after=DAY)
    reopen(scene, order_id)
    scene.check_in(order_id, after=HOUR)
    with pytest.raises(Invalid) as refused:
        quote(scene, order_id, Wanted("W01", quantity_hundredths=200))
    assert "另写一行" in refused.value.sentence
    made = quote(scene, order_id, Wanted("W01"), Wanted("W01"))
    assert [(line.work_fen, line.warranty) for line in made.lines] == [
        (4_000, False),
        (0, True),
        (4_000, False),
    ]


def test_what_the_warranty_covered_once_in_a_round_it_does_not_cover_twice(scene):
    order_id = closed(scene, after=DAY)
    reopen(scene, order_id)
    scene.check_in(order_id, after=HOUR)
    quote(scene, order_id, Wanted("W01"))
    agree(scene, order_id)
    made = quote(scene, order_id, Wanted("W01"), after=MINUTE)
    assert [line.warranty for line in made.lines] == [False, True, False]


def test_a_mending_without_a_new_quote_costs_nothing_more(scene):
    order_id = closed(scene, after=10 * DAY)
    reopen(scene, order_id)
    scene.check_in(order_id, after=HOUR)
    photos, by = scene.photos(Role.WRK), scene.by(Role.WRK)
    scene.do(lambda: field_work.finish(order_id, by=by, result="又紧了一次", photo_ids=photos))
    assert scene.order(order_id).final_fen == 6_500


def test_after_the_warranty_the_regulator_reopens_and_the_list_price_is_asked(scene):
    order_id = closed(scene, after=40 * DAY)
    assert not reopen(scene, order_id, Role.BUR).warranty
    scene.check_in(order_id, after=HOUR)
    assert newest(order_id).total_fen == 6_500
    assert quote(scene, order_id, Wanted("W01")).total_fen == 10_500


def test_the_timeline_says_that_it_is_under_warranty(scene):
    order_id = closed(scene, after=10 * DAY)
    reopen(scene, order_id)
    assert evidence.timeline(order_id)[-1].data == {"round": 1, "warranty": True}


# ---- nothing is free by accident


def test_an_order_that_was_declined_for_nothing_is_priced_again_when_it_is_reopened(scene):
    order_id = dripping(scene)
    quote(scene, order_id)
    decline(scene, order_id)
    assert scene.order(order_id).pay_status == "免费"
    reopen(scene, order_id, Role.BUR)
    assert scene.order(order_id).pay_status == "未计价"
    scene.check_in(order_id, after=MINUTE)
    with pytest.raises(NotQuoted):
        scene.finish(order_id)
    quote(scene, order_id)
    agree(scene, order_id)
    scene.finish(order_id)
    assert (scene.order(order_id).final_fen, scene.order(order_id).pay_status) == (6_500, "待支付")


def test_the_fee_of_a_visit_counts_towards_the_repair_that_follows_it(scene):
    order_id = dripping(scene, fee=2_000)
    quote(scene, order_id)
    decline(scene, order_id)
    assert scene.order(order_id).pay_status == "待支付"
    reopen(scene, order_id, Role.BUR)
    order = scene.order(order_id)
    assert (order.pay_status, order.final_fen, settling.still_owed_fen(order)) == ("未计价", None, 0)


def test_what_was_waived_stays_waived(scene):
    order_id = dripping(scene)
    scene.do(lambda: settling.waive(order_id, by=scene.by(Role.WRK)))
    scene.finish(order_id)
    reopen(scene, order_id, after=DAY)
    assert scene.order(order_id).pay_status == "免费"


def test_what_was_waived_after_a_declined_quote_costs_no_visit_either(scene):
    order_id = dripping(scene, fee=2_000)
    quote(scene, order_id)
    decline(scene, order_id)
    reopen(scene, order_id, Role.BUR)
    scene.check_in(order_id, after=MINUTE)
    scene.do(lambda: settling.waive(order_id, by=scene.by(Role.WRK)))
    cancelled(scene, order_id)
    order = scene.order(order_id)
    assert (order.final_fen, order.pay_status) == (0, "免费")
    assert evidence.timeline(order_id)[-1].data == {"visit_fee_fen": 0}


def test_what_is_cancelled_after_a_reopening_is_charged_as_before_and_no_visit_fee_is_told(scene):
    order_id = closed(scene, after=DAY)
    reopen(scene, order_id)
    scene.check_in(order_id, after=HOUR)
    cancelled(scene, order_id)
    assert scene.order(order_id).final_fen == 6_500
    assert evidence.timeline(order_id)[-1].data == {"visit_fee_fen": 0}


def cancelled(scene, order_id: int) -> None:
    scene.do(lambda: cancelling.ask(order_id, by=scene.by(Role.RES), reason="亲戚会修"))
    scene.do(lambda: cancelling.agree(order_id, by=scene.by(Role.WRK)))


# ---- old parts


def test_where_a_part_was_replaced_the_old_one_is_shown_or_nothing_is_finished(scene):
    order_id = working(scene)
    by, photos = scene.by(Role.WRK), scene.photos(Role.WRK)
    with pytest.raises(MissingEvidence) as refused:
        scene.do(lambda: field_work.finish(order_id, by=by, result="换好了", photo_ids=photos))
    assert list(refused.value.fields) == ["old_part_photo_ids"]
    assert "陶瓷芯水龙头" in refused.value.sentence
    assert scene.order(order_id).status == Status.WORKING
    scene.finish(order_id)
    assert {photo.step for photo in evidence.order_photos(order_id)} >= {"after", "old_part"}
    done = db.session.scalars(select(Completion).where(Completion.order_id == order_id)).one()
    assert done.parts == "陶瓷芯水龙头", "the parts that were agreed to stand in the completion"


def test_an_item_that_replaces_something_has_an_old_part_though_no_material_was_named(scene):
    order_id = dripping(scene)
    quote(scene, order_id, Wanted("W02"))
    agree(scene, order_id)
    by, photos = scene.by(Role.WRK), scene.photos(Role.WRK)
    with pytest.raises(MissingEvidence) as refused:
        scene.do(lambda: field_work.finish(order_id, by=by, result="换好了", photo_ids=photos))
    assert "换了角阀" in refused.value.sentence
    scene.finish(order_id)
    assert scene.order(order_id).status == Status.DONE


def test_where_nothing_was_replaced_no_old_part_is_asked_for(scene):
    order_id = dripping(scene)
    quote(scene, order_id, Wanted("W04"))
    agree(scene, order_id)
    by, photos = scene.by(Role.WRK), scene.photos(Role.WRK)
    scene.do(lambda: field_work.finish(order_id, by=by, result="补好了", photo_ids=photos))
    assert scene.order(order_id).status == Status.DONE


def test_a_photo_is_evidence_of_one_thing(scene):
    order_id = working(scene)
    by, photos = scene.by(Role.WRK), scene.photos(Role.WRK)
    words = {"result": "换好了", "photo_ids": photos, "old_part_photo_ids": photos}
    with pytest.raises(Invalid):
        scene.do(lambda: field_work.finish(order_id, by=by, **words))
