"""缴费记录: the company's payments for its finance, the district's for the bureau to read (S0-03)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose

from admin import commands, session
from admin.base import ConsoleView
from admin.commands import REFUSED
from admin.finance_forms import fen_of
from admin.navigation import PAYMENTS
from app.core.errors import Conflict, Forbidden, Invalid, WrongState
from app.payments import queries, refunding
from app.payments.doubt_words import doubt_words
from app.payments.models import PaymentState, RefundStep
from app.payments.receipts import receipt_pdf
from app.payments.refund_holds import why_held
from app.payments.refund_rules import RefundReason
from app.payments.refunding import APPROVERS, UNFINISHED

STATES = {
    PaymentState.PAID.value: "已支付",
    PaymentState.OPEN.value: "待支付(已打开微信)",
    PaymentState.CREATED.value: "待支付(还没打开微信)",
    PaymentState.CLOSING.value: "正在取消",
    PaymentState.CLOSED.value: "已取消",
    PaymentState.LATE.value: "取消后到账,原路退回",
}


class PaymentsView(ConsoleView):
    """The list, and the page of one with its refunds."""

    roles = PAYMENTS

    @expose("/")
    def index(self) -> str:
        """The newest first; by state, day, or one of the three numbers."""
        scope, filters = session.scope(), _filters(request.args)
        wanted = queries.Wanted(
            state=filters["state"],
            since=_day(filters["since"]),
            until=_day_after(filters["until"]),
            number=filters["number"],
        )
        page = queries.payments_found(scope, wanted, cursor=request.args.get("cursor"))
        return self.render(
            "console/payments.html",
            page=page,
            payers=queries.payer_names([view.payment for view in page.items]),
            filters=filters,
            states=STATES,
            any_filter=any(filters.values()),
        )

    @expose("/<int:payment_id>")
    def show(self, payment_id: int) -> str:
        """One, with what can be done about it."""
        scope = session.scope()
        view = queries.payment_view(payment_id, scope)
        left = view.payment.amount_fen - view.payment.refunded_fen - view.payment.refunding_fen
        open_ones = [each for each in view.refunds if each.step in UNFINISHED]
        paid = view.payment.state == PaymentState.PAID
        return self.render(
            "console/payment.html",
            view=view,
            payer=queries.payer_names([view.payment])[view.payment.payer_id],
            states=STATES,
            has_receipt=paid and scope.role in APPROVERS,
            may_refund=paid and scope.role in APPROVERS and left > 0 and not open_ones,
            left_fen=left,
            held=why_held(payment_id),
            doubt=doubt_words,
            steps={each.value: each.label for each in RefundStep},
            reasons=list(RefundReason),
            new_request_id=commands.new_request_id,
        )

    @expose("/<int:payment_id>/receipt.pdf")
    def receipt(self, payment_id: int) -> Response:
        """电子收据, the same file that the payer has; for the company, not for the bureau. Raises NoReceipt."""
        scope = session.scope()
        view = queries.payment_view(payment_id, scope)
        if scope.role not in APPROVERS:
            raise Forbidden()
        response = Response(receipt_pdf(view), mimetype="application/pdf")
        name = f"receipt-{view.payment.receipt_no}.pdf"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    @expose("/<int:payment_id>/ask-refund", methods=("POST",))
    def ask_refund(self, payment_id: int) -> ResponseReturnValue:
        """The company gives money back of its own accord; two others sign."""
        by, sent = session.scope(), request.form
        queries.payment_view(payment_id, by)  # what is not there is not found, whatever the form says

        def work() -> str:
            refunding.ask_refund(
                payment_id,
                by=by,
                reason_code=_reason(sent.get("reason_code", "")),
                reason=sent.get("reason", ""),
                amount_fen=fen_of(sent["amount"]) if sent.get("amount", "").strip() else None,
                subjects=sent.getlist("subjects") or None,
            )
            return "已提出退费,等另一位财务初审"

        try:
            flash(commands.run(work))
        except (Invalid, WrongState, Conflict) as refusal:
            flash(refusal.sentence, REFUSED)
        return redirect(url_for("payments.show", payment_id=payment_id))


def _filters(given: Mapping[str, str]) -> dict[str, str]:
    """What the form asks for; nonsense is left out rather than refused."""
    state = given.get("state", "")
    days = {name: given.get(name, "") if _day(given.get(name, "")) else "" for name in ("since", "until")}
    number = given.get("number", "").strip()[:32]
    return {"state": state if state in STATES else "", **days, "number": number}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _day_after(text: str) -> date | None:
    """The whole of the last day is meant."""
    found = _day(text)
    return found + timedelta(days=1) if found and found < date.max else None


def _reason(code: str) -> RefundReason:
    try:
        return RefundReason(code)
    except ValueError as error:
        raise Invalid("请选择退费原因", fields={"reason_code": "没有这个选项"}) from error


def views() -> list[BaseView]:
    """缴费记录."""
    return [PaymentsView("缴费记录", "payments", "payments")]
