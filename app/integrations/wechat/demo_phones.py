"""The phones of a demonstration: in a browser there is no wx.login, so the sandbox that plays WeChat is asked for the
code that a phone would have brought, and to follow when the demonstration's clock is moved: bills, closing and refunds
at WeChat go by its own time. Over HTTP like everything else, and only ever on this machine.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

import requests

from app.integrations.wechat.errors import WeChatDown
from config import is_loopback

TIMEOUT = (2.0, 5.0)


def login_code(api_base: str, name: str) -> str:
    """What wx.login would give on this person's phone; raises WeChatDown while the sandbox is away."""
    return _code(api_base, f"/sandbox/users/{quote(name, safe='')}/code", None)


def phone_code(api_base: str, name: str, phone: str) -> str:
    """What the button “使用微信手机号” would give; raises WeChatDown while the sandbox is away."""
    return _code(api_base, f"/sandbox/users/{quote(name, safe='')}/phone_code", {"phone": phone})


def follow_clock(api_base: str, now: datetime) -> None:
    """Let the sandbox's clock leap to `now` (never back); raises WeChatDown while the sandbox is away."""
    _asked(api_base, "/sandbox/clock", {"to": now.timestamp()}, "now")


def _code(api_base: str, path: str, body: dict[str, Any] | None) -> str:
    return str(_asked(api_base, path, body, "code"))


def _asked(api_base: str, path: str, body: dict[str, Any] | None, wanted: str) -> Any:
    if not is_loopback(api_base):
        raise ValueError("only the sandbox on this machine plays along")
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer: Any = session.post(api_base.rstrip("/") + path, json=body, timeout=TIMEOUT).json()
            return answer[wanted]
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        raise WeChatDown(None, f"the sandbox gave no {wanted}: {type(error).__name__}") from error
