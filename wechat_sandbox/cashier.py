"""The pay sheet for browsers, which have no WeChat: GET /cashier?<the six parameters>&name=<person>&back=<address>.

It checks and pays as a phone does (`pay_phone`), then goes back to `back` (this machine only) with `result=ok` or
`result=cancel` in its query; whether money arrived is for the product to find out, as after wx.requestPayment.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from wechat_sandbox import pay_phone
from wechat_sandbox.edge import world
from wechat_sandbox.settings import NotLoopback, require_loopback

cashier = Blueprint("cashier", __name__)


@cashier.get("/cashier")
def sheet() -> Response:
    """The sheet with payee and amount, or the sentence that says why nothing can be paid."""
    back = _back(request.args)
    if not back:
        return _page(422, trade=None, refused="回跳地址 back 只能是本机地址", back="")
    try:
        with world().lock:
            trade = pay_phone.opened(world(), _params(request.args), request.args.get("name", ""))
            payee = world().pay.sub_merchants.get(trade.sub_mch_id)
    except pay_phone.PhoneRefused as refused:
        return _page(409, trade=None, refused=str(refused), back=back)
    return _page(200, trade=trade, payee=payee.name if payee else trade.mch_id, back=back)


@cashier.post("/cashier")
def tap() -> AnyResponse:
    """立即支付 or 取消: pay, or leave the order as it is, and go back."""
    back = _back(request.form)
    if not back:
        return _page(422, trade=None, refused="回跳地址 back 只能是本机地址", back="")
    if request.form.get("tap") != "pay":
        return redirect(_with_result(back, "cancel"), 303)
    try:
        pay_phone.pay(world(), _params(request.form), request.form.get("name", ""))
    except pay_phone.PhoneRefused as refused:
        return _page(409, trade=None, refused=str(refused), back=back)
    return redirect(_with_result(back, "ok"), 303)


def _params(given: Mapping[str, str]) -> dict[str, str]:
    return {name: given.get(name, "") for name in pay_phone.PARAMS}


def _back(given: Mapping[str, str]) -> str:
    """The address to go back to; empty when it is none of this machine."""
    try:
        parts = urlsplit(require_loopback(given.get("back", "")))
        _ = parts.port
    except (NotLoopback, ValueError):
        return ""
    return given["back"] if parts.scheme in ("http", "https") and "@" not in parts.netloc else ""


def _with_result(back: str, result: str) -> str:
    parts = urlsplit(back)
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "result"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("result", result)])))


def _page(status: int, *, back: str, **shown: object) -> Response:
    """No script at all; the form may go to this sandbox, and on from there to the product."""
    values = request.values
    text = render_template(
        "cashier.html",
        back=back,
        cancel=_with_result(back, "cancel") if back else "",
        name=values.get("name", ""),
        params=_params(values),
        **shown,
    )
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(back)) if back else ""
    answer = Response(text, status=status)
    answer.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'self' {origin}; "
        "frame-ancestors 'none'"
    )
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
