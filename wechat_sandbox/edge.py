"""What every call passes: this machine only, faults, the journal, and the platform's way of refusing."""

from __future__ import annotations

import json
import socket
import time
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, jsonify, request
from werkzeug.exceptions import HTTPException, NotFound

from wechat_sandbox import pay_xml
from wechat_sandbox.answers import Refused
from wechat_sandbox.faults import PAY_PATHS, Fault, kinds_of
from wechat_sandbox.settings import is_loopback_host
from wechat_sandbox.world import World

MAX_BODY = 1024 * 1024
PLAYED = ("/sns/", "/cgi-bin/", "/wxa/", "/hotline/", "/einvoice/", *PAY_PATHS)
"""The paths that belong to the platform and the hotline: journal and faults are for these."""
_FAULT_CODES = {"busy": -1, "expired_token": 42001, "used_code": 40163}


def world() -> World:
    """The world of the running app."""
    return current_app.extensions["world"]


def install(app: Flask) -> None:
    """Put the edge around every route of the app."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.before_request(_only_this_machine)
    app.before_request(_faulty_before)
    app.after_request(_faulty_after)  # runs last: the journal is written before the connection breaks
    app.after_request(_write_journal)
    app.register_error_handler(Refused, lambda refused: jsonify(refused.body()))
    app.register_error_handler(HTTPException, lambda error: (jsonify(error=error.description), error.code))


def json_body() -> dict[str, Any]:
    """The JSON object that was posted, whatever the Content-Type says: 43002, 44002 or 47001 otherwise."""
    if request.method != "POST":
        raise Refused(43002)
    raw = request.get_data()
    if not raw:
        raise Refused(44002)
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refused(47001)
    return body


def require_token() -> None:
    """The access_token of the query is alive (41001, 40014, 40001, 42001). The caller holds the lock."""
    world().tokens.require(request.args.get("access_token"), world().clock.now())


def count_call() -> None:
    """Count this call against the platform's quotas (45009, 45011). The caller holds the lock."""
    world().quotas.use(request.path, world().clock.now())


def _only_this_machine() -> None:
    host = urlsplit(f"//{request.host}").hostname or ""
    if not is_loopback_host(host):
        raise NotFound("unknown host")


def _faulty_before() -> Response | None:
    if not request.path.startswith(PLAYED):
        return None
    with world().lock:
        g.age = world().age
        g.fault = world().faults.take(request.path, kinds_of(request.path))
    return _answer_to(g.fault) if g.fault else None


def _answer_to(fault: Fault) -> Response | None:
    """What the fault answers in place of the platform; None lets the call go on."""
    if fault.kind == "slow":
        time.sleep(fault.seconds)
        if g.age != world().age:
            return Response("begun before a reset", status=503)
    elif fault.kind == "http_500":
        return Response("upstream error", status=500)
    elif fault.kind == "html":
        return Response("<html><body><h1>502 Bad Gateway</h1></body></html>", mimetype="text/html")
    elif fault.kind == "drop":
        return Response("")
    elif fault.kind in _FAULT_CODES:
        raise Refused(_FAULT_CODES[fault.kind])
    return None


def _faulty_after(response: Response) -> Response:
    fault = g.get("fault")
    if fault is not None and fault.kind in ("drop", "drop_after"):
        _hang_up()
    return response


def _hang_up() -> None:
    """Break the connection: the caller sees it end without an answer."""
    connection = request.environ.get("werkzeug.socket")
    if connection is not None:
        with suppress(OSError):  # the caller has hung up already
            connection.shutdown(socket.SHUT_RDWR)


def _write_journal(response: Response) -> Response:
    if not request.path.startswith(PLAYED):
        return response
    fault = g.get("fault")
    answer = response.get_json(silent=True) if response.is_json else None
    entry = {
        "at": world().clock.now(),
        "method": request.method,
        "path": request.path,
        "query": request.args.to_dict(),
        "body": _journal_body(),
        "status": response.status_code,
        "errcode": answer.get("errcode", 0) if isinstance(answer, dict) else None,
        "outcome": g.get("outcome"),  # of a call of WeChat Pay: SUCCESS, err_code or return_msg
        "fault": fault.kind if fault else None,
    }
    with world().lock:
        if g.get("age") == world().age:
            world().journal.append(entry)
    return response


def _journal_body() -> Any:
    try:
        raw = request.get_data()
        if request.path.startswith(PAY_PATHS):
            return pay_xml.read(raw)
        return json.loads(raw) if raw else None
    except (ValueError, RecursionError, HTTPException):
        return "(unreadable)"
