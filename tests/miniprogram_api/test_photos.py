"""Uploading photos and reading them through signed links."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import func, select, update

from app.core.db import db, transact
from app.core.roles import Role
from app.media.models import CheckState, Photo
from app.media.signing import sign
from tests.miniprogram_api.phones import picture
from tests.miniprogram_api.steps import submitted


def _count() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Photo))


def test_an_uploaded_photo_is_evidence_and_is_read_through_its_link(api):
    phone = api.phone(Role.RES)
    uploaded = phone.upload(picture(size=(800, 600)))
    assert (uploaded.status_code, uploaded.json["width"]) == (201, 800)
    order_id = submitted(api.scene)
    phone.send(f"/orders/{order_id}/add-photos", {"photo_ids": [uploaded.json["id"]]})
    shown = api.phone(Role.DSP).get(f"/orders/{order_id}").json["photos"][0]
    for variant, side in (("full", 800), ("thumb", 320)):
        answer = api.phone().client.get(shown[variant])
        assert answer.status_code == 200
        assert Image.open(io.BytesIO(answer.data)).width == side
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Disposition"].startswith("inline")
        assert answer.headers["Cache-Control"].startswith("private")


def test_the_same_upload_under_the_same_key_is_one_photo(api):
    phone, data = api.phone(Role.RES), picture()
    first = phone.upload(data, key="photo-key-1")
    again = phone.upload(data, key="photo-key-1")
    assert (again.status_code, again.json) == (201, first.json)
    assert _count() == 1
    assert phone.upload(picture("red"), key="photo-key-1").status_code == 409


@pytest.mark.parametrize("data", [b"", b"<?php echo 1;", b"GIF89a" + bytes(50), picture()[:200]])
def test_what_is_no_photo_is_415_whatever_its_name(api, data):
    answer = api.phone(Role.RES).upload(data)
    assert answer.status_code == 415
    assert answer.json["code"] in ("not_an_image", "photo_broken")


def test_a_photo_that_is_too_large_is_413(api):
    answer = api.phone(Role.RES).upload(picture() + bytes(10 * 1024 * 1024))
    assert (answer.status_code, answer.json["code"]) == (413, "photo_too_large")


def test_a_body_that_is_larger_than_any_photo_is_413_in_the_same_shape(api):
    answer = api.phone(Role.RES).upload(bytes(13 * 1024 * 1024))
    assert (answer.status_code, answer.json["code"]) == (413, "too_large")


def test_a_form_without_the_photo_and_a_body_of_another_type_are_told_apart(api):
    phone = api.phone(Role.RES)
    assert phone.upload(picture(), field="image").json["fields"] == {"photo": "必填"}
    assert phone.send("/photos", {"photo": "x"}).status_code == 415


def test_a_photo_of_somebody_else_is_no_evidence_of_mine(api):
    foreign = api.phone(Role.WRK).upload(picture()).json["id"]
    order_id = submitted(api.scene)
    answer = api.phone(Role.RES).send(f"/orders/{order_id}/add-photos", {"photo_ids": [foreign]})
    assert (answer.status_code, list(answer.json["fields"])) == (422, ["photo_ids"])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda link: link.replace("/full", "/thumb"),
        lambda link: link[:-1] + ("0" if link[-1] != "0" else "1"),
        lambda link: link.replace("until=1", "until=2"),
        lambda link: link.partition("?")[0],
        lambda link: link.replace("until=", "until=9999999999999"),
        lambda link: link.replace("/full", "/original"),
    ],
)
def test_a_link_that_is_not_ours_is_404(api, spoil):
    photo_id = api.phone(Role.RES).upload(picture()).json["id"]
    link = sign(photo_id, "full", until=api.scene.at + timedelta(minutes=5))
    client = api.phone().client
    assert client.get(link).status_code == 200
    assert client.get(spoil(link)).status_code == 404


def test_a_link_ends(api):
    photo_id = api.phone(Role.RES).upload(picture()).json["id"]
    link = sign(photo_id, "full", until=api.scene.at + timedelta(minutes=5))
    api.later(minutes=30)
    assert api.phone().client.get(link).status_code == 404


def test_a_risky_photo_is_gone_for_everybody(api):
    phone = api.phone(Role.RES)
    photo_id = phone.upload(picture()).json["id"]
    order_id = submitted(api.scene)
    phone.send(f"/orders/{order_id}/add-photos", {"photo_ids": [photo_id]})
    link = phone.get(f"/orders/{order_id}").json["photos"][0]["full"]
    transact(lambda: db.session.execute(update(Photo).values(check_state=CheckState.RISKY.value)))
    shown = phone.get(f"/orders/{order_id}").json["photos"][0]
    assert (shown["hidden"], shown["full"], shown["thumb"]) == (True, None, None)
    assert phone.client.get(link).status_code == 404
