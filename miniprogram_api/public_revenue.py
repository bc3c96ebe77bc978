"""公共收益公示: what the common parts of an estate brought, cost and left, quarter by quarter (S0-15)."""

from __future__ import annotations

from app.books import revenue
from app.books.quarters import quarter
from app.books.revenue import SECTIONS
from app.books.revenue_models import RevenueReport
from app.estates import queries
from miniprogram_api.fields import Instant, Out
from miniprogram_api.routing import Routes
from miniprogram_api.session import SIGNED_IN, Caller

routes = Routes("public_revenue", tag="公共收益")


class RevenueLineOut(Out):
    """One source or one class of cost; fen. `section` is income, cost or moved (to or from the owners' other money)."""

    section: str
    section_label: str
    label: str
    amount_fen: int


class QuarterOut(Out):
    """A published quarter: opening + income - cost + moved = closing."""

    quarter: str
    label: str
    opening_fen: int
    income_fen: int
    cost_fen: int
    moved_fen: int
    closing_fen: int
    lines: list[RevenueLineOut]
    published_at: Instant


class PublicRevenueOut(Out):
    """The newest quarter first; empty while nothing was published."""

    estate: str
    items: list[QuarterOut]


def quarter_out(report: RevenueReport) -> QuarterOut:
    """As it was approved."""
    assert report.published_at is not None
    return QuarterOut(
        quarter=report.quarter,
        label=quarter(report.quarter).label,
        opening_fen=report.opening_fen,
        income_fen=report.income_fen,
        cost_fen=report.cost_fen,
        moved_fen=report.moved_fen,
        closing_fen=report.closing_fen,
        lines=[
            RevenueLineOut(
                section=line["section"],
                section_label=SECTIONS[line["section"]],
                label=line["label"],
                amount_fen=line["fen"],
            )
            for line in report.content
        ],
        published_at=report.published_at,
    )


@routes.query(
    "/estates/<id:estate_id>/public-revenue", who=SIGNED_IN, out=PublicRevenueOut, title="小区公共收益公示"
)
def public_revenue(caller: Caller, estate_id: int) -> PublicRevenueOut:
    """What every neighbour may read; drafts and what was withdrawn are not among it. Raises EstateUnknown."""
    estate = queries.estate(estate_id)
    return PublicRevenueOut(
        estate=estate.name, items=[quarter_out(report) for report in revenue.published(estate_id)]
    )
