"""A service for electronic invoices: writes, reverses, shows a PDF. Signed JSON, as with the hotline."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request
from flask.typing import ResponseReturnValue

from wechat_sandbox.edge import world
from wechat_sandbox.einvoice_desk import REFUSED_TITLE, NotWritten, OtherContent

einvoice_api = Blueprint("einvoice_api", __name__)
NEEDED = ("seller_tax_no", "seller", "title_kind", "title", "tax_no", "email", "amount_fen", "items")


@einvoice_api.post("/einvoice/issue")
def issue() -> ResponseReturnValue:
    """One invoice; the amount must be the sum of its items, a company needs its number, an address to send it to."""
    sent = _signed_json()
    if isinstance(sent, tuple):
        return sent
    wrong = _wrong(sent)
    if wrong:
        return jsonify(ok=False, error=wrong), 422
    return _write(sent)


@einvoice_api.post("/einvoice/reverse")
def reverse() -> ResponseReturnValue:
    """The red-letter invoice of one that was written; each is reversed once."""
    sent = _signed_json()
    if isinstance(sent, tuple):
        return sent
    return _write(sent, reverses=str(sent.get("number", "")))


@einvoice_api.get("/einvoice/pdf/<number>")
def pdf(number: str) -> Response:
    """A page that says which invoice it plays."""
    with world().lock:
        found = world().einvoice.find(number)
    if found is None:
        abort(404)
    return Response(_page(f"Demonstration only. Invoice {number}"), mimetype="application/pdf")


def _signed_json() -> dict[str, Any] | tuple[Response, int]:
    raw = request.get_data()
    expected = hmac.new(world().settings.einvoice_secret.encode(), raw, hashlib.sha256).hexdigest()
    given = request.headers.get("X-Anju-Signature", "")
    signed = hmac.compare_digest(f"sha256={expected}".encode(), given.encode())
    if not signed or not request.headers.get("X-Anju-Timestamp"):
        return jsonify(ok=False, error="wrong signature"), 401
    try:
        sent = json.loads(raw)
        assert isinstance(sent["request_no"], str)
        assert sent["request_no"]
    except (ValueError, KeyError, TypeError, AssertionError, RecursionError):
        return jsonify(ok=False, error="request_no missing"), 400
    return sent


def _wrong(sent: dict[str, Any]) -> str:
    missing = [name for name in NEEDED if name not in sent]
    if missing:
        return f"缺少 {missing[0]}"
    if REFUSED_TITLE in sent["title"]:
        return "税务系统没有这个抬头,请核对名称"
    if (sent["title_kind"] == "company") != bool(sent["tax_no"]):
        return "单位抬头要有税号,个人抬头没有税号"
    amounts = [item["amount_fen"] for item in sent["items"]]
    if not amounts or any(type(fen) is not int or fen < 1 for fen in amounts):
        return "项目金额不对"
    return "" if sum(amounts) == sent["amount_fen"] else "合计与项目金额不一致"


def _write(sent: dict[str, Any], *, reverses: str = "") -> ResponseReturnValue:
    try:
        with world().lock:
            invoice = world().einvoice.write(sent["request_no"], sent, reverses=reverses)
            world().changed()
    except OtherContent:
        return jsonify(ok=False, error="这个请求号已经用于另一张发票"), 422
    except NotWritten:
        return jsonify(ok=False, error="没有这张发票,或已经红冲"), 422
    address = f"{request.host_url}einvoice/pdf/{invoice['number']}"
    return jsonify(ok=True, number=invoice["number"], pdf_url=address)


def _page(words: str) -> bytes:
    """One page of PDF with one line of ASCII."""
    text = f"BT /F1 18 Tf 60 760 Td ({words}) Tj ET".encode()
    parts = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    body, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    tail = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, len(body))
    return body + head + table + tail
