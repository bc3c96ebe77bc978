"""Facts about supervision, in the past tense; ids and plain values only."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.outbox import event


@event
@dataclass(frozen=True)
class DraftSent:
    """A person of the bureau has sent what the system had drafted."""

    draft_id: int
