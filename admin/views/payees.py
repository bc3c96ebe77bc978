"""收款开通: which accounts residents' money goes into and where they may pay; changed by two persons of the bureau."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app, request
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose

from admin import commands, limit_forms, session
from admin.base import ConsoleView
from admin.navigation import PAYEES
from app.bootstrap import settings_of
from app.core import clock
from app.core.errors import Invalid
from app.core.roles import Role
from app.core.scope import Scope
from app.payments import onboarding
from app.payments import onboarding_queries as queries
from app.payments.onboarding_models import PayChange, Switch

PROPOSED = "已提出,等另一位监管人员批准"


class PayeesView(ConsoleView):
    """A company and its accountant read what concerns them; the forms are the bureau's."""

    roles = PAYEES

    @expose("/")
    def index(self) -> str:
        """What waits, accounts, estates, history."""
        by = session.scope()
        return self.render(
            "console/payees.html",
            merchants=queries.merchant_lines(by),
            estates=queries.switch_lines(by, cursor=request.args.get("cursor")),
            waiting=queries.changes_page(by, decided=False, cursor=request.args.get("waiting")),
            decided=queries.changes_page(by, decided=True, cursor=request.args.get("decided")),
            may_change=by.role is Role.BUR,
            companies=queries.companies_to_choose() if by.role is Role.BUR else (),
            switches={each.value: each.label for each in Switch},
            today=clock.china_date(clock.now()),
            new_request_id=commands.new_request_id,
        )

    @expose("/register", methods=("POST",))
    def register(self) -> ResponseReturnValue:
        """Ask for another account of a company."""
        sent, own = request.form, settings_of(current_app).wechat_pay_mch_id

        def propose(by: Scope) -> PayChange:
            return onboarding.propose_register(
                limit_forms.row_id(sent, "company_id"),
                sub_mch_id=sent.get("sub_mch_id", ""),
                valid_from=limit_forms.day(sent, "on_day"),
                own_mch_id=own,
                reason=sent.get("reason", ""),
                by=by,
            )

        return _propose(propose)

    @expose("/end", methods=("POST",))
    def end(self) -> ResponseReturnValue:
        """Ask for a company's account to end."""
        sent = request.form
        return _propose(
            lambda by: onboarding.propose_end(
                limit_forms.row_id(sent, "company_id"),
                last_day=limit_forms.day(sent, "on_day"),
                reason=sent.get("reason", ""),
                by=by,
            )
        )

    @expose("/switch", methods=("POST",))
    def switch(self) -> ResponseReturnValue:
        """Ask for online payment of an estate to be opened or shut."""
        sent = request.form

        def propose(by: Scope) -> PayChange:
            estate_id = queries.estate_named(sent.get("estate", ""), by)
            if estate_id is None:
                raise Invalid("没有找到这个小区,请填写全名或编码", fields={"estate": "没有找到"})
            return onboarding.propose_switch(
                estate_id,
                switch=sent.get("switch", ""),
                on=sent.get("on") == "yes",
                reason=sent.get("reason", ""),
                by=by,
            )

        return _propose(propose)

    @expose("/<int:change_id>/decide", methods=("POST",))
    def decide(self, change_id: int) -> ResponseReturnValue:
        """Grant, refuse, or take back one's own."""
        by, grant = session.scope(), request.form.get("decision") == "grant"
        note = request.form.get("note", "")

        def work() -> str:
            onboarding.decide(change_id, grant=grant, note=note, by=by)
            return "已批准" if grant else "已退回"

        return commands.run_form(work, "payees.index")


def _propose(propose: Callable[[Scope], PayChange]) -> ResponseReturnValue:
    by = session.scope()

    def work() -> str:
        onboarding.bureau_district(by)
        propose(by)
        return PROPOSED

    return commands.run_form(work, "payees.index")


def views() -> list[BaseView]:
    """The page."""
    return [PayeesView("收款开通", "payees", "payees")]
