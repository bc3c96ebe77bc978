"""退费: reviewed by an accountant, approved by another person, watched until the money has arrived (domain 3.12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose

from admin import commands, session
from admin.base import ConsoleView
from admin.commands import REFUSED
from admin.navigation import PAYMENTS
from app.core.errors import Conflict, Invalid, WrongState
from app.core.roles import Role
from app.core.scope import Scope
from app.payments import queries, refunding
from app.payments.models import Refund, RefundStep
from app.payments.queries import RefundView
from app.payments.refund_holds import held_words
from app.payments.refund_rules import REASON_WORDS
from app.payments.refund_words import fault_words

TABS = {"open": "待办理", "over": "已办结"}


class RefundsView(ConsoleView):
    """A worklist: what waits for whom, with the form beneath each."""

    roles = PAYMENTS

    @expose("/")
    def index(self) -> str:
        """What is open, or what is over; the newest first."""
        scope = session.scope()
        chosen = request.args.get("show", "open")
        shown = chosen if chosen in TABS else "open"
        page = queries.refunds_page(scope, open_=shown == "open", cursor=request.args.get("cursor"))
        return self.render(
            "console/refunds.html",
            page=page,
            shown=shown,
            tabs=TABS,
            reasons=REASON_WORDS,
            steps={each.value: each.label for each in RefundStep},
            faults=fault_words,
            held=held_words({view.payment.id for view in page.items}) if shown == "open" else {},
            may={view.refund.id: _may(view, scope) for view in page.items},
            new_request_id=commands.new_request_id,
        )

    @expose("/<int:refund_id>/<any(review, approve, reject, retry):verb>", methods=("POST",))
    def act(self, refund_id: int, verb: str) -> ResponseReturnValue:
        """One signature."""
        by, sent = session.scope(), request.form
        try:
            flash(commands.run(lambda: _VERBS[verb](refund_id, sent, by)))
        except (Invalid, WrongState, Conflict) as refusal:
            flash(refusal.sentence, REFUSED)
        return redirect(url_for("refunds.index"))


def _may(view: RefundView, scope: Scope) -> frozenset[str]:
    """The buttons of this person; who asked, signed before or is paid back signs nothing more."""
    refund = view.refund
    if scope.role not in refunding.APPROVERS:
        return frozenset()
    fresh = refunding.may_sign(refund, scope)
    found = {"reject"} if refund.step in refunding.DECIDABLE else set()
    if refund.step == RefundStep.REQUESTED and scope.role is Role.FIN and fresh:
        found.add("review")
    if refund.step == RefundStep.REVIEWED and fresh:
        found.add("approve")
    if refund.step == RefundStep.FAILED:
        found.add("retry")
    return frozenset(found)


def _review(refund_id: int, sent: Mapping[str, str], by: Scope) -> str:
    refunding.review(refund_id, by=by)
    return "已初审,等另一位财务或企业管理员复核"


def _approve(refund_id: int, sent: Mapping[str, str], by: Scope) -> str:
    refunding.approve(refund_id, by=by)
    return "已复核,钱正在原路退回,到账后自动记账"


def _reject(refund_id: int, sent: Mapping[str, str], by: Scope) -> str:
    refunding.reject(refund_id, by=by, why=sent.get("why", ""))
    return "已退回申请,居民会看到原因"


def _retry(refund_id: int, sent: Mapping[str, str], by: Scope) -> str:
    refund: Refund = refunding.retry(refund_id, by=by)
    return f"已用原来的退款单号 {refund.out_refund_no} 重新发起"


_VERBS: Mapping[str, Callable[[int, Mapping[str, str], Scope], str]] = {
    "review": _review,
    "approve": _approve,
    "reject": _reject,
    "retry": _retry,
}


def views() -> list[BaseView]:
    """退费."""
    return [RefundsView("退费", "refunds", "refunds")]
