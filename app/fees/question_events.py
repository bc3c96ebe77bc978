"""Facts about fee questions, in the past tense."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.outbox import event


@event
@dataclass(frozen=True)
class FeeQuestionMoved:
    """Something was done to one; `seq` is its version after it."""

    question_id: int
    seq: int
    action: str
    state: str


@event
@dataclass(frozen=True)
class FeeQuestionLate:
    """An answer was not there when it was owed."""

    question_id: int
    state: str
