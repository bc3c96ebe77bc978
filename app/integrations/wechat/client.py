"""The mini-program's calls to WeChat.

Every method returns a plain value or raises a WeChatError of errors.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import requests
from wechatpy.exceptions import WeChatClientException

from app.integrations.wechat.answers import (
    NORMAL_LABEL,
    Scene,
    TextVerdict,
    Verdict,
    WeChatSession,
    verdict_of,
)
from app.integrations.wechat.errors import (
    CREDENTIAL_CODES,
    CodeRefused,
    PhoneCodeRefused,
    WeChatDown,
    WeChatError,
    error_for,
)
from app.integrations.wechat.tokens import MemoryTokenStore, RedisTokenStore, TokenStore
from app.integrations.wechat.transport import REAL_API, TIMEOUT, HardenedClient, is_image

__all__ = ["MemoryTokenStore", "MiniClient", "RedisTokenStore", "TokenStore"]

TEXT_LIMIT = 2500
"""Characters that one msg_sec_check takes."""
TEXT_OVERLAP = 50
"""Pieces of a longer text share these characters, so that no word is cut in two and missed."""
MEDIA_AUDIO, MEDIA_IMAGE = 1, 2
ITEM_LIMIT = 120
"""Characters of what was sold."""
CHECK_VERSION = 2
BUSY = -1
_READ_FAILURES = (ValueError, TypeError, RecursionError)


class MiniClient:
    """One per process, safe for threads; processes share the token through `token_store`."""

    def __init__(
        self,
        appid: str,
        secret: str,
        *,
        api_base: str,
        token_store: TokenStore,
        timeout: tuple[float, float] = TIMEOUT,
    ) -> None:
        self._appid = appid
        self._secret = secret
        self._client = HardenedClient(appid, secret, api_base=api_base, store=token_store, timeout=timeout)

    def code_to_session(self, code: str) -> WeChatSession:
        """Exchange the code of wx.login; needs no access token, so login outlives a failing token call (D3).

        Raises CodeRefused, UserBlocked, QuotaUsed, WeChatDown.
        """
        params = {
            "appid": self._appid,
            "secret": self._secret,
            "js_code": code,
            "grant_type": "authorization_code",
            "access_token": None,
        }
        answer = _json(
            self._patiently(lambda: self._client.get(REAL_API + "sns/jscode2session", params=params))
        )
        return WeChatSession(
            openid=_text(answer, "openid"),
            unionid=str(answer.get("unionid") or ""),
            session_key=_text(answer, "session_key"),
        )

    def phone_number(self, code: str) -> str:
        """The number behind the phone button, without +86. Raises PhoneCodeRefused, QuotaUsed, WeChatDown."""
        try:
            answer = self._post_json("wxa/business/getuserphonenumber", {"code": code})
        except CodeRefused as refused:
            refusal = PhoneCodeRefused(refused.errcode, refused.errmsg)
        else:
            return self._phone_in(answer)
        raise refusal

    def send_subscribe_message(self, openid: str, template_id: str, data: dict[str, str], page: str) -> None:
        """Send one message; each field must fit already (templates.fit). Without `page` the card opens nothing.

        Raises ConsentUsed, BadMessage (both final), QuotaUsed, and WeChatDown when the outcome is unknown.
        """
        values = {name: {"value": text} for name, text in data.items()}
        body = {"touser": openid, "template_id": template_id, "data": values}
        if page:
            body["page"] = page
        self._post_json("cgi-bin/message/subscribe/send", body)

    def check_text(self, text: str, *, openid: str, scene: Scene) -> TextVerdict:
        """Ask whether others may read the text. The worst piece decides; blank text passes without a call.

        Raises UserInactive when the person has not been in the mini-program for two hours.
        """
        worst = TextVerdict(Verdict.PASS, trace_id="")
        for number, piece in enumerate(_pieces(text)):
            found = self._check_piece(piece, openid, scene)
            if number == 0 or found.severity > worst.severity:
                worst = found
            if worst.verdict is Verdict.RISKY:
                break
        return worst

    def check_image_async(self, url: str, *, openid: str, scene: Scene) -> str:
        """Ask for a check of the picture at `url`, which WeChat fetches; the verdict is pushed with this id."""
        return self._check_media(url, MEDIA_IMAGE, openid, scene)

    def check_audio_async(self, url: str, *, openid: str, scene: Scene) -> str:
        """Ask for a check of the recording at `url`, as of a picture; WAV is among the formats that WeChat takes."""
        return self._check_media(url, MEDIA_AUDIO, openid, scene)

    def mini_program_qr(self, scene: str, page: str, *, check_path: bool = True) -> bytes:
        """The picture of a mini-program code; raises BadMessage unless `scene` is 1-32 visible characters."""
        body = {"scene": scene, "page": page, "check_path": check_path}
        answer = self._post("wxa/getwxacodeunlimit", body)
        if not is_image(answer):
            raise WeChatDown(None, "getwxacodeunlimit answered without a picture")
        return answer.content

    def upload_virtual_shipping(self, transaction_id: str, *, openid: str, item: str, at: datetime) -> None:
        """发货信息 of something that is not sent by post (`logistics_type` 3); `at` is printed with its own offset.

        Raises WeChatError with errcode 10060004 while the payment cannot be shipped yet.
        """
        body = {
            "order_key": {"order_number_type": 2, "transaction_id": transaction_id},
            "logistics_type": 3,
            "delivery_mode": 1,
            "shipping_list": [{"item_desc": item[:ITEM_LIMIT]}],
            "upload_time": at.isoformat(timespec="milliseconds"),
            "payer": {"openid": openid},
        }
        self._post_json("wxa/sec/order/upload_shipping_info", body)

    def is_trade_managed(self) -> bool:
        """Whether WeChat holds the money back until shipping information is there."""
        answer = self._post_json("wxa/sec/order/is_trade_managed", {"appid": self._appid})
        return answer.get("is_trade_managed") is True

    def _check_media(self, url: str, media_type: int, openid: str, scene: Scene) -> str:
        body = {
            "media_url": url,
            "media_type": media_type,
            "version": CHECK_VERSION,
            "scene": int(scene),
            "openid": openid,
        }
        return _text(self._post_json("wxa/media_check_async", body), "trace_id")

    def _check_piece(self, piece: str, openid: str, scene: Scene) -> TextVerdict:
        body = {"content": piece, "version": CHECK_VERSION, "scene": int(scene), "openid": openid}
        answer = self._post_json("wxa/msg_sec_check", body)
        result = answer.get("result")
        if not isinstance(result, dict):
            raise WeChatDown(None, "msg_sec_check answered without a result")
        label = result.get("label")
        return TextVerdict(
            verdict=verdict_of(result.get("suggest")),
            trace_id=str(answer.get("trace_id") or ""),
            label=label if isinstance(label, int) else NORMAL_LABEL,
        )

    def _phone_in(self, answer: Mapping[str, Any]) -> str:
        info = answer.get("phone_info")
        if not isinstance(info, dict):
            raise WeChatDown(None, "getuserphonenumber answered without phone_info")
        watermark = info.get("watermark")
        if not isinstance(watermark, dict) or watermark.get("appid") != self._appid:
            raise PhoneCodeRefused(None, "the phone number was given to another mini-program")
        # WeChat sends the country code as a number or as a text
        home = str(info.get("countryCode")) == "86"
        return _text(info, "purePhoneNumber" if home else "phoneNumber")

    def _post_json(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return _json(self._post(path, body))

    def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        """POST with the token; a refused token is renewed and the call repeated once, never more (D1)."""
        token = self._client_token()
        try:
            return self._post_with(token, path, body)
        except WeChatError as error:
            if error.errcode not in CREDENTIAL_CODES:
                raise
        fresh = self._patiently(lambda: self._client.refresh_access_token(token))
        return self._post_with(fresh, path, body)

    def _client_token(self) -> str:
        return self._patiently(lambda: self._client.access_token)

    def _post_with(self, token: str, path: str, body: Mapping[str, Any]) -> Any:
        return self._patiently(
            lambda: self._client.post(REAL_API + path, params={"access_token": token}, data=dict(body))
        )

    def _patiently(self, call: Callable[[], Any]) -> Any:
        """Run one exchange; WeChat's -1 "busy" means that nothing was done and is asked once more."""
        failure = None
        for _ in range(2):
            answer, failure = self._exchange(call)
            if failure is None:
                return answer
            if failure.errcode != BUSY:
                break
        # Raised here and not where it was caught: the library's errors carry the URL with secret and token
        raise failure or WeChatDown(None, "no answer")

    def _exchange(self, call: Callable[[], Any]) -> tuple[Any, WeChatError | None]:
        """The answer, or our error in place of whatever wechatpy and requests raise."""
        try:
            return call(), None
        except WeChatClientException as refused:
            return None, self._translated(refused)
        except requests.RequestException as broken:
            return None, WeChatDown(None, type(broken).__name__)
        except _READ_FAILURES as unreadable:
            return None, WeChatDown(None, f"unreadable answer ({type(unreadable).__name__})")

    def _translated(self, refused: WeChatClientException) -> WeChatError:
        if not isinstance(refused.errcode, int):
            status = getattr(refused.response, "status_code", None)
            return WeChatDown(None, f"HTTP {status}")
        text = str(refused.errmsg).replace(self._secret, "***")
        return error_for(refused.errcode, text[:200])


def _json(answer: object) -> dict[str, Any]:
    """The answer as a dict; an HTML page or a list is no answer."""
    if not isinstance(answer, dict):
        raise WeChatDown(None, "the answer is not a JSON object")
    return answer


def _text(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise WeChatDown(None, f"the answer holds no {name}")
    return value


def _pieces(text: str) -> list[str]:
    """The text in pieces that WeChat takes, overlapping a little; none for blank text."""
    if not text.strip():
        return []
    step = TEXT_LIMIT - TEXT_OVERLAP
    starts = range(0, max(len(text) - TEXT_OVERLAP, 1), step)
    return [text[start : start + TEXT_LIMIT] for start in starts]
