"""The page that shows the residents' phones."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from wechat_sandbox.edge import world

page = Blueprint("page", __name__)
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@page.get("/")
def phones() -> Response:
    """「居民的微信」: one phone at a time, with what arrived on it."""
    answer = Response(render_template("phones.html", notify_base=world().settings.notify_base))
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Cache-Control"] = "no-store"
    return answer
