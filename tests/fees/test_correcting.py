"""更正: a new version beside the old one, and what it does to money that was paid already."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.audit.models import AuditRecord
from app.core.db import db, transact
from app.core.errors import Invalid
from app.core.outbox import OutboxRow
from app.core.roles import Role
from app.core.scope import SYSTEM
from app.fees import correcting, paying, queries
from app.fees.bill_models import BillCorrection
from app.fees.errors import (
    BillBeingPaid,
    BillNotFound,
    BillRefundOpen,
    BillReplaced,
    NotYourMoney,
    SameAmount,
)
from app.fees.events import BillCorrected
from app.notifications.models import Notification
from app.payments.models import Payment, Refund
from app.reactions.fee_reactions import tell_of_correction
from tests.engines import both_engines
from tests.fees.town import bills, charge, issue, make_town, pay_for, settled

pytestmark = both_engines
WHY = "面积按产权证更正"


@pytest.fixture
def town(app_db):
    """One home with its November bill of 286.00."""
    town = make_town(homes=1)
    charge(town.place)
    issue("2026-11")
    return town


def correct(town, fen, *, role=Role.FIN, reason=WHY):
    newest = bills()[-1].id
    by = town.by(role)
    return transact(lambda: correcting.correct(newest, amount_fen=fen, reason=reason, by=by))


def test_an_unpaid_bill_is_replaced_and_the_old_one_kept(town):
    correct(town, 26_000)
    old, new = bills()
    assert (old.state, old.amount_fen, old.version) == ("void", 28_600, 1)
    assert (new.state, new.amount_fen, new.version, new.unpaid_fen) == ("due", 26_000, 2, 26_000)
    assert (new.company_id, new.due_on, new.period) == (old.company_id, old.due_on, old.period)
    assert "bill.correct" in set(db.session.scalars(select(AuditRecord.action)))


def test_the_resident_reads_what_it_was_what_it_is_and_why(town):
    correct(town, 26_000)
    page, _ = queries.bills_page(town.resident(), state="due")
    (line,) = page.items
    assert line.basis == f"110.00 m² × ¥2.60;原 ¥286.00,更正为 ¥260.00:{WHY}"
    fact = db.session.scalars(select(OutboxRow).where(OutboxRow.name == "BillCorrected")).one()
    for _ in range(2):
        transact(lambda: tell_of_correction(BillCorrected(**fact.payload)))
    message = db.session.scalars(select(Notification)).one()
    assert message.account_id == town.residents[0].id
    assert "已由 ¥286.00 更正为 ¥260.00" in message.body
    assert WHY in message.body


def test_a_paid_bill_that_was_too_dear_asks_the_difference_back_and_stays_paid(town):
    (payment,) = pay_for([bills()[0].id], town.resident())
    correct(town, 26_000)
    old, new = bills()
    assert (old.state, new.state, new.unpaid_fen) == ("void", "paid", 0)
    refund = db.session.scalars(select(Refund)).one()
    assert (refund.amount_fen, refund.step, refund.payment_id) == (2_600, "requested", payment.id)
    assert WHY in refund.reason

    def arrive() -> None:
        paid = db.session.get_one(Payment, payment.id)
        paid.lines[0].refunded_fen = paid.refunded_fen = 2_600
        paid.refunding_fen = 0

    transact(arrive)
    settled(payment.id)
    new = bills()[-1]
    assert (new.state, new.paid_fen, new.refunded_fen, new.unpaid_fen) == ("paid", 28_600, 2_600, 0)


def test_a_paid_bill_that_was_too_cheap_is_due_with_the_difference_alone(town):
    pay_for([bills()[0].id], town.resident())
    correct(town, 30_800)
    new = bills()[-1]
    assert (new.state, new.unpaid_fen) == ("due", 2_200)
    assert queries.summary(town.resident())[0].due_fen == 2_200
    (line,) = queries.bills_page(town.resident(), state="due")[0].items
    assert line.words == "还差 ¥22.00"
    (payment,) = pay_for([new.id], town.resident())
    assert payment.amount_fen == 2_200
    assert payment.lines[0].label.startswith("物业费补差")
    assert [(bill.state, bill.paid_fen) for bill in bills()][-1] == ("paid", 30_800)


def test_a_bill_that_was_a_mistake_is_taken_back(town):
    correct(town, 0)
    assert [bill.state for bill in bills()] == ["void", "void"]
    assert queries.summary(town.resident())[0].due_fen == 0
    assert issue("2026-11").bills == 0


def test_a_bill_that_is_just_being_paid_waits(town):
    transact(lambda: paying.pay([bills()[0].id], by=town.resident(), client_ip="::1"))
    with pytest.raises(BillBeingPaid):
        correct(town, 26_000)


def test_one_refund_of_a_payment_at_a_time(town):
    pay_for([bills()[0].id], town.resident())
    correct(town, 26_000)
    with pytest.raises(BillRefundOpen):
        correct(town, 25_000)


def test_only_the_newest_version_can_be_corrected(town):
    first = bills()[0].id
    correct(town, 26_000)
    with pytest.raises(BillReplaced):
        transact(lambda: correcting.correct(first, amount_fen=25_000, reason=WHY, by=SYSTEM))
    assert len(db.session.scalars(select(BillCorrection)).all()) == 1


def test_the_same_amount_is_no_correction(town):
    with pytest.raises(SameAmount):
        correct(town, 28_600)


@pytest.mark.parametrize("fen", [-1, 10**9, 10**30, True])
def test_impossible_amounts_are_refused(town, fen):
    with pytest.raises(Invalid):
        correct(town, fen)


@pytest.mark.parametrize("reason", ["", "错", "长" * 201])
def test_a_reason_that_says_nothing_is_refused(town, reason):
    with pytest.raises(Invalid):
        correct(town, 26_000, reason=reason)


def test_neither_the_administrator_nor_a_foreign_accountant_corrects(town):
    other = make_town(homes=1)
    with pytest.raises(NotYourMoney):
        correct(town, 26_000, role=Role.CO)
    with pytest.raises(BillNotFound):
        foreign = other.by(Role.FIN)
        bill_id = bills()[0].id
        transact(lambda: correcting.correct(bill_id, amount_fen=1, reason=WHY, by=foreign))
