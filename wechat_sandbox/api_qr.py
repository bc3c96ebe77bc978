"""Mini-program codes: a picture on success, JSON on error."""

from __future__ import annotations

import io
from functools import lru_cache

import segno
from flask import Blueprint, Response

from wechat_sandbox.answers import Refused
from wechat_sandbox.catalogue import require_scene
from wechat_sandbox.edge import count_call, json_body, require_token, world

qr_api = Blueprint("qr_api", __name__)
VERSIONS = ("release", "trial", "develop")


@qr_api.route("/wxa/getwxacodeunlimit", methods=["GET", "POST"])
def unlimited_code() -> Response:
    """A square code that holds page and scene; the real one is round."""
    with world().lock:
        require_token()
        count_call()
        body = json_body()
        scene = require_scene(body.get("scene"))
        page = body.get("page", "")
        if page and body.get("check_path", True):
            world().catalogue.require_page(page, query_allowed=False)
        width = body.get("width", 430)
        if not isinstance(width, int) or not 280 <= width <= 1280:
            raise Refused(40097, "width")
        if body.get("env_version", "release") not in VERSIONS:
            raise Refused(40097, "env_version")
    return Response(_picture(f"{page}?scene={scene}"), mimetype="image/png")


@lru_cache(maxsize=512)
def _picture(text: str) -> bytes:
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="png", scale=8, border=2)
    return out.getvalue()
