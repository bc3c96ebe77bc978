"""Subscribe messages: one consent is one message, and every field is checked."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from wechat_sandbox import events
from wechat_sandbox.answers import Refused, ok
from wechat_sandbox.edge import json_body, require_token, world
from wechat_sandbox.fields import check_data
from wechat_sandbox.people import keep_message, take_grant
from wechat_sandbox.pusher import pusher

messages_api = Blueprint("messages_api", __name__)
PROGRAM_STATES = ("developer", "trial", "formal")


@messages_api.route("/cgi-bin/message/subscribe/send", methods=["GET", "POST"])
def send_subscribe_message() -> dict[str, Any]:
    """Puts the message on the person's phone, or says why not (40003, 40037, 41030, 47003, 43101)."""
    with world().lock:
        require_token()
        body = json_body()
        user = world().people.with_openid(body.get("touser"))
        template_id = str(body.get("template_id"))
        template = world().catalogue.template(template_id)
        if body.get("page"):
            world().catalogue.require_page(body["page"], query_allowed=True)
        if body.get("miniprogram_state", "formal") not in PROGRAM_STATES:
            raise Refused(40097)
        values = check_data(body.get("data"), list(template["fields"]))
        take_grant(user, template_id)
        msgid = world().next_msgid()
        keep_message(user, _on_the_phone(msgid, template_id, template, values, body.get("page") or ""))
        world().changed()
        sent = events.sent(world(), user, template_id, msgid)
    if world().settings.push_sent_events:
        pusher().later(events.SENT_DELAY, sent)
    return ok(msgid=msgid)


def _on_the_phone(
    msgid: int, template_id: str, template: dict[str, Any], values: dict[str, str], page: str
) -> dict[str, Any]:
    """The card that the person sees; msgid as text, since JavaScript cannot hold the number."""
    return {
        "msgid": str(msgid),
        "at": world().clock.now(),
        "template_id": template_id,
        "key": template["key"],
        "title": template["title"],
        "page": page,
        "data": values,
        "rows": [[label, values[name]] for name, label in template["fields"].items()],
    }
