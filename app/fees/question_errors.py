"""Named refusals around fee questions, with the sentence that a person reads."""

from __future__ import annotations

from app.core.errors import Conflict, NotFound, WrongState


class QuestionNotFound(NotFound):
    """Hidden or missing."""

    code = "fee_question_not_found"
    message = "没有找到这条费用咨询"


class QuestionOpen(Conflict):
    """One open question of a person about a bill."""

    code = "fee_question_open"
    message = "这张账单您已经问过了,正在等答复,请在“费用咨询”里查看"


class WrongQuestionState(WrongState):
    """The action does not fit the present state; `fields` carries it."""

    code = "wrong_fee_question_state"
    message = "这条费用咨询已有新进展,请刷新后再看"
