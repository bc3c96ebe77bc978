"""The console's pages 缴费记录 and 退费: who sees whose money, three persons for a refund, nothing for others."""

from __future__ import annotations

import secrets
from datetime import timedelta
from functools import partial

import pytest

from app.accounts.scopes import resident_scope
from app.audit.service import ensure_head
from app.companies.hats import scope_of
from app.core import clock
from app.core.clock import china_date
from app.core.db import db, transact
from app.core.roles import Role
from app.payments import refunding
from app.payments.models import Payment, Refund
from app.payments.queries import payment_view
from app.payments.receipts import receipt_pdf
from app.payments.refund_holds import hold_refunds
from app.payments.refund_rules import RefundReason
from app.payments.sending_refunds import send_due_refunds
from tests.admin.conftest import Desk
from tests.admin.finance import give_accountant
from tests.factories import make_hat, make_place
from tests.factories.money import bill_parts, make_paid, make_payment
from tests.fakes.pay import FakePay

PAYMENTS, REFUNDS = "/admin/payments/", "/admin/refunds/"


@pytest.fixture
def office(desk: Desk) -> Desk:
    transact(ensure_head)
    give_accountant(desk)
    return desk


@pytest.fixture
def payment(office: Desk) -> Payment:
    scene = office.scene
    return make_paid(scene.place, payer=scene.resident, parts=bill_parts(28600, 15000))


def submit(desk: Desk, path: str, role: Role = Role.FIN, *, page: str = REFUNDS, **form: object):
    """A form as the page sends it."""
    fields = {"csrf_token": desk.token(role), "request_id": secrets.token_hex(12), **form}
    return desk.client(role).post(page + path, data=fields, follow_redirects=True)


def asked(payment: Payment, **values: object) -> int:
    given = {"by": resident_scope(payment.payer_id), "reason_code": RefundReason.DOUBLE, **values}
    return transact(lambda: refunding.ask_refund(payment.id, **given).id)


def step_of(refund_id: int) -> str:
    db.session.rollback()
    return db.session.get_one(Refund, refund_id, populate_existing=True).step


def test_finance_sees_the_companys_payments_with_what_they_were_for(office: Desk, payment: Payment) -> None:
    for role in (Role.FIN, Role.CO, Role.BUR):
        text = office.get(PAYMENTS, role).text
        assert payment.receipt_no in text
        assert "¥436.00" in text
        assert "2026年1月物业费" in text
        assert office.scene.resident.name not in text, "the name is masked"


@pytest.mark.parametrize("role", [Role.DSP, Role.MGR, Role.HOT, Role.STR])
def test_nobody_else_sees_money(office: Desk, payment: Payment, role: Role) -> None:
    for path in (PAYMENTS, f"{PAYMENTS}{payment.id}", REFUNDS):
        assert office.get(path, role).status_code in (403, 404)


def test_another_companys_payment_is_not_there(office: Desk) -> None:
    other = make_paid(make_place())
    assert other.receipt_no not in office.get(PAYMENTS, Role.FIN).text
    assert office.get(f"{PAYMENTS}{other.id}", Role.FIN).status_code == 404
    refund_id = asked(other)
    assert submit(office, f"{refund_id}/review").status_code == 404
    assert step_of(refund_id) == "requested"


def test_the_company_downloads_the_payers_receipt_and_the_ledger_leads_to_it(
    office: Desk, payment: Payment
) -> None:
    page, receipt = f"{PAYMENTS}{payment.id}", f"{PAYMENTS}{payment.id}/receipt.pdf"
    for role in (Role.FIN, Role.CO):
        assert receipt in office.get(page, role).text
        answer = office.get(receipt, role)
        assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
        assert answer.data == receipt_pdf(payment_view(payment.id, resident_scope(payment.payer_id)))
    assert "no-store" in answer.headers["Cache-Control"]
    today = china_date(clock.now())
    ledger = office.get(f"/admin/finance-ledger/?first={today}&last={today}", Role.FIN).text
    assert f'<a href="{page}">收款 {payment.id}</a>' in ledger


def test_no_receipt_for_the_bureau_nor_of_another_company_nor_of_what_was_not_paid(
    office: Desk, payment: Payment
) -> None:
    assert "receipt.pdf" not in office.get(f"{PAYMENTS}{payment.id}", Role.BUR).text
    assert office.get(f"{PAYMENTS}{payment.id}/receipt.pdf", Role.BUR).status_code == 403
    assert office.get(f"{PAYMENTS}{payment.id}/receipt.pdf", Role.DSP).status_code in (403, 404)
    other, waiting = make_paid(make_place()), make_payment(office.scene.place)
    assert office.get(f"{PAYMENTS}{other.id}/receipt.pdf", Role.FIN).status_code == 404
    assert office.get(f"{PAYMENTS}{waiting.id}/receipt.pdf", Role.FIN).status_code == 409


def test_payments_are_found_by_state_day_and_each_of_their_numbers(office: Desk, payment: Payment) -> None:
    waiting = make_payment(office.scene.place)

    def found(query: str) -> tuple[bool, bool]:
        text = office.get(f"{PAYMENTS}?{query}", Role.FIN).text
        return payment.receipt_no in text, waiting.out_trade_no in text

    assert found("") == (True, True)
    assert found("state=paid") == (True, False)
    assert found("state=created") == (False, True)
    assert found(f"number={payment.transaction_id}") == (True, False)
    assert found(f"number={waiting.out_trade_no}") == (False, True)
    today = china_date(clock.now())
    assert found(f"since={today}&until={today}") == (True, True)
    assert found(f"since={today + timedelta(days=1)}") == (False, False)
    assert found(f"until={today - timedelta(days=1)}") == (False, False)
    assert found("state=nonsense&since=yesterday&until=9999-12-31") == (True, True)


def test_a_long_list_goes_on_and_costs_the_same_for_twenty_as_for_three(office: Desk) -> None:
    payments = [make_paid(office.scene.place, fen=100 + each) for each in range(3)]
    few = office.statements(PAYMENTS, Role.FIN)
    payments += [make_paid(office.scene.place, fen=200 + each) for each in range(20)]
    assert office.statements(PAYMENTS, Role.FIN) == few
    text = office.get(PAYMENTS, Role.FIN).text
    assert "后面的 →" in text
    assert payments[0].receipt_no not in text


def test_the_worklist_costs_the_same_for_twelve_as_for_two(office: Desk) -> None:
    def wait_for_somebody(count: int) -> None:
        for each in range(count):
            refund_id = asked(make_paid(office.scene.place, fen=1000 + each))
            held = db.session.get_one(Refund, refund_id).payment_id
            transact(lambda held=held: hold_refunds(held, "invoice:1", "先红冲发票"))

    wait_for_somebody(2)
    few = office.statements(REFUNDS, Role.FIN)
    wait_for_somebody(10)
    assert office.statements(REFUNDS, Role.FIN) == few
    assert office.get(REFUNDS, Role.FIN).text.count("先红冲发票") == 12


def test_a_payment_of_which_wechat_says_nothing_says_so_in_words(office: Desk) -> None:
    waiting = make_payment(office.scene.place)
    transact(lambda: setattr(db.session.get_one(Payment, waiting.id), "last_error", "query NO_ANSWER"))
    text = office.get(f"{PAYMENTS}{waiting.id}", Role.FIN).text
    assert "查询时微信没有应答,会自动再查" in text
    assert "NO_ANSWER" not in text


def test_an_empty_list_says_when_something_will_stand_there(office: Desk) -> None:
    assert "还没有人在线缴费" in office.get(PAYMENTS, Role.FIN).text
    assert "没有符合条件的缴费" in office.get(f"{PAYMENTS}?state=late", Role.FIN).text
    assert "没有待办理的退费" in office.get(REFUNDS, Role.FIN).text


def test_review_and_approval_are_two_persons_and_the_money_leaves_after_the_second(
    office: Desk, payment: Payment
) -> None:
    refund_id = asked(payment)
    assert "初审通过" in office.get(REFUNDS, Role.FIN).text
    assert "初审通过" not in office.get(REFUNDS, Role.CO).text
    assert "已初审" in submit(office, f"{refund_id}/review").text
    assert "复核,退款" not in office.get(REFUNDS, Role.FIN).text, "the reviewer does not approve"
    assert "不同的人" in submit(office, f"{refund_id}/approve").text
    assert step_of(refund_id) == "reviewed"
    assert "已复核" in submit(office, f"{refund_id}/approve", Role.CO).text
    assert step_of(refund_id) == "sending"
    assert send_due_refunds(FakePay(), 5) == 1


def test_the_same_form_twice_is_one_signature(office: Desk, payment: Payment) -> None:
    refund_id = asked(payment)
    said = [submit(office, f"{refund_id}/review", request_id="a-request-id-1").text for _ in range(2)]
    assert all("已初审" in each for each in said)


def test_a_rejected_one_says_why_and_a_reason_is_needed(office: Desk, payment: Payment) -> None:
    refund_id = asked(payment)
    assert "请再写具体一点" in submit(office, f"{refund_id}/reject", why="").text
    assert "已退回申请" in submit(office, f"{refund_id}/reject", why="<b>服务已做完</b>").text
    text = office.get(f"{REFUNDS}?show=over", Role.FIN).text
    assert "&lt;b&gt;服务已做完" in text


def test_a_failed_one_says_what_to_do_and_is_sent_again(office: Desk, payment: Payment) -> None:
    refund_id = asked(payment)
    second = scope_of(make_hat(Role.FIN, company_id=office.scene.place.company.id))
    transact(partial(refunding.review, refund_id, by=second))
    transact(partial(refunding.approve, refund_id, by=office.scene.by(Role.CO)))
    send_due_refunds(FakePay(codes=[("refund", "TRADE_OVERDUE")]), 1)
    text = office.get(REFUNDS, Role.FIN).text
    assert "超过一年,不能原路退回" in text
    assert "重新发起" in text
    assert "原来的退款单号" in submit(office, f"{refund_id}/retry").text
    assert step_of(refund_id) == "sending"


def test_the_bureau_reads_and_signs_nothing(office: Desk, payment: Payment) -> None:
    refund_id = asked(payment)
    text = office.get(REFUNDS, Role.BUR).text
    assert payment.receipt_no in text
    assert "初审通过" not in text
    assert submit(office, f"{refund_id}/review", Role.BUR).status_code == 403
    assert "申请退费</summary>" not in office.get(f"{PAYMENTS}{payment.id}", Role.BUR).text


def test_finance_asks_for_single_lines_and_does_not_sign_its_own(office: Desk, payment: Payment) -> None:
    subject = payment.lines[1].subject
    form = {"reason_code": "agreed", "reason": "电话商定", "subjects": subject, "amount": ""}
    said = submit(office, f"{payment.id}/ask-refund", page=PAYMENTS, **form).text
    assert "已提出退费" in said
    db.session.rollback()
    refund = db.session.query(Refund).one()
    assert (refund.amount_fen, refund.requested_by is not None) == (15000, True)
    assert "不同的人" in submit(office, f"{refund.id}/review").text


@pytest.mark.parametrize("amount", ["-1", "0", "1e3", "286.005", "９", "🙂", "999999999999", "]]>", "436.01"])
def test_a_bad_amount_is_said_and_nothing_is_asked_for(office: Desk, payment: Payment, amount: str) -> None:
    form = {"reason_code": "agreed", "amount": amount}
    answer = submit(office, f"{payment.id}/ask-refund", page=PAYMENTS, **form)
    assert answer.status_code == 200
    assert "已提出退费" not in answer.text
    db.session.rollback()
    assert db.session.query(Refund).count() == 0


def test_a_form_without_its_token_changes_nothing(office: Desk, payment: Payment) -> None:
    refund_id = asked(payment)
    answer = office.client(Role.FIN).post(f"{REFUNDS}{refund_id}/review", data={"request_id": "x" * 12})
    assert answer.status_code in (400, 403)
    assert step_of(refund_id) == "requested"
