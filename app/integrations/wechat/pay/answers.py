"""What WeChat says of a payment or a refund, from verified fields to the contract's values. Pure.

Everything raises ValueError or KeyError for fields that are missing or no figures; the caller turns that into UNKNOWN.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.integrations.wechat.pay.contract import RefundRecord, RefundState, Trade, TradeState
from app.integrations.wechat.pay.fields import SPACED, fen, instant

PAID = frozenset({TradeState.SUCCESS, TradeState.REFUND})
TRADE_TYPE = "JSAPI"
"""The only kind of payment that we order."""
REFUND_STATES = {
    "SUCCESS": RefundState.SUCCESS,
    "PROCESSING": RefundState.PROCESSING,
    "REFUNDCLOSE": RefundState.CLOSED,
    "CHANGE": RefundState.ABNORMAL,
}
MAX_REFUNDS = 50


def trade_of(fields: Mapping[str, str], state: TradeState) -> Trade:
    """The payment; a paid one must have its amount, its transaction and its instant."""
    paid = state in PAID
    if paid and fields.get("trade_type") != TRADE_TYPE:
        raise ValueError("another kind of payment")
    time_end = fields["time_end"] if paid else fields.get("time_end", "")
    amount = fields["total_fee"] if paid else fields.get("total_fee") or "0"
    if paid and not fields["transaction_id"]:
        raise ValueError("paid without a transaction")
    return Trade(
        out_trade_no=fields["out_trade_no"],
        state=state,
        appid=fields.get("appid", ""),
        mch_id=fields.get("mch_id", ""),
        sub_mch_id=fields.get("sub_mch_id", ""),
        transaction_id=fields.get("transaction_id", ""),
        openid=fields.get("openid", ""),
        amount_fen=fen(amount),
        currency=fields.get("fee_type") or "CNY",
        paid_at=instant(time_end) if paid or time_end else None,
        attach=fields.get("attach", ""),
    )


def accepted_refund(fields: Mapping[str, str]) -> RefundRecord:
    """The answer to asking for a refund: it was accepted, which is not arrival."""
    return RefundRecord(
        out_refund_no=fields["out_refund_no"],
        state=RefundState.PROCESSING,
        out_trade_no=fields["out_trade_no"],
        appid=fields.get("appid", ""),
        mch_id=fields.get("mch_id", ""),
        sub_mch_id=fields.get("sub_mch_id", ""),
        refund_id=fields["refund_id"],
        refund_fen=fen(fields["refund_fee"]),
        total_fen=fen(fields.get("total_fee") or "0"),
    )


def queried_refund(fields: Mapping[str, str], out_refund_no: str) -> RefundRecord:
    """Ours among the refunds of the answer, which are numbered from 0."""
    (at,) = (n for n in range(MAX_REFUNDS) if fields.get(f"out_refund_no_{n}") == out_refund_no)
    succeeded = fields.get(f"refund_success_time_{at}", "")
    return RefundRecord(
        out_refund_no=out_refund_no,
        state=REFUND_STATES[fields[f"refund_status_{at}"]],
        out_trade_no=fields["out_trade_no"],
        appid=fields.get("appid", ""),
        mch_id=fields.get("mch_id", ""),
        sub_mch_id=fields.get("sub_mch_id", ""),
        refund_id=fields[f"refund_id_{at}"],
        refund_fen=fen(fields[f"refund_fee_{at}"]),
        total_fen=fen(fields.get("total_fee") or "0"),
        succeeded_at=instant(succeeded, SPACED) if succeeded else None,
    )


def told_refund(envelope: Mapping[str, str], inner: Mapping[str, str]) -> RefundRecord:
    """The refund of a notice: who it is for stands outside, what happened inside."""
    succeeded = inner.get("success_time", "")
    return RefundRecord(
        out_refund_no=inner["out_refund_no"],
        state=REFUND_STATES[inner["refund_status"]],
        out_trade_no=inner["out_trade_no"],
        appid=envelope["appid"],
        mch_id=envelope["mch_id"],
        sub_mch_id=envelope.get("sub_mch_id", ""),
        refund_id=inner["refund_id"],
        refund_fen=fen(inner["refund_fee"]),
        total_fen=fen(inner["total_fee"]),
        succeeded_at=instant(succeeded, SPACED) if succeeded else None,
    )
