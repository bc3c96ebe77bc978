"""The lifecycle of a fee question (费用咨询): every legal move is one row of this table (domain 3.12, S4-15). Pure."""

from __future__ import annotations

from collections.abc import Iterable

from app.core.labelled import Labelled
from app.core.lifecycle import Lifecycle, Transition
from app.core.roles import Role


class State(Labelled):
    """Where it stands; `label` is what everybody reads."""

    SUBMITTED = "submitted", "已提交,物业财务正在核对"
    ANSWERED = "answered", "已答复"
    COMPANY = "company", "未解决,已转物业公司答复"
    COMPANY_ANSWERED = "company_answered", "物业公司已答复"
    BUREAU = "bureau", "仍未解决,已转房管局"
    CONCLUDED = "concluded", "房管局已答复"
    SOLVED = "solved", "已解决"


class Action(Labelled):
    """What can be done; `label` is the text of the button."""

    ANSWER = "answer", "答复"
    SOLVED = "solved", "解决了"
    UNSOLVED = "unsolved", "没解决"


_S, _A = State, Action
WAITING = frozenset({_S.SUBMITTED, _S.COMPANY, _S.BUREAU})
"""Somebody owes an answer."""
OVER = frozenset({_S.SOLVED, _S.CONCLUDED})
WORKING_DAYS = {_S.COMPANY: 3, _S.BUREAU: 5}
"""Until when the answer is owed, as C7 has it for a company and for the bureau; the accountant's own limit is C8, a
parameter of the district (FEE_ANSWER_DAYS)."""
ANSWERS_NEXT = {_S.SUBMITTED: "物业", _S.COMPANY: "物业公司", _S.BUREAU: "房管局"}
"""Who that is, as the asker reads it."""
ANSWERERS = {
    _S.SUBMITTED: frozenset({Role.FIN, Role.MGR, Role.CO}),
    _S.COMPANY: frozenset({Role.CO}),
    _S.BUREAU: frozenset({Role.BUR}),
}


def _row(
    code: str, action: Action, source: State, target: State, by: Iterable[Role], label: str
) -> Transition[State, Action]:
    return Transition(code, action, frozenset({source}), target, frozenset(by), label)


TRANSITIONS = (
    _row("Q2", _A.ANSWER, _S.SUBMITTED, _S.ANSWERED, ANSWERERS[_S.SUBMITTED], "物业已答复"),
    _row("Q3", _A.ANSWER, _S.COMPANY, _S.COMPANY_ANSWERED, ANSWERERS[_S.COMPANY], "物业公司已答复"),
    _row("Q4", _A.ANSWER, _S.BUREAU, _S.CONCLUDED, ANSWERERS[_S.BUREAU], "房管局已答复"),
    _row("Q5", _A.SOLVED, _S.ANSWERED, _S.SOLVED, {Role.RES}, "居民确认已解决"),
    _row("Q5", _A.SOLVED, _S.COMPANY_ANSWERED, _S.SOLVED, {Role.RES}, "居民确认已解决"),
    _row("Q6", _A.UNSOLVED, _S.ANSWERED, _S.COMPANY, {Role.RES}, "居民没解决,转物业公司"),
    _row("Q7", _A.UNSOLVED, _S.COMPANY_ANSWERED, _S.BUREAU, {Role.RES}, "居民没解决,转房管局"),
)
LIFECYCLE: Lifecycle[State, Action] = Lifecycle(TRANSITIONS)
ASK = "ask"


def step_label(action: str, state: State) -> str:
    """What a step is called that led to this state."""
    found = (each.label for each in TRANSITIONS if each.action.value == action and each.target is state)
    return next(found, "居民提问")
