"""Recording words instead of writing them: uploading, sending along, hearing (S3-03)."""

from __future__ import annotations

import io
import json
import wave
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.accounts.models import Account
from app.core.db import db, transact
from app.core.outbox import dispatch_one
from app.core.roles import Role
from app.integrations.wechat.answers import Verdict
from app.media.checking import apply_verdict
from app.media.models import CheckState, Voice
from app.media.signing import sign, sign_voice
from app.orders import desk
from app.orders.models import Order
from app.orders.voice_models import OrderVoice
from app.reactions.table import REACTIONS
from scheduler.context import Context
from scheduler.jobs.check_voices import check_voices
from tests.factories.scene import make_neighbour
from tests.factories.sounds import announcing, sound
from tests.miniprogram_api.phones import counted_statements, picture
from tests.miniprogram_api.steps import done


def _count(model: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model))


def _report(api, **values):
    return {"menu": "PUB", "category_code": "G0201", "spot_id": api.scene.place.spot.id, **values}


def _recorded(phone, ms: int = 12_000) -> int:
    return phone.record(sound(ms)).json["id"]


def _spoken(api, ms: int = 12_000) -> int:
    """An order that was reported by voice alone."""
    phone = api.phone(Role.RES)
    answer = phone.send("/orders", _report(api, voice_id=_recorded(phone, ms)))
    assert answer.status_code == 201, answer.json
    return answer.json["order_id"]


def _voice_of(api, order_id: int, role: Role = Role.DSP):
    return api.phone(role).get(f"/orders/{order_id}").json["voices"]


def test_a_voice_alone_is_a_report_and_is_heard_at_the_desk(api):
    sent = sound(12_000)
    phone = api.phone(Role.RES)
    uploaded = phone.record(sent)
    assert (uploaded.status_code, uploaded.json["duration_ms"]) == (201, 12_000)
    order_id = phone.send("/orders", _report(api, voice_id=uploaded.json["id"])).json["order_id"]
    (voice,) = _voice_of(api, order_id)
    assert (voice["id"], voice["duration_ms"], voice["step"]) == (uploaded.json["id"], 12_000, "submit")
    answer = api.phone().client.get(voice["url"])
    assert (answer.status_code, answer.data) == (200, sent)
    assert answer.headers["Content-Type"] == "audio/wav"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.headers["Cache-Control"] == "private, max-age=600"
    assert answer.headers["Accept-Ranges"] == "bytes"


def test_the_same_upload_under_the_same_key_is_one_recording(api):
    phone, data = api.phone(Role.RES), sound()
    first = phone.record(data, key="voice-key-1")
    again = phone.record(data, key="voice-key-1")
    assert (again.status_code, again.json) == (201, first.json)
    assert _count(Voice) == 1
    assert phone.record(sound(2_000), key="voice-key-1").status_code == 409


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"ID3\x04" + bytes(500), 415, "not_a_recording"),
        (picture(), 415, "not_a_recording"),
        (sound()[:50], 415, "recording_broken"),
        (announcing(sound(), data=10**7), 415, "recording_broken"),
        (sound(width=1), 415, "recording_of_another_kind"),
        (sound(channels=2), 415, "recording_of_another_kind"),
        (sound(rate=44_100), 415, "recording_of_another_kind"),
        (sound(61_000), 422, "recording_too_long"),
        (sound(300), 422, "recording_too_short"),
        (bytes(3 * 1024 * 1024), 413, "recording_too_large"),
        (bytes(13 * 1024 * 1024), 413, "too_large"),
    ],
)
def test_what_is_no_recording_is_refused_and_leaves_nothing(api, data, status, code):
    answer = api.phone(Role.RES).record(data)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert (list(answer.json["fields"]) == ["voice"]) == (status == 422)
    assert _count(Voice) == 0


def test_a_form_without_the_recording_and_a_body_of_another_type_are_told_apart(api):
    phone = api.phone(Role.RES)
    assert phone.record(sound(), field="photo").json["fields"] == {"voice": "必填"}
    assert phone.send("/voices", {"voice": "x"}).status_code == 415


def test_sixty_recordings_an_hour_are_enough(api):
    rates = api.app.extensions["miniprogram_api.rates"]
    rates.replace({"voices": "2/hour"})
    try:
        phone = api.phone(Role.RES)
        answers = [phone.record(sound()).status_code for _ in range(3)]
    finally:
        rates.replace({"voices": "100000/minute"})
    assert answers == [201, 201, 429]


def test_neither_words_nor_photo_nor_voice_is_no_report(api):
    answer = api.phone(Role.RES).send("/orders", _report(api, text="灯"))
    assert answer.json["fields"] == {"text": "至少4个字,或一张照片、一段录音"}
    assert "说一段话" in answer.json["message"]


def test_a_recording_goes_along_once(api):
    phone = api.phone(Role.RES)
    voice_id = _recorded(phone)
    assert phone.send("/orders", _report(api, voice_id=voice_id)).status_code == 201
    again = phone.send("/orders", _report(api, voice_id=voice_id))
    assert (again.status_code, again.json["fields"]) == (422, {"voice_id": "找不到录音"})
    assert (_count(Order), _count(OrderVoice)) == (1, 1)


@pytest.mark.parametrize("voice_id", [999_999, 2**63 - 1])
def test_a_recording_that_does_not_exist_is_no_words(api, voice_id):
    answer = api.phone(Role.RES).send("/orders", _report(api, voice_id=voice_id))
    assert (answer.status_code, list(answer.json["fields"])) == (422, ["voice_id"])
    assert _count(Order) == 0


def test_a_recording_of_somebody_else_is_not_mine_to_send(api):
    foreign = _recorded(api.phone(make_neighbour(api.scene)))
    answer = api.phone(Role.RES).send("/orders", _report(api, voice_id=foreign))
    assert (answer.status_code, list(answer.json["fields"])) == (422, ["voice_id"])
    assert not db.session.get_one(Voice, foreign).attached


@pytest.mark.parametrize("role", [Role.RES, Role.DSP, Role.MGR])
def test_reporter_and_desk_hear_it(api, role):
    assert [voice["duration_ms"] for voice in _voice_of(api, _spoken(api), role)] == [12_000]


@pytest.mark.parametrize("role", [Role.CO, Role.STR, Role.COM, Role.BUR])
def test_whoever_reads_masked_words_hears_nothing(api, role):
    order_id = _spoken(api)
    shown = api.phone(role).get(f"/orders/{order_id}").json
    assert (shown["voiced"], shown["voices"]) == (True, [])
    assert "/media/voice/" not in json.dumps(shown)


def test_the_hotline_hears_what_was_handed_over(api):
    order_id = _spoken(api)
    by = api.scene.by(Role.MGR)
    api.scene.do(lambda: desk.to_hotline(order_id, by=by, reason="no_staff"))
    assert len(_voice_of(api, order_id, Role.HOT)) == 1


def test_a_worker_hears_it_while_the_order_is_his_and_for_a_day_after(api):
    order_id = _spoken(api)
    scene, phone = api.scene, api.phone(Role.WRK)
    assert phone.get(f"/orders/{order_id}").status_code == 404
    scene.accept(order_id)
    scene.assign(order_id)
    assert len(_voice_of(api, order_id, Role.WRK)) == 1
    scene.check_in(order_id)
    scene.finish(order_id)
    api.later(hours=24)
    assert len(_voice_of(api, order_id, Role.WRK)) == 1
    api.later(seconds=1)
    assert _voice_of(api, order_id, Role.WRK) == []
    assert len(_voice_of(api, order_id, Role.DSP)) == 1


def test_not_repaired_may_be_said_aloud_too(api):
    order_id = done(api.scene)
    phone = api.phone(Role.RES)
    photo = phone.upload(picture()).json["id"]
    body = {"reason": "还是不亮", "photo_ids": [photo], "voice_id": _recorded(phone, 3_000)}
    answer = phone.send(f"/orders/{order_id}/reopen", body)
    assert answer.status_code == 200, answer.json
    (voice,) = answer.json["voices"]
    assert (voice["step"], voice["round"], voice["duration_ms"]) == ("reopen", 1, 3_000)


def test_lists_mark_orders_with_a_voice(api):
    silent, spoken = api.scene.submit().order_id, _spoken(api)
    for path in ("/orders", "/desk/orders"):
        role = Role.RES if path == "/orders" else Role.DSP
        lines = api.phone(role).get(path).json["items"]
        assert {line["id"]: line["voiced"] for line in lines} == {silent: False, spoken: True}


def test_a_voice_costs_two_statements_and_none_costs_nothing(api):
    phone = api.phone(Role.RES)

    def cost(**values) -> int:
        photo = phone.upload(picture()).json["id"]
        with counted_statements() as statements:
            assert phone.send("/orders", _report(api, photo_ids=[photo], **values)).status_code == 201
        assert any("voices" in each for each in statements) == bool(values)
        return len(statements)

    cost()  # reference rows are read once
    assert cost(voice_id=_recorded(phone)) == cost() + 2


def test_reading_an_order_without_a_voice_asks_nothing_about_voices(api):
    order_id = api.scene.submit().order_id
    phone = api.phone(Role.DSP)
    with counted_statements() as statements:
        phone.get(f"/orders/{order_id}")
    assert not any("FROM voices" in each or "FROM order_voices JOIN" in each for each in statements)


def test_a_player_may_ask_for_parts(api):
    sent = sound(2_000)
    voice_id = api.phone(Role.RES).record(sent).json["id"]
    link = sign_voice(voice_id, until=api.scene.at + timedelta(minutes=5))
    client = api.phone().client
    part = client.get(link, headers={"Range": "bytes=1000-1999"})
    assert (part.status_code, part.data) == (206, sent[1000:2000])
    assert part.headers["Content-Range"] == f"bytes 1000-1999/{len(sent)}"
    rest = client.get(link, headers={"Range": "bytes=60000-"})
    assert (rest.status_code, rest.data) == (206, sent[60000:])
    beyond = client.get(link, headers={"Range": "bytes=9000000-"})
    assert (beyond.status_code, beyond.json["code"]) == (416, "no_such_part")
    assert beyond.headers["Content-Range"] == f"bytes */{len(sent)}"
    head = client.head(link)
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(sent)))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda link: link[:-1] + ("0" if link[-1] != "0" else "1"),
        lambda link: link.replace("until=1", "until=2"),
        lambda link: link.partition("?")[0],
        lambda link: link.replace("until=", "until=9999999999999"),
        lambda link: link.replace("/media/voice/", "/media/voice/9"),
        lambda link: link.replace("/media/voice/", "/media/voice/0/"),
        lambda link: link.replace("/media/voice/", "/media/") + "/full",
    ],
)
def test_a_link_that_is_not_ours_is_404(api, spoil):
    voice_id = _recorded(api.phone(Role.RES))
    link = sign_voice(voice_id, until=api.scene.at + timedelta(minutes=5))
    client = api.phone().client
    assert client.get(link).status_code == 200
    assert client.get(spoil(link)).status_code == 404


def test_a_link_to_a_photo_opens_no_recording_and_a_link_ends(api):
    phone = api.phone(Role.RES)
    voice_id = _recorded(phone)
    until = api.scene.at + timedelta(minutes=5)
    stolen = sign(voice_id, "full", until=until).partition("?")[2]
    assert phone.client.get(f"/media/voice/{voice_id}?{stolen}").status_code == 404
    link = sign_voice(voice_id, until=until)
    api.later(minutes=30)
    gone = phone.client.get(link)
    assert (gone.status_code, gone.json["code"]) == (404, "voice_missing")
    assert "重新打开" in gone.json["message"]


def test_a_risky_recording_is_gone_for_everybody(api):
    order_id = _spoken(api)
    link = _voice_of(api, order_id)[0]["url"]
    transact(lambda: db.session.execute(update(Voice).values(check_state=CheckState.RISKY.value)))
    (shown,) = _voice_of(api, order_id)
    assert (shown["hidden"], shown["url"]) == (True, None)
    assert api.phone().client.get(link).status_code == 404


class WeChat:
    """WeChat as the scheduler sees it: keeps the address that it was given."""

    def __init__(self) -> None:
        self.urls: list[str] = []

    def check_audio_async(self, url, *, openid, scene):
        self.urls.append(url)
        return "trace-1"


def test_wechat_hears_the_recording_through_the_link_that_the_scheduler_gives_it(api):
    resident = api.scene.by(Role.RES).account_id
    transact(lambda: db.session.execute(update(Account).where(Account.id == resident).values(openid="o-1")))
    _spoken(api)
    while dispatch_one(REACTIONS):
        pass
    wechat = WeChat()
    check_voices(Context(api.app.config["SETTINGS"], wechat, None, lambda: False))
    (url,) = wechat.urls
    base = api.app.config["SETTINGS"].public_base_url.rstrip("/")
    heard = api.phone().client.get(url.removeprefix(base))
    assert (heard.status_code, heard.headers["Content-Type"]) == (200, "audio/wav")
    transact(lambda: apply_verdict("trace-1", Verdict.RISKY))
    assert api.phone().client.get(url.removeprefix(base)).status_code == 404


def test_what_a_recorder_writes_beside_the_sound_is_not_kept(api):
    data = bytearray(sound(1_000))
    secret = b"LIST\x10\x00\x00\x0039.90N 116.40E\x00\x00"
    data[36:36] = secret
    data[4:8] = (len(data) - 8).to_bytes(4, "little")
    voice_id = api.phone(Role.RES).record(bytes(data)).json["id"]
    link = sign_voice(voice_id, until=api.scene.at + timedelta(minutes=5))
    kept = api.phone().client.get(link).data
    assert b"39.90N" not in kept
    with wave.open(io.BytesIO(kept)) as file:
        assert file.getparams()[:4] == (1, 2, 16_000, 16_000)
