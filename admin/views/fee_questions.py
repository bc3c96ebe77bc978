"""费用咨询: what residents ask about their bills; accountant or manager answer, then company, then bureau (S4-15)."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose

from admin import commands, session
from admin.base import ConsoleView
from admin.commands import REFUSED
from admin.navigation import FEE_QUESTIONS
from app.core import clock
from app.core.errors import Invalid, WrongState
from app.fees import question_queries as queries
from app.fees import questions
from app.fees.question_lifecycle import State

TABS = {"mine": "等我答复", "all": "全部"}
PAGE = 30


class FeeQuestionsView(ConsoleView):
    """What is due first stands on top; what was answered stays readable."""

    roles = FEE_QUESTIONS

    @expose("/")
    def index(self) -> str:
        """Those that wait for this hat, or everything that it may read, the newest first."""
        chosen, cursor = request.args.get("show", "mine"), request.args.get("cursor")
        shown = chosen if chosen in TABS else "mine"
        if shown == "mine":
            page = queries.worklist(session.scope(), cursor=cursor, limit=PAGE)
        else:
            page = queries.questions_page(session.scope(), cursor=cursor, limit=PAGE)
        return self.render("console/fee_questions.html", page=page, shown=shown, tabs=TABS, now=clock.now())

    @expose("/<int:question_id>")
    def show(self, question_id: int) -> str:
        """One with its timeline and, where it is this hat's turn, the answer."""
        line = queries.question_line(question_id, session.scope())
        return self.render(
            "console/fee_question.html",
            line=line,
            steps=queries.steps_of(line, session.scope()),
            is_last=State.BUREAU,
            now=clock.now(),
            new_request_id=commands.new_request_id,
        )

    @expose("/<int:question_id>/answer", methods=("POST",))
    def answer(self, question_id: int) -> ResponseReturnValue:
        """The asker reads it at once."""
        by, text = session.scope(), request.form.get("text", "")

        def work() -> str:
            questions.answer(question_id, text=text, by=by)
            return "已答复,居民会收到"

        try:
            flash(commands.run(work))
        except (Invalid, WrongState) as refusal:
            flash(refusal.sentence, REFUSED)
        return redirect(url_for("fee_questions.show", question_id=question_id))


def views() -> list[BaseView]:
    """The worklist and its pages."""
    return [FeeQuestionsView("费用咨询", "fee_questions", "fee-questions")]
