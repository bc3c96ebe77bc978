"""Events that nobody has reacted to yet."""

from __future__ import annotations

import time

from app.core.outbox import dispatch_one
from app.reactions.table import REACTIONS
from scheduler.context import Context

LONGEST_RUN_SECONDS = 20
"""Then the job ends and starts anew, so that a flood does not keep it from noticing a moved clock."""


def dispatch_outbox(context: Context) -> None:
    """React to waiting events until none is left."""
    ends = time.monotonic() + LONGEST_RUN_SECONDS
    while not context.stopping() and time.monotonic() < ends and dispatch_one(REACTIONS):
        pass
