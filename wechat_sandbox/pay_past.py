"""Payments from before this sandbox: those that a demonstration was made with, and those whose file was deleted.

What is known already stays as it is, so the same list may come at every start. Nobody is told of any of them again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wechat_sandbox.pay_crypto import HMAC_SHA256
from wechat_sandbox.pay_desk import PayDesk
from wechat_sandbox.pay_records import Refund, Trade

BANK = "OTHERS"
WORDS = ("out_trade_no", "sub_mch_id", "openid", "body", "transaction_id", "notify_url")
INSTANTS = ("created_at", "expires_at", "paid_at")
REFUND_WORDS = ("out_refund_no", "refund_id", "notify_url")


def remember(desk: PayDesk, payments: object) -> int:
    """Take over those that are new; returns how many. Raises ValueError, and has then changed nothing."""
    if not isinstance(payments, list):
        raise ValueError("payments is a list")
    read = [_read(desk, each) for each in payments]
    new = [each for each in read if each[0].key not in desk.trades]
    for trade, refunds in new:
        desk.keep(trade)
        for refund in refunds:
            desk.keep(refund)
    return len(new)


def _read(desk: PayDesk, given: object) -> tuple[Trade, list[Refund]]:
    fields = _checked(given, WORDS, ("total_fee",), INSTANTS)
    if fields["sub_mch_id"] not in desk.sub_merchants:
        raise ValueError(f"no sub-merchant {fields['sub_mch_id']}")
    mch_id = desk.provider.mch_id
    trade = Trade(
        out_trade_no=fields["out_trade_no"],
        mch_id=mch_id,
        sub_mch_id=fields["sub_mch_id"],
        payer=fields["openid"],
        total_fee=fields["total_fee"],
        asked={
            "appid": desk.provider.appid,
            **{name: fields[name] for name in ("out_trade_no", "body", "openid", "notify_url")},
        },
        sign_type=HMAC_SHA256,
        created_at=fields["created_at"],
        expires_at=fields["expires_at"],
        state="SUCCESS",
        transaction_id=fields["transaction_id"],
        paid_at=fields["paid_at"],
        bank_type=BANK,
    )
    refunds = [_refund(each, trade) for each in fields.get("refunds") or ()]
    if refunds:
        trade.state = "REFUND"
        trade.refunds = [refund.out_refund_no for refund in refunds]
        trade.refunded = sum(refund.refund_fee for refund in refunds)
    return trade, refunds


def _refund(given: object, trade: Trade) -> Refund:
    fields = _checked(given, REFUND_WORDS, ("refund_fee",), ("done_at",))
    return Refund(
        out_refund_no=fields["out_refund_no"],
        refund_id=fields["refund_id"],
        mch_id=trade.mch_id,
        out_trade_no=trade.out_trade_no,
        refund_fee=fields["refund_fee"],
        asked={},
        accepted_at=fields["done_at"],
        notify_url=fields["notify_url"],
        state="SUCCESS",
        done_at=fields["done_at"],
    )


def _checked(
    given: object, words: tuple[str, ...], fen: tuple[str, ...], instants: tuple[str, ...]
) -> Mapping[str, Any]:
    """The object itself, once each of its fields is of its kind."""
    if not isinstance(given, dict):
        raise ValueError("each payment and refund is an object")
    kinds = [(words, str), (fen, int), (instants, (int, float))]
    for names, kind in kinds:
        for name in names:
            if not isinstance(given.get(name), kind) or not given[name]:  # type: ignore[arg-type]
                raise ValueError(f"{name} is missing or wrong")
    return given
