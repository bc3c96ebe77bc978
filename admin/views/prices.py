"""价目与参考上限: a company publishes its prices, its managers propose, the bureau sets ceilings by two persons."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose

from admin import commands, fee_forms, price_forms, session
from admin.base import ConsoleView
from admin.limit_forms import day
from admin.navigation import BUREAU, PRICES
from admin.numbers import whole_number
from admin.price_forms import from_day, price_of
from app.catalogue import price_pages, price_proposals
from app.catalogue.prices import publish_price, publish_prices
from app.core import clock
from app.core.errors import Conflict, Invalid, NotFound
from app.core.roles import Role


class PricesView(ConsoleView):
    """One company's list: what counts, what comes, what must come down, and every list that counted before."""

    roles = PRICES

    @expose("/")
    def index(self) -> str:
        """One's own company; the bureau chooses one."""
        return self._page()

    def _page(self, typed: str | None = None) -> str:
        """With the lines that somebody has typed and that were refused."""
        scope = session.scope()
        company_id = price_pages.own_company(scope) or _number("company")
        page, cursor = None, request.args.get("cursor")
        if company_id:
            page = price_pages.price_page(company_id, scope, number=_version(), cursor=cursor)
        return self.render(
            "console/prices.html",
            page=page,
            publishes=scope.role is Role.CO,
            proposes=scope.role is Role.MGR,
            chosen_version=_version(),
            lines=price_forms.lines_of(page.rows) if page and typed is None else typed,
            lines_refused=typed is not None,
            tomorrow=_tomorrow(),
            new_request_id=commands.new_request_id,
        )

    @expose("/publish-lines", methods=("POST",))
    def publish_lines(self) -> ResponseReturnValue:
        """Many of the company's prices at once, pasted or from a file: all of them or none."""
        by, sent, upload = session.scope(), request.form, request.files.get("file")
        text = sent.get("lines", "")

        def work() -> str:
            company_id = price_pages.own_company(by)
            if company_id is None:
                raise NotFound()
            given = fee_forms.csv_text(upload) if upload and upload.filename else text
            prices, since = price_forms.price_lines(given), price_forms.from_day(sent)
            count = len(publish_prices(prices, company_id=company_id, by=by, valid_from=since))
            return f"已公布 {count} 项,{'到日期自动生效' if since else '马上生效'};没有变化的没有重复公布"

        try:
            flash(commands.run(work))
        except (Invalid, Conflict) as refusal:
            flash(refusal.sentence, commands.REFUSED)
            return self._page(text[: price_forms.TEXT_MAX])
        return redirect(url_for("prices.index"))

    @expose("/publish", methods=("POST",))
    def publish(self) -> ResponseReturnValue:
        """The company's own prices, now or from a day on; the service refuses every other hat."""
        by, sent = session.scope(), request.form

        def work() -> str:
            company_id = price_pages.own_company(by)
            if company_id is None:
                raise NotFound()
            fen, since = price_of(sent), from_day(sent)
            publish_price(
                sent.get("item_code", ""), company_id=company_id, price_fen=fen, by=by, valid_from=since
            )
            return "已公布,到日期自动生效" if since else "已公布,马上生效"

        return commands.run_form(work, "prices.index")

    @expose("/propose", methods=("POST",))
    def propose(self) -> ResponseReturnValue:
        """A manager asks for another price."""
        by, sent = session.scope(), request.form

        def work() -> str:
            price_proposals.propose_price(
                sent.get("item_code", ""),
                fen=price_of(sent),
                valid_on=day(sent, "valid_on"),
                reason=sent.get("reason", ""),
                by=by,
            )
            return "已提出,等企业管理员决定"

        return commands.run_form(work, "prices.index")

    @expose("/<int:proposal_id>/decide", methods=("POST",))
    def decide(self, proposal_id: int) -> ResponseReturnValue:
        """The company publishes what was proposed, or says why not."""
        return _decide(proposal_id, "prices.index")


class CeilingsView(ConsoleView):
    """What work may cost at most in the district, and who has to lower what."""

    roles = BUREAU

    @expose("/")
    def index(self) -> str:
        """Everything on one page."""
        return self.render(
            "console/ceilings.html",
            page=price_pages.ceiling_page(session.scope(), cursor=request.args.get("cursor")),
            tomorrow=_tomorrow(),
            new_request_id=commands.new_request_id,
        )

    @expose("/propose", methods=("POST",))
    def propose(self) -> ResponseReturnValue:
        """Ask for another ceiling."""
        by, sent = session.scope(), request.form

        def work() -> str:
            price_proposals.propose_ceiling(
                sent.get("item_code", ""),
                fen=price_of(sent),
                valid_on=day(sent, "valid_on"),
                reason=sent.get("reason", ""),
                by=by,
            )
            return "已提出,等另一位监管人员批准"

        return commands.run_form(work, "ceilings.index")

    @expose("/<int:proposal_id>/decide", methods=("POST",))
    def decide(self, proposal_id: int) -> ResponseReturnValue:
        """Grant, refuse, or take back one's own."""
        return _decide(proposal_id, "ceilings.index")


def _decide(proposal_id: int, page: str) -> ResponseReturnValue:
    by, grant = session.scope(), request.form.get("decision") == "grant"
    note = request.form.get("note", "")

    def work() -> str:
        price_proposals.decide(proposal_id, grant=grant, note=note, by=by)
        return "已同意,到日期自动生效" if grant else "已退回"

    return commands.run_form(work, page)


def _version() -> int | None:
    return _number("version")


def _number(name: str) -> int | None:
    """A number of the address, None without one; raises NotFound for anything else."""
    text = request.args.get(name)
    if not text:
        return None
    number = whole_number(text)
    if number is None:
        raise NotFound()
    return number


def _tomorrow():
    return clock.china_date(clock.now()) + timedelta(days=1)


def views() -> list[BaseView]:
    """The company's page and the bureau's."""
    return [PricesView("价目", "prices", "prices"), CeilingsView("参考上限", "ceilings", "ceilings")]
