"""The events that the platform pushes, as plain dicts; the pusher writes them as JSON or XML."""

from __future__ import annotations

from typing import Any

from wechat_sandbox.people import User
from wechat_sandbox.world import World

ACCOUNT = "gh_sandbox000001"
SENT_DELAY = 0.2
MEDIA_DELAY = 0.2
XML_WRAPPERS = {
    "subscribe_msg_popup_event": "SubscribeMsgPopupEvent",
    "subscribe_msg_change_event": "SubscribeMsgChangeEvent",
    "subscribe_msg_sent_event": "SubscribeMsgSentEvent",
}


def popup(world: World, user: User, template_ids: list[str], *, accept: bool) -> dict[str, Any]:
    """The person answered the request for consent."""
    status = "accept" if accept else "reject"
    entries = [
        {"TemplateId": template_id, "SubscribeStatusString": status, "PopupScene": "0"}
        for template_id in template_ids
    ]
    head = _head(world, user, "subscribe_msg_popup_event")
    return {**head, "CreateTime": _next_tap(world, user), "List": _listed(entries)}


def changed(world: World, user: User, template_ids: list[str], *, accept: bool) -> dict[str, Any]:
    """The person changed the settings."""
    status = "accept" if accept else "reject"
    entries = [{"TemplateId": template_id, "SubscribeStatusString": status} for template_id in template_ids]
    head = _head(world, user, "subscribe_msg_change_event")
    return {**head, "CreateTime": _next_tap(world, user), "List": _listed(entries)}


def sent(world: World, user: User, template_id: str, msgid: int) -> dict[str, Any]:
    """The message arrived."""
    entry = {"TemplateId": template_id, "MsgID": str(msgid), "ErrorCode": "0", "ErrorStatus": "success"}
    return {**_head(world, user, "subscribe_msg_sent_event"), "List": _listed([entry])}


def media_checked(world: World, user: User, trace_id: str, *, suggest: str, errcode: int) -> dict[str, Any]:
    """The verdict on a picture, shape of version 2; a picture that could not be had has no result."""
    label = {"pass": 100, "review": 20002, "risky": 20002}[suggest]
    body: dict[str, Any] = {
        **_head(world, user, "wxa_media_check"),
        "appid": world.settings.appid,
        "trace_id": trace_id,
        "version": 2,
        "errcode": errcode,
        "errmsg": "ok" if errcode == 0 else "download failed",
        "detail": [],
    }
    if errcode == 0:
        body["result"] = {"suggest": suggest, "label": label}
        body["detail"] = [
            {"strategy": "content_model", "errcode": 0, "suggest": suggest, "label": label, "prob": 90}
        ]
    return body


def _head(world: World, user: User, event: str) -> dict[str, Any]:
    return {
        "ToUserName": ACCOUNT,
        "FromUserName": user.openid,
        "CreateTime": int(world.clock.now()),
        "MsgType": "event",
        "Event": event,
    }


def _next_tap(world: World, user: User) -> int:
    """Nobody taps twice in one second, and FromUserName + CreateTime is what tells events apart."""
    user.last_event_at = max(int(world.clock.now()), user.last_event_at + 1)
    return user.last_event_at


def _listed(entries: list[dict[str, str]]) -> dict[str, str] | list[dict[str, str]]:
    """One entry is an object, several are an array: the platform does so, and it surprises everyone."""
    return entries[0] if len(entries) == 1 else entries
