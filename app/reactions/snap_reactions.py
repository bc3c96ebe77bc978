"""What follows when something was done to a 随手拍. Each reaction may run again: its rows have unique keys."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from sqlalchemy import select

from app.accounts.models import Account
from app.companies.queries import company_admins, desk_accounts, hotline_accounts, managers_of
from app.core import clock
from app.core.db import db
from app.feedback.events import SnapMoved, SnapReminded
from app.feedback.lifecycle import OPEN, Kind, Topic
from app.feedback.models import Snap, SnapDeadline, SnapEvent, SnapPhoto
from app.feedback.queries import order_of
from app.feedback.rules import snap_number
from app.media.checking import request_checks
from app.media.models import CheckState, Photo
from app.notifications.service import notify, notify_many
from app.reactions.message import Message
from app.reactions.snap_messages import PAGE, Hearer, SnapStory, desk_messages, reminder, sender_message

_FINDERS: Mapping[Hearer, Callable[[Snap], Collection[int]]] = {
    Hearer.DESK: lambda snap: {*desk_accounts(snap.office_id), *managers_of(snap.office_id)},
    Hearer.MANAGERS: lambda snap: managers_of(snap.office_id),
    Hearer.COMPANY: lambda snap: company_admins(snap.company_id),
    Hearer.HOTLINE: lambda snap: hotline_accounts(snap.district_id),
}


def tell_sender(moved: SnapMoved) -> None:
    """The sender hears that it was taken, answered, handed on, turned into a repair, closed."""
    snap = db.session.get_one(Snap, moved.snap_id)
    message = sender_message(moved.action, _story(snap, moved.seq))
    if message is not None:
        notify(
            snap.sender_id,
            unique_key=f"snap:{snap.id}:{moved.seq}",
            template=message.template,
            title=message.title,
            body=message.body,
            order_id=snap.order_id,
            snap_id=snap.id,
            wechat_fields=message.wechat_fields,
            page=f"{PAGE}?id={snap.id}",
            can_wait=True,
            district_id=snap.district_id,
        )


def tell_desk_of_snap(moved: SnapMoved) -> None:
    """Desk, managers, company and hotline hear what they must act on; not the one who did it."""
    snap = db.session.get_one(Snap, moved.snap_id)
    for hearer, message in desk_messages(moved.action, _story(snap, moved.seq)):
        people = set(_FINDERS[hearer](snap)) - {moved.actor_id or 0}
        _tell(people, snap, f"snap:{snap.id}:{moved.seq}:{hearer.value}", message)


def tell_what_waits(reminded: SnapReminded) -> None:
    """A reminder for desk and manager; none when somebody has answered before it was delivered."""
    snap = db.session.get_one(Snap, reminded.snap_id)
    if snap.status not in OPEN:
        return
    planned = db.session.scalars(
        select(SnapDeadline.due_at).where(
            SnapDeadline.snap_id == snap.id, SnapDeadline.level == reminded.level
        )
    ).one()
    message = reminder(reminded.level, _story(snap, snap.version), planned)
    hearer = Hearer.HOTLINE if snap.hotline_district_id else Hearer.DESK
    _tell(set(_FINDERS[hearer](snap)), snap, f"snap:{snap.id}:{reminded.level}", message)


def check_snap_photos(moved: SnapMoved) -> None:
    """Photos that came with it are checked before others may see them (X01)."""
    pending = Photo.check_state == CheckState.PENDING.value
    rows = db.session.execute(
        select(Photo.id, Account.openid)
        .join(SnapPhoto, SnapPhoto.photo_id == Photo.id)
        .join(Account, Account.id == Photo.uploaded_by)
        .where(SnapPhoto.snap_id == moved.snap_id, pending)
    ).all()
    request_checks({row.id: row.openid for row in rows})


def _tell(people: Collection[int], snap: Snap, unique_key: str, message: Message) -> None:
    notify_many(
        people,
        unique_key=unique_key,
        template=message.template,
        title=message.title,
        body=message.body,
        snap_id=snap.id,
    )


def _story(snap: Snap, seq: int) -> SnapStory:
    mine = (SnapEvent.snap_id == snap.id) & (SnapEvent.seq == seq)
    order = order_of(snap)
    return SnapStory(
        number=snap_number(snap.id, snap.submitted_at),
        kind=Kind(snap.kind),
        topic=Topic(snap.topic),
        note=db.session.scalar(select(SnapEvent.note).where(mine)) or "",
        submitted_at=snap.submitted_at,
        due_at=snap.due_at,
        now=clock.now(),
        stars=snap.stars,
        order_number=order[1] if order else "",
        at_hotline=snap.hotline_district_id is not None,
    )
