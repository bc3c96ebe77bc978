"""/demo: the page of a development instance that shows its doors and moves its clock. Production does not have it."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin.access import refuse, refuse_http
from admin.security import secure
from app.bootstrap import begin_unit, settings_of
from app.core import clock
from app.core.errors import Invalid, Refusal
from app.core.shared_values import advance_clock
from app.integrations.wechat.demo_phones import follow_clock
from app.integrations.wechat.errors import WeChatDown
from app.seeds.credentials import demo_accounts

STEPS = {
    "1m": "1 分钟",
    "10m": "10 分钟",
    "15m": "15 分钟",
    "30m": "30 分钟",
    "4h": "4 小时",
    "24h": "1 天",
    "72h": "3 天",
}
UNITS = {"m": "minutes", "h": "hours"}


def register_demo(app: Flask) -> None:
    """Add the page unless this is production, where nobody may move the clock."""
    if not settings_of(app).clock_can_be_moved:
        return
    demo = Blueprint("demo", __name__, url_prefix="/demo", template_folder="templates")
    demo.before_request(_begin)
    demo.after_request(secure)
    demo.register_error_handler(Refusal, refuse)
    demo.register_error_handler(400, refuse_http)
    demo.add_url_rule("", "index", index, methods=["GET"])
    demo.add_url_rule("/clock", "move_clock", move_clock, methods=["POST"])
    app.register_blueprint(demo)


def _begin() -> None:
    begin_unit(settings_of(current_app))
    if request.method == "POST":
        current_app.extensions["csrf"].protect()


def index() -> str:
    """The doors of the demonstration and its clock."""
    accounts = demo_accounts()
    return render_template(
        "console/demo.html",
        now=clock.in_china(clock.now()),
        steps=STEPS,
        console=[account for account in accounts if account.secret],
        phones=[account for account in accounts if not account.secret],
        sandbox=settings_of(current_app).wechat_api_base,
    )


def move_clock() -> ResponseReturnValue:
    """Move the clock of all processes forward by one of the offered steps."""
    step = request.form.get("by", "")
    if step not in STEPS:
        raise Invalid("请选择要拨快多少", fields={"by": "必选"})
    advance_clock(timedelta(**{UNITS[step[-1]]: int(step[:-1])}))
    _take_wechat_along()
    flash(f"时钟已拨快 {STEPS[step]},所有进程在一秒内跟上")
    return redirect(url_for("demo.index"))


def _take_wechat_along() -> None:
    """Bills, closing and refunds at WeChat go by its clock: in a demonstration it is ours."""
    settings = settings_of(current_app)
    if not settings.is_demonstration:
        return
    try:
        follow_clock(settings.wechat_api_base, clock.now())
    except WeChatDown:
        flash("微信沙盒没有运行,它的时钟没有跟上;启动后请再拨一次", "error")
