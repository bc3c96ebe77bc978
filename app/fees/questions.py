"""Asking about a bill, answering, saying whether that was an answer; who does not answer in time is noticed (S4-15)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.companies.queries import serving_office
from app.core import clock
from app.core.calendar_days import working_days_after
from app.core.db import claim, db, translate_constraint
from app.core.errors import Forbidden
from app.core.outbox import publish
from app.core.parameters import FEE_ANSWER_DAYS, value_of
from app.core.roles import Role
from app.core.scope import Scope, get_visible
from app.core.texts import cleaned
from app.fees.queries import bill_line
from app.fees.question_errors import QuestionNotFound, QuestionOpen, WrongQuestionState
from app.fees.question_events import FeeQuestionLate, FeeQuestionMoved
from app.fees.question_lifecycle import ASK, LIFECYCLE, OVER, WAITING, WORKING_DAYS, Action, State
from app.fees.question_models import FeeQuestion, FeeQuestionStep

TEXT_MIN, TEXT_MAX = 2, 500

translate_constraint("uq_fee_questions_live", QuestionOpen)


def ask(bill_id: int, *, text: str, text_check: str = "pass", by: Scope) -> FeeQuestion:
    """Ask about a bill of one's own home. Raises BillNotFound, QuestionOpen, Invalid."""
    if by.role is not Role.RES or by.account_id is None:
        raise Forbidden()
    line = bill_line(bill_id, by)
    words = cleaned(text, field="text", at_least=TEXT_MIN, at_most=TEXT_MAX)
    if _open(bill_id, by.account_id):
        raise QuestionOpen()
    at, bill = clock.now(), line.bill
    contract = serving_office(bill.estate_id, clock.china_date(at))
    here = contract is not None and contract.company_id == bill.company_id
    question = FeeQuestion(
        bill_id=bill.id,
        asker_id=by.account_id,
        office_id=contract.office_id if contract is not None and here else None,
        company_id=bill.company_id,
        district_id=bill.district_id,
        state=State.SUBMITTED.value,
        version=1,
        text=words,
        text_check=text_check,
        asked_at=at,
        due_at=_due(State.SUBMITTED, at, bill.district_id),
    )
    db.session.add(question)
    db.session.flush()
    _add_step(question, ASK, by=by, at=at, note=words)
    return question


def _open(bill_id: int, asker_id: int) -> bool:
    mine = (FeeQuestion.bill_id == bill_id) & (FeeQuestion.asker_id == asker_id) & (FeeQuestion.live == 1)
    return db.session.scalars(select(FeeQuestion.id).where(mine)).first() is not None


def answer(question_id: int, *, text: str, by: Scope) -> FeeQuestion:
    """Answer it on the step where it stands. Raises QuestionNotFound, Forbidden, WrongQuestionState, Invalid."""
    question = get_question(question_id, by, lock=True)
    target = _target(question, Action.ANSWER, by)
    at = clock.now()
    words = cleaned(text, field="text", at_least=TEXT_MIN, at_most=TEXT_MAX)
    question.answer, question.answered_at, question.answered_by = words, at, by.account_id
    _move(question, Action.ANSWER, target, by=by, at=at, note=words)
    return question


def solved(question_id: int, *, by: Scope) -> FeeQuestion:
    """The asker is content; it is over."""
    question = get_question(question_id, by, lock=True)
    _move(question, Action.SOLVED, _target(question, Action.SOLVED, by), by=by, at=clock.now())
    return question


def unsolved(question_id: int, *, by: Scope) -> FeeQuestion:
    """It goes one step up: to the company's administrator, then to the bureau."""
    question = get_question(question_id, by, lock=True)
    _move(question, Action.UNSOLVED, _target(question, Action.UNSOLVED, by), by=by, at=clock.now())
    return question


def get_question(question_id: int, by: Scope, *, lock: bool = False) -> FeeQuestion:
    """The row if this scope sees it; raises QuestionNotFound. Commands read it with a lock."""
    return get_visible(FeeQuestion, question_id, by, lock=lock, missing=QuestionNotFound())


def _target(question: FeeQuestion, action: Action, by: Scope) -> State:
    if by.role not in LIFECYCLE.roles(action):
        raise Forbidden()
    found = LIFECYCLE.find(action, State(question.state), by.role)
    if found is None or found.target is None:
        words = f"这条费用咨询现在是“{State(question.state).label}”,不能这样操作"
        raise WrongQuestionState(words, fields={"state": question.state})
    return found.target


def days_for(state: State, at: datetime, district_id: int) -> int:
    """Within how many working days somebody answers who owes it from `at` on; 0 while nobody does."""
    if state is State.SUBMITTED:
        return int(value_of(FEE_ANSWER_DAYS, at, district_id))
    return WORKING_DAYS.get(state, 0)


def _due(state: State, at: datetime, district_id: int) -> datetime | None:
    return working_days_after(at, days_for(state, at, district_id)) if state in WAITING else None


def _move(
    question: FeeQuestion, action: Action, target: State, *, by: Scope, at: datetime, note: str = ""
) -> None:
    question.state, question.version = target.value, question.version + 1
    question.due_at, question.late_at = _due(target, at, question.district_id), None
    if target in OVER:
        question.live = None
    _add_step(question, action.value, by=by, at=at, note=note)


def _add_step(question: FeeQuestion, action: str, *, by: Scope, at: datetime, note: str = "") -> None:
    step = FeeQuestionStep(
        question_id=question.id,
        seq=question.version,
        action=action,
        state=question.state,
        at=at,
        actor_id=by.account_id,
        actor_role=by.role.value,
        note=note,
    )
    db.session.add(step)
    db.session.flush()
    publish(FeeQuestionMoved(question.id, question.version, action, question.state))


def notice_late(limit: int) -> int:
    """Mark up to `limit` questions whose answer is overdue and say so once; returns how many. Inside the caller's
    transaction; any number of schedulers may run."""
    at = clock.now()
    overdue = (FeeQuestion.late_at.is_(None)) & (FeeQuestion.due_at < at)
    statement = select(FeeQuestion).where(overdue).order_by(FeeQuestion.due_at, FeeQuestion.id).limit(limit)
    rows = db.session.scalars(claim(statement)).all()
    for row in rows:
        row.late_at = at
        publish(FeeQuestionLate(row.id, row.state))
    db.session.flush()
    return len(rows)
