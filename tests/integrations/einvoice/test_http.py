"""The invoice service over real HTTP: what is signed, what counts as an invoice, what as a refusal."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest

from app.integrations.einvoice.contract import EInvoiceDown, EInvoiceRefused, Issued
from app.integrations.einvoice.http import EInvoiceClient
from tests.fakes.loopback import Reply, loopback
from tests.fakes.sandbox import start_sandbox
from wechat_sandbox.settings import EINVOICE_KEY

NUMBER, URL = "26110000000000000001", "https://invoices.example/1.pdf"
GOOD = {"ok": True, "number": NUMBER, "pdf_url": URL}
CONTENT = {
    "seller_tax_no": "91999999MA0000001X",
    "seller": "示范物业",
    "title_kind": "person",
    "title": "王女士",
    "tax_no": "",
    "email": "wang@example.com",
    "amount_fen": 28600,
    "items": [{"label": "2026年10月 物业费", "amount_fen": 28600}],
}


def answer_with(body: object, status: int = 200):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _: Reply(raw, status=status)


def issue(url: str, secret: str = "a shared secret", **content: object) -> Issued:
    return EInvoiceClient(url, secret, timeout=(1, 1)).issue("I7-issue", {**CONTENT, **content})


def test_an_invoice_has_a_number_and_an_address_and_its_request_is_signed():
    with loopback(answer_with(GOOD)) as service:
        assert issue(service.url) == Issued(NUMBER, URL)
        (heard,) = service.heard
    expected = hmac.new(b"a shared secret", heard.body, hashlib.sha256).hexdigest()
    assert heard.path == "/einvoice/issue"
    assert heard.headers["X-Anju-Signature"] == f"sha256={expected}"
    assert json.loads(heard.body) == {"request_no": "I7-issue", **CONTENT}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({**GOOD, "ok": "true"}, 200),
        ({**GOOD, "number": ""}, 200),
        ({**GOOD, "number": 26110000}, 200),
        ({**GOOD, "number": "9" * 25}, 200),
        ({**GOOD, "pdf_url": "javascript:alert(1)"}, 200),
        ({**GOOD, "pdf_url": f"https://x.example/{'9' * 250}"}, 200),
        (GOOD, 500),
        (GOOD, 302),
        (GOOD, 422),
        ({"ok": False}, 422),
        ([], 200),
        (b"<html>", 200),
        (b"[" * 60000, 200),
    ],
)
def test_everything_else_is_no_answer(body, status):
    with loopback(answer_with(body, status)) as service, pytest.raises(EInvoiceDown):
        issue(service.url)


def test_a_refusal_says_why():
    said = answer_with({"ok": False, "error": "抬头不对"}, 422)
    with loopback(said) as service, pytest.raises(EInvoiceRefused, match="抬头不对"):
        issue(service.url)


def test_a_closed_door_is_no_answer():
    with loopback(answer_with({})) as service:
        url = service.url
    with pytest.raises(EInvoiceDown):
        issue(url)


def test_the_sandbox_gives_the_same_invoice_again_and_refuses_what_does_not_add_up():
    with start_sandbox() as sandbox:
        first = issue(sandbox.url, EINVOICE_KEY)
        assert issue(sandbox.url, EINVOICE_KEY) == first
        with pytest.raises(EInvoiceRefused, match="已经用于另一张"):
            issue(sandbox.url, EINVOICE_KEY, title="李女士")
        client = EInvoiceClient(sandbox.url, EINVOICE_KEY)
        with pytest.raises(EInvoiceRefused, match="合计"):
            client.issue("I8-issue", {**CONTENT, "amount_fen": 1})
        red = client.reverse("I7-reverse", first.number)
        assert client.reverse("I7-reverse", first.number) == red
        with pytest.raises(EInvoiceRefused, match="已经红冲"):
            client.reverse("I9-reverse", first.number)


def test_the_sandbox_refuses_a_wrong_secret_and_breaks_when_it_is_told_to():
    with start_sandbox() as sandbox:
        with pytest.raises(EInvoiceDown, match="401"):
            issue(sandbox.url, "a wrong secret")
        sandbox.fault("/einvoice/issue", "drop_after")
        with pytest.raises(EInvoiceDown):
            issue(sandbox.url, EINVOICE_KEY)
        assert issue(sandbox.url, EINVOICE_KEY).number
