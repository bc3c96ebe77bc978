"""The gate of every console page: default deny, CSRF, session, first password, hat, role; and polite refusals."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Blueprint, Response, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from admin import session
from admin.security import secure
from app.bootstrap import begin_unit, settings_of
from app.core.errors import Forbidden, Refusal
from app.core.roles import Role

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FETCH_HEADER = "X-Requested-With"
log = structlog.get_logger()

HTTP_SENTENCES = {
    400: "请求的内容不完整,请刷新页面后再试",
    403: Forbidden.message,
    404: "没有找到您要的内容",
    405: "这个地址不能这样打开,请从左边的菜单进入",
    413: "文件太大,请换一个小一些的",
}


class HasAccessRules:
    """Mixin of every console view. A view that names no role opens for nobody."""

    roles: frozenset[Role] = frozenset()
    is_public = False
    """Opens without a session (sign-in, static files)."""
    is_own_affair = False
    """Opens for every signed-in person, before a hat is chosen or a password changed."""

    def create_blueprint(self, admin: Any) -> Blueprint:
        """Put gate, headers and refusals on the view's own blueprint, so that no other route is touched."""
        blueprint: Blueprint = super().create_blueprint(admin)  # type: ignore[misc]
        blueprint.before_request(lambda: open_gate(self))
        blueprint.after_request(secure)
        blueprint.register_error_handler(Refusal, refuse)
        blueprint.register_error_handler(HTTPException, refuse_http)
        blueprint.register_error_handler(500, apologise)
        return blueprint


def open_gate(view: HasAccessRules) -> ResponseReturnValue | None:
    """Let the request through, send the person where he must go first, or raise a refusal."""
    if (request.endpoint or "").endswith(".static"):
        return None
    begin_unit(settings_of(current_app))
    if request.method not in SAFE_METHODS:
        current_app.extensions["csrf"].protect()
    if view.is_public:
        return None
    signed_in = session.load()
    if signed_in is None:
        return _to_sign_in()
    visitor = session.enter(signed_in)
    if view.is_own_affair:
        return None
    detour = _detour(visitor)
    if detour is not None:
        return detour
    if signed_in.role not in view.roles:
        raise Forbidden()
    return None


def _detour(visitor: session.Visitor) -> ResponseReturnValue | None:
    """What comes before any work: a password of one's own, a hat, a second factor."""
    signed_in = visitor.signed_in
    if signed_in.must_change:
        return _go("account.password", "password_change_required", "请先设置您自己的密码")
    if signed_in.hat_id is None:
        return _go("account.hats", "hat_required", "请先选择身份")
    if session.second_factor_is_due(signed_in):
        return _go("account.second_factor", "second_factor_required", "这个身份需要先开启动态验证码")
    return None


def _go(endpoint: str, code: str, message: str) -> ResponseReturnValue:
    if wants_json():
        return jsonify(code=code, message=message, fields={}), 403
    return redirect(url_for(endpoint))


def _to_sign_in() -> ResponseReturnValue:
    if wants_json():
        sentence = "登录已到期,请重新登录;没提交的内容还在页面上"
        return jsonify(code="not_signed_in", message=sentence, fields={}), 401
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("entrance.sign_in", next=wanted))


def wants_json() -> bool:
    """Whether a script asks; a person who opens an address gets a page."""
    return request.is_json or request.headers.get(FETCH_HEADER) == "fetch"


def refuse(refusal: Refusal) -> ResponseReturnValue:
    """A refusal in the form that fits whoever asked."""
    if wants_json():
        answer = jsonify(code=refusal.code, message=refusal.sentence, fields=refusal.fields)
        return answer, refusal.status
    return _page(refusal.sentence, refusal.status), refusal.status


def refuse_http(error: HTTPException) -> ResponseReturnValue:
    """Errors of the framework in the same two forms; redirects pass."""
    status = error.code or 500
    if status < 400:
        return error.get_response()
    if isinstance(error, CSRFError):
        return _answer("csrf", "页面停留太久或已在别处重新登录,请刷新页面后再试", 400)
    return _answer(f"http_{status}", HTTP_SENTENCES.get(status, "这一步没有完成,请稍后再试"), status)


def apologise(error: Exception) -> ResponseReturnValue:
    """Something that should not happen: logged with its cause, told without it."""
    cause = getattr(error, "original_exception", None) or error
    log.error("console request failed", route=str(request.url_rule), exc_info=cause)
    return _answer("internal", "这一步没有完成,原因已记录。请稍后再试,急事请直接打电话", 500)


def _answer(code: str, message: str, status: int) -> tuple[Response | str, int]:
    if wants_json():
        return jsonify(code=code, message=message, fields={}), status
    return _page(message, status), status


def _page(message: str, status: int) -> str:
    return render_template("console/refused.html", message=message, status=status)
