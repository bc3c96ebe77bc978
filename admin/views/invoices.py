"""发票: what residents have asked for, in the hands of the company's finance (S0-10)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose

from admin import commands, session
from admin.base import ConsoleView
from admin.commands import REFUSED
from admin.navigation import COMPANY_MONEY
from admin.numbers import whole_number
from app.core import clock
from app.core.errors import Conflict, Invalid, WrongState
from app.core.scope import Scope
from app.invoices import issuing, queries
from app.invoices.lifecycle import Action, State
from app.invoices.models import Invoice
from app.invoices.queries import Pile

WITH_THE_SERVICE = frozenset({State.REQUESTED, State.REVERSING})
"""Where the service for electronic invoices has something to do."""
NUMBER_FIELD = "number_"
STEP_NAMES = "issue, send_back, set_out, hand_over, reverse, reverse_by_hand"


class InvoicesView(ConsoleView):
    """A worklist by state, the oldest request first; several at once where the step is the same for all."""

    roles = COMPANY_MONEY

    @expose("/")
    def index(self) -> str:
        """One pile of the worklist."""
        chosen = request.args.get("show", "")
        shown = Pile(chosen) if chosen in set(Pile) else Pile.REQUESTED
        page = queries.worklist(session.scope(), shown, cursor=request.args.get("cursor"))
        return self.render(
            "console/invoices.html",
            page=page,
            items=queries.items_of_many([line.payment_id for line in page.items]),
            shown=shown.value,
            tabs={pile.value: pile.label for pile in Pile},
            now=clock.now(),
            new_request_id=commands.new_request_id,
        )

    @expose("/<int:invoice_id>")
    def show(self, invoice_id: int) -> str:
        """One with its items, its timeline and what can be done."""
        line = queries.invoice_line(invoice_id, session.scope())
        refused = line.state is State.REVERSING and queries.reversal_refused(invoice_id)
        return self.render(
            "console/invoice.html",
            line=line,
            items=queries.items_of(line.payment_id),
            steps=queries.steps_of(invoice_id),
            actions={each.value for each in line.actions if each is not Action.REVERSE_BY_HAND or refused},
            trouble=queries.trouble_of(invoice_id) if line.state in WITH_THE_SERVICE else "",
            now=clock.now(),
            new_request_id=commands.new_request_id,
        )

    @expose("/issue", methods=("POST",))
    def issue(self) -> ResponseReturnValue:
        """Everything into which a number was written."""
        by = session.scope()
        numbers = {
            whole_number(name.removeprefix(NUMBER_FIELD)) or 0: text
            for name, text in request.form.items()
            if name.startswith(NUMBER_FIELD) and text.strip()
        }

        def step(invoice_id: int) -> Invoice:
            return issuing.issue(invoice_id, number=numbers[invoice_id], by=by)

        return _batch(lambda: issuing.in_batch(list(numbers), step), "已登记 {} 张发票号码", "requested")

    @expose("/set-out", methods=("POST",))
    def set_out(self) -> ResponseReturnValue:
        """Ready at the office or on the way to letter boxes."""
        by, wanted = session.scope(), _ticked()

        def work() -> int:
            return issuing.in_batch(wanted, lambda each: issuing.set_out(each, by=by))

        return _batch(work, "已送出 {} 张,居民会收到通知", "issued")

    @expose("/hand-over", methods=("POST",))
    def hand_over(self) -> ResponseReturnValue:
        """Collected or delivered, to whom."""
        by, wanted, to = session.scope(), _ticked(), request.form.get("to", "")

        def work() -> int:
            return issuing.in_batch(wanted, lambda each: issuing.hand_over(each, to=to, by=by))

        return _batch(work, "已登记 {} 张交付,居民会收到通知", "under_way")

    @expose(f"/<int:invoice_id>/<any({STEP_NAMES}):step>", methods=("POST",))
    def act(self, invoice_id: int, step: str) -> ResponseReturnValue:
        """One step of one invoice."""
        by, sent = session.scope(), request.form

        def work() -> str:
            _STEPS[step](invoice_id, sent, by)
            return "已办理,居民会收到通知"

        try:
            flash(commands.run(work))
        except (Invalid, WrongState, Conflict) as refusal:
            flash(refusal.sentence, REFUSED)
        return redirect(url_for("invoices.show", invoice_id=invoice_id))


_STEPS: Mapping[str, Callable[[int, Mapping[str, str], Scope], Invoice]] = {
    "issue": lambda each, sent, by: issuing.issue(each, number=sent.get("number", ""), by=by),
    "send_back": lambda each, sent, by: issuing.send_back(each, reason=sent.get("reason", ""), by=by),
    "set_out": lambda each, sent, by: issuing.set_out(each, by=by),
    "hand_over": lambda each, sent, by: issuing.hand_over(each, to=sent.get("to", ""), by=by),
    "reverse": lambda each, sent, by: issuing.reverse(
        each, red_number=sent.get("red_number", ""), reason=sent.get("reason", ""), by=by
    ),
    "reverse_by_hand": lambda each, sent, by: issuing.reverse_by_hand(
        each, red_number=sent.get("red_number", ""), by=by
    ),
}


def _ticked() -> list[int]:
    """The boxes that were ticked; nonsense among them is no invoice."""
    return [whole_number(text) or 0 for text in request.form.getlist("ids")]


def _batch(work: Callable[[], int], done: str, back_to: str) -> ResponseReturnValue:
    """Carry it out, all or nothing, and say how many it were or why none."""
    try:
        flash(done.format(commands.run(work)))
    except (Invalid, WrongState, Conflict) as refusal:
        flash(f"没有办理:{refusal.sentence}", REFUSED)
    return redirect(url_for("invoices.index", show=back_to))


def views() -> list[BaseView]:
    """The worklist and its pages."""
    return [InvoicesView("发票", "invoices", "invoices")]
