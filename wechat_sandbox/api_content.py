"""Content check of texts, pictures and recordings."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import requests
from flask import Blueprint

from wechat_sandbox import events, outgoing
from wechat_sandbox.answers import Refused, ok, request_id
from wechat_sandbox.edge import count_call, json_body, require_token, world
from wechat_sandbox.people import User
from wechat_sandbox.pusher import Pusher, pusher
from wechat_sandbox.settings import NotLoopback
from wechat_sandbox.world import World

content_api = Blueprint("content_api", __name__)
RISKY_WORD = "违禁词测试"
REVIEW_WORD = "待复核测试"
TEXT_LIMIT = 2500
MEDIA_LIMIT = 10 * 1024 * 1024
DOWNLOAD_FAILED = -1008
AUDIO, IMAGE = 1, 2
_BEGINNINGS = {
    IMAGE: (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"BM"),
    AUDIO: (b"ID3", b"\xff\xf1", b"\xff\xf9", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"fLaC", b"OggS"),
}
_INSIDE_RIFF = {IMAGE: b"WEBP", AUDIO: b"WAVE"}


@dataclass(frozen=True)
class _Upload:
    """Where it is, and what it is said to be."""

    url: str
    kind: int


@content_api.route("/wxa/msg_sec_check", methods=["GET", "POST"])
def msg_sec_check() -> dict[str, Any]:
    """Version 2 only. A word list stands for the platform's judgement."""
    with world().lock:
        require_token()
        count_call()
        body = json_body()
        _require_version_and_scene(body)
        world().people.active(body.get("openid"), world().clock.now())
    suggest, label = _judged(_texts_of(body))
    detail = [
        {"strategy": "content_model", "errcode": 0, "suggest": suggest, "label": label, "prob": 90},
        {"strategy": "keyword", "errcode": 0},
    ]
    return ok(detail=detail, trace_id=request_id(), result={"suggest": suggest, "label": label})


@content_api.route("/wxa/media_check_async", methods=["GET", "POST"])
def media_check_async() -> dict[str, Any]:
    """Answers at once; fetches the picture or the recording a moment later and pushes the verdict."""
    with world().lock:
        require_token()
        count_call()
        body = json_body()
        _require_version_and_scene(body)
        url, kind = body.get("media_url"), body.get("media_type")
        if isinstance(kind, bool) or kind not in (AUDIO, IMAGE) or not isinstance(url, str) or not url:
            raise Refused(40097)
        user = world().people.active(body.get("openid"), world().clock.now())
        suggest = world().media_verdicts.popleft() if world().media_verdicts else "pass"
    trace_id = secrets.token_hex(16)
    sender, here = pusher(), world()
    sender.run_later(
        events.MEDIA_DELAY, lambda: _judge_media(here, sender, user, trace_id, _Upload(url, kind), suggest)
    )
    return ok(trace_id=trace_id)


def _require_version_and_scene(body: dict[str, Any]) -> None:
    if body.get("version") != 2 or isinstance(body["version"], bool):
        raise Refused(40097, "version")
    scene = body.get("scene")
    if not isinstance(scene, int) or isinstance(scene, bool) or scene not in (1, 2, 3, 4):
        raise Refused(40129)


def _texts_of(body: dict[str, Any]) -> str:
    """Content with title, nickname and signature; a signature belongs to scene 1 only."""
    content = body.get("content")
    if not isinstance(content, str) or not content:
        raise Refused(44002)
    if len(content) > TEXT_LIMIT:
        raise Refused(45002)
    if "signature" in body and body["scene"] != 1:
        raise Refused(40097, "signature")
    return " ".join([content, *(str(body.get(name, "")) for name in ("title", "nickname", "signature"))])


def _judged(text: str) -> tuple[str, int]:
    if RISKY_WORD in text:
        return "risky", 20001
    if REVIEW_WORD in text:
        return "review", 20006
    return "pass", 100


def _judge_media(
    here: World, sender: Pusher, user: User, trace_id: str, upload: _Upload, suggest: str
) -> None:
    errcode = 0 if _can_be_had(upload) else DOWNLOAD_FAILED
    with here.lock:
        message = events.media_checked(here, user, trace_id, suggest=suggest, errcode=errcode)
    sender.deliver(message)


def _can_be_had(upload: _Upload) -> bool:
    """Whether a file of that kind and of at most 10 MB can be fetched there; only from this machine."""
    try:
        with outgoing.call("GET", upload.url, stream=True) as answer:
            content = answer.raw.read(MEDIA_LIMIT + 1, decode_content=True)
            fine = answer.status_code == 200 and len(content) <= MEDIA_LIMIT
            return fine and _is_of_kind(content, upload.kind)
    except (NotLoopback, requests.RequestException, OSError):
        return False


def _is_of_kind(content: bytes, kind: int) -> bool:
    if content.startswith(b"RIFF"):
        return content[8:12] == _INSIDE_RIFF[kind]
    return content.startswith(_BEGINNINGS[kind])
