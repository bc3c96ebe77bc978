"""The OpenAPI 3.1 document: APIFlask writes the models, this adds what every route of this edge promises besides."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from apiflask import APIFlask
from flask import Blueprint, Response, current_app, render_template

from app.core.receipts import ACCEPTED_ID
from app.core.roles import Role
from miniprogram_api.errors import ErrorOut
from miniprogram_api.fields import MAX_ID
from miniprogram_api.routing import KEY_HEADER, ROUTES, Route

PREFIX = "/api/v1"
BEARER = "bearer"
docs = Blueprint("api_docs", __name__, url_prefix=PREFIX, template_folder="templates")
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)

MEANINGS = {
    401: "没有登录,或登录已失效",
    403: "当前身份不能做这件事",
    404: "没有找到(不存在,或不归您看)",
    409: "现在不能这样操作,或刚刚有人先操作了",
    413: "内容太大",
    415: "格式不对",
    422: "填写的内容有问题,fields 说明是哪一项",
    429: "太频繁,过一会儿再试",
    503: "系统或微信暂时不可用",
}
DESCRIPTION = (
    "居民、师傅和物业在手机上用的接口。时刻一律是带毫秒的 UTC(结尾为 Z);金额以分为单位的整数。"
    "每个改变数据的请求都要带 Idempotency-Key:同一个编号重复提交,得到同一个回答,不会做两次。"
    "出错时的回答是 {code, message, fields}。照片和录音的地址是以 /media/ 开头的短时链接,接在本服务地址后面使用。"
)


def configure(app: APIFlask) -> None:
    """Title, security and the finishing of the document."""
    app.config.update(
        DESCRIPTION=DESCRIPTION,
        AUTO_SERVERS=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_404_RESPONSE=False,
        AUTO_200_RESPONSE=False,
        AUTO_OPERATION_SUMMARY=False,
        AUTO_OPERATION_ID=True,
        SUCCESS_DESCRIPTION="成功",
        TAGS=[{"name": tag} for tag in dict.fromkeys(route.tag for route in _routes_of(app))],
        SECURITY_SCHEMES={BEARER: {"type": "http", "scheme": "bearer", "description": "登录得到的 token"}},
    )
    app.spec_processor(partial(finish, app))


def _routes_of(app: APIFlask) -> list[Route]:
    """Those that this application answers: the doors of a demonstration are not in production's."""
    return [route for endpoint, route in ROUTES.items() if endpoint in app.view_functions]


def finish(app: APIFlask, spec: dict[str, Any]) -> dict[str, Any]:
    """Keep our paths only; add headers, refusals, path parameters and the upload form."""
    spec["paths"] = {path: item for path, item in spec["paths"].items() if path.startswith(PREFIX)}
    spec["components"].setdefault("schemas", {})["Error"] = ErrorOut.model_json_schema()
    for route in _routes_of(app):
        operation = spec["paths"][_written(route)][route.method.lower()]
        _finish_operation(operation, route)
    return spec


def _written(route: Route) -> str:
    return PREFIX + route.path.replace("<id:", "{").replace("<code:", "{").replace(">", "}")


def _finish_operation(operation: dict[str, Any], route: Route) -> None:
    for parameter in operation["parameters"]:
        if parameter["in"] == "path":
            parameter["schema"] = _path_schema(route, parameter["name"])
    if route.command and not route.public:
        operation["parameters"].append(_key_parameter())
    if route.upload:
        operation["requestBody"] = _upload_form(route.upload)
    elif route.body:
        operation["requestBody"]["required"] = True
    if not route.public:
        operation["security"] = [{BEARER: []}]
    operation["description"] = _promises(route)
    for status in _refusals(route):
        operation["responses"][str(status)] = _refusal(status)


def _path_schema(route: Route, name: str) -> dict[str, Any]:
    if f"<id:{name}>" in route.path:
        return {"type": "integer", "minimum": 1, "maximum": MAX_ID}
    return {"type": "string", "pattern": "^[0-9A-Za-z-]{1,16}$"}


def _key_parameter() -> dict[str, Any]:
    return {
        "name": KEY_HEADER,
        "in": "header",
        "required": True,
        "description": "客户端为这次操作生成的编号;重试时用同一个",
        "schema": {"type": "string", "pattern": f"^{ACCEPTED_ID.pattern}$"},
    }


UPLOADS = {
    "photo": "JPG、PNG 或 WEBP,10MB 以内",
    "voice": "WAV 录音(16 位、单声道、8–16 kHz),0.5 到 60 秒,2MB 以内",
}


def _upload_form(name: str) -> dict[str, Any]:
    file = {"type": "string", "format": "binary", "description": UPLOADS[name]}
    schema = {"type": "object", "properties": {name: file}, "required": [name]}
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


def _promises(route: Route) -> str:
    said = f"谁能用:{_who(route)}。"
    said += "居民要先同意隐私说明(否则 403 privacy_consent_needed)。" if route.consent else ""
    return said + ("要在15分钟内登录过(否则 401 sign_in_again,重新登录后再试)。" if route.fresh else "")


def _who(route: Route) -> str:
    return "所有人" if route.public else "、".join(role.label for role in Role if role in route.who)


def _refusals(route: Route) -> Iterator[int]:
    """Every status other than success that the pipeline or the domain can answer here."""
    yield from sorted(set(_possible(route)) | route.refuses)


def _possible(route: Route) -> Iterator[int]:
    yield 503
    if not route.public:
        yield from (401, 403)
    if "<" in route.path or route.query:
        yield 404
    if route.query or route.command:
        yield 422
    if route.command and not route.public:
        yield from (404, 409)
    if route.body or route.upload:
        yield from (413, 415)
    if route.rate:
        yield 429


def _refusal(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Error"}
    found: dict[str, Any] = {
        "description": MEANINGS[status],
        "content": {"application/json": {"schema": schema}},
    }
    if status == 429:
        found["headers"] = {"Retry-After": {"description": "几秒后再试", "schema": {"type": "integer"}}}
    return found


@docs.get("/docs")
def page() -> Response:
    """The document as a page, drawn on the server: no script, nothing from elsewhere."""
    app = current_app
    assert isinstance(app, APIFlask)
    response = Response(render_template("api_docs.html", spec=app.spec), mimetype="text/html")
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    return response


@docs.get("/docs.css")
def style() -> Response:
    """Its style sheet."""
    return Response(render_template("api_docs.css"), mimetype="text/css")
