"""Faults on demand: each is used up by `times` matching calls.

Every call: `slow`, `http_500`, `html`, `drop` (the connection breaks before anything is done), `drop_after` (when all
is done but the answer not sent). Calls of the mini-program interface also `busy`, `expired_token`, `used_code`.
Calls of WeChat Pay (/pay/..., /secapi/...) also `wrong_answer_signature`, `answer_in_other_type` (signed rightly, but
MD5 for HMAC-SHA256 and the other way), `NOTENOUGH`, `FREQUENCY_LIMITED`, `SYSTEMERROR` (nothing was done),
`SYSTEMERROR_AFTER` (it was done), and on /pay/unifiedorder `paid_before_answer` (the payer pays and the notice arrives
before the answer). The path "push" is for events (`duplicate`, `wrong_signature`), "notice" for the notices of payments
and refunds (`wrong_signature`, `duplicate`, `lost`, `hold`, `reorder`: see `pay_postman`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

EVERY_CALL = ("slow", "http_500", "html", "drop", "drop_after")
CALL_KINDS = (*EVERY_CALL, "busy", "expired_token", "used_code")
PAY_KINDS = (
    *EVERY_CALL,
    *("wrong_answer_signature", "answer_in_other_type", "NOTENOUGH", "FREQUENCY_LIMITED", "SYSTEMERROR"),
    *("SYSTEMERROR_AFTER", "paid_before_answer"),
)
PAY_PATHS = ("/pay/", "/secapi/")
PUSH_KINDS = ("duplicate", "wrong_signature")
PUSH_PATH = "push"
NOTICE_KINDS = ("wrong_signature", "duplicate", "lost", "hold", "reorder")
NOTICE_PATH = "notice"
OUTGOING = {PUSH_PATH: PUSH_KINDS, NOTICE_PATH: NOTICE_KINDS}


@dataclass
class Fault:
    """What shall go wrong, where ("*" is every call of WeChat and the hotline), and how often still."""

    path: str
    kind: str
    times: int = 1
    seconds: float = 1.0

    def __post_init__(self) -> None:
        kinds = kinds_of(self.path)
        if self.kind not in kinds:
            raise ValueError(f"kind must be one of {', '.join(kinds)}")
        if self.times < 1 or self.seconds < 0:
            raise ValueError("times must be at least 1 and seconds not negative")

    def as_dict(self) -> dict[str, Any]:
        """For the control interface."""
        return asdict(self)


def kinds_of(path: str) -> tuple[str, ...]:
    """What can go wrong there; "*" can do what every call can, and what its own kind of call can."""
    if path in OUTGOING:
        return OUTGOING[path]
    if path == "*":
        return tuple(dict.fromkeys((*CALL_KINDS, *PAY_KINDS)))
    return PAY_KINDS if path.startswith(PAY_PATHS) else CALL_KINDS


class Faults:
    """The waiting faults, oldest first. The caller holds the world's lock."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def take(self, path: str, kinds: Collection[str] = CALL_KINDS) -> Fault | None:
        """The fault that hits this call, if any; one use is counted."""
        for fault in self.waiting:
            if fault.kind in kinds and (fault.path == path or (fault.path == "*" and path not in OUTGOING)):
                fault.times -= 1
                if fault.times == 0:
                    self.waiting.remove(fault)
                return fault
        return None
