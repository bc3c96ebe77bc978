"""The sheet that a worker takes along, and what was noted on site, for him and for the desk."""

from __future__ import annotations

from app.core.roles import Role
from app.core.scope import Scope
from app.orders import extensions
from app.orders.extension_models import Extension
from app.orders.models import Completion, SiteVisit
from app.orders.reading import words_for
from app.orders.site_sheet import site_sheet
from miniprogram_api.fields import Instant, Out
from miniprogram_api.routing import Routes
from miniprogram_api.session import DESK, Caller

routes = Routes("on_site", tag="师傅")
ON_SITE = DESK | {Role.WRK, Role.CO}


class VisitOut(Out):
    """A check-in; `flagged` says 定位异常."""

    round: int
    at: Instant
    method: str
    distance_m: int | None
    flagged: bool
    finding: str
    hazardous: bool
    expected_at: Instant
    contact_result: str


class RepairOut(Out):
    """What was done, with which parts."""

    round: int
    at: Instant
    result: str
    parts: str


class AskedExtensionOut(Out):
    """A request that waits; `mine` because nobody may grant his own."""

    reason_label: str
    reason: str
    expected_at: Instant
    requested_at: Instant
    requested_by: str
    mine: bool


class SiteOut(Out):
    """Coordinates are degrees (GCJ-02) of the estate, as WeChat's map takes them."""

    tools: str
    certificate: str
    danger_expected: bool
    address: str
    latitude: float
    longitude: float
    visits: list[VisitOut]
    repairs: list[RepairOut]
    extension: AskedExtensionOut | None
    answer_by: Instant | None


@routes.query("/orders/<id:order_id>/site", who=ON_SITE, out=SiteOut, title="上门单")
def site(caller: Caller, order_id: int) -> SiteOut:
    """Where, what to bring, what was found and done, which extension waits."""
    sheet = site_sheet(order_id, caller.scope)
    return SiteOut(
        tools=sheet.tools,
        certificate=sheet.certificate,
        danger_expected=sheet.danger_expected,
        address=sheet.estate.address,
        latitude=sheet.estate.latitude,
        longitude=sheet.estate.longitude,
        visits=[_visit(each, caller.role) for each in sheet.visits],
        repairs=[_repair(each, caller.role) for each in sheet.completions],
        extension=_asked(sheet.extension, caller.scope) if sheet.extension else None,
        answer_by=sheet.answer_by,
    )


def _visit(row: SiteVisit, role: Role) -> VisitOut:
    return VisitOut(
        round=row.round,
        at=row.at,
        method=row.method,
        distance_m=row.distance_m,
        flagged=row.flagged,
        finding=words_for(role, row.finding),
        hazardous=row.hazardous,
        expected_at=row.expected_at,
        contact_result=words_for(role, row.contact_result),
    )


def _repair(row: Completion, role: Role) -> RepairOut:
    result, parts = words_for(role, row.result), words_for(role, row.parts)
    return RepairOut(round=row.round, at=row.at, result=result, parts=parts)


def _asked(row: Extension, scope: Scope) -> AskedExtensionOut:
    return AskedExtensionOut(
        reason_label=extensions.REASONS.get(row.reason_code, ""),
        reason=words_for(scope.role, row.reason),
        expected_at=row.expected_at,
        requested_at=row.requested_at,
        requested_by=Role(row.requested_role).label,
        mine=row.requested_by == scope.account_id,
    )
