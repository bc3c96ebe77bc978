"""A resident sends a 随手拍: what he must give, where it belongs, who is told."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from app.companies.models import Company
from app.core.db import db, transact
from app.core.errors import Forbidden, Invalid
from app.core.roles import Role
from app.feedback import sending
from app.feedback.errors import SnapNotFound
from app.feedback.lifecycle import Kind, Topic
from app.feedback.moving import get_snap
from app.feedback.queries import snap_line, snap_photos, snaps_page
from app.feedback.rules import due_at
from app.feedback.sending import Sending
from app.orders.errors import MissingEvidence, NoService
from app.orders.policies import standard_of
from tests.factories.scene import make_neighbour, make_scene
from tests.feedback import doing


@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.value)
def test_all_three_kinds_are_kept_with_their_ten_days(scene, kind):
    row = doing.snap(doing.send(scene, kind))
    assert (row.kind, row.status, row.submitted_at) == (kind, "SUBMITTED", scene.at)
    assert row.due_at == due_at(scene.at, standard_of("C6"))
    assert (row.office_id, row.company_id) == (scene.place.office.id, scene.place.company.id)
    assert (row.contact_phone, row.sender_id) == (scene.resident.phone, scene.resident.id)


def test_all_eight_topics_can_be_chosen(scene):
    kept = {doing.snap(doing.send(scene, topic=topic)).topic for topic in Topic}
    assert {"秩序维护", "环境卫生", "绿化养护", "客服接待", "其他"} <= {Topic(topic).label for topic in kept}
    assert len(kept) == 8


def test_a_problem_without_a_photo_is_not_taken(scene):
    with pytest.raises(MissingEvidence) as refused:
        doing.send(scene, Kind.PROBLEM, photo_ids=[])
    assert list(refused.value.fields) == ["photo_ids"]


def test_somebody_elses_photo_or_one_used_before_is_refused(scene):
    photos = scene.photos(Role.RES)
    doing.send(scene, Kind.PROBLEM, photo_ids=photos)
    for wrong in (photos, scene.photos(Role.WRK)):
        with pytest.raises(Invalid):
            doing.send(scene, Kind.PROBLEM, photo_ids=wrong)


def test_praise_may_be_about_the_whole_estate_but_a_problem_has_a_place(scene):
    whole = {"spot_id": None, "estate_id": scene.place.estate.id}
    assert doing.snap(doing.send(scene, Kind.PRAISE, **whole)).place == scene.place.estate.name
    with pytest.raises(Invalid) as refused:
        doing.send(scene, Kind.PROBLEM, photo_ids=scene.photos(Role.RES), **whole)
    assert list(refused.value.fields) == ["spot_id"]


def test_another_estate_a_staff_hat_and_an_unserved_estate_are_refused(scene):
    elsewhere = make_scene(at=scene.at)
    with pytest.raises(Invalid):
        doing.send(scene, spot_id=None, estate_id=elsewhere.place.estate.id)
    with pytest.raises(Forbidden):
        sent = Sending(Kind.PRAISE, Topic.ORDER, "谢谢", spot_id=scene.place.spot.id)
        transact(lambda: sending.send(sent, by=scene.by(Role.MGR)))

    def suspend() -> None:
        db.session.get_one(Company, scene.place.company.id).admission = "suspended"

    transact(suspend)
    with pytest.raises(NoService):
        doing.send(scene)


def test_words_are_neither_missing_nor_endless(scene):
    for words in ("", " 好 ", "长" * 501):
        with pytest.raises(Invalid) as refused:
            doing.send(scene, text=words)
        assert list(refused.value.fields) == ["text"]


def test_a_neighbour_another_office_and_a_worker_find_nothing(scene):
    snap_id = doing.send(scene)
    stranger = make_scene(at=scene.at)
    hidden = [transact(lambda: make_neighbour(scene)), scene.by(Role.WRK)]
    hidden += [stranger.by(role) for role in (Role.MGR, Role.CO, Role.STR, Role.BUR, Role.HOT)]
    for scope in hidden:
        with pytest.raises(SnapNotFound):
            get_snap(snap_id, scope)
        assert list(snaps_page(scope).items) == []


def test_the_hotline_sees_it_only_after_it_was_handed_over(scene):
    snap_id = doing.send(scene)
    with pytest.raises(SnapNotFound):
        snap_line(snap_id, scene.by(Role.HOT))
    doing.decline(scene, snap_id)
    assert snap_line(snap_id, scene.by(Role.HOT)).id == snap_id


def test_the_bureau_reads_no_door_and_no_number(scene):
    snap_id = doing.send(scene, text="3号楼502室装修太吵,电话19900000301")
    assert "502" in snap_line(snap_id, scene.by(Role.MGR)).text
    for role in (Role.CO, Role.STR, Role.BUR):
        shown = snap_line(snap_id, scene.by(role)).text
        assert "502" not in shown
        assert "19900000301" not in shown


def test_name_and_number_are_sealed_in_the_table(scene):
    snap_id = doing.send(scene)
    kept = db.session.execute(
        text("SELECT contact_name, contact_phone FROM snaps WHERE id = :id"), {"id": snap_id}
    ).one()
    assert scene.resident.phone not in str(tuple(kept))
    assert scene.resident.name not in str(tuple(kept))


def test_the_list_of_those_that_wait_begins_with_the_nearest_end(scene):
    first = doing.send(scene)
    second = doing.send(scene, at=scene.at.replace(hour=scene.at.hour + 1))
    answered = doing.send(scene)
    doing.reply(scene, answered)
    by = scene.by(Role.MGR)
    page = snaps_page(by, open_=True, limit=1)
    assert [each.id for each in page.items] == [first]
    rest = snaps_page(by, open_=True, cursor=page.next_cursor, limit=5)
    assert ([each.id for each in rest.items], rest.next_cursor) == ([second], None)
    assert [each.id for each in snaps_page(by, open_=False).items] == [answered]
    mine = snaps_page(scene.by(Role.RES), limit=2)
    assert [each.id for each in mine.items] == [answered, second]
    assert [each.id for each in snaps_page(scene.by(Role.RES), cursor=mine.next_cursor).items] == [first]


def test_the_photos_are_shown_with_the_step_that_they_belong_to(scene):
    snap_id = doing.send(scene, Kind.PROBLEM)
    assert [each.step for each in snap_photos(snap_id)] == ["submit"]


def test_desk_and_manager_are_told_of_a_new_one_and_the_sender_is_not(scene):
    doing.send(scene)
    doing.tell_all(scene.at)
    for role in (Role.DSP, Role.MGR):
        assert [title[:4] for title in doing.titles(scene.by(role).account_id)] == ["新随手拍"]
    assert doing.titles(scene.resident.id) == []
