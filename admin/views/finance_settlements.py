"""结算批次: what WeChat pays out to the company's bank account, day by day, and what is still on its way (S0-03)."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request
from flask_admin import BaseView, expose

from admin import session
from admin.base import ConsoleView
from admin.finance_tables import columns_chart
from admin.navigation import FINANCE
from app.reconciliation import queries
from app.reconciliation.models import SettlementBatch

IN_CHART = 30


class SettlementsView(ConsoleView):
    """Read only: a batch is what the bill says."""

    roles = FINANCE

    @expose("/")
    def index(self) -> str:
        """Money on its way, and the batches."""
        scope = session.scope()
        page = queries.batches_page(scope, cursor=request.args.get("cursor"))
        return self.render(
            "console/finance_settlements.html",
            page=page,
            unsettled=queries.unsettled(scope),
            chart=_chart(page.items),
        )

    @expose("/<int:batch_id>")
    def show(self, batch_id: int) -> str:
        """One with the rows of its bill."""
        batch = queries.batch(batch_id, session.scope())
        lines = queries.lines_page(batch, cursor=request.args.get("cursor"))
        return self.render("console/finance_settlement.html", batch=batch, page=lines)


def _chart(batches: Sequence[SettlementBatch]) -> dict[str, object] | None:
    newest = list(reversed(batches[:IN_CHART]))
    if not newest:
        return None
    names = [f"{batch.bill_on:%m-%d}" for batch in newest]
    return columns_chart("到账净额", names, [("到账净额", [batch.net_fen for batch in newest])])


def views() -> list[BaseView]:
    """The batches."""
    return [SettlementsView("结算批次", "finance_settlements", "finance-settlements")]
