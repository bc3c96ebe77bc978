"""/wechat/push: what WeChat tells us. Signed and encrypted; each push is heard once; answered within five seconds."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, request

from app.bootstrap import begin_unit
from app.core.db import transact
from app.integrations.wechat.errors import PushRefused
from app.integrations.wechat.push import MAX_BODY_BYTES, MAX_QUERY_CHARS, check_signature, decrypt
from app.reactions.wechat_push import hear_push
from miniprogram_api.neighbours import neighbours

blueprint = Blueprint("api_wechat_push", __name__)
log = structlog.get_logger()
PLAIN = "text/plain"


@blueprint.get("/wechat/push")
def check() -> Response:
    """WeChat checks once that the address is ours; what it sends is only repeated when it proves who it is."""
    query = request.args
    signed = [query.get(name, "") for name in ("signature", "timestamp", "nonce")]
    echo = query.get("echostr", "")
    too_long = max(len(value) for value in (*signed, echo)) > MAX_QUERY_CHARS
    if too_long or not check_signature(neighbours().settings.wechat_push_token, *signed):
        raise _refused(PushRefused("wrong signature of the address check"))
    return Response(echo, mimetype=PLAIN)


@blueprint.post("/wechat/push")
def hear() -> Response:
    """Anything but `success` makes WeChat send it again: a failing database is told by an error, never swallowed."""
    settings = neighbours().settings
    begin_unit(settings)
    request.max_content_length = MAX_BODY_BYTES
    try:
        message = decrypt(
            request.get_data(),
            query=request.args.to_dict(),
            token=settings.wechat_push_token,
            aes_key=settings.wechat_push_aes_key,
            appid=settings.wechat_appid,
        )
        transact(lambda: hear_push(message, configured=settings.wechat_templates))
    except PushRefused as refused:
        raise _refused(refused) from None
    return Response("success", mimetype=PLAIN)


def _refused(refused: PushRefused) -> PushRefused:
    log.warning("push refused", reason=refused.reason)
    return refused
