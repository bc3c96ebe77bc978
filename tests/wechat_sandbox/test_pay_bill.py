"""The bill of a day has the published columns, yuan and totals, and is there from 10:00 of the next day: item 22."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import requests

from tests.fakes.sandbox import SandboxHandle
from tests.wechat_sandbox.merchant import SUB_MCH_ID, Merchant, parsed, signature, xml

PUBLISHED = Path(__file__).parents[1] / "vectors" / "wechat" / "v2_bill_ALL_short.csv"
OTHER = "1900000202"


def fetch(merchant: Merchant, day: str, **changes: str | None) -> requests.Response:
    fields = merchant.fields(bill_date=day, **{"bill_type": "ALL", **changes})
    return merchant.raw("/pay/downloadbill", xml({**fields, "sign": signature(fields)}))


def lines_of(answer: requests.Response) -> list[str]:
    text = answer.content.decode()
    assert text.startswith("\ufeff")
    assert text.endswith("\r\n")
    return text.lstrip("\ufeff").removesuffix("\r\n").split("\r\n")


def values(line: str) -> list[str]:
    assert line.startswith("`")
    return line[1:].split(",`")


@pytest.fixture
def noon(sandbox: SandboxHandle) -> Iterator[str]:
    """The clock stands at noon of tomorrow in Beijing; yields that day."""
    here = datetime.now(UTC) + timedelta(hours=8)
    tomorrow = (here + timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
    sandbox.call("POST", "/clock", {"hold": True})
    sandbox.advance((tomorrow - here).total_seconds())
    yield tomorrow.strftime("%Y%m%d")
    sandbox.call("POST", "/clock", {"hold": False})


def to_the_bill(merchant: Merchant) -> None:
    """From noon to half past ten of the next day."""
    merchant.sandbox.advance(22.5 * 3600)
    merchant.sandbox.deliver()


def test_the_columns_and_totals_are_the_published_ones(merchant: Merchant, noon: str):
    published = PUBLISHED.read_text("utf-8").splitlines()
    merchant.paid("A0000001", attach="bill:7", total_fee=600)
    to_the_bill(merchant)
    lines = lines_of(fetch(merchant, noon))
    assert lines[0] == published[0]
    assert lines[2] == published[2]
    assert len(values(lines[1])) == len(values(published[1])) == 27
    assert len(values(lines[3])) == len(values(published[3])) == 7
    row = dict(zip(lines[0].split(","), values(lines[1]), strict=True))
    sample = dict(zip(published[0].split(","), values(published[1]), strict=True))
    alike = ("交易类型", "交易状态", "货币种类", "应结订单金额", "代金券金额", "微信退款单号", "商户退款单号")
    alike += ("退款金额", "退款类型", "退款状态", "手续费", "费率", "订单金额", "申请退款金额")
    assert {name: row[name] for name in alike} == {name: sample[name] for name in alike}
    assert (row["特约商户号"], row["商户订单号"], row["商户数据包"]) == (SUB_MCH_ID, "A0000001", "bill:7")
    assert row["交易时间"].startswith(f"{noon[:4]}-{noon[4:6]}-{noon[6:]} 12:")


def test_the_totals_are_the_sums_of_the_lines(merchant: Merchant, noon: str):
    for number, fee in enumerate((1, 99, 12345, 1_000_000)):
        merchant.paid(f"A000000{number}", total_fee=fee)
    merchant.refund("A0000002", "R1", 345)
    to_the_bill(merchant)
    head, *rows, total_head, totals = lines_of(fetch(merchant, noon))
    names = head.split(",")
    found = [dict(zip(names, values(row), strict=True)) for row in rows]
    sums = dict(zip(total_head.split(","), values(totals), strict=True))
    assert sums["总交易单数"] == "5"
    for name, column in {
        "应结订单总金额": "应结订单金额",
        "退款总金额": "退款金额",
        "手续费总金额": "手续费",
        "订单总金额": "订单金额",
        "申请退款总金额": "申请退款金额",
    }.items():
        assert Decimal(sums[name]) == sum(Decimal(row[column]) for row in found)
    back = found[-1]
    expected = {
        "交易状态": "REFUND",
        "商户退款单号": "R1",
        "退款金额": "3.45",
        "退款状态": "SUCCESS",
        "手续费": "-0.02000",
    }
    assert {name: back[name] for name in expected} == expected


def test_a_bill_is_of_one_company_or_of_all(merchant: Merchant, noon: str):
    merchant.paid("A0000001")
    merchant.paid("A0000002", sub_mch_id=OTHER)
    to_the_bill(merchant)
    assert len(lines_of(fetch(merchant, noon))) == 4
    assert len(lines_of(fetch(merchant, noon, sub_mch_id=None))) == 5
    assert parsed(fetch(merchant, noon, sub_mch_id="1900000203").text)["return_msg"] == "No Bill Exist"


def test_a_bill_is_there_from_ten_of_the_next_day(merchant: Merchant, noon: str):
    merchant.paid("A0000001")
    merchant.sandbox.advance(22 * 3600 - 1)
    early = parsed(fetch(merchant, noon).text)
    assert (early["return_code"], early["error_code"]) == ("FAIL", "20002")
    merchant.sandbox.advance(1)
    assert len(lines_of(fetch(merchant, noon))) == 4


def test_what_is_not_paid_stands_in_no_bill(merchant: Merchant, noon: str):
    merchant.order("A0000001")
    to_the_bill(merchant)
    answer = parsed(fetch(merchant, noon).text)
    assert answer == {"return_code": "FAIL", "return_msg": "No Bill Exist", "error_code": "20002"}


@pytest.mark.parametrize(("bill_type", "columns", "rows"), [("SUCCESS", 20, 1), ("REFUND", 29, 1)])
def test_bills_of_payments_or_refunds_alone(
    merchant: Merchant, noon: str, bill_type: str, columns: int, rows: int
):
    merchant.paid("A0000001")
    merchant.refund("A0000001", "R1", 345)
    to_the_bill(merchant)
    head, *lines = lines_of(fetch(merchant, noon, bill_type=bill_type))
    assert len(head.split(",")) == columns
    assert len(lines) == rows + 2
    assert len(values(lines[0])) == columns


def test_a_comma_in_a_name_is_not_quoted(merchant: Merchant, noon: str):
    merchant.paid("A0000001", body="物业费,10月,2栋")
    to_the_bill(merchant)
    head, line, *_ = lines_of(fetch(merchant, noon))
    row = dict(zip(head.split(","), values(line), strict=True))
    assert row["商品名称"] == "物业费,10月,2栋"


def test_a_bill_may_be_zipped(merchant: Merchant, noon: str):
    merchant.paid("A0000001")
    to_the_bill(merchant)
    zipped = fetch(merchant, noon, tar_type="GZIP").content
    assert gzip.decompress(zipped) == fetch(merchant, noon).content


@pytest.mark.parametrize(
    "changes",
    [
        {"bill_date": "2026-11-22"},
        {"bill_date": "20261399"},
        {"bill_date": "29990101"},
        {"bill_date": "20200101"},
        {"bill_date": ""},
        {"bill_type": "MINE"},
        {"tar_type": "ZIP"},
    ],
)
def test_a_wrong_request_is_answered_in_xml_without_signature(merchant: Merchant, changes: dict[str, str]):
    fields = {**merchant.fields(bill_date="20261121", bill_type="ALL"), **changes}
    answer = parsed(merchant.raw("/pay/downloadbill", xml({**fields, "sign": signature(fields)})).text)
    assert (answer["return_code"], answer["error_code"]) == ("FAIL", "20001")
    assert "sign" not in answer
