"""WeChat Pay in memory: keeps orders and refunds as WeChat does, and fails when it is told to.

The real gateway against the strict sandbox is tested elsewhere; this one shows what the payments core does with each
outcome, without a socket.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from app.core import clock
from app.integrations.wechat.pay.contract import (
    Answer,
    BillAnswer,
    Created,
    NoticeRefused,
    Outcome,
    PayOrder,
    PayRefund,
    RefundAnswer,
    RefundRecord,
    RefundState,
    Trade,
    TradeAnswer,
    TradeState,
)
from config import SANDBOX_APPID, SANDBOX_MCH_ID

APPID, MCH_ID = SANDBOX_APPID, SANDBOX_MCH_ID
OK, FAILED, UNKNOWN = Outcome.OK, Outcome.FAILED, Outcome.UNKNOWN


@dataclass
class FakePay:
    """`before` and `after` name calls whose answer is lost before or after it was carried out; `codes` names calls that
    are refused with a code. Each is used once."""

    api: str = "v2"
    orders: dict[str, Trade] = field(default_factory=dict)
    placed: dict[str, PayOrder] = field(default_factory=dict)
    refunds: dict[str, RefundRecord] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    codes: list[tuple[str, str]] = field(default_factory=list)
    managed: bool | None = False
    meanwhile: Callable[[], None] | None = None
    """Happens while the next call is on its way."""

    def create(self, order: PayOrder) -> Created:
        lost = self._begin("create", order.out_trade_no)
        if lost:
            return Created(lost.outcome, lost.code)
        known = self.orders.get(order.out_trade_no)
        if known is not None and known.state is not TradeState.NOTPAY:
            code = "ORDERPAID" if known.state is TradeState.SUCCESS else "ORDERCLOSED"
            return Created(FAILED, code)
        self.placed[order.out_trade_no] = order
        self.orders[order.out_trade_no] = self._trade(order)
        prepay_id = f"wx{len(self.calls):06d}"
        return Created(UNKNOWN, "NO_ANSWER") if self._lose("create") else Created(OK, prepay_id=prepay_id)

    def client_params(self, prepay_id: str) -> Mapping[str, str]:
        return {
            "appId": APPID,
            "timeStamp": str(int(clock.now().timestamp())),
            "nonceStr": "nonce",
            "package": f"prepay_id={prepay_id}",
            "signType": "HMAC-SHA256",
            "paySign": "F" * 64,
        }

    def query(self, out_trade_no: str, sub_mch_id: str) -> TradeAnswer:
        lost = self._begin("query", out_trade_no)
        if lost:
            return TradeAnswer(lost.outcome, lost.code)
        missing = Trade(out_trade_no, TradeState.MISSING)
        return TradeAnswer(OK, trade=self.orders.get(out_trade_no, missing))

    def close(self, out_trade_no: str, sub_mch_id: str) -> Answer:
        lost = self._begin("close", out_trade_no)
        if lost:
            return lost
        known = self.orders.get(out_trade_no)
        if known is None:
            return Answer(OK, "ORDERNOTEXIST")
        if known.state is TradeState.SUCCESS:
            return Answer(FAILED, "ORDERPAID")
        if clock.now() < self.placed[out_trade_no].created_at + timedelta(minutes=5):
            return Answer(UNKNOWN, "TOO_EARLY")
        self.orders[out_trade_no] = replace(known, state=TradeState.CLOSED)
        return Answer(UNKNOWN, "NO_ANSWER") if self._lose("close") else Answer(OK)

    def refund(self, refund: PayRefund) -> RefundAnswer:
        lost = self._begin("refund", refund.out_refund_no)
        if lost:
            return RefundAnswer(lost.outcome, lost.code)
        known = self.refunds.setdefault(
            refund.out_refund_no,
            RefundRecord(
                out_refund_no=refund.out_refund_no,
                state=RefundState.PROCESSING,
                out_trade_no=refund.out_trade_no,
                appid=APPID,
                mch_id=MCH_ID,
                sub_mch_id=refund.sub_mch_id,
                refund_id=f"50{len(self.refunds):026d}",
                refund_fen=refund.refund_fen,
                total_fen=refund.total_fen,
            ),
        )
        return RefundAnswer(UNKNOWN, "NO_ANSWER") if self._lose("refund") else RefundAnswer(OK, refund=known)

    def query_refund(self, out_refund_no: str, sub_mch_id: str) -> RefundAnswer:
        lost = self._begin("query_refund", out_refund_no)
        if lost:
            return RefundAnswer(lost.outcome, lost.code)
        missing = RefundRecord(out_refund_no, RefundState.MISSING)
        return RefundAnswer(OK, refund=self.refunds.get(out_refund_no, missing))

    def parse_pay_notice(self, headers: Mapping[str, str], raw: bytes) -> Trade:
        return Trade(**self._parsed(raw, {"state": TradeState, "paid_at": datetime.fromisoformat}))

    def parse_refund_notice(self, headers: Mapping[str, str], raw: bytes) -> RefundRecord:
        return RefundRecord(**self._parsed(raw, {"state": RefundState}))

    def _parsed(self, raw: bytes, kinds: Mapping[str, Callable[[str], Any]]) -> dict[str, Any]:
        try:
            values = json.loads(raw)
        except ValueError:
            raise NoticeRefused("unreadable") from None
        return {
            name: kinds[name](value) if name in kinds and value else value for name, value in values.items()
        }

    def notice_reply(self, *, accepted: bool) -> tuple[str, str]:
        return ("<xml>SUCCESS</xml>" if accepted else "<xml>FAIL</xml>"), "text/xml"

    def bill(self, day: date, sub_mch_id: str = "") -> BillAnswer:
        return BillAnswer(FAILED, "NO_BILL")

    def shipped(self, transaction_id: str, openid: str, item: str, at: datetime) -> Answer:
        lost = self._begin("shipped", transaction_id)
        return lost or Answer(OK)

    def is_trade_managed(self) -> bool | None:
        self.calls.append(("is_trade_managed", ""))
        return self.managed

    def pay(self, out_trade_no: str) -> Trade:
        """The person pays at the cashier."""
        paid = replace(
            self.orders[out_trade_no],
            state=TradeState.SUCCESS,
            transaction_id=f"42{len(self.orders):08d}{abs(hash(out_trade_no)) % 10**18:018d}",
            paid_at=clock.now(),
        )
        self.orders[out_trade_no] = paid
        return paid

    def finish_refund(self, out_refund_no: str, state: RefundState = RefundState.SUCCESS) -> RefundRecord:
        """The bank has done it, or cannot."""
        known = replace(self.refunds[out_refund_no], state=state, succeeded_at=clock.now())
        self.refunds[out_refund_no] = known
        return known

    def count(self, call: str) -> int:
        """How often it was called."""
        return sum(1 for name, _ in self.calls if name == call)

    def _trade(self, order: PayOrder) -> Trade:
        return Trade(
            out_trade_no=order.out_trade_no,
            state=TradeState.NOTPAY,
            appid=APPID,
            mch_id=MCH_ID,
            sub_mch_id=order.sub_mch_id,
            openid=order.openid,
            amount_fen=order.amount_fen,
        )

    def _begin(self, call: str, number: str) -> Answer | None:
        self.calls.append((call, number))
        if self.meanwhile is not None:
            happening, self.meanwhile = self.meanwhile, None
            happening()
        if call in self.before:
            self.before.remove(call)
            return Answer(UNKNOWN, "NO_ANSWER")
        for refused in self.codes:
            if refused[0] == call:
                self.codes.remove(refused)
                return Answer(FAILED, refused[1])
        return None

    def _lose(self, call: str) -> bool:
        if call in self.after:
            self.after.remove(call)
            return True
        return False
