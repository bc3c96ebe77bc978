"""What becomes of a 随手拍: opened, answered, asked about once more, declined, turned into a repair, rated
(S1-11..S1-14, domain 3.12)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select

from app.core import clock
from app.core.clock import in_china
from app.core.db import db, table_of
from app.core.errors import Invalid
from app.core.lifecycle import Transition
from app.core.scope import Scope
from app.feedback import rules
from app.feedback.errors import NotAProblem, WrongSnapState
from app.feedback.lifecycle import DESK, SUBMIT, Action, Kind, Status, Topic
from app.feedback.models import Snap, SnapPhoto
from app.feedback.moving import attach_photos, get_snap, guard, move, plan, plan_again, stop_clock
from app.orders import submitting
from app.orders.lifecycle import Menu
from app.orders.models import OrderPhoto
from app.orders.moving import cleaned
from app.orders.rules import TEXT_MIN
from app.orders.submitting import FROM_SNAP
from app.orders.whereabouts import Submission


def open_(snap_id: int, *, by: Scope) -> Snap:
    """查看即默认接收 (S1-13): the first look of the desk takes it; every later one changes nothing.

    Also after the promised days and for what is closed: looking is always allowed.
    """
    snap = get_snap(snap_id, by, lock=True)
    at = clock.now()
    if by.role in DESK and (snap.status != Status.SUBMITTED or rules.is_over(at, snap.due_at)):
        return snap
    transition = guard(snap, Action.OPEN, by, at)
    snap.opened_at, snap.opened_by = at, by.account_id
    move(snap, transition, by=by, at=at)
    return snap


def reply(snap_id: int, *, by: Scope, text: str, photo_ids: Sequence[int] = ()) -> Snap:
    """反馈信息,表示处置完毕 (S1-14); 表扬 is thanked for too. Stops C6."""
    at = clock.now()
    snap, transition, said = _answered(snap_id, Action.REPLY, text, photo_ids, by=by, at=at)
    snap.opened_at, snap.opened_by = snap.opened_at or at, snap.opened_by or by.account_id
    snap.answered_at, snap.answered_by, snap.reply = at, by.account_id, said
    move(snap, transition, by=by, at=at, note=said)
    stop_clock(snap.id)
    plan(snap.id, {rules.Level.CLOSE: rules.close_at(at)})
    return snap


def _answered(
    snap_id: int, action: Action, text: str, photo_ids: Sequence[int], *, by: Scope, at: datetime
) -> tuple[Snap, Transition[Status, Action], str]:
    """What every answer begins with: it may be given, it says something, its photos are attached."""
    snap = get_snap(snap_id, by, lock=True)
    transition = guard(snap, action, by, at)
    said = cleaned(text, field="text", at_least=rules.TEXT_MIN, at_most=rules.TEXT_MAX)
    attach_photos(snap.id, photo_ids, Action.REPLY.value, by=by)
    return snap, transition, said


def follow_up(snap_id: int, *, by: Scope, text: str) -> Snap:
    """没解决,再问一次: the sender may ask once after the answer. Until he is answered it does not close by itself."""
    snap = get_snap(snap_id, by, lock=True)
    at = clock.now()
    transition = guard(snap, Action.FOLLOW_UP, by, at)
    if snap.asked_at is not None:
        words = "这条随手拍已经再问过一次了。还没解决可以打星评价,或拨打962121"
        raise WrongSnapState(words, fields={"status": snap.status})
    said = cleaned(text, field="text", at_least=rules.TEXT_MIN, at_most=rules.QUESTION_MAX)
    snap.asked_at, snap.question = at, said
    move(snap, transition, by=by, at=at, note=said)
    stop_clock(snap.id)
    return snap


def reply_again(snap_id: int, *, by: Scope, text: str, photo_ids: Sequence[int] = ()) -> Snap:
    """The answer to what the sender asked; a week later it closes by itself, as after the first one."""
    at = clock.now()
    snap, transition, said = _answered(snap_id, Action.REPLY_AGAIN, text, photo_ids, by=by, at=at)
    snap.again_at, snap.again_by, snap.again = at, by.account_id, said
    move(snap, transition, by=by, at=at, note=said)
    plan_again(snap.id, rules.Level.CLOSE, rules.close_at(at))
    return snap


def decline(snap_id: int, *, by: Scope, reason: str) -> Snap:
    """不接收 → 962121 (S1-12). C6 runs on: somebody must answer."""
    snap = get_snap(snap_id, by, lock=True)
    at = clock.now()
    transition = guard(snap, Action.DECLINE, by, at)
    said = cleaned(reason, field="reason", at_least=rules.TEXT_MIN, at_most=rules.REASON_MAX)
    snap.declined_at, snap.decline_reason = at, said
    snap.hotline_district_id = snap.district_id
    move(snap, transition, by=by, at=at, note=said)
    return snap


def convert(snap_id: int, *, by: Scope, category_code: str, hazardous: bool = False) -> Snap:
    """A problem becomes a 公区报事 of the same sender (domain 9.12). C1-C3 run from now; when it was sent stays with
    this row and stands in the first line of the order. Raises NotAProblem, Invalid naming the category."""
    snap = get_snap(snap_id, by, lock=True)
    at = clock.now()
    transition = guard(snap, Action.CONVERT, by, at)
    if snap.kind != Kind.PROBLEM:
        raise NotAProblem(fields={"status": snap.status})
    done = submitting.submit(_as_report(snap, category_code, hazardous), by=by)
    _share_photos(snap.id, done.order_id)
    snap.opened_at, snap.opened_by = snap.opened_at or at, snap.opened_by or by.account_id
    snap.order_id, snap.closed_at, snap.closed_how = done.order_id, at, "converted"
    move(snap, transition, by=by, at=at, note=f"报修编号 {done.number}")
    stop_clock(snap.id)
    return snap


def _as_report(snap: Snap, category_code: str, hazardous: bool) -> Submission:
    text = snap.text if len(snap.text) >= TEXT_MIN else f"{Topic(snap.topic).label}:{snap.text}"
    number = rules.snap_number(snap.id, snap.submitted_at)
    return Submission(
        menu=Menu.REPORT,
        category_code=category_code,
        text=text,
        spot_id=snap.spot_id,
        estate_id=snap.estate_id,
        place_note=snap.place_note,
        hazardous=hazardous,
        channel=FROM_SNAP,
        consent_note="居民用随手拍反映",
        contact_name=snap.contact_name or "",
        contact_phone=snap.contact_phone or "",
        reporter_id=snap.sender_id,
        text_check=snap.text_check,
        origin=f"由随手拍 {number} 转来,居民 {in_china(snap.submitted_at):%m月%d日 %H:%M} 提交",
    )


def _share_photos(snap_id: int, order_id: int) -> None:
    """The same pictures prove the repair's beginning; they were claimed when the problem was sent."""
    mine = select(SnapPhoto.photo_id).where(SnapPhoto.snap_id == snap_id, SnapPhoto.step == SUBMIT)
    rows = [{"order_id": order_id, "photo_id": each, "step": SUBMIT} for each in db.session.scalars(mine)]
    db.session.execute(insert(table_of(OrderPhoto)), rows)


def rate(snap_id: int, *, by: Scope, stars: int, text: str = "") -> Snap:
    """The sender says how good the answer was; that closes it."""
    snap = get_snap(snap_id, by, lock=True)
    at = clock.now()
    transition = guard(snap, Action.RATE, by, at)
    if not 1 <= stars <= 5:
        raise Invalid("请选1到5颗星", fields={"stars": "1到5"})
    snap.stars = stars
    snap.rating_text = cleaned(text, field="text", at_least=0, at_most=rules.RATING_MAX)
    snap.closed_at, snap.closed_how = at, "rated"
    move(snap, transition, by=by, at=at)
    stop_clock(snap.id)
    return snap
