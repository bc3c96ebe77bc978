"""/wechat/pay/notice and /wechat/pay/refund-notice: what WeChat Pay tells us (wechat.md 2.4, 2.5).

Verified before anything else, committed before it is answered; the answer is XML whatever happens, because only SUCCESS
in it ends the repetition. No login, no cookie, 64 kB at most.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.exc import SQLAlchemyError

from app.bootstrap import begin_unit
from app.core.db import transact
from app.core.errors import Refusal
from app.integrations.wechat.pay.contract import NoticeRefused, PayGateway
from app.payments.notices import hear_payment, hear_refund, is_accepted
from app.payments.settling import Receiver
from miniprogram_api.neighbours import neighbours

blueprint = Blueprint("api_pay_notices", __name__, url_prefix="/wechat/pay")
MAX_NOTICE_BYTES = 64 * 1024
log = structlog.get_logger()
Hear = Callable[[PayGateway, Receiver, bytes], bool]


@blueprint.post("/notice")
def payment_notice() -> Response:
    """A payment has arrived."""
    return _hear("pay", _payment)


@blueprint.post("/refund-notice")
def refund_notice() -> Response:
    """A refund has arrived, or cannot; it is confirmed by asking."""
    return _hear("refund", _refund)


def _payment(gateway: PayGateway, receiver: Receiver, raw: bytes) -> bool:
    trade = gateway.parse_pay_notice(dict(request.headers), raw)
    settlement = transact(lambda: hear_payment(trade, receiver=receiver))
    log.info("pay_notice", number=trade.out_trade_no, outcome=settlement.value)
    return is_accepted(settlement)


def _refund(gateway: PayGateway, receiver: Receiver, raw: bytes) -> bool:
    known = gateway.parse_refund_notice(dict(request.headers), raw)
    heard = transact(lambda: hear_refund(known, receiver=receiver))
    log.info("refund_notice", number=known.out_refund_no, heard=heard)
    return heard


def _hear(kind: str, hear: Hear) -> Response:
    """Verify, commit, answer. A database that is away is a FAIL too: WeChat comes back in fifteen seconds."""
    near = neighbours()
    if near.pay is None:
        return Response("", 404)
    begin_unit(near.settings)
    receiver = Receiver(near.settings.wechat_appid, near.settings.wechat_pay_mch_id)
    try:
        accepted = hear(near.pay, receiver, _body())
    except NoticeRefused as refused:
        log.warning("pay_notice_refused", kind=kind, reason=refused.reason)
        accepted = False
    except (SQLAlchemyError, Refusal) as error:
        log.error("pay_notice_failed", kind=kind, error=type(error).__name__)
        accepted = False
    body, mimetype = near.pay.notice_reply(accepted=accepted)
    return Response(body, 200, content_type=mimetype)


def _body() -> bytes:
    """The bytes as they came; never more than a notice can have, however it was announced."""
    if (request.content_length or 0) > MAX_NOTICE_BYTES:
        raise NoticeRefused("longer than 64 kB")
    raw = request.stream.read(MAX_NOTICE_BYTES + 1)
    if len(raw) > MAX_NOTICE_BYTES:
        raise NoticeRefused("longer than 64 kB")
    return raw
