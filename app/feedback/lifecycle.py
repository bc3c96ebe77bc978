"""The lifecycle of 随手拍: every legal move is one row of this table (domain 3.12). Pure."""

from __future__ import annotations

from collections.abc import Iterable

from app.core.labelled import Labelled
from app.core.lifecycle import Lifecycle, Transition
from app.core.roles import Role


class Kind(Labelled):
    """What the sender wants (S1-10); a problem needs a photo (3.5.3)."""

    PRAISE = "PRAISE", "表扬"
    SUGGEST = "SUGGEST", "建议"
    PROBLEM = "PROBLEM", "反映问题"


class Topic(Labelled):
    """What it is about (S3-22, domain 3.4)."""

    ORDER = "ORDER", "秩序维护"
    CLEAN = "CLEAN", "环境卫生"
    GREEN = "GREEN", "绿化养护"
    SERVICE = "SERVICE", "客服接待"
    PARKING = "PARKING", "停车管理"
    DECORATION = "DECORATION", "装修扰民"
    DOGS = "DOGS", "文明养犬"
    OTHER = "OTHER", "其他"


class Status(Labelled):
    """Where it stands; `label` is what everybody reads."""

    SUBMITTED = "SUBMITTED", "未接收"
    ACCEPTED = "ACCEPTED", "已接收"
    ANSWERED = "ANSWERED", "已处理"
    ASKED = "ASKED", "待再次回复"
    CLOSED = "CLOSED", "已办结"
    HOTLINE = "HOTLINE", "已转热线(962121)"
    EXPIRED = "EXPIRED", "自动办结(未回复)"
    CONVERTED = "CONVERTED", "已转报修"


class Action(Labelled):
    """What can be done; `label` is the text of the button."""

    OPEN = "open", "查看"
    REPLY = "reply", "回复"
    DECLINE = "decline", "不接收"
    CONVERT = "convert", "转为报修"
    FOLLOW_UP = "follow_up", "没解决,再问一次"
    REPLY_AGAIN = "reply_again", "再次回复"
    RATE = "rate", "评价"
    CLOSE = "close", "办结"
    EXPIRE = "expire", "自动办结"


DESK = frozenset({Role.DSP, Role.MGR})
_S, _A = Status, Action
AT_THE_OFFICE = frozenset({_S.SUBMITTED, _S.ACCEPTED})
OPEN = AT_THE_OFFICE | {_S.HOTLINE}
"""What still waits for its first answer."""
WAITING = OPEN | {_S.ASKED}
"""What waits for somebody who answers; the sender's question after an answer has no clock of its own."""
RATEABLE = frozenset({_S.ANSWERED, _S.ASKED})


def _row(
    code: str,
    action: Action,
    sources: Status | frozenset[Status],
    target: Status,
    by: Iterable[Role],
    label: str,
) -> Transition[Status, Action]:
    sources = frozenset({sources}) if isinstance(sources, Status) else sources
    return Transition(code, action, sources, target, frozenset(by), label)


TRANSITIONS = (
    _row("F2", _A.OPEN, _S.SUBMITTED, _S.ACCEPTED, DESK, "物业已查看,即为接收"),
    _row("F3", _A.REPLY, AT_THE_OFFICE, _S.ANSWERED, DESK, "物业已回复"),
    _row("F3", _A.REPLY, _S.HOTLINE, _S.ANSWERED, frozenset({Role.HOT}), "962121已回复"),
    _row("F4", _A.DECLINE, AT_THE_OFFICE, _S.HOTLINE, DESK, "物业不接收,已转962121热线"),
    _row("F5", _A.CONVERT, AT_THE_OFFICE, _S.CONVERTED, frozenset({Role.MGR}), "已转为报修"),
    _row("F6", _A.RATE, RATEABLE, _S.CLOSED, frozenset({Role.RES}), "已评价"),
    _row("F7", _A.CLOSE, _S.ANSWERED, _S.CLOSED, frozenset({Role.SYS}), "已办结"),
    _row("F8", _A.EXPIRE, OPEN, _S.EXPIRED, frozenset({Role.SYS}), "期限内没有回复,自动办结"),
    _row("F9", _A.FOLLOW_UP, _S.ANSWERED, _S.ASKED, frozenset({Role.RES}), "居民说没解决,又问了一次"),
    _row("F10", _A.REPLY_AGAIN, _S.ASKED, _S.ANSWERED, DESK, "物业再次回复"),
    _row("F10", _A.REPLY_AGAIN, _S.ASKED, _S.ANSWERED, frozenset({Role.HOT}), "962121再次回复"),
)

LIFECYCLE: Lifecycle[Status, Action] = Lifecycle(TRANSITIONS)
SUBMIT = "submit"
_STEPS = {(each.action.value, each.by, each.target): each.label for each in TRANSITIONS}


def actions_for(status: Status, role: Role, kind: Kind, *, has_asked: bool = False) -> list[Action]:
    """The buttons of this role now; only a problem can become a repair, and one asks again once (`has_asked`)."""
    hidden = set() if kind is Kind.PROBLEM else {Action.CONVERT}
    if has_asked:
        hidden.add(Action.FOLLOW_UP)
    return [each for each in LIFECYCLE.actions(status, role) if each not in hidden]


def step_label(action: str, role: Role) -> str:
    """What an event is called in the timeline."""
    found = (label for (code, by, _), label in _STEPS.items() if code == action and role in by)
    return next(found, "已提交")
