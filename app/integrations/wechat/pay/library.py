"""wechatpy's Pay made safe: HMAC-SHA256 both ways, bounded time, one host, nothing of the key in its reach.

The library knows which call has which parameters. Signing, sending and reading are done here: it signs with MD5 unless
told otherwise (D7), does not check what comes back (D6), follows redirects, waits for ever and prints the key when
debugging (D19).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from wechatpy.pay import WeChatPay

from app.integrations.wechat.pay import flat_xml
from app.integrations.wechat.pay.outcomes import MESSAGE_LENGTH, BusinessRefusal, Doubt
from app.integrations.wechat.pay.signing import SIGN_TYPE, PayKey, is_signed, new_nonce, sign
from app.integrations.wechat.transport import TIMEOUT, BaseAdapter, silence_debug_logs

REAL_PAY = "https://api.mch.weixin.qq.com/"
ANSWER_BYTES, BILL_BYTES = 256 * 1024, 256 * 1024 * 1024
ANSWER_SECONDS, BILL_SECONDS = 20.0, 300.0
CHUNK = 64 * 1024
BILL = "pay/downloadbill"
WITH_CERTIFICATE = "secapi/"
"""Calls that move money out are made with the client certificate; the others do without."""
SANDBOX_CERTIFICATE = "X-Client-Certificate"
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Provider:
    """Who we are at WeChat Pay: a service provider, in whose name the sub-merchants' money is ordered."""

    appid: str
    mch_id: str
    key: PayKey
    certificate: tuple[str, str] | None = None


class HardenedPay(WeChatPay):
    """One for each sub-merchant (or for none), all over one session. Raises BusinessRefusal, Doubt, NotFlat and what
    requests and urllib3 raise."""

    _http: requests.Session

    def __init__(
        self,
        provider: Provider,
        sub_mch_id: str,
        http: requests.Session,
        *,
        timeout: tuple[float, float] = TIMEOUT,
    ) -> None:
        # the library gets no key: whatever it still does by itself, it cannot sign, verify or print with it
        super().__init__(provider.appid, "", provider.mch_id, sub_mch_id=sub_mch_id or None, timeout=timeout)
        self._http.close()
        self._http = http
        self._provider = provider

    def _request(self, method: str, url_or_endpoint: str, **kwargs: Any) -> dict[str, str] | bytes:
        """Sign, send once, read within bounds, verify. `bytes` for a bill, the only answer that is no XML."""
        secret = url_or_endpoint.startswith(WITH_CERTIFICATE)
        bill = url_or_endpoint == BILL
        answer = self._http.request(
            method,
            REAL_PAY + url_or_endpoint,
            data=flat_xml.write(self._signed(kwargs["data"])),
            headers={"Content-Type": "text/xml; charset=utf-8", "Accept-Encoding": "identity"},
            cert=self._provider.certificate if secret else None,
            timeout=self.timeout,
            allow_redirects=False,
            stream=True,
        )
        with closing(answer):
            if answer.status_code != 200:
                raise Doubt("NO_ANSWER", f"HTTP {answer.status_code}")
            raw = _bounded(answer, bill=bill)
        if bill and not raw.removeprefix(BOM).lstrip().startswith(b"<"):
            return raw
        return self._verified(flat_xml.parse(raw))

    def _signed(self, given: Mapping[str, Any]) -> dict[str, str]:
        own = {"mch_id": self.mch_id, "sub_mch_id": self.sub_mch_id, "nonce_str": new_nonce()}
        everything = {**own, **given, "sign_type": SIGN_TYPE}
        params = {name: flat_xml.clean(str(value)) for name, value in everything.items() if value is not None}
        params = {name: text for name, text in params.items() if text}
        return {**params, "sign": sign(params, self._provider.key)}

    def _verified(self, fields: dict[str, str]) -> dict[str, str]:
        """The fields, when WeChat signed them and they are about us. An unsigned answer proves nothing, not even that
        something was refused."""
        if fields.get("return_code") != "SUCCESS":
            raise Doubt("UNSIGNED", self._shown(fields.get("return_msg", "")), fields.get("error_code", ""))
        if not is_signed(fields, self._provider.key):
            raise Doubt("UNVERIFIED", "the signature of the answer is missing, wrong or of another type")
        ours = {"appid": self.appid, "mch_id": self.mch_id, "sub_mch_id": self.sub_mch_id}
        wrong = [name for name, own in ours.items() if own and fields.get(name, own) != own]
        if wrong or "mch_id" not in fields:
            raise Doubt("MISMATCH", f"the answer is about another {(wrong or ['mch_id'])[0]}")
        if fields.get("result_code") != "SUCCESS":
            raise BusinessRefusal(fields.get("err_code", ""), self._shown(fields.get("err_code_des", "")))
        return fields

    def _shown(self, text: str) -> str:
        return flat_xml.clean(self._provider.key.blanked(text))[:MESSAGE_LENGTH]


class PayAdapter(BaseAdapter):
    """Without TLS, which config.py allows on loopback alone, a header stands for the client certificate."""

    def __init__(self, api_base: str, mch_id: str) -> None:
        super().__init__(api_base, REAL_PAY)
        self._stand_in = {} if api_base.startswith("https:") else {SANDBOX_CERTIFICATE: mch_id}

    def send(self, request, *args, **kwargs):
        """As BaseAdapter.send."""
        if request.url.startswith(REAL_PAY + WITH_CERTIFICATE):
            request.headers.update(self._stand_in)
        return super().send(request, *args, **kwargs)


def open_session(api_base: str, mch_id: str) -> requests.Session:
    """A session that reaches `api_base` in the place of WeChat Pay's host, and nothing else."""
    silence_debug_logs()
    http = requests.Session()
    http.adapters.clear()
    http.mount(REAL_PAY, PayAdapter(api_base, mch_id))
    http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return http


def _bounded(answer: requests.Response, *, bill: bool) -> bytes:
    """The body; Doubt when it is too long, or comes so slowly that the time-out of each read never strikes (D2)."""
    limit, seconds = (BILL_BYTES, BILL_SECONDS) if bill else (ANSWER_BYTES, ANSWER_SECONDS)
    ends, parts, size = time.monotonic() + seconds, [], 0
    while part := answer.raw.read1(CHUNK, decode_content=True):
        parts.append(part)
        size += len(part)
        if size > limit or time.monotonic() > ends:
            raise Doubt("NO_ANSWER", "the answer is too long or too slow")
    return b"".join(parts)
