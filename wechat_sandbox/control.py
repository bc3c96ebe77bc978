"""Control interface of the sandbox itself: journal, faults, clock, verdicts, the hotline's list."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from wechat_sandbox.control_people import posted
from wechat_sandbox.edge import world
from wechat_sandbox.faults import Fault
from wechat_sandbox.pusher import pusher
from wechat_sandbox.settings import require_loopback

control = Blueprint("control", __name__, url_prefix="/sandbox")
control.register_error_handler(ValueError, lambda error: ({"error": str(error)}, 422))
VERDICTS = ("pass", "review", "risky")


@control.get("/health")
def health() -> dict[str, Any]:
    """Ready, and what time it is here."""
    return {"ok": True, "now": world().clock.now(), "notify_base": world().settings.notify_base}


@control.get("/templates")
def templates() -> dict[str, Any]:
    """The message templates by id."""
    return {"templates": world().catalogue.templates}


@control.get("/journal")
def journal() -> dict[str, Any]:
    """Every call of the platform and the hotline, oldest first; `path` and `limit` narrow it."""
    path, limit = request.args.get("path"), int(request.args.get("limit", 1000))
    with world().lock:
        entries = [entry for entry in world().journal if path in (None, entry["path"])]
    return {"entries": entries[-limit:], "count": len(entries)}


@control.get("/pushes")
def pushes() -> dict[str, Any]:
    """Every try to push an event, oldest first."""
    with world().lock:
        return {"pushes": list(world().pushes)}


@control.route("/faults", methods=["GET", "POST", "DELETE"])
def faults() -> dict[str, Any]:
    """See, add or clear what shall go wrong; `path` "push" is for the events that the sandbox sends."""
    with world().lock:
        if request.method == "DELETE":
            world().faults.waiting.clear()
        if request.method == "POST":
            world().faults.waiting.append(_fault(posted()))
        return {"faults": [fault.as_dict() for fault in world().faults.waiting]}


@control.post("/clock")
def move_clock() -> dict[str, Any]:
    """`advance_seconds` forward; `hold` true or false stops it or lets it run; `to` leaps to an instant (seconds since
    1970) with everybody who is in the mini-program, as a demonstration does, and never goes back.
    """
    body = posted()
    with world().lock:
        if "hold" in body:
            world().clock.hold(bool(body["hold"]))
        world().clock.advance(float(body.get("advance_seconds", 0)))
        if "to" in body:
            leap = max(0.0, float(body["to"]) - world().clock.now())
            world().clock.advance(leap)
            for user in world().people.by_name.values():
                user.active_at += leap
        world().changed()
        world().woken.notify_all()
        return {"now": world().clock.now()}


@control.post("/media_verdict")
def media_verdict() -> dict[str, Any]:
    """`{"next": "risky"}`: the verdict on the next picture; several calls queue up."""
    verdict = posted().get("next")
    if verdict not in VERDICTS:
        raise ValueError(f"next must be one of {', '.join(VERDICTS)}")
    with world().lock:
        world().media_verdicts.append(verdict)
        return {"waiting": list(world().media_verdicts)}


@control.post("/quota")
def quota() -> dict[str, Any]:
    """`{"path": ..., "per_minute": n, "per_day": n}`; null takes the limit away."""
    body = posted()
    with world().lock:
        quotas = world().quotas
        for name, limits in (("per_minute", quotas.per_minute), ("per_day", quotas.per_day)):
            if name in body and body[name] is None:
                limits.pop(str(body["path"]), None)
            elif name in body:
                limits[str(body["path"])] = int(body[name])
        return {"per_minute": quotas.per_minute, "per_day": quotas.per_day}


@control.post("/tokens/kill")
def kill_tokens() -> dict[str, Any]:
    """Every access token is refused from now on (40001), as after a reset of the secret."""
    with world().lock:
        world().tokens.kill_all()
    return {"ok": True}


@control.post("/notify")
def notify() -> dict[str, Any]:
    """`{"base": "http://127.0.0.1:5000"}`: where the product listens; this machine only."""
    base = str(posted().get("base", "")).rstrip("/")
    world().settings.notify_base = require_loopback(base) if base else ""
    return {"notify_base": world().settings.notify_base}


@control.post("/push_format")
def push_format() -> dict[str, Any]:
    """`{"format": "xml"}`: the console offers XML and JSON, the product must read both."""
    wanted = posted().get("format")
    if wanted not in ("json", "xml"):
        raise ValueError("format is json or xml")
    world().settings.push_format = str(wanted)
    return {"format": wanted}


@control.post("/push_check")
def push_check() -> dict[str, Any]:
    """Verify the product's push address, as saving it in the console does."""
    return {"ok": pusher().check_address()}


@control.get("/hotline")
@control.get("/orders")
def hotline_orders() -> dict[str, Any]:
    """What the hotline has received, oldest first."""
    with world().lock:
        return {"orders": list(world().hotline.orders.values())}


@control.post("/reset")
def reset() -> dict[str, Any]:
    """Begin anew."""
    world().forget()
    return {"ok": True}


def _fault(body: dict[str, Any]) -> Fault:
    return Fault(
        path=str(body.get("path", "*")),
        kind=str(body.get("kind", "")),
        times=int(body.get("times", 1)),
        seconds=float(body.get("seconds", 1.0)),
    )
