"""收费与账单: standards, bills and their corrections, agency bills, issuing a month; for the company's money people."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose

from admin import commands, fee_forms, limit_forms, session
from admin.base import ConsoleView
from admin.csv_export import csv_file
from admin.navigation import COMPANY_MONEY
from app.core import clock
from app.core.errors import Conflict, Invalid, WrongState
from app.core.roles import Role
from app.fees import agency, clauses, correcting, issuing, rules, spaces, standards
from app.fees import office_queries as queries
from app.fees.rules import AGENCY_KINDS, SPACE_KINDS, BillState, FeeKind

MONTHS_TO_ISSUE = (0, 1)


class BillsView(ConsoleView):
    """账单: found by estate, home, month and state; corrected by the accountant."""

    roles = COMPANY_MONEY

    @expose("/")
    def index(self) -> str:
        """A page of them, with the forms beneath."""
        by = session.scope()
        estates = queries.served_estates(by)
        wanted = fee_forms.wanted_bills(request.args, {each.id for each in estates})
        today = rules.period_of(clock.china_date(clock.now()))
        return self.render(
            "console/bills.html",
            page=queries.bills_page(by, wanted, cursor=request.args.get("cursor")),
            wanted=wanted,
            estates=estates,
            states=list(BillState),
            agency_kinds=sorted(AGENCY_KINDS, key=list(FeeKind).index),
            runs=queries.runs_of(by),
            months=[rules.months_later(today, count) for count in MONTHS_TO_ISSUE],
            period_label=rules.period_label,
            is_accountant=by.role is Role.FIN,
            new_request_id=commands.new_request_id,
        )

    @expose("/<int:bill_id>")
    def show(self, bill_id: int) -> str:
        """One with all its versions."""
        by = session.scope()
        versions = queries.versions_of(bill_id, by)
        return self.render(
            "console/bill.html",
            newest=versions[0],
            versions=versions,
            period_label=rules.period_label,
            is_accountant=by.role is Role.FIN,
            new_request_id=commands.new_request_id,
        )

    @expose("/<int:bill_id>/correct", methods=("POST",))
    def correct(self, bill_id: int) -> ResponseReturnValue:
        """A new version; the resident reads the reason."""
        by, sent = session.scope(), request.form
        queries.versions_of(bill_id, by)  # a bill of somebody else is not found before its form is read

        def work() -> str:
            correcting.correct(bill_id, amount_fen=fee_forms.fen(sent), reason=sent.get("reason", ""), by=by)
            return "已更正,住户会收到说明"

        return _answered(work, url_for("bills.show", bill_id=bill_id))

    @expose("/import", methods=("POST",))
    def read_in(self) -> ResponseReturnValue:
        """Agency bills from a file, as a whole or not at all."""
        by, sent, upload = session.scope(), request.form, request.files.get("file")

        def work() -> str:
            wanted = agency.Import(
                estate_id=limit_forms.row_id(sent, "estate_id") or 0,
                kind=sent.get("kind", ""),
                period=sent.get("period", "").strip(),
                due_on=limit_forms.day(sent, "due_on"),
                text=fee_forms.csv_text(upload),
            )
            count = agency.enter_agency_bills(wanted, company_id=queries.company_of(by), by=by)
            return f"已写入 {count} 张账单,住户会收到通知"

        return _answered(work, url_for("bills.index"))

    @expose("/template.csv")
    def template(self) -> ResponseReturnValue:
        """The header and one line, to begin with."""
        return csv_file("agency-bills.csv", [agency.HEADER, ("5", "2", "301", "86.40", "本期12吨")])

    @expose("/issue", methods=("POST",))
    def issue(self) -> ResponseReturnValue:
        """Begin the company's month; the scheduler writes it, and the page shows how far it is."""
        by, period = session.scope(), request.form.get("period", "")

        def work() -> str:
            today = rules.period_of(clock.china_date(clock.now()))
            if period not in [rules.months_later(today, count) for count in MONTHS_TO_ISSUE]:
                raise Invalid("只能出本月或下月的账单", fields={"period": "请重新选择"})
            issuing.begin(period, by=by, company_id=queries.company_of(by))
            return f"{rules.period_label(period)}开始出账,一两分钟后刷新本页看进度"

        return _answered(work, url_for("bills.index"))


class FeesView(ConsoleView):
    """收费标准, 违约金条款, 车位."""

    roles = COMPANY_MONEY

    @expose("/")
    def index(self) -> str:
        """What is charged where since when."""
        by = session.scope()
        today = rules.period_of(clock.china_date(clock.now()))
        return self.render(
            "console/fees.html",
            estates=queries.served_estates(by),
            lines=queries.standard_lines(by),
            spaces=queries.spaces_in(by),
            kinds=[kind for kind in FeeKind if kind not in AGENCY_KINDS],
            space_kinds=sorted(SPACE_KINDS, key=list(FeeKind).index),
            unit_of=rules.unit_of,
            next_period=rules.months_later(today, 1),
            is_administrator=by.role is Role.CO,
            new_request_id=commands.new_request_id,
        )

    @expose("/set", methods=("POST",))
    def set_standard(self) -> ResponseReturnValue:
        """A new dated price."""
        by, sent = session.scope(), request.form

        def work() -> str:
            wanted = standards.NewStandard(
                estate_id=limit_forms.row_id(sent, "estate_id") or 0,
                kind=sent.get("kind", ""),
                price_hundredths=fee_forms.price_hundredths(sent),
                from_period=sent.get("from_period", "").strip(),
                method=sent.get("method", ""),
            )
            standards.set_standard(wanted, company_id=queries.company_of(by), by=by)
            return f"已公布,从{rules.period_label(wanted.from_period)}的账单起执行"

        return _answered(work, url_for("fees.index"))

    @expose("/batch")
    def batch(self) -> str:
        """One kind of fee in all estates: what it costs now, and a field for what it shall cost."""
        return self._batch(request.args)

    def _batch(self, asked: Mapping[str, str], typed: Mapping[str, str] | None = None) -> str:
        """With what somebody has typed and was refused, or with every price raised by so much."""
        by, kind = session.scope(), fee_forms.standard_kind(asked.get("kind", ""))
        today = rules.period_of(clock.china_date(clock.now()))
        rows = queries.price_rows(by, kind)
        try:
            wanted = typed if typed is not None else fee_forms.raised(rows, asked.get("add", ""))
        except Invalid as refusal:
            flash(refusal.sentence, commands.REFUSED)
            wanted = {}
        return self.render(
            "console/fees_batch.html",
            rows=rows,
            kind=kind,
            kinds=[each for each in FeeKind if each not in AGENCY_KINDS],
            unit_of=rules.unit_of,
            add=asked.get("add", ""),
            wanted=wanted,
            price_text=fee_forms.price_text,
            from_period=asked.get("from_period") or rules.months_later(today, 1),
            method=asked.get("method", ""),
            is_administrator=by.role is Role.CO,
            new_request_id=commands.new_request_id,
        )

    @expose("/batch", methods=("POST",))
    def publish_batch(self) -> ResponseReturnValue:
        """The prices of several estates, all of them or none."""
        by, sent = session.scope(), request.form

        def work() -> str:
            period, kind = sent.get("from_period", "").strip(), sent.get("kind", "")
            names = {each.id: each.name for each in queries.served_estates(by)}
            wanted = [
                standards.NewStandard(estate_id, kind, price, period, sent.get("method", ""))
                for estate_id, price in fee_forms.new_prices(sent, names).items()
            ]
            standards.set_standards(wanted, company_id=queries.company_of(by), by=by)
            return f"已公布 {len(wanted)} 个小区的新单价,从{rules.period_label(period)}的账单起执行"

        try:
            flash(commands.run(work))
        except (Invalid, WrongState, Conflict) as refusal:
            flash(refusal.sentence, commands.REFUSED)
            return self._batch(sent, sent)
        return redirect(url_for("fees.index"))

    @expose("/clause/<int:contract_id>", methods=("POST",))
    def clause(self, contract_id: int) -> ResponseReturnValue:
        """What the contract says about paying late."""
        by, sent = session.scope(), request.form
        clauses.check_own_contract(contract_id, by)

        def work() -> str:
            clauses.register_clause(
                contract_id,
                rate_millionths=fee_forms.price_hundredths(sent, "rate"),
                grace_days=_whole(sent.get("grace_days", "")),
                cap_percent=_whole(sent.get("cap_percent", "")),
                by=by,
            )
            return "已登记;违约金只计算和显示,不会自动收取"

        return _answered(work, url_for("fees.index"))

    @expose("/spaces", methods=("POST",))
    def register_space(self) -> ResponseReturnValue:
        """A home gets a space."""
        by, sent = session.scope(), request.form

        def work() -> str:
            estate_id = limit_forms.row_id(sent, "estate_id") or 0
            home = queries.one_home(estate_id, sent.get("home", ""), by)
            spaces.register_space(home.id, number=sent.get("number", ""), kind=sent.get("kind", ""), by=by)
            return "车位已登记,从下次出账起计费"

        return _answered(work, url_for("fees.index"))

    @expose("/spaces/<int:space_id>/end", methods=("POST",))
    def end_space(self, space_id: int) -> ResponseReturnValue:
        """It is given back."""
        by = session.scope()

        def work() -> str:
            spaces.end_space(space_id, by=by)
            return "车位已停止登记,以后的月份不再计费"

        return _answered(work, url_for("fees.index"))


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise Invalid("天数和上限请填整数")
    return int(text)


def _answered(work: Callable[[], str], address: str) -> ResponseReturnValue:
    try:
        flash(commands.run(work))
    except (Invalid, WrongState, Conflict) as refusal:
        flash(refusal.sentence, commands.REFUSED)
    return redirect(address)


def views() -> list[BaseView]:
    """Bills, and what they are made of."""
    return [BillsView("账单", "bills", "bills"), FeesView("收费标准", "fees", "fees")]
