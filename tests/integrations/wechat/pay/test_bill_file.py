"""The trade bill: by header name, back-ticks, yuan, commas in names, both ends of line, and nothing that is cut off."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import clock
from app.core.clock import china, china_date
from app.integrations.wechat.pay.bill_file import NotABill, parse
from app.integrations.wechat.pay.contract import BillRow, Outcome
from tests.fakes.loopback import Reply
from tests.integrations.wechat.pay.conftest import AT, DONE, SUB_MCH_ID, answering, signed, vector, xml

NEW = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
OLD = (
    "交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "总金额,企业红包金额,微信退款单号,商户退款单号,退款金额,企业红包退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率"
)
NEW_TOTALS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
OLD_TOTALS = "总交易单数,总交易额,总退款金额,总企业红包退款金额,手续费总金额"
PAYMENT = {
    "交易时间": "2026-11-20 20:15:30",
    "特约商户号": SUB_MCH_ID,
    "子商户号": SUB_MCH_ID,
    "微信订单号": "4200001",
    "商户订单号": "A261120B",
    "交易状态": "SUCCESS",
    "货币种类": "CNY",
    "订单金额": "286.00",
    "总金额": "286.00",
    "申请退款金额": "0.00",
    "退款金额": "0.00",
    "微信退款单号": "0",
    "商户退款单号": "0",
    "手续费": "1.72000",
    "商品名称": "物业费,2026年10月,",
}
REFUND = {
    **PAYMENT,
    "交易时间": "2026-11-20 23:59:59",
    "交易状态": "REFUND",
    "订单金额": "0.00",
    "总金额": "0.00",
    "申请退款金额": "100.01",
    "退款金额": "100.01",
    "微信退款单号": "5000001",
    "商户退款单号": "R261120C",
    "退款状态": "SUCCESS",
    "手续费": "-0.60000",
}
PAID_ROW = BillRow(
    out_trade_no="A261120B",
    transaction_id="4200001",
    sub_mch_id=SUB_MCH_ID,
    state="SUCCESS",
    at=china(2026, 11, 20, 20, 15, 30),
    amount_fen=28600,
    fee_fen=172,
)
REFUND_ROW = replace(
    PAID_ROW,
    state="REFUND",
    at=china(2026, 11, 20, 23, 59, 59),
    amount_fen=0,
    out_refund_no="R261120C",
    refund_id="5000001",
    refund_fen=10001,
    refund_state="SUCCESS",
    fee_fen=-60,
)


def bill(rows, *, header=NEW, totals=None, end="\r\n", bom="\ufeff", names="") -> bytes:
    """A file as the platform writes it; `totals` are count, payments and refunds in yuan."""
    count, paid, back = totals or (str(len(rows)), *_sums(rows))
    sums = (
        [count, paid, back, "0.00", "0.00", paid, back]
        if header == NEW
        else [count, paid, back, "0.00", "0.00"]
    )
    lines = [header, *(_line(row.get(name, "") for name in header.split(",")) for row in rows)]
    lines += [names or (NEW_TOTALS if header == NEW else OLD_TOTALS), _line(sums)]
    return (bom + "".join(line + end for line in lines)).encode()


def _line(values) -> str:
    return ",".join(f"`{value}" for value in values)


def _sums(rows) -> tuple[str, str]:
    paid = sum(round(float(row["订单金额"]) * 100) for row in rows)
    back = sum(round(float(row["申请退款金额"]) * 100) for row in rows)
    return f"{paid / 100:.2f}", f"{back / 100:.2f}"


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("bom", ["\ufeff", ""])
@pytest.mark.parametrize("header", [NEW, OLD], ids=["27 columns", "24 columns"])
def test_payments_and_refunds_are_read_by_the_names_of_their_columns(header, bom, end):
    """Fen without rounding errors, Beijing time, and a name full of commas in the last place but some."""
    assert parse(bill([PAYMENT, REFUND], header=header, bom=bom, end=end)) == (PAID_ROW, REFUND_ROW)


def test_columns_may_stand_in_another_order_and_new_ones_may_come():
    header = ",".join([*reversed(NEW.split(",")), "明年的新列"])
    raw = bill([PAYMENT], header=header, names=NEW_TOTALS, totals=("1", "286.00", "0.00"))
    whole = raw.decode().replace("`1,`286.00,`0.00,`0.00,`0.00", "`1,`286.00,`0.00,`0.00,`0.00,`286.00,`0.00")
    assert parse(whole.encode()) == (PAID_ROW,)


def test_the_count_may_be_that_of_the_payments_alone():
    assert len(parse(bill([PAYMENT, REFUND], totals=("1", "286.00", "100.01")))) == 2


@given(st.integers(1, 10**10), st.integers(0, 10**6))
def test_yuan_become_fen_exactly(fen, fee):
    """0.29 yuan is 29 fen and not 28: Decimal, never float."""
    text = f"{fen // 100}.{fen % 100:02d}"
    row = {**PAYMENT, "订单金额": text, "手续费": f"{fee // 1000}.{fee % 1000:03d}"}
    (read,) = parse(bill([row], totals=("1", text, "0.00")))
    assert read.amount_fen == fen
    assert read.fee_fen == (fee + 5) // 10


def test_the_published_bill_is_read_and_known_to_be_shortened():
    """Its totals speak of 48 lines and 5.76 yuan, and one line of 6.00 stands there."""
    raw = vector("v2_bill_ALL_short.csv")
    with pytest.raises(NotABill, match="number of lines"):
        parse(raw.encode())
    whole = raw.replace(
        "`48,`5.76,`1.42,`0.00,`0.01000,`5.76,`1.42", "`1,`6.00,`0.00,`0.00,`0.04000,`6.00,`0.00"
    )
    (row,) = parse(whole.encode())
    assert (row.amount_fen, row.fee_fen, row.state, row.sub_mch_id) == (600, 4, "SUCCESS", "0")
    assert (row.out_refund_no, row.refund_id, row.refund_fen) == ("", "", 0)
    assert row.at == china(2019, 7, 25, 8, 35, 41)


WHOLE = bill([PAYMENT, REFUND])


@pytest.mark.parametrize("kept", range(0, len(WHOLE) - 6, 7))
def test_a_bill_that_was_cut_off_anywhere_is_none(kept):
    with pytest.raises(NotABill):
        parse(WHOLE[:kept])


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (bill([PAYMENT, REFUND], totals=("3", "286.00", "100.01")), "number of lines"),
        (bill([PAYMENT, REFUND], totals=("2", "286.01", "100.01")), "payments"),
        (bill([PAYMENT, REFUND], totals=("2", "286.00", "0.00")), "refunds"),
        (bill([{**PAYMENT, "货币种类": "USD"}]), "currency"),
        (bill([{**PAYMENT, "订单金额": "286.001"}], totals=("1", "286.00", "0.00")), "whole fen"),
        (bill([{**PAYMENT, "订单金额": "1e99"}], totals=("1", "286.00", "0.00")), "an amount"),
        (bill([{**PAYMENT, "订单金额": "NaN"}], totals=("1", "286.00", "0.00")), "an amount"),
        (bill([{**PAYMENT, "订单金额": ""}], totals=("1", "286.00", "0.00")), "figure"),
        (bill([{**PAYMENT, "交易时间": "2026/11/20 20:15"}]), "figure"),
        (bill([{**PAYMENT, "商品名称": "a,`b"}]), "columns of the header"),
        (WHOLE.decode().replace("商户订单号", "另一个名字").encode(), "figure"),
        (WHOLE.decode().replace("特约商户号", "另一个名字").encode(), "column"),
        (WHOLE.decode().replace("`2026", "2026", 1).encode(), "back-ticks"),
        ("账单".encode("gbk"), "figure"),
        (b"", "not whole"),
        (b"\r\n\r\n", "not whole"),
        (WHOLE + WHOLE, "back-ticks"),
    ],
)
def test_a_bill_that_does_not_add_up_is_none(raw, reason):
    with pytest.raises(NotABill, match=reason):
        parse(raw)


@pytest.fixture
def tuesday():
    with clock.frozen(AT):
        yield china_date(AT)


def test_the_bill_of_one_company_or_of_all(tuesday):
    with answering(bill([PAYMENT, REFUND])) as wechat:
        one = wechat.gateway.bill(tuesday.replace(day=20), SUB_MCH_ID)
        sent = wechat.sent()
        wechat.gateway.bill(tuesday.replace(day=20))
        of_all = wechat.sent()
    assert (one.outcome, one.rows) == (Outcome.OK, (PAID_ROW, REFUND_ROW))
    assert len(one.sha256) == 64
    assert (sent["bill_date"], sent["bill_type"], sent["sub_mch_id"]) == ("20261120", "ALL", SUB_MCH_ID)
    assert "sub_mch_id" not in of_all
    assert wechat.server.heard[0].path == "/pay/downloadbill"


def no_bill(message: str, code: str) -> bytes:
    return xml({"return_code": "FAIL", "return_msg": message, "error_code": code})


@pytest.mark.parametrize(
    ("answer", "outcome", "code"),
    [
        (no_bill("No Bill Exist", "20002"), Outcome.FAILED, "NO_BILL"),
        (no_bill("账单不存在", "20002"), Outcome.FAILED, "NO_BILL"),
        (no_bill("Bill Creating", "20002"), Outcome.UNKNOWN, "UNSIGNED"),
        (no_bill("Bill Creating", "20001"), Outcome.UNKNOWN, "UNSIGNED"),
        (no_bill("SIGN ERROR", "20001"), Outcome.UNKNOWN, "UNSIGNED"),
        (xml(signed(DONE)), Outcome.UNKNOWN, "UNREADABLE"),
        (b"<html>busy</html>", Outcome.UNKNOWN, "UNREADABLE"),
        (b"", Outcome.UNKNOWN, "UNREADABLE"),
        (bill([PAYMENT])[:-40], Outcome.UNKNOWN, "UNREADABLE"),
    ],
)
def test_no_bill_is_known_from_a_bill_that_did_not_come(tuesday, answer, outcome, code):
    """wechatpy loses the error code."""
    with answering(answer) as wechat:
        found = wechat.gateway.bill(tuesday.replace(day=20))
    assert (found.outcome, found.code, found.rows) == (outcome, code, ())


def test_the_bill_of_a_day_that_is_not_over_is_not_asked_for(tuesday):
    with answering(lambda _: Reply(status=500)) as wechat:
        assert wechat.gateway.bill(tuesday).outcome is Outcome.UNKNOWN
        assert wechat.server.heard == []
