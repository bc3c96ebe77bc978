"""What the notices of WeChat Pay v2 say, and how the answer to one is judged."""

from __future__ import annotations

from secrets import token_hex
from typing import Any

from wechat_sandbox import pay_crypto, pay_xml
from wechat_sandbox.api_pay_orders import paid_fields
from wechat_sandbox.pay_desk import PayDesk
from wechat_sandbox.pay_records import Notice, Refund, Trade, beijing

PAUSES = (15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600)
"""Seconds between one try and the next while nobody answers SUCCESS: 24 hours and 4 minutes in all."""
DEADLINE = 5.0


def body(desk: PayDesk, notice: Notice, *, forged: bool = False) -> bytes:
    """The notice as it stands now; `forged`: with a signature (or a sealing) of another key."""
    if notice.about == "pay":
        return _paid(desk, desk.trades[notice.subject], forged=forged)
    return _refunded(desk, desk.refunds[notice.subject], forged=forged)


def verdict(status: int, raw: bytes) -> str:
    """SUCCESS only for HTTP 200 with return_code SUCCESS in flat XML; else what was wrong with the answer."""
    if status != 200:
        return f"HTTP {status}"
    try:
        answer = pay_xml.read(raw)
    except pay_xml.BadXml:
        return "no XML"
    return "SUCCESS" if answer.get("return_code") == "SUCCESS" else "FAIL"


def _paid(desk: PayDesk, trade: Trade, *, forged: bool) -> bytes:
    """Signed in the order's sign_type, which the notice does not name."""
    merchant = desk.merchant_of(trade)
    fields: dict[str, Any] = {
        "return_code": "SUCCESS",
        "result_code": "SUCCESS",
        **_ids(trade),
        "nonce_str": token_hex(16),
        **paid_fields(trade),
    }
    key = "not-the-key" if forged else merchant.key
    fields["sign"] = pay_crypto.sign(fields, key=key, sign_type=trade.sign_type)
    return pay_xml.write(fields)


def _refunded(desk: PayDesk, refund: Refund, *, forged: bool) -> bytes:
    """No signature here: what matters is sealed under the merchant's key."""
    trade = desk.trades[f"{refund.mch_id}/{refund.out_trade_no}"]
    merchant = desk.merchant_of(trade)
    inner: dict[str, Any] = {
        "out_refund_no": refund.out_refund_no,
        "out_trade_no": refund.out_trade_no,
        "refund_account": refund.asked.get("refund_account", "REFUND_SOURCE_UNSETTLED_FUNDS"),
        "refund_fee": refund.refund_fee,
        "refund_id": refund.refund_id,
        "refund_recv_accout": "支付用户的零钱",
        "refund_request_source": "API",
        "refund_status": refund.state,
        "settlement_refund_fee": refund.refund_fee,
        "settlement_total_fee": trade.total_fee,
        "total_fee": trade.total_fee,
        "transaction_id": trade.transaction_id,
    }
    if refund.state == "SUCCESS":
        inner["success_time"] = beijing(refund.done_at).strftime("%Y-%m-%d %H:%M:%S")
    key = "not-the-key" if forged else merchant.key
    sealed = pay_crypto.seal_refund(pay_xml.write(inner, root="root"), key=key)
    return pay_xml.write(
        {"return_code": "SUCCESS", **_ids(trade), "nonce_str": token_hex(16), "req_info": sealed}
    )


def _ids(trade: Trade) -> dict[str, str]:
    names = ("appid", "mch_id", "sub_appid", "sub_mch_id", "device_info")
    return {name: trade.asked[name] for name in names if name in trade.asked}
