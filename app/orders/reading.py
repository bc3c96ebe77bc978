"""What people wrote with an order (reasons, findings, answers), as each role may read it (domain 3.3, 5.1-P11)."""

from __future__ import annotations

from collections.abc import Collection

from app.core.redaction import without_personal_data
from app.core.roles import Role
from app.orders.lines import PLACE_IN_FULL


def words_for(role: Role, text: str, *, names: Collection[str] = ()) -> str:
    """As it was written for those who need the home; without homes, numbers and the given names for everybody else."""
    return text if role in PLACE_IN_FULL else without_personal_data(text, names=names)


def step_words(role: Role, label: str) -> str:
    """The label of a step: it speaks to the resident (已报价,等您同意), everybody else reads of him."""
    return label if role is Role.RES else label.replace("您", "居民")
