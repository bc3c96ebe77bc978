"""Limits as people type and read them: minutes, hours, days, working days. Pure."""

from __future__ import annotations

from app.orders.policies import DAY, HOUR, IN_WORKING_DAYS, MINUTE
from app.orders.policy_changes import CHANGEABLE

IN_MINUTES = frozenset({"C1", "C2", "C4", "C12"})
IN_DAYS = frozenset({"C6", "C10", *IN_WORKING_DAYS})


def unit_of(which: str) -> int:
    """In what a limit is typed: minutes for what is a matter of minutes, days for what is one of days, else hours."""
    if which in IN_DAYS:
        return DAY
    return MINUTE if which in IN_MINUTES else HOUR


def length(ms: int) -> str:
    """90 分钟, 72 小时: a limit is never rounded."""
    return f"{ms // HOUR} 小时" if ms % HOUR == 0 else f"{ms // MINUTE} 分钟"


def length_of(which: str, ms: int) -> str:
    """The same, for clocks of days in 天 or 个工作日."""
    if which not in IN_DAYS or ms % DAY:
        return length(ms)
    return f"{ms // DAY} {'个工作日' if which in IN_WORKING_DAYS else '天'}"


def _unit_words(which: str) -> str:
    if which in IN_WORKING_DAYS:
        return "工作日"
    return {DAY: "天", HOUR: "小时", MINUTE: "分钟"}[unit_of(which)]


UNITS = {code: _unit_words(code) for code in CHANGEABLE}
"""What a form says beside the field of a limit."""
