"""wechatpy's client made safe: bounded time, one token for all, no retry of its own, one host.

wechatpy writes `https://api.weixin.qq.com` into a dozen places, so the base address is changed where the
request leaves: in the adapter of the session. In development that address is the sandbox on loopback.
"""

from __future__ import annotations

import logging
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from wechatpy.client import WeChatClient

from app.integrations.wechat.errors import WeChatDown
from app.integrations.wechat.tokens import TokenStore

REAL_API = "https://api.weixin.qq.com/"
TIMEOUT = (3.0, 10.0)
"""Seconds to connect and to wait for each read (D2); wechatpy would wait for ever."""
TOKEN_MARGIN_SECONDS = 120
"""A token is given up this long before its end, so that none expires on the way."""
FORCED_PAUSE_SECONDS = 35
"""WeChat allows forced renewal 20 times a day and at least 30 s apart."""
CONNECTIONS = 16
_CHATTERS = ("wechatpy", "urllib3")


def silence_debug_logs() -> None:
    """Keep libraries that print secrets when debugging at WARNING (D19).

    wechatpy prints whole requests; urllib3 prints every path with its query, and that holds the secret and
    the token.
    """
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in _CHATTERS:
            _at_least_warning(logging.getLogger(name))
    for name in _CHATTERS:
        _at_least_warning(logging.getLogger(name))


def _at_least_warning(logger: logging.Logger) -> None:
    if logger.level < logging.WARNING and (logger.level or logger.name in _CHATTERS):
        logger.setLevel(logging.WARNING)


class BaseAdapter(HTTPAdapter):
    """Sends every request to `api_base`: only scheme and host change; path, query and body stay."""

    def __init__(self, api_base: str, real: str = REAL_API) -> None:
        self._real = real
        parts = urlsplit(api_base)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("", "/"):
            raise ValueError("the WeChat address must be scheme and host only")
        self._scheme, self._host = parts.scheme, parts.netloc
        super().__init__(pool_connections=1, pool_maxsize=CONNECTIONS, max_retries=0)

    def send(self, request, *args, **kwargs):
        """As HTTPAdapter.send, to the configured host; a proxy is for the real host only."""
        _, _, path, query, fragment = urlsplit(request.url)
        target = urlunsplit((self._scheme, self._host, path, query, fragment))
        if not target.startswith(self._real):
            kwargs["proxies"] = None
        request.url = target
        return super().send(request, *args, **kwargs)


class HardenedClient(WeChatClient):
    """A wechatpy client that counters D1-D5; MiniClient speaks through it and turns its errors into ours."""

    def __init__(
        self, appid: str, secret: str, *, api_base: str, store: TokenStore, timeout: tuple[float, float]
    ) -> None:
        silence_debug_logs()
        super().__init__(appid, secret, timeout=timeout, auto_retry=False)
        self._store = store
        self._http.adapters.clear()  # nothing but WeChat can be reached through this session
        self._http.mount(REAL_API, BaseAdapter(api_base))
        self._http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    @property
    def access_token(self) -> str:
        """The shared token; fetched by one thread of one process when there is none (D4, D5)."""
        return self._store.get(self.access_token_key) or self.fetch_access_token()

    def fetch_access_token(self) -> str:
        """Wait for the lock, and fetch only if nobody did so in the meantime."""
        return self._renewed(rejected=None)

    def refresh_access_token(self, rejected: str) -> str:
        """A token other than `rejected`, or the same one when WeChat insists on it."""
        return self._renewed(rejected=rejected)

    def _renewed(self, *, rejected: str | None) -> str:
        with self._store.lock(self.access_token_key):
            known = self._store.get(self.access_token_key)
            if known and known != rejected:
                return known
            token = self._stable_token(force=False)
            if token == rejected and self._may_force():
                token = self._stable_token(force=True)
            return token

    def _may_force(self) -> bool:
        """Once in FORCED_PAUSE_SECONDS for all processes, else a faulty API would burn the 20 renewals of the
        day.
        """
        key = f"{self.access_token_key}_forced"
        if self._store.get(key):
            return False
        self._store.put(key, "1", FORCED_PAUSE_SECONDS)
        return True

    def _stable_token(self, *, force: bool) -> str:
        """POST cgi-bin/stable_token: idempotent, unlike cgi-bin/token where each token kills the one before
        (D4).
        """
        answer = self.post(
            REAL_API + "cgi-bin/stable_token",
            params={"access_token": None},
            data={
                "grant_type": "client_credential",
                "appid": self.appid,
                "secret": self.secret,
                "force_refresh": force,
            },
        )
        token, life = _token_in(answer)
        self._store.put(self.access_token_key, token, max(life - TOKEN_MARGIN_SECONDS, 60))
        return token

    def _request(self, method: str, url_or_endpoint: str, **kwargs):
        """As wechatpy's, without following redirects: they would carry the token to another host."""
        kwargs["allow_redirects"] = False
        return super()._request(method, url_or_endpoint, **kwargs)


def _token_in(answer: object) -> tuple[str, int]:
    """Token and seconds of life; raises WeChatDown for an answer that holds none."""
    if isinstance(answer, dict):
        token, life = answer.get("access_token"), answer.get("expires_in")
        if isinstance(token, str) and token and isinstance(life, int):
            return token, life
    raise WeChatDown(None, "stable_token answered without a token")


def is_image(answer: object) -> bool:
    """Whether a raw answer is a picture and not an error page."""
    return isinstance(answer, requests.Response) and (
        answer.status_code == 200 and answer.headers.get("Content-Type", "").startswith("image/")
    )
