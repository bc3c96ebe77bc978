"""The trade bill of a day as downloadbill answers it: CSV with a BOM, back-ticks before every value, yuan, CRLF.

A payment stands on the day on which it was paid, a refund on the day on which it was accepted. The fee is 0.60 %,
rounded to the fen, and given back in proportion with a refund.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wechat_sandbox.pay_desk import PayDesk
from wechat_sandbox.pay_records import Refund, Trade, beijing

RATE_PER_10000 = 60
RATE = "0.60%"
_HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,"
    "交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额"
)
_REFUND = "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态"
_TAIL = "商品名称,商户数据包,手续费,费率,订单金额"
HEADERS = {
    "ALL": f"{_HEAD},{_REFUND},{_TAIL},申请退款金额,费率备注",
    "SUCCESS": f"{_HEAD},{_TAIL},费率备注",
    "REFUND": f"{_HEAD},退款申请时间,退款成功时间,{_REFUND},{_TAIL},申请退款金额,费率备注",
}
TOTALS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"


@dataclass(frozen=True)
class Row:
    """One line: the values by column, and what counts for the totals (fen)."""

    at: float
    values: dict[str, str]
    paid: int
    refunded: int
    fee: int


def text(desk: PayDesk, day: str, bill_type: str, sub_mch_id: str) -> str:
    """The bill of one sub-merchant, or of all when `sub_mch_id` is empty; "" when there is nothing on that day."""
    rows = sorted(_rows(desk, day, bill_type, sub_mch_id), key=lambda row: row.at)
    if not rows:
        return ""
    columns = HEADERS[bill_type].split(",")
    lines = [HEADERS[bill_type], *(_line(row.values[name] for name in columns) for row in rows)]
    lines += [TOTALS, _line(_totals(rows))]
    return "\ufeff" + "".join(f"{line}\r\n" for line in lines)


def fee_of(fen: int) -> int:
    """The platform's fee for an amount, rounded half up to the fen."""
    return (fen * RATE_PER_10000 + 5000) // 10000


def _rows(desk: PayDesk, day: str, bill_type: str, sub_mch_id: str) -> Iterator[Row]:
    mch_id = desk.provider.mch_id
    if bill_type != "REFUND":
        for trade in desk.paid_on.get(day, []):
            if trade.mch_id == mch_id and sub_mch_id in ("", trade.sub_mch_id):
                yield _payment(trade)
    if bill_type != "SUCCESS":
        for refund in desk.refunded_on.get(day, []):
            trade = desk.trades[f"{refund.mch_id}/{refund.out_trade_no}"]
            counts = refund.state != "REFUNDCLOSE" and refund.mch_id == mch_id
            if counts and sub_mch_id in ("", trade.sub_mch_id):
                yield _refund(trade, refund)


def _payment(trade: Trade) -> Row:
    fee = fee_of(trade.total_fee)
    values = {
        **_common(trade, trade.paid_at, "SUCCESS"),
        "应结订单金额": _yuan(trade.total_fee),
        "微信退款单号": "0",
        "商户退款单号": "0",
        "退款金额": "0.00",
        "充值券退款金额": "0.00",
        "退款类型": "",
        "退款状态": "",
        "手续费": f"{_yuan(fee)}000",
        "订单金额": _yuan(trade.total_fee),
        "申请退款金额": "0.00",
    }
    return Row(trade.paid_at, values, trade.total_fee, 0, fee)


def _refund(trade: Trade, refund: Refund) -> Row:
    fee = -fee_of(refund.refund_fee)
    values = {
        **_common(trade, refund.accepted_at, "REFUND"),
        "应结订单金额": "0.00",
        "退款申请时间": _wall(refund.accepted_at),
        "退款成功时间": _wall(refund.done_at) if refund.done_at else "",
        "微信退款单号": refund.refund_id,
        "商户退款单号": refund.out_refund_no,
        "退款金额": _yuan(refund.refund_fee),
        "充值券退款金额": "0.00",
        "退款类型": "ORIGINAL",
        "退款状态": refund.state,
        "手续费": f"{_yuan(fee)}000",
        "订单金额": "0.00",
        "申请退款金额": _yuan(refund.refund_fee),
    }
    return Row(refund.accepted_at, values, 0, refund.refund_fee, fee)


def _common(trade: Trade, at: float, state: str) -> dict[str, str]:
    return {
        "交易时间": _wall(at),
        "公众账号ID": trade.asked["appid"],
        "商户号": trade.mch_id,
        "特约商户号": trade.sub_mch_id or "0",
        "设备号": trade.asked.get("device_info", ""),
        "微信订单号": trade.transaction_id,
        "商户订单号": trade.out_trade_no,
        "用户标识": trade.payer,
        "交易类型": "JSAPI",
        "交易状态": state,
        "付款银行": trade.bank_type,
        "货币种类": "CNY",
        "代金券金额": "0.00",
        "商品名称": trade.asked["body"],
        "商户数据包": trade.asked.get("attach", ""),
        "费率": RATE,
        "费率备注": "",
    }


def _totals(rows: list[Row]) -> list[str]:
    paid = _yuan(sum(row.paid for row in rows))
    refunded = _yuan(sum(row.refunded for row in rows))
    fee = f"{_yuan(sum(row.fee for row in rows))}000"
    return [str(len(rows)), paid, refunded, "0.00", fee, paid, refunded]


def _line(values: Iterable[str]) -> str:
    """Values are not quoted: a comma inside a name stays what it is, as in the platform's files."""
    return ",".join(f"`{value}" for value in values)


def _wall(instant: float) -> str:
    return beijing(instant).strftime("%Y-%m-%d %H:%M:%S")


def _yuan(fen: int) -> str:
    sign, rest = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{rest // 100}.{rest % 100:02d}"
