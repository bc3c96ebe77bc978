"""What a worker does: confirm, decline, set off, check in on site, start, finish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from app.catalogue.models import Category
from app.companies.models import Worker
from app.core import clock
from app.core.db import changed, db
from app.core.errors import Invalid
from app.core.parameters import GPS_RADIUS, value_of
from app.core.scope import Scope
from app.estates.models import Estate, PublicSpot
from app.orders import deadlines, questions
from app.orders.desk import close_offer
from app.orders.errors import MissingEvidence, WrongOrderState
from app.orders.lifecycle import Action
from app.orders.models import Assignment, Completion, Order, SiteVisit
from app.orders.moving import attach_photos, cleaned, get_order, guard, move
from app.orders.offering import DECLINED, SAFETY, UNSAFE, answered, give_back
from app.orders.quote_queries import parts_of_round
from app.orders.rules import Clock, distance_m, is_on_site
from app.orders.settling import refuse_unquoted, settle
from app.orders.voices import attach_voice

FOUND_BY_VOICE = "现场情况见录音"
DECLINE_REASONS = {
    "skill": "技能不符",
    "off_shift": "不在班",
    "busy": "手头满",
    "far": "距离远",
    "safety": "安全原因",
    "other": "其他",
}


@dataclass(frozen=True)
class CheckIn:
    """What proves a visit: position or spot code, photos, finding, danger, expected finish, talk with the reporter.
    The finding may be spoken instead of written (`voice_id`)."""

    finding: str
    hazardous: bool
    expected_at: datetime
    contact_result: str
    photo_ids: Sequence[int]
    protection_photo_ids: Sequence[int] = ()
    spot_code: str = ""
    latitude: float | None = None
    longitude: float | None = None
    voice_id: int | None = None


def take(order_id: int, *, by: Scope) -> Order:
    """The worker confirms that he will go."""
    order = get_order(order_id, by, lock=True)
    at = clock.now()
    guard(order, Action.TAKE, by)
    waited = changed(
        update(Assignment)
        .where(Assignment.order_id == order.id, Assignment.outcome == "waiting")
        .values(outcome="taken", decided_at=at)
    )
    if waited == 0:
        raise WrongOrderState("您已经确认过这张工单", fields={"status": order.status})
    answered(order, at)
    move(order, Action.TAKE, by=by, at=at)
    return order


def decline(order_id: int, *, by: Scope, reason: str, text: str = "") -> Order:
    """不能接 (T6): back to the desk with the reason; declining for safety never counts against him."""
    if reason not in DECLINE_REASONS:
        raise Invalid("请选择不能接的原因", fields={"reason": "必选"})
    order = get_order(order_id, by, lock=True)
    at = clock.now()
    note = DECLINE_REASONS[reason] + (f":{text.strip()[:150]}" if text.strip() else "")
    guard(order, Action.DECLINE, by)
    outcome = UNSAFE if reason == SAFETY else DECLINED
    give_back(order, by=by, at=at, reason=reason, outcome=outcome, note=note)
    return order


def depart(order_id: int, *, by: Scope) -> Order:
    """出发 (T7)."""
    order = get_order(order_id, by, lock=True)
    at = clock.now()
    move(order, Action.DEPART, by=by, at=at)
    close_offer(order, "taken", at)
    order.departed_at = at
    return order


def check_in(order_id: int, visit: CheckIn, *, by: Scope) -> Order:
    """到场签到 (T8): the only thing that stops the visit clock; a phone call does not (S3-04).

    Raises MissingEvidence naming what is lacking: photo, finding, protection photo where there is danger (S3-06).
    """
    order = get_order(order_id, by, lock=True)
    guard(order, Action.CHECK_IN, by)
    at = clock.now()
    _refuse_second_visit(order)
    finding = _finding(visit)
    contact = cleaned(visit.contact_result, field="contact_result", at_least=2, at_most=100)
    if visit.expected_at < at:
        raise Invalid("预计完成时间要在现在之后", fields={"expected_at": "早于现在"})
    _require_protection(order, visit)
    method, distance, flagged = _position(order, visit)
    photos = attach_photos(order.id, visit.photo_ids, "site", by=by, round_=order.round, at_least=1)
    attach_photos(order.id, visit.protection_photo_ids, "protection", by=by, round_=order.round)
    attach_voice(order.id, visit.voice_id, "site", by=by, round_=order.round)
    db.session.add(
        SiteVisit(
            order_id=order.id,
            round=order.round,
            by_account_id=by.account_id or 0,
            at=at,
            method=method,
            distance_m=distance,
            flagged=flagged,
            finding=finding,
            hazardous=visit.hazardous,
            expected_at=visit.expected_at,
            contact_result=contact,
        )
    )
    order.verified_at, order.site_photos = order.verified_at or at, order.site_photos + photos
    order.expected_at, order.hazardous = visit.expected_at, order.hazardous or visit.hazardous
    close_offer(order, "taken", at)
    move(order, Action.CHECK_IN, by=by, at=at, note=finding, data={"flagged": flagged, "method": method})
    questions.settle(order, at=at)
    for which in (Clock.VISIT, Clock.APPOINTMENT):
        deadlines.stop(order, which, at=at)
    deadlines.refresh_next_due(order)
    _remember_position(order, visit, at)
    return order


def _finding(visit: CheckIn) -> str:
    if visit.voice_id is None:
        return cleaned(visit.finding, field="finding", at_least=2)
    return cleaned(visit.finding, field="finding", at_least=0) or FOUND_BY_VOICE


def visited(order: Order) -> bool:
    """Whether somebody has checked in during the order's present round."""
    statement = select(SiteVisit.id).where(SiteVisit.order_id == order.id, SiteVisit.round == order.round)
    return db.session.scalar(statement) is not None


def _refuse_second_visit(order: Order) -> None:
    if visited(order):
        raise WrongOrderState("已经签到过了,可以直接开始维修", fields={"status": order.status})


def _require_protection(order: Order, visit: CheckIn) -> None:
    expected = db.session.scalar(select(Category.hazardous).where(Category.code == order.category_code))
    if (visit.hazardous or expected) and not visit.protection_photo_ids:
        raise MissingEvidence("这里有危险,请先放好警示牌并拍照", fields={"protection_photo_ids": "至少一张"})


def _position(order: Order, visit: CheckIn) -> tuple[str, int | None, bool]:
    """How the place was proved: method, metres, and whether the position stays doubtful."""
    estate = db.session.get_one(Estate, order.estate_id)
    if visit.spot_code:
        spot = db.session.scalars(
            select(PublicSpot).where(PublicSpot.code == visit.spot_code.strip().upper())
        ).one_or_none()
        if spot is None or spot.estate_id != order.estate_id:
            raise Invalid("这个点位码不在报修的小区,请扫现场的码", fields={"spot_code": "不在本小区"})
        return "qr", 0, False
    if visit.latitude is None or visit.longitude is None:
        return "none", None, True
    distance = distance_m(visit.latitude, visit.longitude, estate.latitude, estate.longitude)
    # A running order keeps the values of its T0.
    radius = int(value_of(GPS_RADIUS, order.submitted_at, order.district_id))
    return "gps", distance, not is_on_site(distance, float(estate.area_m2), radius)


def _remember_position(order: Order, visit: CheckIn, at: datetime) -> None:
    """The worker's last known place, for ranking by distance; not a track (domain 5.1-P07)."""
    if order.worker_id is None:
        return
    estate = db.session.get_one(Estate, order.estate_id)
    db.session.execute(
        update(Worker)
        .where(Worker.id == order.worker_id)
        .values(
            latitude=visit.latitude if visit.latitude is not None else estate.latitude,
            longitude=visit.longitude if visit.longitude is not None else estate.longitude,
            positioned_at=at,
        )
        .execution_options(synchronize_session=False)
    )


def start(order_id: int, *, by: Scope) -> Order:
    """开始维修 (T9): what costs something begins with an agreed quote (T11) instead; raises NotQuoted."""
    order = get_order(order_id, by, lock=True)
    guard(order, Action.START, by)
    refuse_unquoted(order)
    move(order, Action.START, by=by)
    return order


def finish(
    order_id: int,
    *,
    by: Scope,
    result: str,
    photo_ids: Sequence[int],
    parts: str = "",
    old_part_photo_ids: Sequence[int] = (),
    final_fen: int | None = None,
) -> Order:
    """完工 (T20): after-photo and result text, else nothing is done (S1-05); starts the resident's confirmation.

    Where a part was replaced the old one is shown (S2-13). `final_fen` is the settlement, what was agreed unless less
    is asked. Raises NotQuoted, MissingEvidence, Invalid.
    """
    order = get_order(order_id, by, lock=True)
    guard(order, Action.FINISH, by)
    at = clock.now()
    if not visited(order):
        raise WrongOrderState("重开后请先到现场签到,再完工", fields={"status": order.status})
    refuse_unquoted(order)
    text = cleaned(result, field="result", at_least=2)
    order.after_photos = attach_photos(order.id, photo_ids, "after", by=by, round_=order.round, at_least=1)
    used = _show_old_parts(order, old_part_photo_ids, by=by)
    db.session.add(
        Completion(
            order_id=order.id,
            round=order.round,
            by_account_id=by.account_id or 0,
            at=at,
            result=text,
            parts=(parts.strip() or used)[:200],
        )
    )
    settle(order, final_fen)
    order.finished_at = at
    move(order, Action.FINISH, by=by, at=at, note=text)
    deadlines.stop(order, Clock.REPAIR, at=at)
    deadlines.void(order, (Clock.FUND,), at=at)
    deadlines.start(order, (Clock.CONFIRM,), at=at, round_=order.round)
    deadlines.refresh_next_due(order)
    return order


def _show_old_parts(order: Order, photo_ids: Sequence[int], *, by: Scope) -> str:
    """Keep the photos of what was taken out; returns the parts that were agreed to, for who names none."""
    parts = parts_of_round(order.id, order.round)
    if parts and not photo_ids:
        named = f"换了{'、'.join(parts)},请拍一张换下的旧件"
        raise MissingEvidence(named, fields={"old_part_photo_ids": "至少一张"})
    attach_photos(order.id, photo_ids, "old_part", by=by, round_=order.round)
    return "、".join(parts)
