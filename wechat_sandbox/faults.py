"""Faults on demand: each is used up by `times` matching calls."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

CALL_KINDS = ("slow", "http_500", "html", "busy", "expired_token", "used_code", "drop", "drop_after")
"""`drop` breaks the connection before anything is done, `drop_after` when all is done but the answer not
sent.
"""
PUSH_KINDS = ("duplicate", "wrong_signature")
PUSH_PATH = "push"


@dataclass
class Fault:
    """What shall go wrong, where ("*" is every call of WeChat and the hotline), and how often still."""

    path: str
    kind: str
    times: int = 1
    seconds: float = 1.0

    def __post_init__(self) -> None:
        kinds = PUSH_KINDS if self.path == PUSH_PATH else CALL_KINDS
        if self.kind not in kinds:
            raise ValueError(f"kind must be one of {', '.join(kinds)}")
        if self.times < 1 or self.seconds < 0:
            raise ValueError("times must be at least 1 and seconds not negative")

    def as_dict(self) -> dict[str, Any]:
        """For the control interface."""
        return asdict(self)


class Faults:
    """The waiting faults, oldest first. The caller holds the world's lock."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def take(self, path: str, kinds: Collection[str] = CALL_KINDS) -> Fault | None:
        """The fault that hits this call, if any; one use is counted."""
        for fault in self.waiting:
            if fault.kind in kinds and (fault.path == path or (fault.path == "*" and path != PUSH_PATH)):
                fault.times -= 1
                if fault.times == 0:
                    self.waiting.remove(fault)
                return fault
        return None
