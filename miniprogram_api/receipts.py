"""GET /api/v1/payments/{id}/receipt.pdf: the receipt of one's own payment, for wx.downloadFile and for browsers."""

from __future__ import annotations

from flask import Blueprint, Response, g

from app.bootstrap import begin_unit
from app.payments.queries import payment_view
from app.payments.receipts import receipt_pdf
from miniprogram_api.neighbours import neighbours
from miniprogram_api.session import RESIDENT, authenticate

blueprint = Blueprint("api_receipts", __name__, url_prefix="/api/v1")


@blueprint.get("/payments/<id:payment_id>/receipt.pdf")
def receipt(payment_id: int) -> Response:
    """A payment that is not one's own is a 404, one that has not arrived a 409."""
    begin_unit(neighbours().settings)
    caller = authenticate(RESIDENT)
    view = payment_view(payment_id, caller.scope)
    g.no_store = True
    response = Response(receipt_pdf(view), mimetype="application/pdf")
    name = f"receipt-{view.payment.receipt_no}.pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response
