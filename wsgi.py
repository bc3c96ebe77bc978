"""`app` for any WSGI server: the core with the mini-program's API and the console."""

from __future__ import annotations

from functools import lru_cache

from apiflask import APIFlask
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import admin
import miniprogram_api
from app.bootstrap import create_core_app
from app.cli import register_cli
from config import Settings, get_settings


def create_app(settings: Settings | None = None) -> Flask:
    """Everything that the web serves. Raises UnsafeSettings when the settings would endanger somebody."""
    settings = settings or get_settings()
    web = APIFlask(
        "wsgi",
        title="安居",
        version="1.0",
        docs_path=None,  # its pages load from foreign hosts; ours stands in miniprogram_api/openapi.py
        openapi_blueprint_url_prefix="/api/v1",
        json_errors=False,
        static_folder=None,
    )
    create_core_app(settings, app=web)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        web.wsgi_app = ProxyFix(web.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
    miniprogram_api.register(web)
    admin.register(web)
    register_cli(web)
    for blueprint in web.blueprints.values():  # APIFlask asks this of every blueprint, the console's too
        if not hasattr(blueprint, "enable_openapi"):
            vars(blueprint)["enable_openapi"] = False
    return web


@lru_cache(maxsize=1)
def _app() -> Flask:
    return create_app()


def __getattr__(name: str) -> Flask:
    """`wsgi:app` is built when a server asks for it; importing `create_app` alone touches no database."""
    if name == "app":
        return _app()
    raise AttributeError(name)
