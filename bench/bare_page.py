"""The product, and beside it the limit of its first screen: three buttons, no script, no style file."""

from __future__ import annotations

from functools import lru_cache

from flask import Flask, Response

from wsgi import create_app

BARE = "/bare"
BUTTONS = ("服务预约", "公区报事", "应急维修")
PAGE = f"""<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>三个按钮</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"></head>
<body><main>{"".join(f"<h1><button>{name}</button></h1>" for name in BUTTONS)}</main></body></html>
"""


def bare() -> Response:
    """Asked for anew each time, as the client's start page is."""
    response = Response(PAGE, mimetype="text/html")
    response.add_etag()
    response.headers["Cache-Control"] = "no-cache"
    return response


@lru_cache(maxsize=1)
def _app() -> Flask:
    app = create_app()
    app.add_url_rule(BARE, "bare", bare)
    return app


def __getattr__(name: str) -> Flask:
    """`bench.bare_page:app` is built when the server asks for it."""
    if name == "app":
        return _app()
    raise AttributeError(name)
