"""The hotline 962121: takes orders that the property company did not accept in time."""

from __future__ import annotations

import hashlib
import hmac
import json

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from wechat_sandbox.edge import world
from wechat_sandbox.hotline_desk import OtherContent

hotline_api = Blueprint("hotline_api", __name__)


@hotline_api.post("/hotline/orders")
def receive_order() -> ResponseReturnValue:
    """One hand-over; the same `handover_id` gets the same ticket again.

    `X-Anju-Signature: sha256=<hex>` is the HMAC-SHA256 of the raw body; `X-Anju-Timestamp` must be there. Its
    age is not judged: the product's clock may be moved in a demonstration.
    """
    raw = request.get_data()
    if not _is_signed(raw) or not request.headers.get("X-Anju-Timestamp"):
        return jsonify(ack=False, error="wrong signature"), 401
    try:
        order = json.loads(raw)
        handover_id = order["handover_id"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return jsonify(ack=False, error="handover_id missing"), 422
    if not isinstance(handover_id, str | int) or isinstance(handover_id, bool) or handover_id == "":
        return jsonify(ack=False, error="handover_id must be a text or number"), 422
    try:
        with world().lock:
            ticket, _ = world().hotline.receive(str(handover_id), order, world().clock.now())
            world().changed()
    except OtherContent:
        return jsonify(ack=False, error="handover_id was used for another order"), 409
    return jsonify(ack=True, ticket=ticket)


def _is_signed(raw: bytes) -> bool:
    expected = hmac.new(world().settings.hotline_secret.encode(), raw, hashlib.sha256).hexdigest()
    given = request.headers.get("X-Anju-Signature", "")
    return hmac.compare_digest(f"sha256={expected}".encode(), given.encode())
