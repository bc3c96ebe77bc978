"""What follows from a message push of WeChat: consents counted, photos judged, each push heard once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.integrations.wechat.push_events import MediaChecked, dedupe_key, parse_event
from app.media.checking import apply_verdict
from app.notifications.consents import apply_push, is_first_delivery


def hear_push(message: Mapping[str, Any], *, configured: Mapping[str, str]) -> bool:
    """Act on a decrypted push inside the caller's transaction; False when it was heard before.

    `configured` are the platform's template ids (settings). Raises PushRefused for an event without what it
    must hold.
    """
    events = parse_event(message)
    if not events or not is_first_delivery(dedupe_key(message)):
        return False
    for event in events:
        if isinstance(event, MediaChecked):
            apply_verdict(event.trace_id, event.verdict)
        else:
            apply_push(event, configured=configured)
    return True
