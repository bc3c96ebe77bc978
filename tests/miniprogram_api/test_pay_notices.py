"""The two addresses that WeChat Pay calls: what is right is settled once, everything else changes nothing, is answered
with FAIL and leaves one line in the log that names what was wrong and nothing of the content (must-show 2).

Notices are signed and sealed by the sandbox's own code, which shares nothing with the product.
"""

from __future__ import annotations

import io
import json
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from app.accounts.scopes import resident_scope
from app.books.accounts import Account
from app.books.models import LedgerEntry, LedgerLine
from app.core import clock
from app.core.db import db, table_of, transact
from app.core.outbox import OutboxRow
from app.integrations.wechat.pay.notices import MAX_BYTES
from app.notifications.models import Notification
from app.payments.following import end_payment
from app.payments.models import Payment, PaymentLine, PayNotice, Refund, RefundLine
from app.payments.opening import Part
from app.payments.refund_rules import RefundReason
from app.payments.refunding import ask_refund
from config import SANDBOX_APPID, SANDBOX_MCH_ID, SANDBOX_PAY_KEY
from tests.engines import in_parallel, mariadb_only
from tests.factories.money import make_payment
from tests.miniprogram_api.paying import fresh, pay_through
from wechat_sandbox import pay_crypto, pay_xml

PAY, REFUND = "/wechat/pay/notice", "/wechat/pay/refund-notice"
SECRET = "o-openid-of-somebody"


def fields_of(payment, **other):
    """What the platform says of a payment that was made, unsigned."""
    right = {
        "return_code": "SUCCESS",
        "result_code": "SUCCESS",
        "appid": SANDBOX_APPID,
        "mch_id": SANDBOX_MCH_ID,
        "sub_mch_id": payment.sub_mch_id,
        "nonce_str": "5K8264ILTKCH16CQ2502SI8ZNMTM67VS",
        "openid": SECRET,
        "trade_type": "JSAPI",
        "bank_type": "OTHERS",
        "total_fee": str(payment.amount_fen),
        "fee_type": "CNY",
        "cash_fee": str(payment.amount_fen),
        "transaction_id": f"42{payment.id:026d}",
        "out_trade_no": payment.out_trade_no,
        "time_end": "20261120221500",
    }
    return {name: value for name, value in {**right, **other}.items() if value is not None}


def signed(fields, *, key=SANDBOX_PAY_KEY, sign_type="HMAC-SHA256"):
    return pay_xml.write({**fields, "sign": pay_crypto.sign(fields, key=key, sign_type=sign_type)})


def notice_of(payment, **other):
    return signed(fields_of(payment, **other))


def refund_notice(refund, payment, *, key=SANDBOX_PAY_KEY, **other):
    inner = {
        "out_refund_no": refund.out_refund_no,
        "out_trade_no": payment.out_trade_no,
        "refund_id": "5" * 28,
        "transaction_id": payment.transaction_id,
        "refund_fee": str(refund.amount_fen),
        "total_fee": str(payment.amount_fen),
        "refund_status": "SUCCESS",
        "success_time": "2026-11-20 22:16:00",
    }
    return sealed_notice(pay_xml.write({**inner, **other}, root="root"), key=key)


def sealed_notice(plain, *, key=SANDBOX_PAY_KEY):
    """The envelope of a refund notice around these bytes."""
    outer = {"return_code": "SUCCESS", "appid": SANDBOX_APPID, "mch_id": SANDBOX_MCH_ID}
    return pay_xml.write({**outer, "nonce_str": "nonce", "req_info": pay_crypto.seal_refund(plain, key=key)})


@pytest.fixture
def hear(api):
    def post(raw, path=PAY):
        return api.app.test_client().post(path, data=raw, content_type="text/xml")

    return post


@pytest.fixture
def payment(api):
    return make_payment(api.scene.place, payer=api.scene.resident, fen=28600)


def verdict(answer):
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    return pay_xml.read(answer.data)["return_code"]


def log_lines(capsys, event):
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == event]


def everything():
    """Every row that a notice could have moved or made, whole; the inbox of notices alone is looked at apart."""
    db.session.rollback()
    tables = (Payment, PaymentLine, Refund, RefundLine, LedgerEntry, LedgerLine, OutboxRow, Notification)
    return [db.session.execute(select(table_of(each))).all() for each in tables]


def test_a_right_notice_is_settled_before_it_is_answered(hear, payment):
    assert verdict(hear(notice_of(payment))) == "SUCCESS"
    row = fresh(payment.id)
    assert (row.state, row.paid_at.isoformat()) == ("paid", "2026-11-20T14:15:00+00:00")
    inbox = db.session.scalars(select(PayNotice)).one()
    assert (inbox.key, inbox.outcome, inbox.times) == (f"pay:{row.transaction_id}", "settled", 1)


def test_no_login_no_cookie_and_nothing_of_the_content_in_the_log(hear, payment, capsys):
    answer = hear(notice_of(payment))
    assert "Set-Cookie" not in answer.headers
    said = capsys.readouterr().err
    assert '"outcome": "settled"' in said
    assert SECRET not in said
    assert SANDBOX_PAY_KEY not in said


def test_replayed_notices_are_answered_and_ignored(hear, payment):
    raw = notice_of(payment)
    assert [verdict(hear(raw)) for _ in range(4)] == ["SUCCESS"] * 4
    before = everything()
    assert verdict(hear(raw)) == "SUCCESS"
    assert everything() == before
    assert db.session.scalars(select(PayNotice.times)).one() == 5


def test_a_year_old_notice_again_is_a_duplicate(hear, payment):
    raw = notice_of(payment)
    hear(raw)
    clock.freeze(clock.now() + timedelta(days=366))
    assert verdict(hear(raw)) == "SUCCESS"
    assert db.session.scalar(select(func.count(LedgerEntry.id))) == 1


REFUSED = {
    "forged": lambda p: signed(fields_of(p), key="a" * 32),
    "unsigned": lambda p: pay_xml.write(fields_of(p)),
    "another amount under the old signature": lambda p: notice_of(p).replace(b"28600", b"00001", 1),
    "MD5 where HMAC was agreed": lambda p: signed(fields_of(p), sign_type="MD5"),
    "empty signature": lambda p: pay_xml.write({**fields_of(p), "sign": " "}),
    "truncated": lambda p: notice_of(p)[:-40],
    "half": lambda p: notice_of(p)[: len(notice_of(p)) // 2],
    "empty": lambda p: b"",
    "no xml": lambda p: b'{"out_trade_no": "A"}',
    "another root": lambda p: notice_of(p).replace(b"<xml>", b"<yml>").replace(b"</xml>", b"</yml>"),
    "only a root": lambda p: b"<xml/>",
    "text alone": lambda p: b"<xml>hi</xml>",
    "FAIL": lambda p: signed(fields_of(p, return_code="FAIL")),
    "another app": lambda p: notice_of(p, appid="wx9999999999999999"),
    "another provider": lambda p: notice_of(p, mch_id="1999999999"),
    "no amount": lambda p: notice_of(p, total_fee=None),
    "decimals": lambda p: notice_of(p, total_fee="286.00"),
    "letters": lambda p: notice_of(p, total_fee="abc"),
    "absurd amount": lambda p: notice_of(p, total_fee="9" * 30),
    "negative amount": lambda p: notice_of(p, total_fee="-28600"),
    "no transaction": lambda p: notice_of(p, transaction_id=None),
    "entity": lambda p: b'<!DOCTYPE xml [<!ENTITY e "28600">]>' + notice_of(p).replace(b"28600", b"&e;", 1),
    "external entity": lambda p: (
        b'<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><a>&e;</a></xml>'
    ),
    "billion laughs": lambda p: (
        b'<!DOCTYPE xml [<!ENTITY a "ha">'
        + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10 if n else b"&a;") for n in range(9))
        + b"]><xml><x>&a8;</x></xml>"
    ),
    "nested": lambda p: b"<xml>" + b"<a>" * 9000 + b"</a>" * 9000 + b"</xml>",
    "element twice": lambda p: notice_of(p).replace(b"<xml>", b"<xml><total_fee>1</total_fee>"),
    "not utf-8": lambda p: notice_of(p).replace(b"OTHERS", b"\xff\xfe\xfd"),
    "64 kB": lambda p: notice_of(p, attach="x" * (64 * 1024)),
    "1 MB": lambda p: b"<xml>" + b"x" * 1_000_000,
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_wechat_did_not_send_or_nobody_can_read_changes_nothing(hear, payment, capsys, name):
    before = everything()
    capsys.readouterr()
    assert verdict(hear(REFUSED[name](payment))) == "FAIL"
    lines = log_lines(capsys, "pay_notice_refused")
    assert len(lines) == 1 and lines[0]["reason"], "one line says why"
    assert SECRET not in json.dumps(lines)
    assert everything() == before
    assert db.session.scalar(select(func.count(PayNotice.id))) == 0, "an attacker fills no table"
    assert verdict(hear(notice_of(payment))) == "SUCCESS", "the right one still counts"


def test_64_kb_is_the_limit_to_the_byte(hear, payment):
    """One byte more is refused although WeChat itself had signed it; just as much is heard."""
    padding = MAX_BYTES - len(notice_of(payment, attach="x")) + 1
    too_long, just_right = (notice_of(payment, attach="x" * (padding + more)) for more in (1, 0))
    assert (len(too_long), len(just_right)) == (MAX_BYTES + 1, MAX_BYTES)
    assert verdict(hear(too_long)) == "FAIL"
    assert fresh(payment.id).state == "created"
    assert verdict(hear(just_right)) == "SUCCESS"
    assert fresh(payment.id).state == "paid"


@pytest.mark.parametrize("path", [PAY, REFUND])
def test_a_body_whose_length_nobody_announced_is_cut_off_as_well(api, capsys, path):
    """Chunked, as a server passes it on: without Content-Length, the end of the stream is the end of the body."""
    body = io.BytesIO(b"<xml>" + b"x" * 1_000_000)
    environ = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    answer = api.app.test_client().open(path, method="POST", input_stream=body, environ_overrides=environ)
    assert verdict(answer) == "FAIL"
    assert [line["reason"] for line in log_lines(capsys, "pay_notice_refused")] == ["longer than 64 kB"]
    assert body.tell() < 200_000, "the rest is not even read"


DOES_NOT_FIT = {
    "wrong amount": ({"total_fee": "1"}, "wrong_amount"),
    "huge amount": ({"total_fee": "9" * 9}, "wrong_amount"),
    "wrong company": ({"sub_mch_id": "1999999998"}, "wrong_merchant"),
    "wrong currency": ({"fee_type": "USD"}, "wrong_currency"),
    "wrong number": ({"out_trade_no": "A261122NOBODYKNOWS"}, "wrong_number"),
}


@pytest.mark.parametrize("name", DOES_NOT_FIT)
def test_what_wechat_signed_and_does_not_fit_our_row_waits_for_a_person(hear, payment, capsys, name):
    other, outcome = DOES_NOT_FIT[name]
    before = everything()
    capsys.readouterr()
    for _ in range(2):
        assert verdict(hear(notice_of(payment, **other))) == "FAIL"
    assert everything() == before
    lines = log_lines(capsys, "trade_refused")
    assert [line["why"] for line in lines] == [outcome] * 2
    inbox = db.session.scalars(select(PayNotice)).one()
    assert (inbox.outcome, inbox.times) == (outcome, 2)
    assert verdict(hear(notice_of(payment))) == "SUCCESS", "the right one still counts"


def test_a_failed_payment_is_understood_and_the_order_stays_open(hear, payment):
    assert verdict(hear(notice_of(payment, result_code="FAIL"))) == "SUCCESS"
    assert fresh(payment.id).state == "created"


def test_notices_in_any_order_lead_to_the_same(hear, payment, api):
    other = make_payment(api.scene.place, payer=api.scene.resident, fen=100)
    late = notice_of(payment, result_code="FAIL")
    for raw in (notice_of(other), notice_of(payment), late, notice_of(other), late):
        assert verdict(hear(raw)) == "SUCCESS"
    assert [fresh(each.id).state for each in (payment, other)] == ["paid", "paid"]


def test_an_old_notice_after_everything_went_back_and_was_paid_again_pays_nothing(hear, payment, api):
    """Replayed at the worst moment: the bill is free again, and another payment has it."""
    raw = notice_of(payment)
    hear(raw)

    def given_back() -> None:
        row = db.session.get_one(Payment, payment.id)
        for line in row.lines:
            line.refunded_fen, line.claim = line.amount_fen, None

    transact(given_back)
    parts = [Part(payment.lines[0].subject, Account.PROPERTY_FEE, "物业费", 28600)]
    again = make_payment(api.scene.place, payer=api.scene.resident, parts=parts)
    before = everything()
    assert verdict(hear(raw)) == "SUCCESS"
    assert everything() == before
    assert verdict(hear(notice_of(again))) == "SUCCESS"
    assert [fresh(each.id).state for each in (payment, again)] == ["paid", "paid"]


def test_money_for_a_closed_payment_is_confirmed_and_goes_back(hear, payment):
    transact(lambda: end_payment(db.session.get_one(Payment, payment.id)))
    assert verdict(hear(notice_of(payment))) == "SUCCESS"
    assert fresh(payment.id).state == "late"
    assert db.session.scalars(select(Refund.by_rule)).one() is True


def test_fields_that_we_do_not_know_are_part_of_the_signature(hear, payment):
    assert verdict(hear(notice_of(payment, settlement_total_fee="28600", coupon_count="0"))) == "SUCCESS"


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_the_addresses_are_only_posted_to(api, method):
    for path in (PAY, REFUND):
        assert getattr(api.app.test_client(), method)(path).status_code == 405


def test_where_nobody_pays_there_is_no_such_address(api, hear, payment):
    known = api.app.extensions["miniprogram_api.neighbours"].pay
    pay_through(api, None)
    try:
        assert hear(notice_of(payment)).status_code == 404
    finally:
        pay_through(api, known)


def test_a_database_that_is_away_is_a_fail_so_that_wechat_comes_back(hear, payment, capsys):
    raw = notice_of(payment)
    table, away = Payment.__table__, "payments_away"
    transact(lambda: db.session.execute(db.text(f"ALTER TABLE {table.name} RENAME TO {away}")))
    try:
        assert verdict(hear(raw)) == "FAIL"
        assert log_lines(capsys, "pay_notice_failed")[0]["error"] == "OperationalError"
    finally:
        transact(lambda: db.session.execute(db.text(f"ALTER TABLE {away} RENAME TO {table.name}")))
    assert verdict(hear(raw)) == "SUCCESS"


REFUND_REFUSED = {
    "sealed with another key": lambda right: right(key="b" * 32),
    "no figure": lambda right: right(refund_fee="abc"),
    "a state that nobody knows": lambda right: right(refund_status="LUCKY"),
    "truncated": lambda right: right()[:-40],
    "the seal cut off": lambda right: right()[: right().index(b"<req_info>") + 61] + b"]]></req_info></xml>",
    "entity": lambda right: b'<!DOCTYPE xml [<!ENTITY e "1">]>' + right(),
    "entity inside the seal": lambda right: sealed_notice(
        b'<!DOCTYPE root [<!ENTITY e "SUCCESS">]><root><refund_status>&e;</refund_status></root>'
    ),
    "something else inside the seal": lambda right: sealed_notice(
        b"<root><out_refund_no>R1</out_refund_no></root>"
    ),
    "another app": lambda right: right().replace(SANDBOX_APPID.encode(), b"wx9999999999999999"),
    "another provider": lambda right: right().replace(SANDBOX_MCH_ID.encode(), b"1999999999"),
    "64 kB": lambda right: right().replace(b"nonce]]>", b"n" * (64 * 1024) + b"]]>"),
    "empty": lambda right: b"",
}


class TestRefundNotice:
    @pytest.fixture
    def refund(self, hear, payment):
        hear(notice_of(payment))
        by = resident_scope(payment.payer_id)
        transact(partial(ask_refund, payment.id, by=by, reason_code=RefundReason.DOUBLE))

        def send():
            row = db.session.scalars(select(Refund)).one()
            row.step, row.by_rule, row.state = "sending", True, "waiting"
            row.next_at = clock.now() + timedelta(hours=1)
            return row.id

        return transact(send)

    def test_it_only_makes_us_ask(self, hear, refund, payment):
        row = db.session.get_one(Refund, refund)
        raw = refund_notice(row, fresh(payment.id))
        assert [verdict(hear(raw, REFUND)) for _ in range(2)] == ["SUCCESS"] * 2
        row = db.session.get_one(Refund, refund, populate_existing=True)
        assert (row.step, row.next_at) == ("sending", clock.now())
        assert fresh(payment.id).refunded_fen == 0

    @pytest.mark.parametrize("name", REFUND_REFUSED)
    def test_what_cannot_be_opened_or_read_changes_nothing(self, hear, refund, payment, capsys, name):
        row = db.session.get_one(Refund, refund)
        right = partial(refund_notice, row, fresh(payment.id))
        raw = REFUND_REFUSED[name](right)
        before, notices = everything(), db.session.scalar(select(func.count(PayNotice.id)))
        capsys.readouterr()
        assert verdict(hear(raw, REFUND)) == "FAIL"
        assert everything() == before
        assert db.session.scalar(select(func.count(PayNotice.id))) == notices, "an attacker fills no table"
        lines = log_lines(capsys, "pay_notice_refused")
        assert len(lines) == 1 and lines[0]["reason"], "one line says why"
        assert row.out_refund_no not in json.dumps(lines)
        assert verdict(hear(right(), REFUND)) == "SUCCESS", "the right one still counts"

    def test_one_that_tells_of_another_amount_only_makes_us_ask(self, hear, refund, payment):
        """Nothing of what it says is believed, so nothing of it can be wrong."""
        row = db.session.get_one(Refund, refund)
        raw = refund_notice(row, fresh(payment.id), refund_fee="1")
        assert verdict(hear(raw, REFUND)) == "SUCCESS"
        row = db.session.get_one(Refund, refund, populate_existing=True)
        assert (row.step, row.amount_fen, fresh(payment.id).refunded_fen) == ("sending", 28600, 0)

    @pytest.mark.parametrize(("step", "state"), [("sending", "calling"), ("failed", "given_up")])
    def test_one_that_comes_too_early_or_too_late_is_heard_and_moves_nothing(
        self, hear, refund, payment, step, state
    ):
        """Before our own call has its answer, or after a person was asked to look."""

        def stand():
            row = db.session.get_one(Refund, refund)
            row.step, row.state = step, state

        transact(stand)
        row = db.session.get_one(Refund, refund, populate_existing=True)
        raw = refund_notice(row, fresh(payment.id))
        before = everything()
        assert verdict(hear(raw, REFUND)) == "SUCCESS"
        assert everything() == before

    def test_one_that_is_not_ours_waits_for_a_person(self, hear, refund, payment):
        row = db.session.get_one(Refund, refund)
        raw = refund_notice(row, fresh(payment.id), out_refund_no="R261122NOBODY")
        assert verdict(hear(raw, REFUND)) == "FAIL"
        outcome = select(PayNotice.outcome).where(PayNotice.kind == "refund")
        assert db.session.scalars(outcome).one() == "unknown_refund"

    def test_a_payment_notice_at_the_address_of_refunds_is_refused(self, hear, refund, payment):
        assert verdict(hear(notice_of(payment), REFUND)) == "FAIL"


@mariadb_only
def test_the_same_notice_from_eight_connections_at_once_settles_once(mariadb_api):
    for _ in range(4):
        payment = make_payment(mariadb_api.scene.place, payer=mariadb_api.scene.resident)
        raw = notice_of(payment)

        def post(raw=raw):
            return verdict(mariadb_api.app.test_client().post(PAY, data=raw))

        assert in_parallel(mariadb_api.app, [post] * 7) == ["SUCCESS"] * 7
        assert fresh(payment.id).state == "paid"
    assert db.session.scalar(select(func.count(LedgerEntry.id))) == 4
    assert set(db.session.scalars(select(PayNotice.times))) == {7}
