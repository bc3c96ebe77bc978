"""What residents write is shown to WeChat's content check before others read it (domain X01).

Risky text is refused and stays with its author; in doubt, or while WeChat is away, the report goes on with a mark: no
check may keep a burst pipe from the property company.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from pydantic import BaseModel

from app.core.db import db
from app.core.errors import Invalid
from app.integrations.wechat.answers import Scene, Verdict
from app.integrations.wechat.errors import UserInactive, WeChatError
from app.notifications.recipients import find_openid
from miniprogram_api.neighbours import neighbours
from miniprogram_api.session import Caller

PASS, REVIEW, PENDING = "pass", "review", "pending"
log = structlog.get_logger()


class TextRefused(Invalid):
    """WeChat calls the text risky."""

    code = "text_refused"
    message = "这段文字没有通过微信内容安全检查,请修改后再提交,您填写的内容还在"


def checks(field: str) -> Callable[[Caller, BaseModel], str]:
    """A route's `prepare` that checks this field of the body."""

    def prepare(caller: Caller, given: BaseModel) -> str:
        return check_text(getattr(given, field), account_id=caller.account_id, field=field)

    return prepare


def check_text(text: str, *, account_id: int, field: str) -> str:
    """`pass`, `review` (a person looks) or `pending` (WeChat did not answer); raises TextRefused naming the field.

    Called before a transaction begins: nobody waits for WeChat while holding a lock.
    """
    if not text.strip():
        return PASS
    openid = find_openid(account_id)
    db.session.rollback()  # gives the connection back before the call
    if openid is None:
        return REVIEW
    try:
        verdict = neighbours().wechat.check_text(text, openid=openid, scene=Scene.COMMENT).verdict
    except UserInactive:
        return REVIEW
    except WeChatError as error:
        log.warning("text check is pending", error=type(error).__name__)
        return PENDING
    if verdict is Verdict.RISKY:
        raise TextRefused(fields={field: "请修改这段文字"})
    return PASS if verdict is Verdict.PASS else REVIEW
