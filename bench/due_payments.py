"""Payments that wait, and the notices that WeChat would send of them, as text ready for a socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from app.core import clock
from app.core.db import db, table_of, transact
from app.integrations.wechat.pay import flat_xml
from app.integrations.wechat.pay.signing import PayKey, sign
from app.payments.models import Merchant, Payment, PaymentLine, PaymentState
from app.payments.numbers import receipt_no
from bench.captured import TEMPLATE
from bench.district import COMPANIES, ESTATES, LONG_AGO, RESIDENTS, THEN

PATH = "/wechat/pay/notice"
FIRST_PAYMENT, FIRST_LINE = 10_000_000, 20_000_000
"""Above all other ids, so that a parameter of a captured statement is a payment or is not."""
FEN = 28_600
OF_TEN, DUPLICATES = 10, 3
"""Of ten notices three are repetitions of the seven before them, sent at the same time over other connections."""
FIRST, AGAIN = "first", "again"
"""What the server does for a notice that settles, and for a repeated one: two templates of `bench.replay`."""
ROWS_AT_ONCE = 2_000
Due = dict[str, Any]
"""The values by which the statements of one notice differ from those of another."""


def fill(count: int) -> None:
    """Merchants for every company and `count` payments whose cashier is open, each with one line."""
    transact(_merchants)
    for begin in range(0, count, ROWS_AT_ONCE):
        numbers = range(begin, min(begin + ROWS_AT_ONCE, count))
        transact(lambda numbers=numbers: _write(list(numbers)))  # type: ignore[misc]


def _merchants() -> None:
    rows = [
        {"company_id": each, "sub_mch_id": _sub(each), "valid_from": LONG_AGO, "registered_at": THEN}
        for each in range(1, COMPANIES + 1)
    ]
    db.session.execute(insert(table_of(Merchant)), rows)


def _write(numbers: list[int]) -> None:
    now = clock.now()
    db.session.execute(insert(table_of(Payment)), [_payment(each, now) for each in numbers])
    db.session.execute(insert(table_of(PaymentLine)), [_line(each) for each in numbers])


def _payment(number: int, now: Any) -> dict[str, Any]:
    found = due(number)
    return {
        "id": found["payment_id"],
        "out_trade_no": found["out_trade_no"],
        "purpose": "bills",
        "title": "物业费",
        "payer_id": 1 + number % RESIDENTS,
        "payer_openid": "bench",
        "company_id": found["company_id"],
        "estate_id": found["estate_id"],
        "district_id": 1,
        "sub_mch_id": found["sub_mch_id"],
        "api": "v2",
        "client_ip": "127.0.0.1",
        "amount_fen": FEN,
        "state": PaymentState.OPEN.value,
        "prepay_id": "wx-bench",
        "prepaid_at": now,
        "created_at": now,
        "expires_at": now + timedelta(hours=6),
        "next_at": now + timedelta(hours=6),
        "asked": 0,
        "refunding_fen": 0,
        "refunded_fen": 0,
        "last_error": "",
    }


def _line(number: int) -> dict[str, Any]:
    found = due(number)
    return {
        "id": FIRST_LINE + number,
        "payment_id": found["payment_id"],
        "subject": found["subject"],
        "claim": 1,
        "account": "property_fee",
        "label": "2026年11月物业费",
        "estate_id": found["estate_id"],
        "amount_fen": FEN,
        "refunded_fen": 0,
    }


def _sub(company: int) -> str:
    return str(1_900_000_200 + company)


def due(number: int, *, again: bool = False) -> Due:
    """The payment `number` and everything that settling it writes."""
    payment_id, company = FIRST_PAYMENT + number, 1 + number % COMPANIES
    subject, transaction = f"bill:{number}", f"42{number:026d}"
    return {
        "payment_id": payment_id,
        "company_id": company,
        "estate_id": 16 + number % (ESTATES - 16),
        "sub_mch_id": _sub(company),
        "out_trade_no": f"A261122BENCH{number:08d}",
        "subject": subject,
        "transaction_id": transaction,
        "receipt_no": receipt_no(payment_id, clock.china(2026, 11, 22, 10)),
        "ledger_subject": f"payment:{payment_id}",
        "key": f"pay:{transaction}",
        "payload": json.dumps({"payment_id": payment_id, "purpose": "bills", "subjects": [subject]}),
        TEMPLATE: AGAIN if again else FIRST,
    }


def stream(first: int, count: int) -> Iterator[Due]:
    """`count` notices from the payment `first` on: seven that settle, then three of these seven once more."""
    fresh = OF_TEN - DUPLICATES
    for place in range(count):
        ten, within = divmod(place, OF_TEN)
        again = within >= fresh
        yield due(first + ten * fresh + (2 * (within - fresh) if again else within), again=again)


def settled_by(count: int) -> int:
    """How many payments `count` notices settle (whole tens)."""
    return count * (OF_TEN - DUPLICATES) // OF_TEN


def request_of(found: Due, *, appid: str, mch_id: str, key: str) -> str:
    """The whole HTTP request of a notice."""
    fields = {
        "return_code": "SUCCESS",
        "result_code": "SUCCESS",
        "appid": appid,
        "mch_id": mch_id,
        "sub_mch_id": found["sub_mch_id"],
        "nonce_str": "5K8264ILTKCH16CQ2502SI8ZNMTM67VS",
        "openid": "o-bench",
        "trade_type": "JSAPI",
        "bank_type": "OTHERS",
        "total_fee": str(FEN),
        "fee_type": "CNY",
        "cash_fee": str(FEN),
        "transaction_id": found["transaction_id"],
        "out_trade_no": found["out_trade_no"],
        "time_end": "20261122100000",
    }
    body = flat_xml.write({**fields, "sign": sign(fields, PayKey(key))}).decode()
    head = {"Host": "127.0.0.1", "Content-Type": "text/xml", "Content-Length": str(len(body.encode()))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return f"POST {PATH} HTTP/1.1\r\n{lines}\r\n{body}"
