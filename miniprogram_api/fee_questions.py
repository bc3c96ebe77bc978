"""费用咨询: a resident asks about a bill and says whether the answer was one (S4-15)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from app.core import clock
from app.fees import question_queries as queries
from app.fees import questions
from app.fees.question_queries import QuestionLine, Step
from app.fees.questions import TEXT_MAX, TEXT_MIN
from miniprogram_api.content import checks
from miniprogram_api.fields import In, Instant, Out, PageIn, RowId, Text
from miniprogram_api.order_answers import ActionOut
from miniprogram_api.routing import Routes
from miniprogram_api.session import RESIDENT, Caller

routes = Routes("fee_questions", tag="费用咨询")


class AskedBillOut(Out):
    """What it is about; `newer_id` is the version that replaced the bill since."""

    id: RowId
    period_label: str
    kind_label: str
    amount_fen: int
    newer_id: RowId | None
    newer_fen: int | None


class QuestionStepOut(Out):
    """One line of what happened."""

    words: str
    at: Instant
    by: str
    note: str


class FeeQuestionOut(Out):
    """One's own question with its newest answer."""

    id: RowId
    bill: AskedBillOut
    estate: str
    company: str
    state: str = Field(
        description="submitted、answered、company、company_answered、bureau、concluded、solved"
    )
    words: str
    text: str
    answer: str
    asked_at: Instant
    answered_at: Instant | None
    due_at: Instant | None = Field(description="最晚什么时候答复;不在等答复时为空")
    due_words: str = Field(description="谁最晚哪一天答复;不在等答复时为空")
    steps: list[QuestionStepOut]
    actions: list[ActionOut]


class FeeQuestionsOut(Out):
    """A page of them."""

    items: list[FeeQuestionOut]
    next_cursor: str | None


@routes.query("/fee-questions", who=RESIDENT, asks=PageIn, out=FeeQuestionsOut, title="我的费用咨询")
def fee_questions(caller: Caller, asked: PageIn) -> FeeQuestionsOut:
    """The newest first."""
    page = queries.questions_page(caller.scope, cursor=asked.cursor or None, limit=asked.limit)
    steps = queries.steps_of_many(page.items, caller.scope)
    items = [_out(line, steps[line.id]) for line in page.items]
    return FeeQuestionsOut(items=items, next_cursor=page.next_cursor)


@routes.query("/fee-questions/<id:question_id>", who=RESIDENT, out=FeeQuestionOut, title="一条费用咨询")
def fee_question(caller: Caller, question_id: int) -> FeeQuestionOut:
    """One's own."""
    return _one(caller, question_id)


class AskBillIn(In):
    """What one wants to know."""

    text: Annotated[Text, Field(min_length=TEXT_MIN, max_length=TEXT_MAX)]


@routes.command(
    "/bills/<id:bill_id>/ask",
    who=RESIDENT,
    takes=AskBillIn,
    out=FeeQuestionOut,
    title="问一张账单",
    status=201,
    rate="orders",
    prepare=checks("text"),
    consent=True,
)
def ask_bill(caller: Caller, given: AskBillIn, verdict: str, bill_id: int) -> FeeQuestionOut:
    """About a bill of one's own home; the accountant answers within two working days."""
    row = questions.ask(bill_id, text=given.text, text_check=verdict, by=caller.scope)
    return _one(caller, row.id)


@routes.command("/fee-questions/<id:question_id>/solved", who=RESIDENT, out=FeeQuestionOut, title="解决了")
def question_solved(caller: Caller, question_id: int) -> FeeQuestionOut:
    """It is over."""
    questions.solved(question_id, by=caller.scope)
    return _one(caller, question_id)


@routes.command("/fee-questions/<id:question_id>/unsolved", who=RESIDENT, out=FeeQuestionOut, title="没解决")
def question_unsolved(caller: Caller, question_id: int) -> FeeQuestionOut:
    """First the company's administrator answers, then the bureau."""
    questions.unsolved(question_id, by=caller.scope)
    return _one(caller, question_id)


def _one(caller: Caller, question_id: int) -> FeeQuestionOut:
    line = queries.question_line(question_id, caller.scope)
    return _out(line, queries.steps_of(line, caller.scope))


def _out(line: QuestionLine, steps: Sequence[Step]) -> FeeQuestionOut:
    bill = line.bill
    return FeeQuestionOut(
        id=line.id,
        bill=AskedBillOut(
            id=bill.id,
            period_label=bill.period_label,
            kind_label=bill.kind_label,
            amount_fen=bill.amount_fen or 0,
            newer_id=bill.newer_id,
            newer_fen=bill.newer_fen,
        ),
        estate=line.estate,
        company=line.company,
        state=line.state.value,
        words=line.state.label,
        text=line.text,
        answer=line.answer,
        asked_at=line.asked_at,
        answered_at=line.answered_at,
        due_at=line.due_at,
        due_words=line.answer_words(clock.now()),
        steps=[
            QuestionStepOut(words=each.label, at=each.at, by=each.actor, note=each.note) for each in steps
        ],
        actions=[ActionOut(action=each.value, label=each.label) for each in line.actions],
    )
