"""Paid payments and steps of their invoices, each in a unit of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from app.accounts.scopes import resident_scope
from app.books.accounts import Account
from app.companies.hats import scope_of
from app.core import clock
from app.core.db import db, transact
from app.core.roles import Role
from app.core.scope import Scope
from app.invoices import issuing, requesting
from app.invoices.lifecycle import How, State, TitleKind
from app.invoices.models import Invoice
from app.invoices.rules import Wanted
from app.payments.models import Payment, PaymentLine, PaymentState
from tests.factories import make_credential, make_hat, next_number
from tests.factories.scene import Scene
from tests.factories.units import saved

GOOD_CODE = "91110108MA01ABCD2H"


def paid(scene: Scene, *, fen: int = 28600, lines: int = 1, state: PaymentState = PaymentState.PAID) -> int:
    """A payment of the scene's resident to the scene's company, of so many lines of `fen` each."""

    def write() -> int:
        number, at = next_number(), clock.now()
        was_paid = state is PaymentState.PAID
        payment = Payment(
            out_trade_no=f"A{number:08d}",
            purpose="bills",
            title="物业账单",
            payer_id=scene.resident.id,
            payer_openid="openid",
            company_id=scene.place.company.id,
            estate_id=scene.place.estate.id,
            district_id=scene.place.district.id,
            sub_mch_id="1900000201",
            amount_fen=fen * lines,
            state=state.value,
            created_at=at,
            expires_at=at + timedelta(minutes=30),
            next_at=at,
            transaction_id=f"42{number:026d}" if was_paid else None,
            paid_at=at if was_paid else None,
            paid_on=clock.china_date(at) if was_paid else None,
            receipt_no=f"T-{number}" if was_paid else None,
        )
        payment.lines = [
            PaymentLine(
                subject=f"test:{number}:{each}",
                account=Account.PROPERTY_FEE.value,
                label=f"3号楼502 2026年{each + 1:02d}月 物业费",
                amount_fen=fen,
            )
            for each in range(lines)
        ]
        return saved(payment).id

    return transact(write)


def accountant(scene: Scene) -> Scope:
    """The scene's company's accountant, the same one each time."""
    if Role.FIN not in scene.scopes:
        hat = make_hat(Role.FIN, company_id=scene.place.company.id)
        make_credential(hat.account, login_name=f"fin-{hat.account_id}")
        scene.scopes[Role.FIN] = scope_of(hat)
    return scene.scopes[Role.FIN]


def payer(scene: Scene) -> Scope:
    return resident_scope(scene.resident.id)


def wanted(how: How = How.OFFICE, **values: Any) -> Wanted:
    """A private person's, unless told otherwise."""
    plain: dict[str, Any] = {"title_kind": TitleKind.PERSON, "title": "王女士"}
    if how is How.ELECTRONIC:
        plain["email"] = "wang@example.com"
    return Wanted(how=how, **{**plain, **values})


def asked(scene: Scene, how: How = How.OFFICE, *, payment_id: int | None = None, **values: Any) -> int:
    """An invoice that waits."""
    payment = payment_id or paid(scene)
    by = payer(scene)
    return transact(
        lambda: requesting.request(payment, wanted(how, **values), electronic_offered=True, by=by).id
    )


def number() -> str:
    return f"2611{next_number():016d}"


def step(work: Callable[[], Invoice]) -> Invoice:
    """One step in a unit of its own."""
    return transact(work)


def in_state(scene: Scene, state: State, how: How = How.OFFICE) -> int:
    """A paper invoice in the state, reached step by step."""
    invoice_id, by = asked(scene, how), accountant(scene)
    box = how is How.LETTERBOX
    ready = State.DELIVERING if box else State.READY
    steps: list[tuple[State, Callable[[], Invoice]]] = [
        (State.ISSUED, lambda: issuing.issue(invoice_id, number=number(), by=by)),
        (ready, lambda: issuing.set_out(invoice_id, by=by)),
        (
            State.DELIVERED if box else State.COLLECTED,
            lambda: issuing.hand_over(invoice_id, to="本人", by=by),
        ),
    ]
    if state is State.REVERSED:
        step(steps[0][1])
        step(lambda: issuing.reverse(invoice_id, red_number=number(), reason="退费", by=by))
    elif state is State.RETURNED:
        step(lambda: issuing.send_back(invoice_id, reason="抬头不完整", by=by))
    elif state is State.WITHDRAWN:
        mine = payer(scene)
        step(lambda: requesting.withdraw(invoice_id, by=mine))
    elif state is not State.REQUESTED:
        for reached, work in steps:
            step(work)
            if reached is state:
                break
    assert invoice(invoice_id).state == state.value
    return invoice_id


def invoice(invoice_id: int) -> Invoice:
    """As the database has it now."""
    db.session.rollback()
    return db.session.get_one(Invoice, invoice_id, populate_existing=True)
