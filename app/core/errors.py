"""Refusals with a name, an HTTP status and a sentence that the person reads.

Edges translate them into `{code, message, fields}`; the domain never speaks HTTP itself, the status is a hint.
"""

from __future__ import annotations

from typing import Any, ClassVar


class Refusal(Exception):
    """Base of everything that the product refuses politely."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400
    message: ClassVar[str] = "这一步现在做不了"

    def __init__(self, message: str | None = None, *, fields: dict[str, Any] | None = None) -> None:
        self.sentence = message or self.message
        self.fields = fields or {}
        super().__init__(self.sentence)


class NotFound(Refusal):
    """The row does not exist or is hidden from this person; the two are never told apart."""

    code = "not_found"
    status = 404
    message = "没有找到您要的内容"


class WrongState(Refusal):
    """The action is not possible in the present state."""

    code = "wrong_state"
    status = 409
    message = "现在不能这样操作,请刷新后再看"


class Conflict(Refusal):
    """Someone else was faster, or the same thing exists already."""

    code = "conflict"
    status = 409
    message = "刚刚有人先操作了,请刷新后再看"


class Invalid(Refusal):
    """What was sent is incomplete or wrong; `fields` names where."""

    code = "invalid"
    status = 422
    message = "请检查填写的内容"


class Forbidden(Refusal):
    """This hat can never do this, whatever the row."""

    code = "forbidden"
    status = 403
    message = "当前身份不能做这件事,可以换个身份再试"


class NotSignedIn(Refusal):
    """No valid session."""

    code = "not_signed_in"
    status = 401
    message = "请重新登录"


class TooMany(Refusal):
    """A limit on frequency or number is reached."""

    code = "too_many"
    status = 429
    message = "操作太频繁,请稍后再试"


class Unavailable(Refusal):
    """A neighbouring system is down."""

    code = "unavailable"
    status = 503
    message = "服务暂时不可用,请稍后再试"
