"""补充信息 (U6): the desk asks the reporter once; the repair clock stands until the answer, for 24 hours at most.

信息不足 is no reason to reject (domain 3.8). The clocks of accepting and visiting run on: nobody asks to win time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.core.scope import Scope
from app.orders import deadlines
from app.orders.errors import MissingEvidence, WrongOrderState
from app.orders.lifecycle import Action
from app.orders.models import Order
from app.orders.moving import attach_photos, cleaned, get_order, guard, move
from app.orders.planning import drop_planned
from app.orders.question_models import OrderQuestion
from app.orders.rules import Clock, Level, is_late

ANSWER_WITHIN = timedelta(hours=24)
ANSWERED, SILENT, VISITED = "answered", "silence", "visited"
ENDS = {ANSWERED: "居民已补充信息", SILENT: "24小时没有补充信息", VISITED: "已到现场,不再等补充信息"}


def ask(order_id: int, *, by: Scope, question: str) -> Order:
    """请居民补充信息, once for an order. Raises WrongOrderState when it was asked already, or when nobody could answer
    in the app."""
    text = cleaned(question, field="question", at_least=4, at_most=300)
    order = get_order(order_id, by, lock=True)
    guard(order, Action.ASK_INFO, by)
    _refuse_where_impossible(order)
    at = clock.now()
    until = at + ANSWER_WITHIN
    order.info_asked_at, order.info_open = at, True
    asked_by = by.account_id or 0
    db.session.add(
        OrderQuestion(order_id=order.id, question=text, asked_by=asked_by, asked_at=at, ends_at=until)
    )
    move(order, Action.ASK_INFO, by=by, at=at, note=text, data={"until": until.isoformat()})
    deadlines.pause(order, Clock.REPAIR, at=at, reason="等居民补充信息")
    deadlines.plan(order, Clock.QUESTION, Level.SILENCE, due_at=until)
    deadlines.refresh_next_due(order)
    return order


def _refuse_where_impossible(order: Order) -> None:
    fields = {"status": order.status}
    if order.info_asked_at is not None:
        raise WrongOrderState("每张工单只能请居民补充一次信息,请打电话问", fields=fields)
    if order.reporter_id is None:
        raise WrongOrderState("报修人没有小程序,请打电话问清楚并记录", fields=fields)


def give(order_id: int, *, by: Scope, text: str = "", photo_ids: Sequence[int] = ()) -> Order:
    """补充信息: words, photos, or both. The clock runs on from now; after the 24 hours, from their end."""
    words = cleaned(text, field="text", at_least=0, at_most=400)
    order = get_order(order_id, by, lock=True)
    guard(order, Action.GIVE_INFO, by)
    if not order.info_open:
        raise WrongOrderState(
            "现在没有要补充的信息;还想说什么,请打电话给物业", fields={"status": order.status}
        )
    at = clock.now()
    photos = attach_photos(order.id, photo_ids, "info", by=by, round_=order.round)
    if not words and not photos:
        raise MissingEvidence("请写几个字,或者拍张照片", fields={"text": "文字和照片至少一样"})
    asked = question_of(order.id)
    asked.answer, asked.photos = words, photos
    note = words or f"补充{photos}张照片"
    move(order, Action.GIVE_INFO, by=by, at=at, note=note, data={"photos": photos})
    _close(order, asked, at=at, how=ANSWERED)
    return order


def settle(order: Order, *, at: datetime) -> None:
    """Somebody is on site and sees for himself: nothing is waited for any more. The order is locked."""
    if order.info_open:
        _close(order, question_of(order.id), at=at, how=VISITED)


def end_silence(order_ids: Collection[int], at: datetime) -> None:
    """For the sweep: 24 hours without an answer; the clock runs on from their end, whenever the sweep came."""
    open_ones = (
        select(Order)
        .where(Order.id.in_(order_ids), Order.info_open.is_(True))
        .order_by(Order.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    for order in db.session.scalars(open_ones).all():
        asked = question_of(order.id)
        if is_late(at, asked.ends_at):
            _close(order, asked, at=at, how=SILENT)


def _close(order: Order, asked: OrderQuestion, *, at: datetime, how: str) -> None:
    resumed = min(at, asked.ends_at)
    asked.ended_at, asked.ended_how, order.info_open = resumed, how, False
    deadlines.resume(order, Clock.REPAIR, at=resumed, reason=ENDS[how])
    drop_planned(order, (Clock.QUESTION,), at=at)
    deadlines.refresh_next_due(order)


def question_of(order_id: int) -> OrderQuestion:
    """What was asked; the caller knows that something was."""
    return db.session.scalars(select(OrderQuestion).where(OrderQuestion.order_id == order_id)).one()
