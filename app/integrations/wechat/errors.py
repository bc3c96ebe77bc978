"""What WeChat may refuse, by name. Whoever sees it on a screen gets a sentence; a job reads `retryable`.

The number in each docstring is WeChat's `errcode`. The texts of these errors never contain a secret, token or
session key.
"""

from __future__ import annotations

from typing import ClassVar

from app.core.errors import Forbidden, Invalid, NotSignedIn, Refusal, Unavailable


class WeChatError(Exception):
    """WeChat answered with an errcode that has no name here. Final: the same call would fail again."""

    retryable: ClassVar[bool] = False

    def __init__(self, errcode: int | None, errmsg: str) -> None:
        self.errcode = errcode
        self.errmsg = errmsg
        super().__init__()

    def __str__(self) -> str:
        return f"{type(self).__name__}({self.errcode}: {self.errmsg})"

    __repr__ = __str__


class WeChatDown(WeChatError, Unavailable):
    """No usable answer: time-out, broken connection, 5xx, HTML instead of JSON, or -1 twice.

    The outcome is unknown.
    """

    retryable = True
    code = "wechat_down"
    message = "微信暂时不可用,请稍后再试"


class CredentialRefused(WeChatError, Unavailable):
    """Our own appid, secret, token or IP is refused.

    40001, 40014 and 42001 after a refresh; 40013, 40125 and 40164 at once.
    """

    retryable = True
    code = "wechat_credential_refused"
    message = "微信登录暂时不可用,我们正在处理,请稍后再试"


class QuotaUsed(WeChatError, Unavailable):
    """45009 (daily) or 45011 (per minute): back off for `retry_after_seconds`, never loop."""

    retryable = True
    code = "wechat_quota_used"
    message = "现在用的人太多,请过一分钟再试"

    @property
    def retry_after_seconds(self) -> int:
        """How long to leave this call alone: a minute for 45011, an hour for the daily quota."""
        return 60 if self.errcode == 45011 else 3600


class CodeRefused(WeChatError, NotSignedIn):
    """The login code is invalid, older than five minutes or used (40029, 40163, 41008).

    The client has to call wx.login again.
    """

    code = "wechat_code_refused"
    message = "登录已失效,请重新打开小程序"


class PhoneCodeRefused(CodeRefused):
    """The same for the code of the phone-number button.

    The session is fine; only the button must be tapped again.
    """

    status = 422
    code = "wechat_phone_code_refused"
    message = "手机号授权已过期,请再点一次“使用微信手机号”"


class UserBlocked(WeChatError, Forbidden):
    """40226: WeChat holds the account for risky and gives no session."""

    code = "wechat_user_blocked"
    message = "微信暂时限制了这个账号登录,请致电物业管理处办理"


class UserInactive(WeChatError, Invalid):
    """61010: the openid has not opened the mini-program for two hours; its text goes to a person."""

    code = "wechat_user_inactive"
    message = "请回到小程序重新打开后再提交"


class ConsentUsed(WeChatError):
    """43101: the person refused this template, or every consent is used. Final: the stock is empty."""


class BadMessage(WeChatError):
    """The call itself is wrong: 47003 data, 40037 template, 41030 page, 40003 openid, 40169 scene.

    `field` says where.
    """

    def __init__(self, errcode: int | None, errmsg: str, field: str) -> None:
        super().__init__(errcode, errmsg)
        self.field = field

    def __str__(self) -> str:
        return f"BadMessage({self.errcode}: {self.errmsg}; field {self.field})"

    __repr__ = __str__


class PushRefused(Refusal):
    """A message push that WeChat did not send, or that nobody can read.

    `reason` is for the log, without its content.
    """

    code = "push_refused"
    status = 403
    message = "消息推送校验未通过"

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason

    def __str__(self) -> str:
        return f"PushRefused({self.reason})"


CREDENTIAL_CODES = frozenset({40001, 40014, 42001})
"""The token is wrong, dead or expired: refreshed and tried once more."""

_NAMED: dict[int, type[WeChatError]] = {
    -1: WeChatDown,
    40001: CredentialRefused,
    40013: CredentialRefused,
    40014: CredentialRefused,
    40029: CodeRefused,
    40125: CredentialRefused,
    40163: CodeRefused,
    40164: CredentialRefused,
    40226: UserBlocked,
    41008: CodeRefused,
    42001: CredentialRefused,
    43101: ConsentUsed,
    45009: QuotaUsed,
    45011: QuotaUsed,
    61010: UserInactive,
}
_FIELDS: dict[int, str] = {40003: "touser", 40037: "template_id", 40169: "scene", 41030: "page"}


def error_for(errcode: int, errmsg: str) -> WeChatError:
    """The named error of a WeChat errcode (other than 0)."""
    if errcode == 47003:
        return BadMessage(errcode, errmsg, _field_in(errmsg))
    if errcode in _FIELDS:
        return BadMessage(errcode, errmsg, _FIELDS[errcode])
    return _NAMED.get(errcode, WeChatError)(errcode, errmsg)


def _field_in(errmsg: str) -> str:
    """`argument invalid! data.thing2.value is emtpy` names the field `thing2`."""
    _, found, rest = errmsg.partition("data.")
    return rest.partition(".")[0] if found else "data"
