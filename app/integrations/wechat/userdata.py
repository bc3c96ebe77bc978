"""Data that the client carries from WeChat to us: userInfo sealed with the session key, rawData signed with
it.

The product prefers the phone code, which needs no session key; this is for clients whose base library is
older.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from wechatpy.crypto import WeChatWxaCrypto
from wechatpy.exceptions import WeChatException

from app.integrations.wechat.errors import CodeRefused

_UNREADABLE = (ValueError, TypeError, KeyError, IndexError, WeChatException)


def decrypt_user_data(sealed: str, *, iv: str, session_key: str, appid: str) -> dict[str, Any]:
    """The user data inside `sealed`; its watermark must name our appid.

    Raises CodeRefused: the session key has probably been replaced by a newer wx.login, so ask for a new one.
    """
    try:
        return WeChatWxaCrypto(session_key, iv, appid).decrypt_message(sealed)
    except _UNREADABLE as error:
        reason = type(error).__name__
    raise CodeRefused(None, f"user data cannot be decrypted ({reason})")


def raw_data_is_signed(raw_data: str, *, signature: str, session_key: str) -> bool:
    """Whether sha1(rawData + session_key) is the signature that the client handed over, in constant time
    (D8).
    """
    ours = hashlib.sha1(
        (raw_data + session_key).encode(errors="surrogatepass"), usedforsecurity=False
    ).hexdigest()
    return hmac.compare_digest(ours.encode(), signature.encode(errors="surrogatepass"))
