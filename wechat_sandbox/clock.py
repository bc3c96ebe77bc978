"""The sandbox's own clock: it can be advanced or held, and knows nothing of the product's."""

from __future__ import annotations

import time


class Clock:
    """Seconds since 1970, moved by an offset or held at one instant."""

    def __init__(self) -> None:
        self.offset = 0.0
        self.held_at: float | None = None

    def now(self) -> float:
        """The sandbox's present."""
        return self.held_at if self.held_at is not None else time.time() + self.offset

    def advance(self, seconds: float) -> None:
        """Go forward; a held clock is advanced too."""
        if seconds < 0:
            raise ValueError("time goes forward only")
        if self.held_at is not None:
            self.held_at += seconds
        else:
            self.offset += seconds

    def hold(self, held: bool) -> None:
        """Stop the clock where it is, or let it run on from there."""
        if held and self.held_at is None:
            self.held_at = self.now()
        elif not held and self.held_at is not None:
            self.offset = self.held_at - time.time()
            self.held_at = None
