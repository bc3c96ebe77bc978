"""The lifecycle of an invoice: every legal move is one row of this table (domain 3.12, S0-10). Pure."""

from __future__ import annotations

from collections.abc import Iterable

from app.core.labelled import Labelled
from app.core.lifecycle import Lifecycle, Transition
from app.core.roles import Role


class How(Labelled):
    """How the payer gets it; an electronic one needs no delivery."""

    OFFICE = "office", "到管理处自取"
    LETTERBOX = "letterbox", "投递到信报箱"
    ELECTRONIC = "electronic", "电子发票"


class TitleKind(Labelled):
    """Whose name stands on it."""

    PERSON = "person", "个人"
    COMPANY = "company", "单位"


class State(Labelled):
    """Where it stands; `label` is what everybody reads."""

    REQUESTED = "requested", "待开"
    ISSUED = "issued", "已开"
    READY = "ready", "待领取"
    DELIVERING = "delivering", "投递中"
    COLLECTED = "collected", "已领取"
    DELIVERED = "delivered", "已投递"
    REVERSING = "reversing", "红冲中"
    REVERSED = "reversed", "已红冲"
    RETURNED = "returned", "已退回"
    WITHDRAWN = "withdrawn", "已撤回"


class Action(Labelled):
    """What can be done; `label` is the text of the button."""

    ISSUE = "issue", "开票"
    SEND_BACK = "return", "退回"
    WITHDRAW = "withdraw", "撤回申请"
    SET_OUT = "set_out", "放到管理处"
    POST = "post", "开始投递"
    COLLECT = "collect", "已领取"
    DELIVER = "deliver", "已投递"
    REVERSE = "reverse", "红冲"
    BEGIN_REVERSAL = "begin_reversal", "红冲电子发票"
    FINISH_REVERSAL = "finish_reversal", "电子发票已红冲"
    REVERSAL_REFUSED = "reversal_refused", "电子发票没有红冲"
    REVERSE_BY_HAND = "reverse_by_hand", "登记红字发票"


FINANCE = frozenset({Role.FIN, Role.CO})
_S, _A = State, Action
OVER = frozenset({_S.REVERSED, _S.RETURNED, _S.WITHDRAWN})
"""It no longer counts: another one may be asked for."""
STANDS = frozenset({_S.ISSUED, _S.READY, _S.DELIVERING, _S.COLLECTED, _S.DELIVERED, _S.REVERSING})
"""It was written out: money goes back only after it was reversed (发票管理办法)."""
_PAPER_STANDS = STANDS - {_S.REVERSING}


def _row(
    code: str,
    action: Action,
    sources: State | frozenset[State],
    target: State,
    by: Iterable[Role],
    label: str,
) -> Transition[State, Action]:
    sources = frozenset({sources}) if isinstance(sources, State) else sources
    return Transition(code, action, sources, target, frozenset(by), label)


TRANSITIONS = (
    _row("I2", _A.ISSUE, _S.REQUESTED, _S.ISSUED, FINANCE | {Role.SYS}, "已开票"),
    _row("I3", _A.SEND_BACK, _S.REQUESTED, _S.RETURNED, FINANCE | {Role.SYS}, "申请退回,可以改好再申请"),
    _row("I4", _A.WITHDRAW, _S.REQUESTED, _S.WITHDRAWN, {Role.RES}, "您撤回了申请"),
    _row("I5", _A.SET_OUT, _S.ISSUED, _S.READY, FINANCE, "已放到管理处,等您领取"),
    _row("I6", _A.POST, _S.ISSUED, _S.DELIVERING, FINANCE, "正在投递到信报箱"),
    _row("I7", _A.COLLECT, _S.READY, _S.COLLECTED, FINANCE, "已领取"),
    _row("I8", _A.DELIVER, _S.DELIVERING, _S.DELIVERED, FINANCE, "已投递到信报箱"),
    _row("I9", _A.REVERSE, _PAPER_STANDS, _S.REVERSED, FINANCE, "已红冲,原发票作废"),
    _row("I10", _A.BEGIN_REVERSAL, _S.ISSUED, _S.REVERSING, FINANCE, "正在红冲"),
    _row("I11", _A.FINISH_REVERSAL, _S.REVERSING, _S.REVERSED, {Role.SYS}, "已红冲,原发票作废"),
    _row("I12", _A.REVERSAL_REFUSED, _S.REVERSING, _S.REVERSING, {Role.SYS}, "红冲没有成功,物业财务在处理"),
    _row("I13", _A.REVERSE_BY_HAND, _S.REVERSING, _S.REVERSED, FINANCE, "已红冲,原发票作废"),
)
LIFECYCLE: Lifecycle[State, Action] = Lifecycle(TRANSITIONS)
REQUEST = "request"
_ONLY: dict[Action, frozenset[How]] = {
    _A.SET_OUT: frozenset({How.OFFICE}),
    _A.POST: frozenset({How.LETTERBOX}),
    _A.REVERSE: frozenset({How.OFFICE, How.LETTERBOX}),
    _A.BEGIN_REVERSAL: frozenset({How.ELECTRONIC}),
    _A.REVERSE_BY_HAND: frozenset({How.ELECTRONIC}),
}
_OF_THE_SERVICE = frozenset({_A.ISSUE, _A.SEND_BACK, _A.WITHDRAW})
"""An electronic one is asked for at once: from then on only the service says what becomes of it."""


def fits(action: Action, how: How, role: Role) -> bool:
    """Whether the action makes sense for an invoice that is handed over like this."""
    if how not in _ONLY.get(action, frozenset(How)):
        return False
    return how is not How.ELECTRONIC or role is Role.SYS or action not in _OF_THE_SERVICE


def actions_for(state: State, how: How, role: Role) -> list[Action]:
    """The buttons of this role now."""
    return [each for each in LIFECYCLE.actions(state, role) if fits(each, how, role)]


def step_label(action: str) -> str:
    """What a step is called in the timeline."""
    found = (each.label for each in TRANSITIONS if each.action.value == action)
    return next(found, "已申请开票")
