"""Steps of a 随手拍, each in a unit of its own with the clock held at its instant."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.core.outbox import dispatch_one
from app.core.roles import Role
from app.feedback import answering, sending
from app.feedback.lifecycle import Kind, Status, Topic
from app.feedback.models import Snap, SnapEvent
from app.feedback.sending import Sending
from app.feedback.sweeping import sweep
from app.notifications.models import Notification
from app.reactions.table import REACTIONS
from tests.factories.scene import LAMP, Scene


def send(scene: Scene, kind: Kind = Kind.SUGGEST, *, at: datetime | None = None, **values: Any) -> int:
    """A suggestion about cleaning at the scene's spot, unless told otherwise; a problem gets its photo."""
    plain: dict[str, Any] = {
        "topic": Topic.CLEAN,
        "text": "门厅地面可以多拖一次",
        "spot_id": scene.place.spot.id,
        "photo_ids": scene.photos(Role.RES) if kind is Kind.PROBLEM else [],
    }
    sent = Sending(kind=kind, **{**plain, **values})
    return scene.do(lambda: sending.send(sent, by=scene.by(Role.RES)).id, at=at)


def open_(scene: Scene, snap_id: int, *, role: Role = Role.MGR, **step: Any) -> None:
    scene.do(lambda: answering.open_(snap_id, by=scene.by(role)).id, **step)


def reply(
    scene: Scene, snap_id: int, *, role: Role = Role.MGR, text: str = "谢谢,已安排", **step: Any
) -> None:
    scene.do(lambda: answering.reply(snap_id, by=scene.by(role), text=text).id, **step)


def ask_again(
    scene: Scene, snap_id: int, *, role: Role = Role.RES, text: str = "只修了一半", **step: Any
) -> None:
    scene.do(lambda: answering.follow_up(snap_id, by=scene.by(role), text=text).id, **step)


def reply_again(
    scene: Scene, snap_id: int, *, role: Role = Role.MGR, text: str = "今天都修好了", **step: Any
) -> None:
    scene.do(lambda: answering.reply_again(snap_id, by=scene.by(role), text=text).id, **step)


def decline(scene: Scene, snap_id: int, *, role: Role = Role.MGR, **step: Any) -> None:
    scene.do(lambda: answering.decline(snap_id, by=scene.by(role), reason="不属于本小区").id, **step)


def convert(scene: Scene, snap_id: int, *, role: Role = Role.MGR, code: str = LAMP, **step: Any) -> None:
    scene.do(lambda: answering.convert(snap_id, by=scene.by(role), category_code=code).id, **step)


def rate(scene: Scene, snap_id: int, *, role: Role = Role.RES, stars: int = 5, **step: Any) -> None:
    scene.do(lambda: answering.rate(snap_id, by=scene.by(role), stars=stars).id, **step)


def sweep_at(at: datetime) -> int:
    with clock.frozen(at):
        return sweep()


def tell_all(at: datetime) -> None:
    """Let every waiting event be heard."""
    with clock.frozen(at):
        while dispatch_one(REACTIONS):
            pass


def snap(snap_id: int) -> Snap:
    db.session.rollback()
    return db.session.get_one(Snap, snap_id, populate_existing=True)


def events(snap_id: int) -> list[tuple[int, str, str]]:
    db.session.rollback()
    rows = db.session.scalars(select(SnapEvent).where(SnapEvent.snap_id == snap_id).order_by(SnapEvent.seq))
    return [(row.seq, row.action, row.to_status) for row in rows]


def titles(account_id: int | None) -> list[str]:
    """What somebody was told, in order."""
    db.session.rollback()
    mine = select(Notification.title).where(Notification.account_id == account_id)
    return list(db.session.scalars(mine.order_by(Notification.id)))


def in_status(scene: Scene, status: Status, kind: Kind = Kind.PROBLEM) -> int:
    """One that has come so far."""
    snap_id = send(scene, kind)
    if status is Status.ACCEPTED:
        open_(scene, snap_id)
    elif status in (Status.ANSWERED, Status.ASKED, Status.CLOSED):
        reply(scene, snap_id)
        if status is Status.ASKED:
            ask_again(scene, snap_id)
        if status is Status.CLOSED:
            rate(scene, snap_id)
    elif status is Status.HOTLINE:
        decline(scene, snap_id)
    elif status is Status.CONVERTED:
        convert(scene, snap_id)
    elif status is Status.EXPIRED:
        sweep_at(scene.at + timedelta(days=10, milliseconds=1))
    return snap_id
