"""Where a tap on a message about money leads: pages that the client has; nowhere for what is done at the console."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from app.audit.service import ensure_head
from app.core.db import db, transact
from app.core.outbox import dispatch_one
from app.invoices.lifecycle import How, State
from app.notifications.models import Notification
from app.payments import refunding
from app.reactions.money_pages import money_page
from app.reactions.table import REACTIONS
from tests.factories.scene import make_scene
from tests.invoices import doing
from tests.payments.test_refunding import Company

PAGES = Path(__file__).resolve().parents[2] / "miniprogram" / "src" / "pages.json"
LEADS = [
    ("payment_done", "payment:7:paid", "money/payment/payment?id=7"),
    ("refund_done", "payment:7:late", "money/payment/payment?id=7"),
    ("refund_done", "payment:7:refund:9:done", "money/payment/payment?id=7"),
    ("refund_done", "refund:9:done", "money/payments/payments"),
    ("bill", "bill:12:corrected", "money/bill/bill?id=12"),
    ("bill", "bills:2026-11-30:issued:1", "money/bills/bills"),
    ("invoice", "invoice:3:2", "money/invoices/invoices"),
    ("fee_question", "fee_question:3:2", "money/questions/questions"),
    ("desk_money", "invoice:3:1", ""),
    ("desk_refund", "refund:9:requested", ""),
    ("order_done", "order:3:7", ""),
    ("payment_done", "payment:7&x=1:paid", "money/payments/payments"),
]


@pytest.mark.parametrize(("template", "key", "page"), LEADS)
def test_a_message_leads_to_the_page_of_what_it_is_about(template: str, key: str, page: str) -> None:
    assert money_page(template, key) == page


def test_the_client_has_every_page() -> None:
    known = json.loads(PAGES.read_text(encoding="utf-8"))
    paths = {f"{part['root']}/{page['path']}" for part in known["subPackages"] for page in part["pages"]}
    assert {page.partition("?")[0] for _, _, page in LEADS if page} <= paths


def pages_of(account_id: int | None) -> dict[str, str]:
    """What this person has heard, by title, and where it leads."""
    while dispatch_one(REACTIONS):
        pass
    rows = db.session.scalars(select(Notification).where(Notification.account_id == account_id))
    return {row.title: money_page(row.template, row.unique_key) for row in rows}


def test_payment_and_refund_lead_the_payer_to_the_payment_and_the_company_nowhere(app_db) -> None:
    company = Company(28600)
    transact(ensure_head)
    refund_id = company.approved()
    company.send()
    company.arrive(refund_id)
    here = f"money/payment/payment?id={company.payment.id}"
    assert pages_of(company.payment.payer_id) == {"缴费成功": here, "退费已通过": here, "退款已到账": here}
    assert set(pages_of(company.boss.account_id).values()) == {""}


def test_a_refusal_leads_there_too(app_db) -> None:
    company = Company(28600)
    transact(ensure_head)
    refund_id = company.ask()
    transact(lambda: refunding.reject(refund_id, by=company.boss, why="已上门说明"))
    found = pages_of(company.payment.payer_id)
    assert found["退费没有通过"] == f"money/payment/payment?id={company.payment.id}"


def test_every_step_of_an_invoice_leads_to_the_invoices(app_db) -> None:
    scene = make_scene()
    transact(ensure_head)
    finance = doing.accountant(scene)
    doing.in_state(scene, State.DELIVERED, How.LETTERBOX)
    found = pages_of(scene.resident.id)
    assert {found[title] for title in ("发票已开好", "发票正在投递", "发票已投递")} == {
        "money/invoices/invoices"
    }
    assert pages_of(finance.account_id)["居民申请发票"] == ""
