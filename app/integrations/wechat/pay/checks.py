"""What an order or a refund must be like before WeChat hears of it (D13, D14, D15, D17). Pure."""

from __future__ import annotations

import ipaddress
import re

from app.integrations.wechat.pay.contract import PayOrder, PayRefund
from app.integrations.wechat.pay.fields import MAX_FEN
from app.integrations.wechat.pay.flat_xml import clean

BODY_BYTES, ATTACH_BYTES, REASON_BYTES = 127, 127, 80
_NUMBER = re.compile(r"[0-9A-Za-z_-]{6,32}")
_MERCHANT = re.compile(r"[0-9]{8,32}")
_OPENID = re.compile(r"[0-9A-Za-z_-]{1,128}")


def fault_of_order(order: PayOrder) -> str:
    """What is wrong with it, by the name of the field, or nothing."""
    if not is_amount(order.amount_fen):
        return "amount_fen"
    if not _OPENID.fullmatch(order.openid):
        return "openid"
    if not clean(order.body):
        return "body"
    if not _is_address(order.client_ip):
        return "client_ip"
    if order.created_at.tzinfo is None or order.expires_at.tzinfo is None:
        return "created_at or expires_at without its zone"
    if order.expires_at <= order.created_at:
        return "expires_at"
    return _fault_of_numbers(order.out_trade_no, order.sub_mch_id)


def fault_of_refund(refund: PayRefund) -> str:
    """What is wrong with it, by the name of the field, or nothing."""
    if not is_amount(refund.total_fen):
        return "total_fen"
    if not is_amount(refund.refund_fen) or refund.refund_fen > refund.total_fen:
        return "refund_fen"
    if not _NUMBER.fullmatch(refund.out_refund_no):
        return "out_refund_no"
    return _fault_of_numbers(refund.out_trade_no, refund.sub_mch_id)


def is_amount(value: object) -> bool:
    """A whole number of fen, at least one; True is no number."""
    return type(value) is int and 1 <= value <= MAX_FEN


def _fault_of_numbers(out_trade_no: str, sub_mch_id: str) -> str:
    if not _NUMBER.fullmatch(out_trade_no):
        return "out_trade_no"
    return "" if _MERCHANT.fullmatch(sub_mch_id) else "sub_mch_id"


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text
