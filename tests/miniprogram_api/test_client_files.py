"""/m/: the built client, its headers, its compressed twins; nothing else of the machine can be asked for."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from miniprogram_api.client_files import POLICY
from tests.miniprogram_api.phones import build_app

SCRIPT = b"export const words = '" + b"house " * 400 + b"'"
HASHED = "assets/index-CUPbDKLH.js"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A small build, with something private beside it."""
    build = tmp_path / "h5"
    (build / "assets").mkdir(parents=True)
    (build / "index.html").write_text("<!DOCTYPE html><title>安居</title>", encoding="utf-8")
    (build / HASHED).write_bytes(SCRIPT)
    (build / f"{HASHED}.gz").write_bytes(gzip.compress(SCRIPT))
    (build / f"{HASHED}.br").write_bytes(b"shorter still")
    (build / "assets" / "plain.js").write_bytes(b"1")
    (tmp_path / "private.txt").write_text("private", encoding="utf-8")
    (tmp_path / "h5-of-yesterday").mkdir()
    (tmp_path / "h5-of-yesterday" / "private.txt").write_text("private", encoding="utf-8")
    return build


@pytest.fixture
def client(built: Path, tmp_path: Path) -> FlaskClient:
    return build_app(f"sqlite:///{tmp_path / 'files.db'}", tmp_path, client_dir=built).test_client()


def test_the_start_page_is_asked_for_anew_and_hashed_files_never_again(client):
    start = client.get("/m/")
    assert (start.status_code, start.mimetype, start.headers["Cache-Control"]) == (
        200,
        "text/html",
        "no-cache",
    )
    assert "安居" in start.text
    again = client.get("/m/", headers={"If-None-Match": start.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(f"/m/{HASHED}").headers["Cache-Control"] == "max-age=315360000, public, immutable"
    assert client.get("/m/assets/plain.js").headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(("accepted", "sent"), [("gzip", "gzip"), ("gzip, deflate, br", "br"), ("", None)])
def test_a_phone_gets_the_smallest_twin_that_it_understands(client, accepted, sent):
    answer = client.get(f"/m/{HASHED}", headers={"Accept-Encoding": accepted})
    assert (answer.status_code, answer.headers.get("Content-Encoding")) == (200, sent)
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.mimetype == "text/javascript"
    assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_every_answer_forbids_what_is_inline_or_foreign(client):
    for path in ("/m/", f"/m/{HASHED}", "/m/nowhere"):
        headers = client.get(path).headers
        assert headers["Content-Security-Policy"] == POLICY
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "Set-Cookie" not in headers
    assert "unsafe" not in POLICY
    assert "*" not in POLICY


def test_the_address_without_its_slash_leads_on_with_what_was_asked(client):
    answer = client.get("/m?spot=SPOT7")
    assert (answer.status_code, answer.location) == (308, "/m/?spot=SPOT7")
    assert client.get("/m").location == "/m/"


@pytest.mark.parametrize(
    "path",
    [
        "/m/../private.txt",
        "/m/..%2fprivate.txt",
        "/m/%2e%2e/private.txt",
        "/m/..%5cprivate.txt",
        "/m/assets/../../private.txt",
        "/m/..",
        "/m/../h5-of-yesterday/private.txt",
        "/m/assets/",
        "/m/assets",
        f"/m/{HASHED}.gz",
        f"/m/{HASHED}%00",
        "/m/" + "x" * 3000,
    ],
)
def test_what_is_not_in_the_build_does_not_exist(client, path):
    answer = client.get(path)
    assert answer.status_code == 404, path
    assert b"private" not in answer.data
    assert "没有这个页面" in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_files_are_only_read(client, method):
    assert client.open(f"/m/{HASHED}", method=method).status_code == 405


def test_a_new_build_is_served_without_a_new_start(client, built):
    assert client.get(f"/m/{HASHED}").status_code == 200
    (built / HASHED).unlink()
    (built / "assets" / "index-Newer123.js").write_bytes(b"2")
    os.utime(built / "index.html", ns=(1, 1))
    assert client.get("/m/assets/index-Newer123.js").data == b"2"
    assert client.get(f"/m/{HASHED}").status_code == 404


def test_without_a_build_the_page_says_how_to_get_one(tmp_path):
    app = build_app(f"sqlite:///{tmp_path / 'none.db'}", tmp_path, client_dir=tmp_path / "nowhere")
    for path in ("/m/", f"/m/{HASHED}"):
        answer = app.test_client().get(path)
        assert answer.status_code == 503
        assert "make miniprogram" in answer.text
        assert "style" not in answer.text
        assert answer.headers["Content-Security-Policy"] == POLICY
