"""Which quote of an order counts. The caller was allowed to see the order."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import case, func, select
from sqlalchemy.orm import selectinload

from app.core.db import db
from app.orders.quote_models import Quote, QuoteLine
from app.orders.quote_rules import part_put_in

AGREED = "agreed"
ANSWERS = {
    "": "等居民同意",
    AGREED: "居民已同意",
    "declined": "居民没有同意",
    "silent": "24小时没有答复",
    "cancelled": "工单已取消",
}
"""How a quote was answered."""


def quotes_of(order_id: int) -> Sequence[Quote]:
    """All of them with their lines, the first one first."""
    mine = select(Quote).where(Quote.order_id == order_id).options(selectinload(Quote.lines))
    return db.session.scalars(mine.order_by(Quote.number)).all()


def waiting_quote(order_id: int) -> Quote | None:
    """The one that waits for the resident's answer."""
    waits = (Quote.order_id == order_id) & (Quote.answered_how == "")
    return db.session.scalars(select(Quote).where(waits).order_by(Quote.number.desc()).limit(1)).first()


def agreed_quote(order_id: int) -> Quote | None:
    """The one that stands: agreed to last."""
    stands = (Quote.order_id == order_id) & (Quote.answered_how == AGREED)
    return db.session.scalars(select(Quote).where(stands).order_by(Quote.number.desc()).limit(1)).first()


def agreed_before(order_id: int, round_: int) -> Quote | None:
    """What stood when the order was reopened for this round: agreed to in an earlier one."""
    stands = (Quote.order_id == order_id) & (Quote.answered_how == AGREED) & (Quote.round < round_)
    return db.session.scalars(select(Quote).where(stands).order_by(Quote.number.desc()).limit(1)).first()


def lines_of_round(order_id: int, round_: int) -> list[QuoteLine]:
    """What was agreed to since the order was reopened for this round; in the first one everything."""
    agreed = agreed_quote(order_id)
    if agreed is None or agreed.round < round_:
        return []
    earlier = agreed_before(order_id, round_) if round_ else None
    return agreed.lines[len(earlier.lines) if earlier else 0 :]


def parts_of_round(order_id: int, round_: int) -> list[str]:
    """Names of the parts that are put in instead of old ones, as they were agreed to."""
    found = (part_put_in(line.name, line.material) for line in lines_of_round(order_id, round_))
    return list(dict.fromkeys(filter(None, found)))


def newest_quote(order_id: int) -> Quote | None:
    """The one that was made last, whatever came of it."""
    mine = select(Quote).where(Quote.order_id == order_id)
    return db.session.scalars(mine.order_by(Quote.number.desc()).limit(1)).first()


def numbers_used(order_id: int, round_: int) -> tuple[int, int]:
    """The highest number of the order, and how many quotes the round has had."""
    in_round = func.count(case((Quote.round == round_, 1)))
    row = db.session.execute(select(func.max(Quote.number), in_round).where(Quote.order_id == order_id)).one()
    return row[0] or 0, row[1]
