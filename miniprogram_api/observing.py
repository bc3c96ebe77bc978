"""What surrounds every request of the process: its id, one line in the log, the headers that browsers obey."""

from __future__ import annotations

import re
import secrets
import time

import structlog
from flask import Flask, Request, Response, g, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from config import Settings
from miniprogram_api.errors import is_ours

ACCEPTED_ID = re.compile(r"[0-9A-Za-z_\-]{8,64}")
ID_HEADER = "X-Request-Id"
JSON_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
HSTS = "max-age=63072000; includeSubDomains"
log = structlog.get_logger()


class CookiesOfTheConsole(SecureCookieSessionInterface):
    """The API knows its callers by their tokens: no cookie is read or ever set there."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """None stands for a session that nobody can write to."""
        return None if is_ours(request.path) else super().open_session(app, request)


def register(app: Flask, settings: Settings) -> None:
    """Watch every request of the application, those of the console too."""
    app.session_interface = CookiesOfTheConsole()
    app.before_request(_begin)
    app.after_request(_tell)
    app.after_request(_protect)
    if settings.is_production:
        app.after_request(_only_tls)


def _begin() -> None:
    given = request.headers.get(ID_HEADER, "")
    g.request_id = given if ACCEPTED_ID.fullmatch(given) else secrets.token_hex(8)
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _tell(response: Response) -> Response:
    """Pattern instead of path, role instead of person: the line holds no personal data (domain A48)."""
    log.info(
        "request",
        method=request.method if request.method in _METHODS else "other",
        path=request.url_rule.rule if request.url_rule else "unknown",
        status=response.status_code,
        ms=round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1),
        role=g.get("role", "-"),
    )
    return response


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _protect(response: Response) -> Response:
    headers = response.headers
    headers[ID_HEADER] = g.get("request_id", "")
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "no-referrer")
    if is_ours(request.path):
        headers.setdefault("Content-Security-Policy", JSON_POLICY)
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if g.get("no_store", True):
            headers.setdefault("Cache-Control", "no-store")
    return response


def _only_tls(response: Response) -> Response:
    response.headers.setdefault("Strict-Transport-Security", HSTS)
    return response
