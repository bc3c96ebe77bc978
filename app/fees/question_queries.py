"""Fee questions as people read them; every question takes a scope."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from app.accounts.models import Account
from app.companies.models import Company
from app.core.db import db
from app.core.masking import mask_name
from app.core.paging import Page, decode_instant_cursor, encode_cursor, newest_rows
from app.core.redaction import without_personal_data
from app.core.roles import Role
from app.core.scope import Scope, condition
from app.core.wording import day, duration, milliseconds
from app.estates.models import Estate
from app.fees.bill_models import Bill, BillCorrection
from app.fees.question_errors import QuestionNotFound
from app.fees.question_lifecycle import ANSWERS_NEXT, LIFECYCLE, WAITING, Action, State, step_label
from app.fees.question_models import FeeQuestion, FeeQuestionStep
from app.fees.rules import FeeKind, period_label

SEES_AMOUNTS = frozenset({Role.RES, Role.FIN, Role.CO, Role.BUR})
"""A manager answers about the service; money is the matter of others (domain 3.3)."""


@dataclass(frozen=True)
class AskedBill:
    """What it is about; `amount_fen` is None for who sees no money. `newer_id` is the version that replaced it."""

    id: int
    period_label: str
    kind_label: str
    amount_fen: int | None
    newer_id: int | None
    newer_fen: int | None

    @property
    def title(self) -> str:
        """2026年10月 物业费."""
        return f"{self.period_label} {self.kind_label}"


@dataclass(frozen=True)
class QuestionLine:
    """One question; instants are UTC."""

    id: int
    bill: AskedBill
    estate: str
    company: str
    asker: str
    state: State
    text: str
    text_check: str
    answer: str
    asked_at: datetime
    answered_at: datetime | None
    due_at: datetime | None
    actions: Sequence[Action]

    def is_late(self, at: datetime) -> bool:
        """Whether the answer is overdue."""
        return self.due_at is not None and at > self.due_at

    def due_words(self, at: datetime) -> str:
        """还剩 1 天, 已超过 2 小时, or nothing when nobody owes an answer."""
        if self.due_at is None:
            return ""
        if at <= self.due_at:
            return f"还剩 {duration(milliseconds(self.due_at - at))}"
        return f"已超过 {duration(milliseconds(at - self.due_at))}"

    def answer_words(self, at: datetime) -> str:
        """物业最晚 11月25日 答复: what the asker may count on; nothing when nobody owes an answer."""
        if self.due_at is None:
            return ""
        who, by = ANSWERS_NEXT[self.state], day(self.due_at, at)
        if self.is_late(at):
            return f"{who}最晚应在 {by} 答复,已经晚了,对不起,已再提醒"
        return f"{who}最晚 {by} 答复"


@dataclass(frozen=True)
class Step:
    """One line of the timeline; `actor` is a title."""

    label: str
    at: datetime
    actor: str
    note: str


def _lines(scope: Scope) -> Any:
    return (
        select(FeeQuestion, Bill, BillCorrection, Estate.name, Company.name, Account.name)
        .join(Bill, Bill.id == FeeQuestion.bill_id)
        .outerjoin(BillCorrection, BillCorrection.bill_id == Bill.id)
        .join(Estate, Estate.id == Bill.estate_id)
        .join(Company, Company.id == FeeQuestion.company_id)
        .join(Account, Account.id == FeeQuestion.asker_id)
        .where(condition(FeeQuestion, scope))
    )


def _line(row: Any, scope: Scope) -> QuestionLine:
    question, bill, correction, estate, company, asker = row
    state = State(question.state)
    show = _shown_to(scope, state)
    sees = scope.role in SEES_AMOUNTS
    return QuestionLine(
        id=question.id,
        bill=AskedBill(
            id=bill.id,
            period_label=period_label(bill.period),
            kind_label=FeeKind(bill.kind).label,
            amount_fen=bill.amount_fen if sees else None,
            newer_id=correction.new_bill_id if correction else None,
            newer_fen=correction.after_fen if correction and sees else None,
        ),
        estate=estate,
        company=company,
        asker=mask_name(asker or ""),
        state=state,
        text=show(question.text),
        text_check=question.text_check,
        answer=show(question.answer),
        asked_at=question.asked_at,
        answered_at=question.answered_at,
        due_at=question.due_at,
        actions=LIFECYCLE.actions(state, scope.role),
    )


def _shown_to(scope: Scope, state: State) -> Callable[[str], str]:
    """The bureau reads without numbers and doors until it is its turn (domain 3.3)."""
    trusted = scope.role is not Role.BUR or state in (State.BUREAU, State.CONCLUDED)
    return str if trusted else without_personal_data


def questions_page(
    scope: Scope, *, cursor: str | None = None, limit: int = 20, states: Collection[State] = ()
) -> Page[QuestionLine]:
    """The newest first."""
    statement = _lines(scope)
    if states:
        statement = statement.where(FeeQuestion.state.in_(sorted(state.value for state in states)))
    page = newest_rows(statement, FeeQuestion, cursor=cursor, limit=limit)
    return Page([_line(row, scope) for row in page.items], page.next_cursor)


def worklist(scope: Scope, *, cursor: str | None = None, limit: int = 50) -> Page[QuestionLine]:
    """Those that wait, what is due first on top; first of all those that this role answers. Raises Invalid."""
    mine = [state.value for state in WAITING if Action.ANSWER in LIFECYCLE.actions(state, scope.role)]
    statement = _lines(scope).where(FeeQuestion.state.in_(sorted(mine)))
    after = decode_instant_cursor(cursor)
    if after is not None:
        due, question_id = after
        same = (FeeQuestion.due_at == due) & (FeeQuestion.id > question_id)
        statement = statement.where(or_(FeeQuestion.due_at > due, same))
    ordered = statement.order_by(FeeQuestion.due_at, FeeQuestion.id).limit(limit + 1)
    rows = db.session.execute(ordered).all()
    last = rows[limit - 1].FeeQuestion if len(rows) > limit else None
    next_cursor = encode_cursor(last.due_at.isoformat(), last.id) if last else None
    return Page([_line(row, scope) for row in rows[:limit]], next_cursor)


def question_line(question_id: int, scope: Scope) -> QuestionLine:
    """One of them; raises QuestionNotFound when it is hidden."""
    row = db.session.execute(_lines(scope).where(FeeQuestion.id == question_id)).one_or_none()
    if row is None:
        raise QuestionNotFound()
    return _line(row, scope)


def steps_of(line: QuestionLine, scope: Scope) -> list[Step]:
    """Everything that happened to one, in sequence."""
    return steps_of_many([line], scope)[line.id]


def steps_of_many(lines: Sequence[QuestionLine], scope: Scope) -> Mapping[int, list[Step]]:
    """The same for a page of them, in one statement."""
    found: dict[int, list[Step]] = {line.id: [] for line in lines}
    show = {line.id: _shown_to(scope, line.state) for line in lines}
    mine = FeeQuestionStep.question_id.in_(sorted(found))
    rows = select(FeeQuestionStep).where(mine).order_by(FeeQuestionStep.question_id, FeeQuestionStep.seq)
    for row in db.session.scalars(rows) if found else ():
        label = step_label(row.action, State(row.state))
        step = Step(label, row.at, Role(row.actor_role).label, show[row.question_id](row.note))
        found[row.question_id].append(step)
    return found
