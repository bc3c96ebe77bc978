"""How the sandbox calls out: straight to this machine, through no proxy and following no redirect."""

from __future__ import annotations

from typing import Any

import requests
from requests.adapters import HTTPAdapter

from wechat_sandbox.settings import require_loopback

TIMEOUT = (2.0, 5.0)
"""Seconds; the platform waits five for an answer."""
_SESSION = requests.Session()
_SESSION.trust_env = False
_SESSION.mount("http://", HTTPAdapter(pool_maxsize=16))


def call(method: str, url: str, **more: Any) -> requests.Response:
    """Raises NotLoopback for another machine and requests' errors when the call fails."""
    return _SESSION.request(method, require_loopback(url), timeout=TIMEOUT, allow_redirects=False, **more)
