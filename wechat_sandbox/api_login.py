"""Tokens, login and the phone button, as api.weixin.qq.com answers them."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Blueprint, request

from wechat_sandbox.answers import Refused, ok
from wechat_sandbox.edge import count_call, json_body, require_token, world
from wechat_sandbox.people import new_session_key

login_api = Blueprint("login_api", __name__)


def _require_app(appid: object, secret: object) -> None:
    settings = world().settings
    if not appid:
        raise Refused(41002)
    if not secret:
        raise Refused(41004)
    if appid != settings.appid:
        raise Refused(40013)
    if secret != settings.secret:
        raise Refused(40125)


def _require_grant_type(given: object, expected: str) -> None:
    if given != expected:
        raise Refused(40002)


@login_api.get("/cgi-bin/token")
def plain_token() -> dict[str, Any]:
    """Each call gives a new token, and the one before dies five minutes later."""
    with world().lock:
        _require_grant_type(request.args.get("grant_type"), "client_credential")
        _require_app(request.args.get("appid"), request.args.get("secret"))
        count_call()
        token, life = world().tokens.plain(world().clock.now())
    return {"access_token": token, "expires_in": life}


@login_api.route("/cgi-bin/stable_token", methods=["GET", "POST"])
def stable_token() -> dict[str, Any]:
    """The same token until five minutes before its end; `force_refresh` 20 times a day, 30 s apart."""
    body = json_body()
    force = body.get("force_refresh", False)
    if not isinstance(force, bool):
        raise Refused(47001)
    with world().lock:
        _require_grant_type(body.get("grant_type"), "client_credential")
        _require_app(body.get("appid"), body.get("secret"))
        count_call()
        token, life = world().tokens.stable(world().clock.now(), force=force)
    return {"access_token": token, "expires_in": life}


@login_api.get("/sns/jscode2session")
def jscode2session() -> dict[str, Any]:
    """A login code becomes openid and session key, without a token; a success has no errcode."""
    with world().lock:
        now = world().clock.now()
        _require_app(request.args.get("appid"), request.args.get("secret"))
        _require_grant_type(request.args.get("grant_type"), "authorization_code")
        value = request.args.get("js_code")
        owner = world().people.owner(value)
        if owner is not None:
            world().quotas.use(request.path, now, who=owner.openid)
        user = world().people.redeem("login", value, now).user
        if user.blocked:
            raise Refused(40226)
        user.active_at = now
        world().changed()
        return {
            "session_key": new_session_key(user),
            "openid": user.openid,
            "unionid": user.unionid,
        }


@login_api.route("/wxa/business/getuserphonenumber", methods=["GET", "POST"])
def phone_number() -> dict[str, Any]:
    """A code of the phone button becomes the number; the country code is a number or a text."""
    with world().lock:
        require_token()
        body = json_body()
        now = world().clock.now()
        code = world().people.redeem("phone", body.get("code"), now)
    as_number = hashlib.sha256(code.phone.encode()).digest()[0] % 2 == 0
    info = {
        "phoneNumber": code.phone,
        "purePhoneNumber": code.phone,
        "countryCode": 86 if as_number else "86",
        "watermark": {"timestamp": int(now), "appid": world().settings.appid},
    }
    return ok(phone_info=info)
