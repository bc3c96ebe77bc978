"""Every refusal in one shape: `{code, message, fields}`, with a sentence that the person reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from flask import Flask, Response, g, json, request
from pydantic import Field
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException

from app.core.db import db
from app.core.errors import Invalid, Refusal, TooMany, Unavailable
from app.core.failures import code_of
from miniprogram_api.fields import Out

OUR_PATHS = ("/api/", "/media/", "/wechat/", "/healthz")
log = structlog.get_logger()


class ErrorOut(Out):
    """Why not, and what can be done next."""

    code: str = Field(description="给程序看的代号")
    message: str = Field(description="给人看的一句话")
    fields: dict[str, Any] = Field(description="哪一项有什么问题;没有时为空")


class WrongContentType(Refusal):
    """Neither JSON nor, for photos and recordings, a form with a file."""

    code = "wrong_content_type"
    status = 415
    message = "请求格式不对,请更新小程序后再试"


class TooLarge(Refusal):
    """More bytes than any command needs."""

    code = "too_large"
    status = 413
    message = "内容太大,照片请压缩到10MB以内再发"


_HTTP_WORDS: Mapping[int, tuple[str, str]] = {
    400: ("bad_request", "请求没有看懂,请更新小程序后再试"),
    404: ("not_found", "没有找到您要的内容"),
    405: ("method_not_allowed", "这个地址不能这样使用"),
    413: (TooLarge.code, TooLarge.message),
    415: (WrongContentType.code, WrongContentType.message),
    416: ("no_such_part", "没有这一段,请从头播放"),
    429: (TooMany.code, TooMany.message),
}


def answer(status: int, code: str, message: str, fields: Mapping[str, Any] | None = None) -> Response:
    """The refusal as JSON."""
    body = {"code": code, "message": message, "fields": dict(fields or {})}
    return Response(json.dumps(body, ensure_ascii=False), status, mimetype="application/json")


def refuse(refusal: Refusal) -> Response:
    """A named refusal; a limit that was reached says when to come back."""
    response = answer(refusal.status, refusal.code, refusal.sentence, refusal.fields)
    wait = getattr(refusal, "retry_after_seconds", None)
    if wait is not None:
        response.headers["Retry-After"] = str(wait)
    return response


def register(app: Flask) -> None:
    """Answer refusals, HTTP errors and surprises of our own paths; other edges keep their pages."""
    app.register_error_handler(Refusal, _on_refusal)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(DBAPIError, _on_database_error)
    app.register_error_handler(Exception, _on_surprise)


def is_ours(path: str) -> bool:
    """Whether this edge answers the path."""
    return path.startswith(OUR_PATHS)


def _on_refusal(refusal: Refusal) -> Response:
    if not is_ours(request.path):
        raise refusal
    return refuse(refusal)


def _on_http_error(error: HTTPException) -> Response | HTTPException:
    if not is_ours(request.path):
        return error
    status = error.code or 500
    if status >= 500:
        return _on_surprise(error)
    if status < 400 and error.response is not None:
        return error.get_response()  # type: ignore[return-value]
    code, message = _HTTP_WORDS.get(status, _HTTP_WORDS[400])
    response = answer(status, code, message)
    for name, value in error.get_headers():
        if name in ("Allow", "Content-Range", "Retry-After"):
            response.headers[name] = value
    return response


def _on_database_error(error: DBAPIError) -> Response:
    """The server is away or the cluster is not ready: nothing was promised, the client may repeat."""
    if not is_ours(request.path):
        raise error
    if isinstance(error, OperationalError | InterfaceError):
        db.session.rollback()
        log.error("database unavailable", error=type(error.orig).__name__, code=code_of(error))
        return refuse(Unavailable("系统正忙,您填写的内容还在,请过一会儿再提交"))
    return _on_surprise(error)


def _on_surprise(error: Exception) -> Response:
    """Nothing of the cause leaves the process but the number under which it stands in the log."""
    if not is_ours(request.path):
        raise error
    request_id = g.get("request_id", "")
    # The class and the place only: an error's text may hold personal data.
    log.error("unexpected error", error=type(error).__name__, at=_places(error))
    return answer(500, "unexpected", f"这一步没有成功,我们已经记录。如需帮助请报编号 {request_id}")


def _places(error: BaseException) -> list[str]:
    found, trace = [], error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        found.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return found[-8:]


_WORDS: Mapping[str, str] = {
    "missing": "必填",
    "extra_forbidden": "没有这一项",
    "string_too_short": "至少{min_length}个字",
    "string_too_long": "最多{max_length}个字",
    "too_long": "最多{max_length}项",
    "too_short": "至少{min_length}项",
    "greater_than_equal": "不能小于{ge}",
    "less_than_equal": "不能大于{le}",
    "timezone_aware": "时间要带时区",
    "json_invalid": "不是合法的 JSON",
    "enum": "没有这个选项",
    "literal_error": "没有这个选项",
}


def invalid_input(errors: Iterable[Mapping[str, Any]]) -> Invalid:
    """Pydantic's findings as one refusal that names each field in Chinese."""
    fields = {_path(error["loc"]): _words(error) for error in errors}
    first = next(iter(fields.items()), None)
    said = f"请检查填写的内容({first[0]}:{first[1]})" if first and first[0] != "body" else None
    return Invalid(said, fields=fields)


def _path(location: tuple[Any, ...]) -> str:
    return ".".join(str(part)[:40] for part in location) or "body"


def _words(error: Mapping[str, Any]) -> str:
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    return _WORDS.get(error["type"], "格式不对").format(**error.get("ctx", {}))
