"""V2Gateway: WeChat Pay version 2 (XML) in service-provider mode, over the hardened library (docs/adr/0017)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime

import requests

from app.core import clock
from app.core.clock import china_date
from app.integrations.wechat.client import MiniClient
from app.integrations.wechat.errors import WeChatDown, WeChatError
from app.integrations.wechat.pay import bill_file, notices
from app.integrations.wechat.pay.answers import accepted_refund, queried_refund, trade_of
from app.integrations.wechat.pay.checks import (
    ATTACH_BYTES,
    BODY_BYTES,
    REASON_BYTES,
    fault_of_order,
    fault_of_refund,
)
from app.integrations.wechat.pay.contract import (
    Answer,
    BillAnswer,
    Created,
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
from app.integrations.wechat.pay.fields import beijing
from app.integrations.wechat.pay.flat_xml import fitted
from app.integrations.wechat.pay.library import HardenedPay, Provider, open_session
from app.integrations.wechat.pay.outcomes import (
    CLOSE_REFUSED,
    CREATE_REFUSED,
    OK,
    QUERY_REFUSED,
    REFUND_REFUSED,
    BusinessRefusal,
    Doubt,
    attempt,
)
from app.integrations.wechat.pay.signing import SIGN_TYPE, new_nonce, sign
from app.integrations.wechat.transport import TIMEOUT

PAY_NOTICE, REFUND_NOTICE = "/wechat/pay/notice", "/wechat/pay/refund-notice"
NOTHING_TO_CLOSE = frozenset({"ORDERCLOSED", "ORDERNOTEXIST"})
NO_BILL = "NO_BILL"
NO_BILL_CODE, NO_BILL_TEXT = "20002", "no bill exist"


class V2Gateway:
    """See contract.PayGateway. One for a process; threads share its connections."""

    api = "v2"

    def __init__(
        self,
        provider: Provider,
        *,
        api_base: str,
        notify_base: str,
        mini: MiniClient,
        timeout: tuple[float, float] = TIMEOUT,
    ) -> None:
        self._provider = provider
        self._notify_base = notify_base.rstrip("/")
        self._mini = mini
        self._timeout = timeout
        self._http: requests.Session = open_session(api_base, provider.mch_id)

    def create(self, order: PayOrder) -> Created:
        fault = fault_of_order(order)
        if fault:
            return Created(Outcome.FAILED, "PARAM_ERROR", fault)
        fields, answer = attempt(lambda: self._place(order), refused=CREATE_REFUSED)
        prepay_id = (fields or {}).get("prepay_id", "")
        if answer is OK and not prepay_id:
            return Created(Outcome.UNKNOWN, "UNREADABLE", "no prepay_id")
        return Created(answer.outcome, answer.code, answer.message, prepay_id=prepay_id)

    def client_params(self, prepay_id: str) -> Mapping[str, str]:
        params = {
            "appId": self._provider.appid,
            "timeStamp": str(int(clock.now().timestamp())),
            "nonceStr": new_nonce(),
            "package": f"prepay_id={prepay_id}",
            "signType": SIGN_TYPE,
        }
        return {**params, "paySign": sign(params, self._provider.key)}

    def query(self, out_trade_no: str, sub_mch_id: str) -> TradeAnswer:
        pay = self._pay(sub_mch_id)
        trade, answer = attempt(
            lambda: _trade(pay.order.query(out_trade_no=out_trade_no), out_trade_no), refused=QUERY_REFUSED
        )
        if answer.code == "ORDERNOTEXIST":
            answer, trade = OK, Trade(out_trade_no, TradeState.MISSING, sub_mch_id=sub_mch_id)
        return TradeAnswer(answer.outcome, answer.code, answer.message, trade=trade)

    def close(self, out_trade_no: str, sub_mch_id: str) -> Answer:
        pay = self._pay(sub_mch_id)
        _, answer = attempt(lambda: pay.order.close(out_trade_no), refused=CLOSE_REFUSED)
        return Answer(Outcome.OK, answer.code) if answer.code in NOTHING_TO_CLOSE else answer

    def refund(self, refund: PayRefund) -> RefundAnswer:
        fault = fault_of_refund(refund)
        if fault:
            return RefundAnswer(Outcome.FAILED, "PARAM_ERROR", fault)
        record, answer = attempt(lambda: self._send_back(refund), refused=REFUND_REFUSED)
        return RefundAnswer(answer.outcome, answer.code, answer.message, refund=record)

    def query_refund(self, out_refund_no: str, sub_mch_id: str) -> RefundAnswer:
        pay = self._pay(sub_mch_id)
        record, answer = attempt(
            lambda: queried_refund(pay.refund.query(out_refund_no=out_refund_no), out_refund_no),
            refused=QUERY_REFUSED,
        )
        if answer.code == "REFUNDNOTEXIST":
            answer, record = OK, RefundRecord(out_refund_no, RefundState.MISSING, sub_mch_id=sub_mch_id)
        return RefundAnswer(answer.outcome, answer.code, answer.message, refund=record)

    def parse_pay_notice(self, headers: Mapping[str, str], raw: bytes) -> Trade:
        return notices.parse_pay(raw, self._provider)

    def parse_refund_notice(self, headers: Mapping[str, str], raw: bytes) -> RefundRecord:
        return notices.parse_refund(raw, self._provider)

    def notice_reply(self, *, accepted: bool) -> tuple[str, str]:
        return notices.reply(accepted=accepted)

    def bill(self, day: date, sub_mch_id: str = "") -> BillAnswer:
        if day >= china_date(clock.now()):
            return BillAnswer(Outcome.UNKNOWN, "NOT_YET", "the bill of a day is made after its end")
        pay = self._pay(sub_mch_id)
        raw, answer = attempt(lambda: _bill(pay, day), refused=frozenset({NO_BILL}))
        if raw is None:
            return BillAnswer(answer.outcome, answer.code, answer.message)
        try:
            return BillAnswer(Outcome.OK, rows=bill_file.parse(raw), sha256=hashlib.sha256(raw).hexdigest())
        except bill_file.NotABill as strange:
            return BillAnswer(Outcome.UNKNOWN, "UNREADABLE", str(strange))

    def shipped(self, transaction_id: str, openid: str, item: str, at: datetime) -> Answer:
        try:
            self._mini.upload_virtual_shipping(transaction_id, openid=openid, item=item, at=beijing(at))
        except WeChatDown as down:
            return Answer(Outcome.UNKNOWN, "NO_ANSWER", down.errmsg)
        except WeChatError as refused:
            outcome = Outcome.UNKNOWN if refused.retryable else Outcome.FAILED
            return Answer(outcome, str(refused.errcode or ""), refused.errmsg)
        return OK

    def is_trade_managed(self) -> bool | None:
        try:
            return self._mini.is_trade_managed()
        except WeChatError:
            return None

    def _pay(self, sub_mch_id: str) -> HardenedPay:
        """One instance for each call: it is cheap, and the sub-merchant is a part of it."""
        return HardenedPay(self._provider, sub_mch_id, self._http, timeout=self._timeout)

    def _place(self, order: PayOrder) -> dict[str, str]:
        """The same order gives the same parameters, or WeChat would take the second for another one."""
        fields: dict[str, str] = self._pay(order.sub_mch_id).order.create(
            "JSAPI",
            fitted(order.body, BODY_BYTES),
            order.amount_fen,
            self._notify_base + PAY_NOTICE,
            client_ip=order.client_ip,
            user_id=order.openid,
            out_trade_no=order.out_trade_no,
            time_start=beijing(order.created_at),
            time_expire=beijing(order.expires_at),
            attach=fitted(order.attach, ATTACH_BYTES) or None,
        )
        return fields

    def _send_back(self, refund: PayRefund) -> RefundRecord:
        fields: dict[str, str] = self._pay(refund.sub_mch_id).refund.apply(
            refund.total_fen,
            refund.refund_fen,
            refund.out_refund_no,
            out_trade_no=refund.out_trade_no,
            refund_account=None,
            refund_desc=fitted(refund.reason, REASON_BYTES) or None,
            notify_url=self._notify_base + REFUND_NOTICE,
        )
        record = accepted_refund(fields)
        asked = (refund.out_refund_no, refund.out_trade_no, refund.refund_fen)
        if (record.out_refund_no, record.out_trade_no, record.refund_fen) != asked:
            raise Doubt("MISMATCH", "the answer is about another refund")
        return record


def _trade(fields: Mapping[str, str], out_trade_no: str) -> Trade:
    if fields["out_trade_no"] != out_trade_no:
        raise Doubt("MISMATCH", "the answer is about another order")
    return trade_of(fields, TradeState(fields["trade_state"]))


def _bill(pay: HardenedPay, day: date) -> bytes:
    """The file; BusinessRefusal when WeChat says that there is none (errors of this call bear no signature)."""
    try:
        raw = pay.tools.download_bill(day, "ALL")
    except Doubt as doubt:
        if doubt.code == "UNSIGNED" and _says_no_bill(doubt):
            raise BusinessRefusal(NO_BILL, "nothing happened on this day") from None
        raise
    if not isinstance(raw, bytes):
        raise Doubt("UNREADABLE", "XML in the place of a bill")
    return raw


def _says_no_bill(doubt: Doubt) -> bool:
    """Nothing happened on that day; "Bill Creating", which may bear the same code, says to come again later."""
    said = doubt.message.casefold()
    return NO_BILL_TEXT in said or (doubt.error_code == NO_BILL_CODE and "creating" not in said)
