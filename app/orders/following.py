"""我也遇到: joining an order that somebody else has reported, leaving it, rating it, and counting who has joined.

Only open public-area orders can be joined, by who lives in the estate or stands before the sign of the same place. A
follower sees less than the reporter (app/orders/followed.py), hears of the same steps and may rate once a repair. He
never moves the order: his stars do not close it. The figures count them as they count the reporter's (domain 6.3, o8
and o9): K10, K11 and K13 go by ratings, K12 asks whether an order has any, and the order itself counts once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Account, AccountStatus
from app.core import clock
from app.core.db import db
from app.core.errors import Forbidden
from app.core.scope import Scope, visible
from app.estates.errors import SpotUnknown
from app.estates.models import PublicSpot
from app.orders.errors import FollowedTooLate, OrderNotFound, OwnOrder
from app.orders.feedback import check_rating, write_rating
from app.orders.follower_models import OrderFollower
from app.orders.lifecycle import LIFECYCLE, OPEN, Action, Menu, Status
from app.orders.models import Order
from app.orders.moving import guard, move
from app.orders.rating_models import Rating
from app.orders.similar import counted, homes_now, others, same_place, spot_here

MESSAGE_KEY = "following:"
"""Begins the unique key of a message to a follower, who opens another page than the reporter."""


def follow(order_id: int, *, by: Scope, spot_code: str | None = None) -> OrderFollower:
    """我也遇到 (U4): this person has the same problem and wants to hear of it; again is fine.

    `spot_code` lets in who lives elsewhere and stands before the sign. Raises OrderNotFound for what he may not join
    (other estates, anything inside a home), OwnOrder, FollowedTooLate, Forbidden for other hats.
    """
    if by.role not in LIFECYCLE.roles(Action.FOLLOW):
        raise Forbidden()
    at = clock.now()
    order = _public_order(order_id)
    if order.reporter_id == by.account_id:
        raise OwnOrder()
    if not (
        _following(order_id, by) or _lives_in(order.estate_id, by, at) or _stands_there(order, spot_code)
    ):
        raise OrderNotFound()
    order = _public_order(order_id, lock=True)
    joined = _following(order_id, by)
    if joined is not None:
        return joined
    if Status(order.status) not in OPEN:
        raise FollowedTooLate(fields={"status": order.status})
    assert by.account_id is not None
    joined, is_new = add_follower(order, by.account_id, at=at)
    if is_new:  # who leaves and comes back does not fill the timeline
        move(order, Action.FOLLOW, by=by, at=at)
    return joined


def add_follower(order: Order, account_id: int, *, at: datetime) -> tuple[OrderFollower, bool]:
    """Let the person follow the order, and say whether he never has before; writes no event and asks for no right, so
    that merging (T27) can bring the reporter and the followers of the other order. The order is locked."""
    his = (OrderFollower.order_id == order.id) & (OrderFollower.account_id == account_id)
    known = select(OrderFollower).where(his).execution_options(populate_existing=True)
    row = db.session.scalars(known).one_or_none()
    if row is not None and row.left_at is None:
        return row, False
    is_new = row is None
    mine = {home.home_id for home in homes_now(account_id, at) if home.estate_id == order.estate_id}
    together = mine & {home.home_id for home in homes_now(order.reporter_id, at)}
    if row is None:
        row = OrderFollower(order_id=order.id, account_id=account_id)
        db.session.add(row)
    row.home_id = min(together or mine, default=None)
    row.with_reporter = bool(together)
    row.joined_at, row.left_at = at, None
    db.session.flush()
    return row, is_new


def unfollow(order_id: int, *, by: Scope) -> None:
    """不再关注: no more messages, and the household no longer counts; again is fine. Raises OrderNotFound for who has
    never followed it."""
    mine = visible(OrderFollower, by).where(
        OrderFollower.order_id == order_id, OrderFollower.account_id == by.account_id
    )
    row = db.session.scalars(mine.with_for_update()).one_or_none()
    if row is None:
        raise OrderNotFound()
    row.left_at = row.left_at or clock.now()
    db.session.flush()


def rate_followed(
    order_id: int,
    *,
    by: Scope,
    stars: int,
    tags: Sequence[str] = (),
    text: str = "",
    photo_ids: Sequence[int] = (),
) -> Rating:
    """评价 by a follower (U5): once a repair, within the reporter's time; the order stays as it is and waits for the
    reporter. Raises OrderNotFound, WrongOrderState, RatedAlready, TooLate, Invalid."""
    check_rating(stars, tags)
    if _following(order_id, by) is None:
        raise OrderNotFound()
    order = _public_order(order_id, lock=True)
    guard(order, Action.RATE_FOLLOWED, by)
    at = clock.now()
    rating = write_rating(order, by=by, stars=stars, tags=tags, text=text, photo_ids=photo_ids, at=at)
    move(order, Action.RATE_FOLLOWED, by=by, at=at, data={"stars": stars})
    return rating


def followers(order_id: int) -> list[int]:
    """The accounts that follow the order and can still sign in, in one statement."""
    statement = (
        select(OrderFollower.account_id)
        .join(Account, Account.id == OrderFollower.account_id)
        .where(
            OrderFollower.order_id == order_id,
            OrderFollower.left_at.is_(None),
            Account.status == AccountStatus.ACTIVE.value,
        )
        .order_by(OrderFollower.account_id)
    )
    return list(db.session.scalars(statement))


def other_households(order_ids: Collection[int]) -> dict[int, int]:
    """How many households have joined each of these orders, in one statement; orders that nobody has joined are
    missing. The caller was allowed to see the orders."""
    if not order_ids:
        return {}
    statement = (
        select(OrderFollower.order_id, others())
        .where(OrderFollower.order_id.in_(sorted(order_ids)), counted())
        .group_by(OrderFollower.order_id)
    )
    return {row[0]: row[1] for row in db.session.execute(statement)}


def _public_order(order_id: int, *, lock: bool = False) -> Order:
    """Not through the scope, which shows a resident only what he has reported: the callers decide who comes in."""
    statement = select(Order).where(Order.id == order_id, Order.menu == Menu.REPORT.value)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    order = db.session.scalars(statement).one_or_none()
    if order is None:
        raise OrderNotFound()
    return order


def _following(order_id: int, by: Scope) -> OrderFollower | None:
    """This person's own row while he follows the order."""
    mine = visible(OrderFollower, by).where(
        OrderFollower.order_id == order_id,
        OrderFollower.account_id == by.account_id,
        OrderFollower.left_at.is_(None),
    )
    return db.session.scalars(mine.execution_options(populate_existing=True)).one_or_none()


def _lives_in(estate_id: int, by: Scope, at: datetime) -> bool:
    return any(home.estate_id == estate_id for home in homes_now(by.account_id, at))


def _stands_there(order: Order, spot_code: str | None) -> bool:
    """Whether the scanned sign hangs at the order's place."""
    if not spot_code:
        return False
    try:
        here = spot_here(spot_code)
    except SpotUnknown:
        return False
    place = same_place(here)
    if place is None or here.estate_id != order.estate_id:
        return False
    there = select(Order.id).outerjoin(PublicSpot, PublicSpot.id == Order.spot_id)
    return db.session.scalar(there.where(Order.id == order.id, place)) is not None
