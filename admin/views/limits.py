"""时限与参数, 应急期: what the bureau may change, each limit by two persons, nothing edited in place."""

from __future__ import annotations

from datetime import timedelta

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose

from admin import commands, limit_forms, session
from admin.base import ConsoleView
from admin.navigation import BUREAU
from app.core import clock
from app.orders import declarations, proposals
from app.orders import limit_queries as queries
from app.orders.limit_words import UNITS
from app.orders.policy_changes import CHANGEABLE


class LimitsView(ConsoleView):
    """The limits in force, what is proposed, and how every value came about."""

    roles = BUREAU

    @expose("/")
    def index(self) -> str:
        """Everything on one page; the forms stand beneath what they change."""
        by = session.scope()
        return self.render(
            "console/limits.html",
            limits=queries.limit_lines(by),
            values=queries.value_lines(by),
            waiting=queries.waiting_lines(by),
            decided=queries.decided_lines(by, cursor=request.args.get("cursor")),
            streets=queries.streets_of(by),
            clocks=CHANGEABLE,
            units=UNITS,
            menus=queries.MENU_LABELS,
            urgencies=queries.URGENCY_LABELS,
            tomorrow=clock.china_date(clock.now()) + timedelta(days=1),
            new_request_id=commands.new_request_id,
        )

    @expose("/propose-limit", methods=("POST",))
    def propose_limit(self) -> ResponseReturnValue:
        """Ask for another limit."""
        by, sent = session.scope(), request.form

        def work() -> str:
            wanted, on = limit_forms.new_limit(sent, by), limit_forms.day(sent, "valid_on")
            proposals.propose_limit(wanted, valid_on=on, reason=sent.get("reason", ""), by=by)
            return "已提出,等另一位监管人员批准"

        return commands.run_form(work, "limits.index")

    @expose("/propose-value", methods=("POST",))
    def propose_value(self) -> ResponseReturnValue:
        """Ask for another value of a parameter."""
        by, sent = session.scope(), request.form

        def work() -> str:
            key, value, on = sent.get("key", ""), sent.get("value", ""), limit_forms.day(sent, "valid_on")
            proposals.propose_value(key, value, valid_on=on, reason=sent.get("reason", ""), by=by)
            return "已提出,等另一位监管人员批准"

        return commands.run_form(work, "limits.index")

    @expose("/<int:proposal_id>/decide", methods=("POST",))
    def decide(self, proposal_id: int) -> ResponseReturnValue:
        """Grant, refuse, or take back one's own."""
        by, grant = session.scope(), request.form.get("decision") == "grant"
        note = request.form.get("note", "")

        def work() -> str:
            proposals.decide(proposal_id, grant=grant, note=note, by=by)
            return "已批准,到日期自动生效" if grant else "已退回"

        return commands.run_form(work, "limits.index")


class EmergenciesView(ConsoleView):
    """Storm, flood, snow: longer limits for what is not urgent, from a declared instant to another."""

    roles = BUREAU

    @expose("/")
    def index(self) -> str:
        """Declared periods, and the form for one more."""
        by = session.scope()
        now = clock.in_china(clock.now())
        return self.render(
            "console/emergencies.html",
            periods=queries.period_lines(by, cursor=request.args.get("cursor")),
            streets=queries.streets_of(by),
            now=now,
            tomorrow=now + timedelta(days=1),
            new_request_id=commands.new_request_id,
        )

    @expose("/declare", methods=("POST",))
    def declare(self) -> ResponseReturnValue:
        """Begin one."""
        by, sent = session.scope(), request.form

        def work() -> str:
            declarations.declare(
                by=by,
                begins_at=limit_forms.local_moment(sent, "begins_at"),
                ends_at=limit_forms.local_moment(sent, "ends_at"),
                reason=sent.get("reason", ""),
                street_id=limit_forms.row_id(sent, "street_id"),
                estate_id=queries.find_estate(sent.get("estate", ""), by=by),
            )
            return "应急期已公布"

        return commands.run_form(work, "emergencies.index")

    @expose("/<int:declaration_id>/lift", methods=("POST",))
    def lift(self, declaration_id: int) -> ResponseReturnValue:
        """End one early."""
        by = session.scope()

        def work() -> str:
            declarations.lift(declaration_id, by=by)
            return "应急期已解除,期间提交的工单时限不变"

        return commands.run_form(work, "emergencies.index")


def views() -> list[BaseView]:
    """Limits with parameters, and emergency periods."""
    return [
        LimitsView("时限与参数", "limits", "limits"),
        EmergenciesView("应急期", "emergencies", "emergencies"),
    ]
