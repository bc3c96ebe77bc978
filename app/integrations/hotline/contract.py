"""What the hotline promises us, whoever runs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from app.core.errors import Unavailable


class HotlineDown(Unavailable):
    """No acknowledgement: time-out, refusal, or an answer without `ack`. Calling again is safe."""

    code: ClassVar[str] = "hotline_down"
    message: ClassVar[str] = "962121 接口暂时不通,工单已在人工坐席队列中"

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason

    def __str__(self) -> str:
        return f"HotlineDown({self.reason})"


class Hotline(Protocol):
    """Takes an order over; the same `handover_id` with the same content gets the same ticket again."""

    def hand_over(self, handover_id: str, payload: Mapping[str, Any]) -> str:
        """The hotline's ticket number; raises HotlineDown."""
