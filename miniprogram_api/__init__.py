"""The mini-program's edge: JSON under /api/v1, photos and recordings under /media, WeChat's push, /healthz, /m/."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from apiflask import APIFlask
from werkzeug.routing import BaseConverter, IntegerConverter, Map, ValidationError

from app.bootstrap import settings_of
from config import Settings
from miniprogram_api import (
    client_files,
    errors,
    health,
    neighbours,
    observing,
    openapi,
    pay_notices,
    photos,
    rates,
    receipts,
    voices,
    wechat_push,
)
from miniprogram_api.fields import MAX_ID
from miniprogram_api.routing import Routes

__all__ = ["register"]

DOMAINS: Sequence[str] = (
    "login",
    "staff_login",
    "me",
    "personal_data",
    "homes",
    "places",
    "menus",
    "prices",
    "public_revenue",
    "photos",
    "voices",
    "orders",
    "feedback",
    "following",
    "tasks",
    "offers",
    "holds",
    "third_party",
    "fund",
    "special",
    "info",
    "quotes",
    "order_payments",
    "cancelling",
    "on_site",
    "desk",
    "merging",
    "transferring",
    "appeals",
    "sorting",
    "inbox",
    "app_config",
    "snaps",
    "invoices",
    "fee_questions",
    "payments",
    "bills",
    "fees",
)
DEMONSTRATION: Sequence[str] = ("demo",)
"""Doors that only a development instance has, where the sandbox plays WeChat."""
MAX_BODY_BYTES = 12 * 1024 * 1024
"""A photo of 10 MB and the form around it."""


class RowIdConverter(IntegerConverter):
    """1 .. 2^63-1; a number that no row can have is a path that does not exist."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, min=1, max=MAX_ID)

    def to_python(self, value: str) -> int:
        if not value.isascii() or len(value) > len(str(MAX_ID)):
            raise ValidationError()
        return int(super().to_python(value))


class SpotCodeConverter(BaseConverter):
    """What can stand in a QR sign."""

    regex = "[0-9A-Za-z-]{1,16}"


def register(app: APIFlask) -> None:
    """Add the edge to an application built by `create_core_app`."""
    settings = settings_of(app)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.url_map.converters.update({"id": RowIdConverter, "code": SpotCodeConverter})
    observing.register(app, settings)
    neighbours.register(app, settings)
    rates.register(app, settings)
    errors.register(app)
    for routes in _all_routes(settings):
        app.register_blueprint(routes.blueprint)
    for blueprint in (
        openapi.docs,
        photos.media,
        voices.media,
        wechat_push.blueprint,
        pay_notices.blueprint,
        receipts.blueprint,
        health.blueprint,
    ):
        app.register_blueprint(blueprint)
    client_files.register(app, settings)
    openapi.configure(app)


def _all_routes(settings: Settings) -> list[Routes]:
    names = [*DOMAINS, *(DEMONSTRATION if settings.is_demonstration else ())]
    modules = [importlib.import_module(f"miniprogram_api.{name}") for name in names]
    return [module.routes for module in modules]
