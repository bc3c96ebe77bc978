"""收缴监管: what was billed and what was paid, by month, street, company and estate; nobody's home (S0-12)."""

from __future__ import annotations

from flask import request
from flask_admin import BaseView, expose

from admin import session
from admin.base import ConsoleView
from admin.limit_forms import row_id
from admin.navigation import COLLECTION
from app.fees.rules import FeeKind, due_on, is_period, months_later, period_label
from app.supervision import collection
from app.supervision.collection import MONTHS, Lens


class CollectionView(ConsoleView):
    """The bureau sees its district, a company its own estates; read-only."""

    roles = COLLECTION

    @expose("/")
    def index(self) -> str:
        """One month with the eleven before it; street, company and estate narrow everything on the page."""
        scope, lens = session.scope(), _lens()
        newest = collection.newest_month()
        return self.render(
            "console/collection.html",
            lens=lens,
            total=collection.total(lens, scope),
            months=collection.by_month(lens, scope),
            streets=collection.by_street(lens, scope),
            companies=collection.by_company(lens, scope),
            estates=collection.by_estate(lens, scope, cursor=request.args.get("cursor")),
            estate=collection.estate_name(lens.estate_id, scope) if lens.estate_id else "",
            as_of=collection.as_of(lens, scope),
            choices=[months_later(newest, -number) for number in range(MONTHS + 1)],
            kinds={each.value: each.label for each in FeeKind},
            period_label=period_label,
            due_on=due_on(lens.period),
            is_running=lens.period == newest,
        )


def _lens() -> Lens:
    """What the address asks for; a month or kind that is none is the newest month, every kind."""
    asked = request.args
    period, kind = asked.get("period", ""), asked.get("kind", "")
    return Lens(
        period=period if is_period(period) else collection.newest_month(),
        kind=kind if kind in set(FeeKind) else "",
        street_id=row_id(asked, "street"),
        company_id=row_id(asked, "company"),
        estate_id=row_id(asked, "estate"),
    )


def views() -> list[BaseView]:
    """The page."""
    return [CollectionView("收缴监管", "collection", "collection")]
