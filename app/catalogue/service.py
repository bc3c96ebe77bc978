"""Installing the standard category table."""

from __future__ import annotations

from pypinyin import Style, lazy_pinyin
from sqlalchemy import select

from app.catalogue.models import Category
from app.catalogue.standard import STANDARD, Standard
from app.core.db import db


def install_standard() -> int:
    """Bring the table of domain 3.4 into the database; returns how many rows were new or changed.

    Safe to repeat. Whether a category is in use (`active`) is the operator's decision and stays as it is.
    """
    present = {category.code: category for category in db.session.scalars(select(Category))}
    changed = sum(_install(present.get(row.code), row) for row in STANDARD)
    db.session.flush()
    return changed


def initials(text: str) -> str:
    """The pinyin initials by which a hurried dispatcher types: 楼道灯不亮 becomes "lddbl"."""
    letters = "".join(lazy_pinyin(text, style=Style.FIRST_LETTER, errors="ignore"))
    return letters.lower()[:24]


def _install(category: Category | None, row: Standard) -> bool:
    values = _values(row)
    if category is None:
        db.session.add(Category(code=row.code, active=True, **values))
        return True
    different = {name: value for name, value in values.items() if getattr(category, name) != value}
    for name, value in different.items():
        setattr(category, name, value)
    return bool(different)


def _values(row: Standard) -> dict[str, object]:
    return {
        "name": row.name,
        "pinyin": initials(row.name),
        "in_home": row.in_home,
        "bookable": row.bookable,
        "urgency": row.urgency,
        "certificate": row.certificate,
        "hazardous": row.hazardous,
        "pays": row.pays,
        "tools": row.tools,
    }
