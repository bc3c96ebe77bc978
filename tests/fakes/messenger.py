"""WeChat's side of subscribe messages, for the outcomes that the sandbox cannot time exactly."""

from __future__ import annotations

from collections.abc import Callable


class Messenger:
    """Keeps what was sent; `outcomes` are raised one after the other, None is a success."""

    def __init__(self, *outcomes: Exception | None) -> None:
        self.sent: list[tuple[str, str, dict[str, str], str]] = []
        self.outcomes = list(outcomes)
        self.during: Callable[[], None] | None = None

    def send_subscribe_message(self, openid: str, template_id: str, data: dict[str, str], page: str) -> None:
        self.sent.append((openid, template_id, data, page))
        if self.during:
            self.during()
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if outcome is not None:
            raise outcome
