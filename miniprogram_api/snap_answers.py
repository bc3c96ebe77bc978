"""How a 随手拍 is told to whoever asks: what he may do now, until when it is answered, what he needs to know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import Field

from app.core import clock
from app.core.masking import mask_name, mask_phone
from app.core.redaction import without_personal_data
from app.core.roles import Role
from app.core.scope import Scope
from app.core.wording import promise_time
from app.feedback import queries
from app.feedback.lifecycle import Action, Status
from app.feedback.models import Snap
from app.feedback.moving import get_snap
from app.feedback.queries import READS_THE_WORDS, SnapLine, SnapStep
from miniprogram_api.fields import Instant, Out, RowId
from miniprogram_api.order_answers import ActionOut
from miniprogram_api.photo_answers import PhotoOut, photo_link, photo_out


class SnapLineOut(Out):
    """A 随手拍 in a list."""

    id: RowId
    number: str
    kind: str
    kind_label: str
    topic: str
    topic_label: str
    status: str
    status_label: str
    text: str
    place: str
    estate: str
    office: str
    submitted_at: Instant
    due_at: Instant
    due_words: str = Field(description="还剩几天;不再计时后为空")
    late: bool = Field(description="到期限没有回复")
    thumb: str | None
    actions: list[ActionOut]


class SnapLinesOut(Out):
    """A page of them."""

    items: list[SnapLineOut]
    next_cursor: str | None


class ReplyOut(Out):
    """What the property company (or 962121) has answered."""

    text: str
    at: Instant
    by: str


class QuestionOut(Out):
    """What the sender asked after the answer."""

    text: str
    at: Instant


class SnapOrderOut(Out):
    """The repair that a problem has become."""

    id: RowId
    number: str


class SnapContactOut(Out):
    """Who has sent it; `masked` says that the real number is not in here."""

    name: str
    phone: str
    masked: bool


class SnapStepOut(Out):
    """One step of the timeline."""

    seq: int
    at: Instant
    action: str
    label: str
    status: str
    status_label: str
    actor: str
    note: str


class SnapOut(SnapLineOut):
    """One 随手拍 with photos, answer and timeline."""

    estate_id: RowId = Field(description="转为报修时按它取分类")
    company: str
    version: int
    text_check: str = Field(description="pass、review(待人工查看)或 pending(待检查)")
    note: str = Field(description="接下来会怎样,一句话")
    photos: list[PhotoOut]
    opened_at: Instant | None
    opened_by: str
    reply: ReplyOut | None
    question: QuestionOut | None = Field(description="答复以后居民再问的话,只能问一次")
    again: ReplyOut | None = Field(description="对再问的回复")
    decline_reason: str
    declined_at: Instant | None
    order: SnapOrderOut | None
    stars: int | None
    rating_text: str
    closed_at: Instant | None
    contact: SnapContactOut
    timeline: list[SnapStepOut]


def lines_out(found: Sequence[SnapLine], *, next_cursor: str | None) -> SnapLinesOut:
    """A page."""
    at = clock.now()
    items = [_line_values(line, at) for line in found]
    return SnapLinesOut.model_validate({"items": items, "next_cursor": next_cursor})


def _line_values(line: SnapLine, at: datetime) -> dict[str, Any]:
    return {
        "id": line.id,
        "number": line.number,
        "kind": line.kind.value,
        "kind_label": line.kind.label,
        "topic": line.topic.value,
        "topic_label": line.topic.label,
        "status": line.status.value,
        "status_label": line.status.label,
        "text": line.text,
        "place": line.place,
        "estate": line.estate,
        "office": line.office,
        "submitted_at": line.submitted_at,
        "due_at": line.due_at,
        "due_words": line.due_words(at),
        "late": line.is_late(at),
        "thumb": photo_link(line.photo_id, "thumb", at) if line.photo_id else None,
        "actions": [ActionOut(action=each.value, label=each.label) for each in line.actions],
    }


def snap_out(snap_id: int, scope: Scope) -> SnapOut:
    """It as this scope may see it, in six statements; raises SnapNotFound when it is hidden."""
    snap, line, at = get_snap(snap_id, scope), queries.snap_line(snap_id, scope), clock.now()
    steps, order = queries.timeline(snap_id), queries.order_of(snap)
    trusted = scope.role in READS_THE_WORDS
    return SnapOut(
        **_line_values(line, at),
        estate_id=snap.estate_id,
        company=line.company,
        version=line.version,
        text_check=snap.text_check,
        note=_note(line, scope.role, order[1] if order else "", at),
        photos=[photo_out(each, at) for each in queries.snap_photos(snap_id)],
        opened_at=snap.opened_at,
        opened_by=_actor(steps, Action.OPEN),
        reply=_reply(snap, steps, trusted),
        question=_question(snap, trusted),
        again=_again(snap, steps, trusted),
        decline_reason=_said(snap.decline_reason, trusted),
        declined_at=snap.declined_at,
        order=SnapOrderOut(id=order[0], number=order[1]) if order else None,
        stars=snap.stars,
        rating_text=_said(snap.rating_text, trusted),
        closed_at=snap.closed_at,
        contact=_contact(snap, scope.role),
        timeline=[_step(each, trusted) for each in steps],
    )


def _said(text: str, trusted: bool) -> str:
    return text if trusted else without_personal_data(text)


def _actor(steps: Sequence[SnapStep], action: Action) -> str:
    return next((step.actor for step in steps if step.action == action.value), "")


def _reply(snap: Snap, steps: Sequence[SnapStep], trusted: bool) -> ReplyOut | None:
    if snap.answered_at is None:
        return None
    return ReplyOut(text=_said(snap.reply, trusted), at=snap.answered_at, by=_actor(steps, Action.REPLY))


def _question(snap: Snap, trusted: bool) -> QuestionOut | None:
    return QuestionOut(text=_said(snap.question, trusted), at=snap.asked_at) if snap.asked_at else None


def _again(snap: Snap, steps: Sequence[SnapStep], trusted: bool) -> ReplyOut | None:
    if snap.again_at is None:
        return None
    return ReplyOut(text=_said(snap.again, trusted), at=snap.again_at, by=_actor(steps, Action.REPLY_AGAIN))


def _contact(snap: Snap, role: Role) -> SnapContactOut:
    name, phone, plain = snap.contact_name or "", snap.contact_phone or "", role is Role.RES
    return SnapContactOut(
        name=name if plain else mask_name(name),
        phone=phone if plain else mask_phone(phone),
        masked=not plain,
    )


def _step(step: SnapStep, trusted: bool) -> SnapStepOut:
    return SnapStepOut(
        seq=step.seq,
        at=step.at,
        action=step.action,
        label=step.label,
        status=step.status.value,
        status_label=step.status.label,
        actor=step.actor,
        note=_said(step.note, trusted),
    )


def _note(line: SnapLine, role: Role, order_number: str, at: datetime) -> str:
    if role is not Role.RES and line.status in (Status.SUBMITTED, Status.ACCEPTED):
        return f"请在 {promise_time(line.due_at, at)}回复,到期未回复将自动办结并记为未答复"
    if role is not Role.RES and line.status is Status.ASKED:
        return "居民说没解决,又问了一次,请再回复"
    return {
        Status.SUBMITTED: f"物业 {promise_time(line.due_at, at)}回复您",
        Status.ACCEPTED: f"物业已接收,{promise_time(line.due_at, at)}回复您",
        Status.HOTLINE: "物业没有接收,由 962121 热线答复",
        Status.ANSWERED: "已回复,请评价;7天没有评价会自动办结",
        Status.ASKED: "您再问的话已转给物业,有回复会告诉您",
        Status.CLOSED: "已办结,谢谢您的反映",
        Status.EXPIRED: f"{line.promised}没有回复,已记为物业未答复;急事请拨打 962121",
        Status.CONVERTED: f"已转为报修 {order_number},进展在报修里看",
    }[line.status]
