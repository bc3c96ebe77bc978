"""What a resident says about his order: urge, cancel, confirm, rate, reopen, add photos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from app.core import clock
from app.core.db import db
from app.core.errors import Invalid
from app.core.roles import Role
from app.core.scope import SYSTEM, Scope
from app.orders import deadlines
from app.orders.desk import close_offer, close_promises
from app.orders.errors import NotPaid, RatedAlready, TooLate, UrgedRecently, WrongOrderState
from app.orders.lifecycle import Action, Menu, Status
from app.orders.merged import others_wait_for
from app.orders.models import Order, OrderEvent
from app.orders.moving import attach_photos, cleaned, get_order, guard, move
from app.orders.rating_models import Rating
from app.orders.rules import (
    RATE_WITHIN,
    STREET_MEDIATES,
    WARRANTY,
    Clock,
    may_urge,
    regulator_may_reopen_until,
    reopen_until,
)
from app.orders.settling import price_again, stop_reminding, waits_for_money
from app.orders.voices import attach_voice

RATING_TAGS = ("响应快", "态度好", "修得好", "收费清楚", "现场干净", "来得太晚", "没修好", "态度不好")
NEVER_REPAIRED = "这张工单没有维修就办结了,现在想修请重新报一次"
NEVER_DONE = "这张工单还没有修,不能评价。要修请点“没修好”重新处理"


def urge(order_id: int, *, by: Scope) -> OrderEvent:
    """催办: once in four hours (domain 3.11); the third one makes the manager call."""
    order = get_order(order_id, by, lock=True)
    guard(order, Action.URGE, by)
    at = clock.now()
    urges = (OrderEvent.order_id == order.id) & (OrderEvent.action == Action.URGE.value)
    last, count = db.session.execute(select(func.max(OrderEvent.at), func.count()).where(urges)).one()
    if not may_urge(last, at):
        raise UrgedRecently()
    return move(order, Action.URGE, by=by, at=at, data={"count": count + 1})


def cancel(order_id: int, *, by: Scope, reason: str) -> Order:
    """取消 (T25); where people may be at risk, or others have reported the same, only the reporter withdraws and the
    order stays open."""
    order = get_order(order_id, by, lock=True)
    guard(order, Action.CANCEL, by)
    at = clock.now()
    text = cleaned(reason, field="reason", at_least=2, at_most=200)
    danger = is_dangerous(order)
    if danger or others_wait_for(order):
        why = "险情继续处理" if danger else "还有别的住户报了同样的问题,继续处理"
        note = f"报修人撤回({text}),{why}"
        move(order, Action.WITHDRAW, by=by, at=at, note=note, data={"others": not danger})
        return order
    close_offer(order, "cancelled", at)
    move(order, Action.CANCEL, by=by, at=at, note=text)
    close_promises(order, at)
    return order


def is_dangerous(order: Order) -> bool:
    """P0, or a hazardous matter of a public area."""
    return order.urgency == "P0" or (order.hazardous and order.menu == Menu.REPORT)


def confirm(order_id: int, *, by: Scope) -> Order:
    """确认修好了 (T21), once what is to be paid is paid; raises NotPaid."""
    order = get_order(order_id, by, lock=True)
    guard(order, Action.CONFIRM, by)
    if waits_for_money(order):
        raise NotPaid(fields={"status": order.status})
    return _confirm(order, by=by, how="confirmed")


def _confirm(order: Order, *, by: Scope, how: str, data: Mapping[str, Any] | None = None) -> Order:
    at = clock.now()
    _close(order, at, how=how)
    move(order, Action.CONFIRM, by=by, at=at, data=data)
    deadlines.stop(order, Clock.CONFIRM, at=at)
    deadlines.refresh_next_due(order)
    return order


def close_what_was_rated(order: Order) -> None:
    """The money has come: an order that its reporter has rated already waits for nothing more (T21)."""
    if order.status == Status.DONE and has_rated(order, order.reporter_id):
        _confirm(order, by=SYSTEM, how="rated", data={"how": "paid"})


def _close(order: Order, at: datetime, *, how: str) -> None:
    order.closed_at, order.closed_how = at, how


def rate(
    order_id: int,
    *,
    by: Scope,
    stars: int,
    tags: Sequence[str] = (),
    text: str = "",
    photo_ids: Sequence[int] = (),
) -> Rating:
    """评价: only after 已处理 (S1-06), once per repair; rating a finished order also confirms it, unless it waits for
    its payment: then it closes when the money has come."""
    check_rating(stars, tags)
    order = get_order(order_id, by, lock=True)
    guard(order, Action.RATE, by)
    at = clock.now()
    rating = write_rating(order, by=by, stars=stars, tags=tags, text=text, photo_ids=photo_ids, at=at)
    waits = order.status == Status.DONE and waits_for_money(order)
    if order.status == Status.DONE and not waits:
        _close(order, at, how="rated")
        deadlines.stop(order, Clock.CONFIRM, at=at)
    move(order, Action.RATE_UNPAID if waits else Action.RATE, by=by, at=at, data={"stars": stars})
    deadlines.refresh_next_due(order)
    return rating


def check_rating(stars: int, tags: Sequence[str]) -> None:
    """Refuse what is no rating before anything is read; raises Invalid naming the field."""
    if isinstance(stars, bool) or not 1 <= stars <= 5:
        raise Invalid("请选择1到5颗星", fields={"stars": "1到5"})
    if any(tag not in RATING_TAGS for tag in tags):
        raise Invalid("请从给出的标签里选", fields={"tags": "没有这个标签"})


def write_rating(
    order: Order,
    *,
    by: Scope,
    stars: int,
    tags: Sequence[str],
    text: str,
    photo_ids: Sequence[int],
    at: datetime,
) -> Rating:
    """The rating of one person for the present repair; raises RatedAlready, TooLate, Invalid. The order is locked."""
    _refuse_second_rating(order, by)
    if order.finished_at is None:
        raise WrongOrderState(NEVER_DONE, fields={"status": order.status})
    if order.closed_at is not None and at > order.closed_at + RATE_WITHIN:
        raise TooLate("已超过15天,不能再评价", fields={"status": order.status})
    rating = Rating(
        order_id=order.id,
        account_id=by.account_id,
        round=order.round,
        stars=stars,
        tags=list(dict.fromkeys(tags)),
        text=cleaned(text, field="text", at_least=0),
        at=at,
    )
    db.session.add(rating)
    attach_photos(order.id, photo_ids, "rating", by=by, round_=order.round)
    return rating


def has_rated(order: Order, account_id: int | None) -> bool:
    """Whether this person has rated the present repair."""
    mine = (Rating.order_id == order.id) & (Rating.account_id == account_id) & (Rating.round == order.round)
    return db.session.scalar(select(Rating.id).where(mine)) is not None


def _refuse_second_rating(order: Order, by: Scope) -> None:
    if has_rated(order, by.account_id):
        raise RatedAlready()


def reopen(
    order_id: int, *, by: Scope, reason: str, photo_ids: Sequence[int] = (), voice_id: int | None = None
) -> Order:
    """没修好 (T22): the same order goes on with a recheck clock of 24 h and a new repair clock of 72 h.

    A resident shows with a photo what is wrong and may say more in a recording; street and bureau may reopen for 90
    days on their word. What was charged is under warranty (保修) for thirty days: then it is mended for nothing.
    """
    order = get_order(order_id, by, lock=True)
    guard(order, Action.REOPEN, by)
    at = clock.now()
    text = cleaned(reason, field="reason", at_least=2, at_most=300)
    if at > reopen_deadline(order, by):
        raise TooLate("已超过可以重开的期限,请重新报修", fields={"status": order.status})
    order.warranty = (
        _was_charged(order) and order.finished_at is not None and at <= order.finished_at + WARRANTY
    )
    deadlines.void(order, (Clock.CONFIRM,), at=at)
    stop_reminding(order, at=at)
    photos = 1 if by.role is Role.RES else 0
    order.round += 1
    order.flagged = order.flagged or order.round >= STREET_MEDIATES
    attach_photos(order.id, photo_ids, "reopen", by=by, round_=order.round, at_least=photos)
    attach_voice(order.id, voice_id, "reopen", by=by, round_=order.round)
    db.session.execute(
        update(Rating)
        .where(Rating.order_id == order.id)
        .values(void=True)
        .execution_options(synchronize_session=False)
    )
    order.closed_at, order.closed_how = None, ""
    order.holds, order.no_shows = 0, 0
    order.fund_needed_at, order.fund_told_at, order.special_asked_by = None, None, None
    order.final_fen = None if order.finished_at is None else order.final_fen
    with db.session.no_autoflush:  # neither closed nor open yet: the database would refuse the half of it
        price_again(order)
    order.finished_at, order.after_photos, order.expected_at = None, 0, None
    order.cancel_asked_at = None
    data = {"round": order.round, "warranty": order.warranty}
    move(order, Action.REOPEN, by=by, at=at, note=text, data=data)
    deadlines.start(order, (Clock.VISIT, Clock.REPAIR), at=at, round_=order.round)
    deadlines.refresh_next_due(order)
    return order


def _was_charged(order: Order) -> bool:
    return bool(order.final_fen or order.paid_fen)


def reopen_deadline(order: Order, by: Scope) -> datetime:
    """Until when this person may reopen."""
    if by.role is Role.RES:
        charged = _was_charged(order)
        until = reopen_until(
            order.finished_at, closed_how=order.closed_how, closed_at=order.closed_at, charged=charged
        )
    else:
        until = regulator_may_reopen_until(order.finished_at, order.closed_at)
    if until is None:
        raise WrongOrderState(NEVER_REPAIRED, fields={"status": order.status})
    return until


def add_photos(order_id: int, *, by: Scope, photo_ids: Sequence[int], step: str = "submit") -> Order:
    """补充照片 to an open order."""
    order = get_order(order_id, by, lock=True)
    guard(order, Action.ADD_PHOTOS, by)
    count = attach_photos(order.id, photo_ids, step, by=by, round_=order.round, at_least=1)
    move(order, Action.ADD_PHOTOS, by=by, note=f"补充{count}张照片")
    return order
