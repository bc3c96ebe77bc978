"""Control interface, the residents' side: what a person taps on the phone."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, request

from wechat_sandbox import events
from wechat_sandbox.answers import Refused
from wechat_sandbox.edge import world
from wechat_sandbox.people import User
from wechat_sandbox.pusher import pusher

people_control = Blueprint("people_control", __name__, url_prefix="/sandbox/users")
people_control.register_error_handler(ValueError, lambda error: ({"error": str(error)}, 422))
people_control.register_error_handler(Refused, lambda refused: ({"error": str(refused)}, 422))
_PHONE = re.compile(r"1\d{10}")
MAX_CONSENTS = 100


def posted() -> dict[str, Any]:
    """The JSON body of a control call; an absent one is empty."""
    body = request.get_json(force=True) if request.get_data() else {}
    if not isinstance(body, dict):
        raise ValueError("a JSON object is expected")
    return body


@people_control.get("")
def list_users() -> dict[str, Any]:
    """Everyone, in the order of their arrival."""
    with world().lock:
        return {"users": [_shown(user) for user in world().people.by_name.values()]}


@people_control.get("/<name>")
def get_user(name: str) -> dict[str, Any]:
    """One person, made when new: openid, grants by template id, number of messages."""
    with world().lock:
        return _shown(_named(name))


@people_control.post("/<name>/code")
def login_code(name: str) -> dict[str, str]:
    """wx.login: a code for five minutes and one use."""
    with world().lock:
        return {"code": world().people.issue("login", _named(name), world().clock.now())}


@people_control.post("/<name>/phone_code")
def phone_code(name: str) -> dict[str, str]:
    """The phone-number button; `phone` is the number that the person's WeChat knows."""
    phone = str(posted().get("phone", ""))
    if not _PHONE.fullmatch(phone):
        raise ValueError("phone must have 11 digits")
    with world().lock:
        return {"code": world().people.issue("phone", _named(name), world().clock.now(), phone)}


@people_control.post("/<name>/visit")
def visit(name: str) -> dict[str, Any]:
    """Open the mini-program: the person is active for the next two hours."""
    with world().lock:
        user = _named(name)
        user.active_at = world().clock.now()
        return _shown(user)


@people_control.post("/<name>/block")
def block(name: str) -> dict[str, Any]:
    """`{"blocked": true}`: the platform holds the person for risky (40226)."""
    with world().lock:
        user = _named(name)
        user.blocked = bool(posted().get("blocked", True))
        world().changed()
        return _shown(user)


@people_control.post("/<name>/consent")
def consent(name: str) -> dict[str, Any]:
    """`count` times the question for these templates, answered alike; each answer is pushed as one event."""
    body = posted()
    accept, count = bool(body.get("accept", True)), int(body.get("count", 1))
    if not 1 <= count <= MAX_CONSENTS:
        raise ValueError(f"count must be 1 to {MAX_CONSENTS}")
    with world().lock:
        user, template_ids = _named(name), _template_ids(body)
        user.active_at = world().clock.now()
        for template_id in template_ids:
            user.grants[template_id] = user.grants.get(template_id, 0) + (count if accept else 0)
        messages = [events.popup(world(), user, template_ids, accept=accept) for _ in range(count)]
        world().changed()
        grants = dict(user.grants)
    delivered = [pusher().deliver(message) for message in messages]
    return {"grants": grants, "pushed": all(delivered)}


@people_control.post("/<name>/settings")
def change_settings(name: str) -> dict[str, Any]:
    """The person switches templates off (or on) in the settings; off takes every consent back."""
    body = posted()
    accept = bool(body.get("accept", False))
    with world().lock:
        user, template_ids = _named(name), _template_ids(body)
        for template_id in template_ids:
            user.grants[template_id] = user.grants.get(template_id, 0) if accept else 0
        message = events.changed(world(), user, template_ids, accept=accept)
        world().changed()
        grants = dict(user.grants)
    return {"grants": grants, "pushed": pusher().deliver(message)}


@people_control.get("/<name>/messages")
def messages(name: str) -> dict[str, Any]:
    """What arrived on this phone, newest last."""
    with world().lock:
        return {"messages": list(_named(name).messages)}


def _named(name: str) -> User:
    return world().people.named(name, world().clock.now())


def _template_ids(body: dict[str, Any]) -> list[str]:
    wanted = body.get("templates")
    if not isinstance(wanted, list) or not wanted:
        raise ValueError("templates must be a list of ids or keys")
    return [world().catalogue.id_of(str(id_or_key)) for id_or_key in wanted]


def _shown(user: User) -> dict[str, Any]:
    shown = user.as_dict()
    shown["messages"] = len(user.messages)
    return shown
