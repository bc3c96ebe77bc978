"""Commands of the console: one transaction each, idempotent under a request id that the page made."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Any

from flask import Response, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin import session
from admin.numbers import MAX_ID, whole_number
from app.core.errors import Invalid, WrongState
from app.core.receipts import answer_once, checked_request_id, fingerprint

REQUEST_ID_HEADER = "Idempotency-Key"
NOT_CONTENT = frozenset({"csrf_token", "request_id"})
REFUSED = "refused"
"""Under this name a page shows a sentence in the colour of what did not work."""


def run(work: Callable[[], Any]) -> Any:
    """Carry out `work` and keep its plain answer; the same request again gets the same answer and changes nothing."""
    actor = session.visitor().actor
    request_id = checked_request_id(request.headers.get(REQUEST_ID_HEADER) or request.form.get("request_id"))
    content = fingerprint(request.path, json.dumps(_content(), ensure_ascii=False, sort_keys=True))
    return answer_once(actor, request_id, content, work).answer


def run_json(work: Callable[[], dict[str, Any]]) -> Response:
    """The same for a script."""
    return jsonify(run(work))


def run_form(work: Callable[[], str], page: str) -> ResponseReturnValue:
    """The same for a form: `work` answers with a sentence, which `page` shows; a refusal is shown there too."""
    try:
        flash(run(work))
    except (Invalid, WrongState) as refusal:
        flash(refusal.sentence, REFUSED)
    return redirect(url_for(page))


def new_request_id() -> str:
    """An id for a form that a page shows, so that pressing twice is pressing once."""
    return secrets.token_urlsafe(16)


def _content() -> dict[str, Any]:
    if request.is_json:
        return body()
    return {key: request.form.getlist(key) for key in request.form if key not in NOT_CONTENT}


def body() -> dict[str, Any]:
    """The JSON object that was sent; raises Invalid for anything else."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise Invalid("请求的内容不完整,请刷新页面后再试")
    return sent


def text(name: str, default: str = "") -> str:
    """A text of the JSON body; raises Invalid when it is something else."""
    value = body().get(name, default)
    if not isinstance(value, str):
        raise Invalid(fields={name: "应为文字"})
    return value


def number(name: str) -> int | None:
    """A positive whole number of the JSON body, None when it is missing; raises Invalid when it is something else."""
    value = body().get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        value = whole_number(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < MAX_ID:
        raise Invalid(fields={name: "应为数字"})
    return value


def flag(name: str) -> bool:
    """A yes or no of the JSON body; raises Invalid when it is something else."""
    value = body().get(name, False)
    if not isinstance(value, bool):
        raise Invalid(fields={name: "应为是或否"})
    return value
