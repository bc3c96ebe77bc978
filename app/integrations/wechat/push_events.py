"""What a message push says, as frozen facts. WeChat sends the same event in several shapes; all are read
here.

Shapes seen: XML wraps the list in an element named after the event, JSON does not; `List` is an object when
it holds one entry and an array when it holds more; numbers come as numbers or as texts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.integrations.wechat.answers import Verdict, verdict_of
from app.integrations.wechat.errors import PushRefused


@dataclass(frozen=True)
class ConsentAnswered:
    """The person answered the request for one message of one template (subscribe_msg_popup_event)."""

    openid: str
    template_id: str
    accepted: bool
    answered_at: datetime


@dataclass(frozen=True)
class ConsentChanged:
    """The person switched a template on or off in the settings (subscribe_msg_change_event)."""

    openid: str
    template_id: str
    accepted: bool
    changed_at: datetime


@dataclass(frozen=True)
class MessageDelivered:
    """What became of a message (subscribe_msg_sent_event); errcode 0 is delivered."""

    openid: str
    template_id: str
    msg_id: str
    errcode: int
    status: str


@dataclass(frozen=True)
class MediaChecked:
    """The verdict on a picture (wxa_media_check); `label` 100 is normal, 0 when WeChat names none."""

    trace_id: str
    verdict: Verdict
    label: int


PushEvent = ConsentAnswered | ConsentChanged | MessageDelivered | MediaChecked


def parse_event(message: Mapping[str, Any]) -> list[PushEvent]:
    """The facts in a decrypted push; none for events that the product does not use.

    Raises PushRefused when a known event lacks what it must hold.
    """
    reader = _READERS.get(str(message.get("Event", "")))
    if reader is None or message.get("MsgType") != "event":
        return []
    try:
        return reader(message)
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        reason = type(error).__name__
    raise PushRefused(f"incomplete event ({reason})")


def dedupe_key(message: Mapping[str, Any]) -> str:
    """At most 70 characters by which a repeated delivery is known: MsgId, or a digest of the event itself.

    WeChat documents FromUserName + CreateTime for events; two pictures of one person checked within one
    second would then be one event, therefore the whole content counts. A repeated delivery repeats it
    unchanged.
    """
    msg_id = message.get("MsgId")
    if isinstance(msg_id, str | int) and 0 < len(str(msg_id)) <= 64:
        return f"msg:{msg_id}"
    canonical = json.dumps(message, sort_keys=True, ensure_ascii=False, default=str)
    return "event:" + hashlib.sha256(canonical.encode(errors="surrogatepass")).hexdigest()


def _answered(message: Mapping[str, Any]) -> list[PushEvent]:
    openid, at = _required(message, "FromUserName"), _instant(message)
    return [
        ConsentAnswered(openid, _required(entry, "TemplateId"), _accepted(entry), at)
        for entry in _entries(message, "SubscribeMsgPopupEvent")
    ]


def _changed(message: Mapping[str, Any]) -> list[PushEvent]:
    openid, at = _required(message, "FromUserName"), _instant(message)
    return [
        ConsentChanged(openid, _required(entry, "TemplateId"), _accepted(entry), at)
        for entry in _entries(message, "SubscribeMsgChangeEvent")
    ]


def _delivered(message: Mapping[str, Any]) -> list[PushEvent]:
    openid = _required(message, "FromUserName")
    return [
        MessageDelivered(
            openid=openid,
            template_id=_required(entry, "TemplateId"),
            msg_id=str(entry["MsgID"]),
            errcode=int(entry["ErrorCode"]),
            status=str(entry.get("ErrorStatus") or ""),
        )
        for entry in _entries(message, "SubscribeMsgSentEvent")
    ]


def _media_checked(message: Mapping[str, Any]) -> list[PushEvent]:
    trace_id = _required(message, "trace_id")
    result = message.get("result")
    if isinstance(result, dict):
        verdict, label = verdict_of(result.get("suggest")), int(result.get("label") or 0)
        failed = int(message.get("errcode") or 0) != 0
    else:
        verdict, label = _verdict_v1(message), 0
        failed = int(message.get("status_code") or 0) != 0
    # WeChat could not fetch or read the picture: not a pass, a person looks
    return [MediaChecked(trace_id, Verdict.REVIEW if failed else verdict, label)]


def _verdict_v1(message: Mapping[str, Any]) -> Verdict:
    """The older shape knows only risky or not; without either it goes to a person."""
    risky = str(message.get("isrisky"))
    return {"0": Verdict.PASS, "1": Verdict.RISKY}.get(risky, Verdict.REVIEW)


_READERS: dict[str, Callable[[Mapping[str, Any]], list[PushEvent]]] = {
    "subscribe_msg_popup_event": _answered,
    "subscribe_msg_change_event": _changed,
    "subscribe_msg_sent_event": _delivered,
    "wxa_media_check": _media_checked,
}


def _entries(message: Mapping[str, Any], wrapper: str) -> list[Mapping[str, Any]]:
    """The entries of `List`, whichever shape it has; an empty list has none."""
    inside = message.get(wrapper, message)
    listed = inside["List"] if inside is not None else None
    entries = listed if isinstance(listed, list) else [listed]
    return [entry for entry in entries if entry is not None]


def _required(entry: Mapping[str, Any], name: str) -> str:
    value = entry[name]
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is missing")
    return value


def _accepted(entry: Mapping[str, Any]) -> bool:
    return _required(entry, "SubscribeStatusString") == "accept"


def _instant(message: Mapping[str, Any]) -> datetime:
    """CreateTime, whole seconds since 1970."""
    return datetime.fromtimestamp(int(message["CreateTime"]), UTC)
