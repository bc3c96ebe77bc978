"""One's own affairs: password, hat, second factor, signed-in devices."""

from __future__ import annotations

import segno
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from markupsafe import Markup

from admin import session
from admin.base import ConsoleView
from app.accounts import second_factor, sessions, signing_in
from app.companies.hat_names import hat_names
from app.core.db import transact
from app.core.errors import NotFound, Refusal


class AccountView(ConsoleView):
    """Opens for every signed-in person, also before a hat is chosen."""

    is_own_affair = True

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """What one may see and change about oneself."""
        mine = session.visitor().signed_in
        return self.render(
            "console/account.html",
            devices=sessions.sessions_of(mine.account_id),
            this_device=mine.session_id,
            credential=signing_in.credential_of(mine.account_id),
            hats=_choices(mine.account_id),
            worn=mine.hat_id,
        )

    @expose("/password", methods=("GET", "POST"))
    def password(self) -> ResponseReturnValue:
        """A new password; all other sessions end."""
        mine = session.visitor().signed_in
        if request.method == "GET":
            return self._password_form()
        old, new = request.form.get("old", ""), request.form.get("new", "")
        if new != request.form.get("repeat", ""):
            return self._password_form("两次输入的新密码不一样,请再输一遍"), 422
        try:
            transact(
                lambda: signing_in.change_password(mine.account_id, old, new, keep_session=mine.session_id)
            )
        except Refusal as refusal:
            return self._password_form(refusal.sentence), refusal.status
        flash("新密码已生效,其他设备已退出登录")
        return redirect(url_for("admin.index"))

    def _password_form(self, message: str = "") -> str:
        must = session.visitor().signed_in.must_change
        return render_template("console/password.html", message=message, must=must)

    @expose("/hats", methods=("GET", "POST"))
    def hats(self) -> ResponseReturnValue:
        """Choose or change the hat."""
        mine = session.visitor().signed_in
        if request.method == "POST":
            wanted = request.form.get("hat_id", type=int)
            if wanted not in {hat.id for hat in session.console_hats(mine.account_id)}:
                raise NotFound("没有这个身份,请重新登录后再试")
            transact(lambda: sessions.wear_hat(mine.session_id, wanted))
            return redirect(url_for("admin.index"))
        return render_template("console/hats.html", hats=_choices(mine.account_id), worn=mine.hat_id)

    @expose("/second-factor", methods=("GET", "POST"))
    def second_factor(self) -> ResponseReturnValue:
        """Set up the second factor: `step=start` makes a secret and shows its QR code, `step=confirm` tries a code."""
        step = request.form.get("step")
        if step == "start":
            return self._show_secret()
        if step == "confirm":
            return self._confirm()
        return render_template("console/second_factor.html", due=_is_due())

    def _show_secret(self) -> str:
        account_id = session.visitor().signed_in.account_id
        address = transact(lambda: second_factor.start_totp(account_id))
        picture = Markup(segno.make(address, micro=False).svg_inline(scale=5))  # noqa: S704  our own picture
        secret = address.partition("secret=")[2].partition("&")[0]
        return render_template("console/second_factor.html", picture=picture, secret=secret, due=_is_due())

    def _confirm(self) -> ResponseReturnValue:
        """A wrong code keeps the secret: the telephone has it already."""
        account_id = session.visitor().signed_in.account_id
        code = request.form.get("code", "")
        try:
            transact(lambda: second_factor.confirm_totp(account_id, code))
        except Refusal as refusal:
            page = render_template(
                "console/second_factor.html", message=refusal.sentence, try_again=True, due=_is_due()
            )
            return page, refusal.status
        session.end()
        flash("动态验证码已开启,请用新的验证码重新登录一次")
        return redirect(url_for("entrance.sign_in"))

    @expose("/devices/<int:session_id>/end", methods=("POST",))
    def end_device(self, session_id: int) -> ResponseReturnValue:
        """Sign another device of one's own out."""
        mine = session.visitor().signed_in
        if session_id not in {device.id for device in sessions.sessions_of(mine.account_id)}:
            raise NotFound("这台设备已经退出")
        transact(lambda: sessions.revoke(session_id))
        flash("那台设备已退出登录")
        return redirect(url_for("account.index"))


def _is_due() -> bool:
    return session.second_factor_is_due(session.visitor().signed_in)


def _choices(account_id: int) -> list:
    opening = {hat.id for hat in session.console_hats(account_id)}
    return [name for name in hat_names(account_id) if name.hat_id in opening]


def views() -> list[BaseView]:
    """One's own affairs."""
    return [AccountView("账号与安全", "account", "account")]
