"""Signed JSON over HTTP, as the hotline and the service of electronic invoices take it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import requests

from app.core import clock
from app.core.signing import epoch

TIMEOUT = (3.0, 10.0)
"""Seconds to connect and between two bytes."""


def post_signed(
    url: str, content: Mapping[str, Any], *, secret: bytes, timeout: tuple[float, float]
) -> requests.Response:
    """POST the content and return the answer unread, to be used in a `with`; the body is the same at every repetition.

    The signature covers the body and nothing else: a repetition is known by the number in the body, and the time-stamp
    is for the receiver's log. Raises requests.RequestException. No redirect is followed: it would carry the content to
    another host.
    """
    body = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "X-Anju-Timestamp": str(epoch(clock.now())),
        "X-Anju-Signature": f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}",
    }
    return requests.post(url, data=body, headers=headers, timeout=timeout, allow_redirects=False, stream=True)
