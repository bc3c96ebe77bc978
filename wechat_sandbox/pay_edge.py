"""How every call of WeChat Pay v2 comes in and goes out: XML, merchant, signature, nonce, and the two ways of refusing.

A call that cannot be understood or is not signed gets `return_code` FAIL without a signature. A call that is understood
and declined gets `result_code` FAIL with `err_code`, signed as the request was (`sign_type`), as every success is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from secrets import token_hex

from flask import Response, g, request

from wechat_sandbox import pay_crypto, pay_xml
from wechat_sandbox.edge import world
from wechat_sandbox.pay_desk import PayDesk
from wechat_sandbox.pay_records import Merchant, Notice, SubMerchant, Trade

NOTICE_PATIENCE = 5.0
NOTHING_DONE = ("NOTENOUGH", "FREQUENCY_LIMITED", "SYSTEMERROR")
WORDS = {
    "NOTENOUGH": "基本账户余额不足,请充值后重新发起",
    "FREQUENCY_LIMITED": "频率限制",
    "SYSTEMERROR": "系统错误,请用相同参数再次调用",
    "ORDERNOTEXIST": "此交易订单号不存在",
    "ORDERPAID": "该订单已支付",
    "ORDERCLOSED": "该订单已关闭",
    "REFUNDNOTEXIST": "not exist",
    "INVALID_TRANSACTIONID": "无效transaction_id",
}


class NotUnderstood(Exception):
    """return_code FAIL: the call is malformed or not signed; `code` is error_code of the bill's errors."""

    def __init__(self, message: str, code: str = "") -> None:
        self.message = message
        self.code = code
        super().__init__(message)


class Declined(Exception):
    """result_code FAIL with err_code: understood, and refused."""

    def __init__(self, code: str, words: str = "") -> None:
        self.code = code
        self.words = words or WORDS[code]
        super().__init__(code)


@dataclass(frozen=True)
class Call:
    """One call whose merchant and signature are right; `fields` holds the elements that are not empty."""

    fields: Mapping[str, str]
    merchant: Merchant
    sub_merchant: SubMerchant | None
    sign_type: str
    desk: PayDesk
    now: float

    def identity(self) -> dict[str, object]:
        """The ids that every answer repeats."""
        names = ("appid", "mch_id", "sub_appid", "sub_mch_id", "device_info")
        return {name: self.fields[name] for name in names if name in self.fields}

    def trade(self) -> Trade:
        """The order of transaction_id or out_trade_no; ORDERNOTEXIST also when it is another sub-merchant's."""
        desk, transaction_id = self.desk, self.fields.get("transaction_id")
        if transaction_id:
            trade = desk.by_transaction.get(transaction_id)
        else:
            if "out_trade_no" not in self.fields:
                raise NotUnderstood("缺少参数:transaction_id 或 out_trade_no")
            trade = desk.trades.get(f"{self.merchant.mch_id}/{self.fields['out_trade_no']}")
        if trade is None or not self._owns(trade):
            raise Declined("ORDERNOTEXIST")
        return trade

    def _owns(self, trade: Trade) -> bool:
        mine = trade.mch_id == self.merchant.mch_id
        return mine and trade.sub_mch_id == self.fields.get("sub_mch_id", "")


Handler = Callable[[Call], Mapping[str, object] | Response]


def pay_call(*known: str, needs_sub_merchant: bool = True) -> Callable[[Handler], Callable[[], Response]]:
    """A view of the platform out of a handler; `known` are the call's own elements, others are refused."""

    def decorate(handler: Handler) -> Callable[[], Response]:
        @wraps(handler)
        def view() -> Response:
            try:
                fields = _read()
                with world().lock:
                    call = _authenticated(fields, known, needs_sub_merchant)
                    answer = _decided(handler, call)
            except NotUnderstood as refused:
                return _unsigned(refused)
            _let_arrive(g.pop("notice_first", None))
            return answer

        return view

    return decorate


def _let_arrive(notice: Notice | None) -> None:
    """The fault `paid_before_answer`: the notice is delivered before the order's own answer."""
    if notice is not None:
        with world().woken:
            world().woken.wait_for(lambda: notice.tries > 0, 2 * NOTICE_PATIENCE)


def _read() -> dict[str, str]:
    if request.method != "POST":
        raise NotUnderstood("请使用post方法", "20001")
    raw = request.get_data()
    if not raw:
        raise NotUnderstood("post数据为空", "20001")
    try:
        return {name: value for name, value in pay_xml.read(raw).items() if value != ""}
    except pay_xml.BadXml as bad:
        raise NotUnderstood(f"XML格式错误:{bad}", "20001") from bad


def _authenticated(fields: dict[str, str], known: tuple[str, ...], needs_sub_merchant: bool) -> Call:
    """Merchant, signature, nonce, app and sub-merchant, in this order."""
    desk, now = world().pay, world().clock.now()
    for name in ("appid", "mch_id", "nonce_str", "sign"):
        if name not in fields:
            raise NotUnderstood(f"缺少参数:{name}", "20001")
    merchant = desk.merchants.get(fields["mch_id"])
    if merchant is None:
        raise NotUnderstood("商户号mch_id不存在", "20001")
    sign_type = fields.get("sign_type", pay_crypto.MD5)
    if sign_type not in pay_crypto.SIGN_TYPES:
        raise NotUnderstood("参数错误:sign_type", "20001")
    if not pay_crypto.is_signed(fields, fields["sign"], key=merchant.key, sign_type=sign_type):
        raise NotUnderstood("签名错误", "20001")
    if len(fields["nonce_str"]) > 32:
        raise NotUnderstood("参数错误:nonce_str 最长 32 个字符", "20001")
    if not desk.use_nonce(merchant.mch_id, fields["nonce_str"], now):
        raise NotUnderstood("参数错误:nonce_str 重复使用", "20001")
    for name in fields:
        if name not in (*known, *_COMMON):
            raise NotUnderstood(f"不识别的参数:{name}", "20001")
    if fields["appid"] != merchant.appid:
        raise NotUnderstood("商户号mch_id与appid不匹配", "20001")
    sub_merchant = _sub_merchant(desk, merchant, fields, needs_sub_merchant)
    return Call(fields, merchant, sub_merchant, sign_type, desk, now)


_COMMON = ("appid", "mch_id", "sub_appid", "sub_mch_id", "nonce_str", "sign", "sign_type")


def _sub_merchant(
    desk: PayDesk, merchant: Merchant, fields: dict[str, str], needed: bool
) -> SubMerchant | None:
    sub_mch_id = fields.get("sub_mch_id")
    if not merchant.is_provider:
        if sub_mch_id or fields.get("sub_appid"):
            raise NotUnderstood("普通商户不允许传sub_mch_id", "20001")
        return None
    if not sub_mch_id:
        if needed:
            raise NotUnderstood("受理机构必须传入sub_mch_id", "20001")
        return None
    if sub_mch_id == merchant.mch_id:
        raise NotUnderstood("sub_mch_id与mch_id不能相同", "20001")
    sub_merchant = desk.sub_merchants.get(sub_mch_id)
    if sub_merchant is None:
        raise NotUnderstood("受理关系不存在", "20001")
    if fields.get("sub_appid") and fields["sub_appid"] != sub_merchant.sub_appid:
        raise NotUnderstood("sub_mch_id与sub_appid不匹配", "20001")
    return sub_merchant


def _decided(handler: Handler, call: Call) -> Response:
    """The handler's answer, or what a fault makes of it."""
    fault = g.fault.kind if g.get("fault") else ""
    try:
        if fault in NOTHING_DONE:
            raise Declined(fault)
        answer = handler(call)
        if fault == "SYSTEMERROR_AFTER":
            raise Declined("SYSTEMERROR")
    except Declined as declined:
        answer = {"result_code": "FAIL", "err_code": declined.code, "err_code_des": declined.words}
    if isinstance(answer, Response):
        return answer
    return _signed(call, answer, fault)


def _signed(call: Call, answer: Mapping[str, object], fault: str) -> Response:
    body: dict[str, object] = {
        "return_code": "SUCCESS",
        "return_msg": "OK",
        **call.identity(),
        "nonce_str": token_hex(16),
        "result_code": "SUCCESS",
        **answer,
    }
    sign_type = call.sign_type
    if fault == "answer_in_other_type":
        sign_type = pay_crypto.MD5 if sign_type == pay_crypto.HMAC_SHA256 else pay_crypto.HMAC_SHA256
    key = "not-the-key" if fault == "wrong_answer_signature" else call.merchant.key
    body["sign"] = pay_crypto.sign(body, key=key, sign_type=sign_type)
    g.outcome = str(body.get("err_code", "SUCCESS"))
    return Response(pay_xml.write(body), mimetype="text/plain")


def _unsigned(refused: NotUnderstood) -> Response:
    body = {"return_code": "FAIL", "return_msg": refused.message}
    if refused.code and request.path == "/pay/downloadbill":
        body["error_code"] = refused.code
    g.outcome = refused.message
    return Response(pay_xml.write(body), mimetype="text/plain")
