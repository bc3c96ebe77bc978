"""Signing in and out."""

from __future__ import annotations

from flask import jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose

from admin import session
from admin.access import refuse, wants_json
from admin.base import ConsoleView
from app.accounts.signing_in import SignInResult, sign_in
from app.core.db import transact

CODE_WANTED = "请再输入手机上的6位动态验证码"


class EntranceView(ConsoleView):
    """The door: name, password, and a code for whoever has switched it on."""

    is_public = True

    @expose("/sign-in", methods=("GET", "POST"))
    def sign_in(self) -> ResponseReturnValue:
        """GET shows the form; POST signs in and goes on to `next`. A script gets JSON, so that the password never has
        to be written into a page while the code is asked for."""
        if request.method == "GET":
            return _form() if session.load() is None else redirect(_target())
        result = transact(_try)
        if result.refusal is not None:
            return (
                refuse(result.refusal)
                if wants_json()
                else (_form(result.refusal.sentence), result.refusal.status)
            )
        if result.needs_totp:
            return (
                jsonify(needs_totp=True, message=CODE_WANTED)
                if wants_json()
                else _form(CODE_WANTED, code=True)
            )
        session.begin(result)
        return jsonify(next=_target()) if wants_json() else redirect(_target())

    @expose("/sign-out", methods=("POST",))
    def sign_out(self) -> ResponseReturnValue:
        """End the session on the server."""
        session.end()
        return redirect(url_for("entrance.sign_in"))


def _try() -> SignInResult:
    form = request.form
    return sign_in(
        form.get("login_name", "")[:80],
        form.get("password", "")[:256],
        totp=form.get("code", "").strip()[:12] or None,
        address=request.remote_addr or "",
    )


def _form(message: str = "", *, code: bool = False) -> str:
    return render_template(
        "console/sign_in.html",
        message=message,
        ask_code=code,
        login_name=request.form.get("login_name", ""),
        next=request.args.get("next", ""),
    )


def _target() -> str:
    """Where to go afterwards: a page of the console, never another site."""
    wanted = request.values.get("next", "")
    inside = wanted.startswith("/admin/") and "//" not in wanted and "\\" not in wanted
    return wanted if inside else url_for("admin.index")


def views() -> list[BaseView]:
    """The door."""
    return [EntranceView("登录", "entrance", "/admin/")]
