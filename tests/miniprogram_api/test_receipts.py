"""The receipt over the API: for the payer alone, and only of what was paid."""

from __future__ import annotations

import pytest

from app.accounts.scopes import resident_scope
from app.core.db import transact
from app.core.roles import Role
from tests.factories import money
from tests.factories.people import make_account
from tests.miniprogram_api.phones import Api


@pytest.fixture
def payment(api: Api):
    """A waiting payment of the scene's resident."""
    return money.make_payment(api.scene.place, payer=api.scene.resident)


def test_the_payer_gets_his_receipt_as_a_file_that_nobody_keeps(api, payment):
    money.pay(payment)
    answer = api.phone(Role.RES).get(f"/payments/{payment.id}/receipt.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.data.startswith(b"%PDF-")
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Disposition"].startswith('inline; filename="receipt-')


def test_a_stranger_and_nobody_get_none(api, payment):
    money.pay(payment)
    stranger = api.phone(resident_scope(transact(make_account).id))
    assert stranger.get(f"/payments/{payment.id}/receipt.pdf").status_code == 404
    assert api.phone().get(f"/payments/{payment.id}/receipt.pdf").status_code == 401
    assert api.phone(Role.DSP).get(f"/payments/{payment.id}/receipt.pdf").status_code == 403
    assert api.phone(Role.RES).get("/payments/987654321/receipt.pdf").status_code == 404


def test_what_is_not_paid_has_none(api, payment):
    answer = api.phone(Role.RES).get(f"/payments/{payment.id}/receipt.pdf")
    assert (answer.status_code, answer.json["code"]) == (409, "no_receipt")
