"""/m/: the client as a browser gets it, the H5 build of miniprogram/ (`make miniprogram`).

WhiteNoise knows the files of the build, their compressed twins and when they need not be sent again; what it has not
found in the build's directory cannot be asked for. Around it stand our headers: nothing inline, nothing from elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, redirect, request
from werkzeug.wrappers import Response as AnyResponse
from whitenoise import WhiteNoise
from whitenoise.base import StaticFile

from config import Settings

PREFIX = "/m/"
START = "index.html"
HASHED = r"^/m/assets/.+[.-][0-9A-Za-z_-]{8}\.(js|css)$"
"""Names that hold a digest of the content: such a file never changes under its name."""
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self' blob:",
        "media-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
NOT_BUILT = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>居民手机页面还没有生成</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"></head>
<body><main><h1>居民手机页面还没有生成</h1>
<p>请在本机安装 Node.js 20 或更新版本,然后在项目目录里运行 <code>make miniprogram</code>,再刷新本页。</p>
<p>物业调度台和接口不受影响,可以照常使用。</p></main></body></html>
"""
NOT_THERE = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>没有这个页面</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"></head>
<body><main><h1>没有这个页面</h1><p><a href="/m/">回到首页</a></p></main></body></html>
"""
PROJECT = Path(__file__).resolve().parent.parent
_EXTENSION = "miniprogram_api.client_files"
blueprint = Blueprint("api_client", __name__)


@dataclass
class Build:
    """The files of one H5 build; read again when another build takes its place."""

    directory: Path
    built_ns: int | None = None
    files: WhiteNoise | None = None

    def find(self, path: str) -> StaticFile | None:
        """The file at this path of the site; raises FileNotFoundError when nothing was built."""
        built_ns = (self.directory / START).stat().st_mtime_ns
        if self.files is None or built_ns != self.built_ns:
            self.files, self.built_ns = _read(self.directory), built_ns
        return self.files.files.get(path)


def _read(directory: Path) -> WhiteNoise:
    return WhiteNoise(
        None,
        root=directory,
        prefix=PREFIX,
        index_file=START,
        max_age=None,
        immutable_file_test=HASHED,
        allow_all_origins=False,
    )


def register(app: Flask, settings: Settings) -> None:
    """Serve the build in `settings.client_dir`."""
    app.extensions[_EXTENSION] = Build((PROJECT / settings.client_dir).resolve())
    app.register_blueprint(blueprint)


@blueprint.get("/m")
def without_slash() -> AnyResponse:
    """As people type it; what was asked goes along (a sign's QR code names its spot)."""
    asked = request.query_string.decode("latin-1")
    return redirect(f"{PREFIX}?{asked}" if asked else PREFIX, 308)


@blueprint.get("/m/", defaults={"name": ""})
@blueprint.get("/m/<path:name>")
def show(name: str) -> Response:
    """One file of the build; a page in Chinese when there is no such file, or no build at all."""
    build = current_app.extensions[_EXTENSION]
    assert isinstance(build, Build)
    try:
        found = build.find(PREFIX + name)
        answer = _sent(found) if found else Response(NOT_THERE, 404, mimetype="text/html")
    except FileNotFoundError:  # never built, or being built anew at this moment
        answer = Response(NOT_BUILT, 503, mimetype="text/html")
    return _protected(answer)


def _sent(found: StaticFile) -> Response:
    """What WhiteNoise answers, as an answer of Flask, so that every hook sees it."""
    answer = found.get_response(request.method, request.environ)
    data = b""
    if answer.file is not None:
        with answer.file as file:
            data = file.read()
    return Response(data, int(answer.status), headers=list(answer.headers))


def _protected(response: Response) -> Response:
    headers = response.headers
    headers["Content-Security-Policy"] = POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(self), microphone=(self), geolocation=(self)"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers.setdefault("Cache-Control", "no-cache")
    return response
