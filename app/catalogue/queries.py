"""Named questions about categories. Reference data: everybody may read them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, or_, select

from app.catalogue.errors import CategoryUnknown
from app.catalogue.models import Category
from app.catalogue.standard import KEYWORDS
from app.core.db import db

REPORT, BOOKING, EMERGENCY = "PUB", "APT", "EMG"
"""Kind codes of domain 3.4, as in `app.orders.lifecycle.Menu`, which stands above this domain."""

NOT_FOR_EMERGENCY = ("H10", "H11")
"""Cleaning and errands can always wait."""
OTHER = {REPORT: "G9901", BOOKING: "H9901", EMERGENCY: "H9901"}
SEARCH_LIMIT = 20


def categories_for(menu: str) -> list[Category]:
    """What a resident can choose behind a menu: public matters, bookable in-home ones, or in-home repairs with the
    urgent ones first. Raises CategoryUnknown for an unknown menu."""
    order = (Category.urgency, Category.code) if menu == EMERGENCY else (Category.code,)
    return list(db.session.scalars(_active().where(_behind(menu)).order_by(*order)))


def category(code: str) -> Category:
    """The category in use; raises CategoryUnknown."""
    found = db.session.get(Category, code)
    if found is None or not found.active:
        raise CategoryUnknown(fields={"category": CategoryUnknown.message})
    return found


def search(text: str) -> list[Category]:
    """Categories by part of the name, beginning of the code or pinyin initials (ldd: 楼道灯不亮); at most 20."""
    wanted = text.strip()
    if not wanted:
        return []
    fits = (
        Category.name.contains(wanted, autoescape=True)
        | Category.code.startswith(wanted.upper(), autoescape=True)
        | Category.pinyin.contains(wanted.lower(), autoescape=True)
    )
    return list(db.session.scalars(_active().where(fits).order_by(Category.code).limit(SEARCH_LIMIT)))


def guess(menu: str, text: str) -> Category | None:
    """The category that the words of a report point to, None when nothing does: a suggestion, never a decision.

    The longest word found wins; of two equal ones the more urgent.
    """
    hits = {
        code: max((len(word) for word in words if word in text), default=0)
        for code, words in KEYWORDS.items()
    }
    possible = [found for found in categories_for(menu) if hits.get(found.code)]
    return min(possible, key=lambda found: (-hits[found.code], found.urgency, found.code), default=None)


def other(menu: str) -> Category:
    """The catch-all of a menu; raises CategoryUnknown."""
    return category(OTHER.get(menu, ""))


def _behind(menu: str) -> ColumnElement[bool]:
    if menu == REPORT:
        return Category.in_home.is_(False)
    if menu == BOOKING:
        return Category.in_home & Category.bookable
    if menu == EMERGENCY:
        can_wait = or_(*(Category.code.startswith(group) for group in NOT_FOR_EMERGENCY))
        return Category.in_home & ~can_wait
    raise CategoryUnknown("没有这个菜单", fields={"menu": "没有这个菜单"})


def _active() -> Select[Category]:
    return select(Category).where(Category.active)
