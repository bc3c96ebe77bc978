"""What households of the demonstration have paid: the services would have written the same, every rule of money holds,
and the sandbox that plays WeChat can be told of it, names it in its bills and gives it back."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, inspect, select

from app.accounts.models import Account, Credential, Hat, HomeBinding
from app.accounts.scopes import resident_scope
from app.books.models import LedgerEntry, LedgerLine
from app.companies.hats import scope_of
from app.core import clock
from app.core.clock import china_date
from app.core.db import db, transact
from app.core.scope import SYSTEM
from app.estates.models import Estate
from app.fees import paying
from app.fees.bill_models import Bill
from app.fees.rules import BillState, months_later, period_of
from app.fees.settling import take_over
from app.integrations.wechat.client import MemoryTokenStore, MiniClient
from app.integrations.wechat.pay.contract import PayGateway
from app.integrations.wechat.pay.opening import open_gateway
from app.payments import refunding
from app.payments.invariants import broken_rules
from app.payments.models import Payment, PaymentLine, Refund, RefundStep
from app.payments.sending_refunds import send_due_refunds
from app.payments.settling import Receiver, settle
from app.reconciliation.comparing import our_side
from app.reconciliation.models import BillFile, ReconciliationCase
from app.reconciliation.nightly import reconcile
from app.reconciliation.rules import differences, lines
from app.seeds import bill_payments
from app.seeds.credentials import sandbox_openid
from app.seeds.households import OUT_OF_A_HUNDRED, Household
from app.seeds.known_payments import payments_as_wechat_knows_them
from app.seeds.settled import trade_of
from app.supervision import collection
from app.supervision.collection import Lens
from config import SANDBOX_APPID, Settings
from deploy.local import local_environment, tell_past_payments
from tests.conftest import TEST_KEY
from tests.fakes.sandbox import SandboxHandle, start_sandbox
from tests.seeds.demo_database import NOW, SETTINGS, count, opened

HOME = "http://127.0.0.1:9"
RECEIVER = Receiver(SETTINGS.wechat_appid, SETTINGS.wechat_pay_mch_id)


def rows_since(payment_id: int) -> dict[str, list[dict[str, Any]]]:
    """Everything that payments from this id on have written, as plain values but for the number that chance gives."""
    entries = select(LedgerEntry).where(LedgerEntry.subject == f"payment:{payment_id}")
    ids = [entry.id for entry in db.session.scalars(entries)]
    lines_of = select(PaymentLine).where(PaymentLine.payment_id == payment_id)
    subjects = [line.subject for line in db.session.scalars(lines_of)]
    return {
        "payments": _plain(select(Payment).where(Payment.id == payment_id)),
        "lines": _plain(lines_of),
        "entries": _plain(entries),
        "ledger": _plain(select(LedgerLine).where(LedgerLine.entry_id.in_(ids))),
        "bills": _plain(select(Bill).where(Bill.id.in_([int(each[5:]) for each in subjects]))),
    }


def _plain(statement: Any) -> list[dict[str, Any]]:
    found = []
    for row in db.session.scalars(statement.order_by("id")):
        columns = [each.key for each in inspect(type(row)).column_attrs]
        found.append({name: getattr(row, name) for name in columns if name != "out_trade_no"})
    return found


def test_the_rows_are_those_that_the_services_would_have_written(demo):
    """顾 pays for the three months that he owes of three homes, parking on common ground among them."""
    openid = sandbox_openid(SANDBOX_APPID, "gu")
    payer_id = db.session.scalars(select(Account.id).where(Account.openid == openid)).one()
    homes = db.session.scalars(select(HomeBinding.home_id).where(HomeBinding.account_id == payer_id)).all()
    due = (Bill.home_id.in_(homes)) & (Bill.state == BillState.DUE.value)
    at = NOW - timedelta(minutes=7)

    def by_the_services() -> int:
        ids = db.session.scalars(select(Bill.id).where(due)).all()
        with clock.frozen(at):
            [payment] = paying.pay(ids, by=resident_scope(payer_id), client_ip="127.0.0.1")
        with clock.frozen(at + timedelta(seconds=30)):
            settle(payment.out_trade_no, trade_of(payment, RECEIVER), receiver=RECEIVER)
            take_over(ids)
        return payment.id

    def in_bulk() -> int:
        households = [Household(payer_id, openid, tuple(homes), (at,))]
        assert bill_payments.pay_households(households, NOW) == 1
        return int(db.session.scalar(select(func.max(Payment.id))) or 0)

    written = []
    for way in (by_the_services, in_bulk):
        payment_id = way()
        db.session.expire_all()
        written.append(rows_since(payment_id))
        db.session.rollback()
    assert written[0] == written[1]
    assert len(written[0]["lines"]) == len(written[0]["bills"]) >= 9
    assert {bill["state"] for bill in written[0]["bills"]} == {"paid"}


def test_every_rule_of_money_holds(demo):
    assert broken_rules() == []


def rate_of(line: collection.Line) -> float:
    """Percent; of a month that was billed."""
    assert line.rate is not None
    return line.rate


def test_estates_and_companies_differ_and_the_older_a_month_the_less_is_owed(demo):
    present = period_of(china_date(NOW))
    months = [Lens(months_later(present, -back)) for back in (1, 2, 3)]
    last, before, oldest = (
        {line.id: rate_of(line) for line in collection.by_estate(lens, SYSTEM).items} for lens in months
    )
    assert len(last) == len({round(rate) for rate in last.values()}) == len(OUT_OF_A_HUNDRED)
    for estate_id, rate in last.items():
        assert 76 <= rate < before[estate_id] < oldest[estate_id] < 98
    rates = [rate_of(line) for line in collection.by_company(months[0], SYSTEM)]
    assert max(rates) - min(rates) > 8
    assert rate_of(collection.total(Lens(present), SYSTEM)) < rate_of(collection.total(months[0], SYSTEM))


def test_online_payment_is_open_wherever_somebody_has_paid_and_each_company_got_its_own(demo):
    paid = select(Payment.estate_id).distinct()
    open_ = select(Estate.id).where(Estate.pay_enabled.is_(True))
    assert set(db.session.scalars(paid)) == set(db.session.scalars(open_))
    accounts = db.session.execute(select(Payment.company_id, Payment.sub_mch_id).distinct()).all()
    assert len(accounts) == len({sub_mch_id for _, sub_mch_id in accounts}) == 3


def test_neighbours_are_payers_and_nothing_else(demo):
    """The residents remain the 168 of domain 4.1."""
    payers = select(Payment.payer_id).where(Payment.payer_id == Account.id).exists()
    resident = select(HomeBinding.id).where(HomeBinding.account_id == Account.id).exists()
    assert count(Account, payers, ~resident) > 3500
    assert count(Account, ~resident, payers, Account.name.is_(None)) == 0
    assert count(Account, ~resident, ~payers, Account.phone_index.is_(None)) == 0


@pytest.fixture
def own_demo(demo_file, tmp_path: Path) -> Iterator[Path]:
    """A copy that may be changed, open at its own instant."""
    path = tmp_path / "copy.db"
    shutil.copyfile(demo_file[0].removeprefix("sqlite:///"), path)
    with opened(f"sqlite:///{path}"), clock.frozen(NOW):
        yield tmp_path


def sandbox_of(now, **settings: Any) -> SandboxHandle:
    """A sandbox whose clock stands at the instant."""
    handle = start_sandbox(**settings)
    handle.sandbox.world.clock.held_at = now.timestamp()
    return handle


def told(sandbox: SandboxHandle) -> int:
    """How many payments of the database are new to the sandbox."""
    payments = list(payments_as_wechat_knows_them(HOME))
    some = [payments[start : start + 1000] for start in range(0, len(payments), 1000)]
    return sum(sandbox.call("POST", "/pay/past", {"payments": each})["new"] for each in some)


def gateway_to(sandbox: SandboxHandle) -> PayGateway:
    """The product's own way to WeChat Pay, over HTTP."""
    settings = Settings(
        environment="test", wechat_api_base=sandbox.url, wechat_pay_base=sandbox.url, public_base_url=HOME
    )
    tokens = MemoryTokenStore()
    mini = MiniClient(settings.wechat_appid, settings.wechat_secret, api_base=sandbox.url, token_store=tokens)
    gateway = open_gateway(settings, mini)
    assert gateway is not None
    return gateway


def hat_of(login: str):
    mine = select(Hat).join(Credential, Credential.account_id == Hat.account_id)
    return scope_of(db.session.scalars(mine.where(Credential.login_name == login)).one())


def test_a_refund_of_a_payment_of_the_past_arrives(own_demo):
    """Asked for and reviewed hours ago: the administrator lets the money go, and WeChat gives it back."""
    refund_id = db.session.scalars(select(Refund.id).where(Refund.step == RefundStep.REVIEWED.value)).one()
    transact(lambda: refunding.approve(refund_id, by=hat_of("demo-co")))
    with sandbox_of(NOW) as sandbox:
        assert told(sandbox) == count(Payment)
        gateway = gateway_to(sandbox)
        for after in (0, 40):
            sandbox.advance(after)
            sandbox.deliver()
            with clock.frozen(NOW + timedelta(seconds=after)):
                send_due_refunds(gateway, 10)
        refund = db.session.get_one(Refund, refund_id)
        payment = db.session.get_one(Payment, refund.payment_id)
        assert (refund.step, payment.refunded_fen) == (RefundStep.DONE.value, payment.amount_fen)
        assert broken_rules() == []
        assert told(sandbox) == 0
    with sandbox_of(NOW) as forgetful:
        assert told(forgetful) == count(Payment)
        assert forgetful.pay_order(payment.out_trade_no)["refunded"] == refund.amount_fen


def test_what_the_sandbox_was_told_outlives_its_restart_and_telling_it_again_changes_nothing(own_demo):
    folder = own_demo / "sandbox"
    with sandbox_of(NOW, database_dir=folder) as first:
        assert told(first) == count(Payment)
    with sandbox_of(NOW, database_dir=folder) as second:
        assert told(second) == 0
        orders = second.call("GET", "/pay/orders", query={"state": "SUCCESS"})
        assert orders["count"] == count(Payment)


@pytest.mark.processes
def test_make_run_tells_the_sandbox_of_every_payment_in_its_database(own_demo):
    with sandbox_of(NOW) as sandbox:
        port = int(sandbox.url.rpartition(":")[2]) - 1
        environment = {
            **local_environment(port, own_demo),
            "DATABASE_URL": f"sqlite:///{own_demo / 'copy.db'}",
            "PERSONAL_DATA_KEY": base64.b64encode(TEST_KEY).decode(),
        }
        tell_past_payments(port, environment)
        assert sandbox.call("GET", "/pay/orders", query={"limit": "1"})["count"] == count(Payment)


def test_the_sandboxs_bills_agree_with_the_reconciled_days_and_with_the_night_to_come(own_demo):
    """The days of the past were settled with bills of the seeds' own; the next one is fetched from the sandbox."""
    next_morning = NOW + timedelta(days=1, hours=1)
    transact(partial(_paid_this_morning, NOW - timedelta(hours=1)))
    with sandbox_of(next_morning) as sandbox:
        told(sandbox)
        gateway = gateway_to(sandbox)
        for file in db.session.scalars(_last_week()).all():
            theirs = lines(gateway.bill(file.bill_on, file.sub_mch_id).rows)
            assert len(theirs) == file.line_count > 0
            assert sum(line.fee_fen for line in theirs) == file.fee_fen
            assert differences(theirs, our_side(file, theirs)) == []
        with clock.frozen(next_morning):
            reconcile(gateway, receiver=RECEIVER)
    today = select(func.sum(BillFile.line_count)).where(BillFile.bill_on == china_date(NOW))
    assert int(db.session.scalar(today) or 0) >= 1
    assert count(ReconciliationCase) == 0


def _last_week() -> Any:
    since: date = china_date(NOW) - timedelta(days=7)
    return select(BillFile).where(BillFile.bill_on >= since, BillFile.line_count > 0)


def _paid_this_morning(at) -> None:
    openid = sandbox_openid(SANDBOX_APPID, "gu")
    payer_id = db.session.scalars(select(Account.id).where(Account.openid == openid)).one()
    homes = db.session.scalars(select(HomeBinding.home_id).where(HomeBinding.account_id == payer_id)).all()
    bill_payments.pay_households([Household(payer_id, openid, tuple(homes), (at,))], NOW)
