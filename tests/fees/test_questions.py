"""费用咨询: asked about one's own bill, answered in time or noticed, passed up until somebody answers (S4-15)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.scopes import resident_scope
from app.companies.hats import scope_of
from app.core import clock
from app.core.db import db, transact
from app.core.errors import Forbidden, Invalid
from app.core.outbox import dispatch_one
from app.core.roles import Role
from app.core.scope import Scope
from app.fees import correcting, question_queries, questions
from app.fees.errors import BillNotFound
from app.fees.question_errors import QuestionNotFound, QuestionOpen, WrongQuestionState
from app.fees.question_lifecycle import State
from app.fees.question_models import FeeQuestion
from app.notifications.models import Notification
from app.reactions.table import REACTIONS
from tests.engines import both_engines
from tests.factories.people import make_hat, make_resident
from tests.fees.town import Town, bills, charge, issue, make_town

pytestmark = both_engines


@pytest.fixture
def town(app_db) -> Town:
    found = make_town(homes=2)
    charge(found.place)
    issue()
    return found


def asked(town: Town, number: int = 0, text: str = "面积好像不对") -> int:
    bill_id, by = bills(home_id=town.home_ids[number])[-1].id, town.resident(number)
    return transact(lambda: questions.ask(bill_id, text=text, by=by).id)


def answered(question_id: int, by: Scope, text: str = "按登记面积110平方米计算") -> None:
    transact(lambda: questions.answer(question_id, text=text, by=by))


def say(question_id: int, word: str, by: Scope) -> None:
    transact(lambda: getattr(questions, word)(question_id, by=by))


def row(question_id: int) -> FeeQuestion:
    db.session.rollback()
    return db.session.get_one(FeeQuestion, question_id, populate_existing=True)


def manager(town: Town) -> Scope:
    office = {"company_id": town.company_id, "office_id": town.place.office.id}
    return transact(lambda: scope_of(make_hat(Role.MGR, **office)))


def bureau(town: Town) -> Scope:
    return transact(lambda: scope_of(make_hat(Role.BUR, district_id=town.place.district.id)))


def told(account_id: int | None) -> list[str]:
    """The titles of what somebody was told, the oldest first."""
    while dispatch_one(REACTIONS):
        pass
    mine = select(Notification.title).where(Notification.account_id == account_id)
    return list(db.session.scalars(mine.order_by(Notification.id)))


def test_the_answer_is_owed_at_the_end_of_the_second_working_day(town):
    question = row(asked(town))
    assert question.state == State.SUBMITTED
    due = clock.in_china(question.due_at)
    assert f"{due:%m-%d %H:%M:%S}" == "11-24 23:59:59"
    assert question.office_id == town.place.office.id


def test_it_goes_up_step_by_step_until_the_bureau_has_answered(town):
    question_id, resident = asked(town), town.resident()
    answered(question_id, town.by(Role.FIN))
    say(question_id, "unsolved", resident)
    assert (row(question_id).state, row(question_id).live) == (State.COMPANY, 1)
    answered(question_id, town.by(Role.CO), "已复核测绘报告")
    say(question_id, "unsolved", resident)
    answered(question_id, bureau(town), "请双方约定重新测量")
    question = row(question_id)
    assert (question.state, question.live, question.due_at) == (State.CONCLUDED, None, None)
    assert question.answer == "请双方约定重新测量"
    line = question_queries.question_line(question_id, resident)
    labels = [each.label for each in question_queries.steps_of(line, resident)]
    assert labels == [
        "居民提问",
        "物业已答复",
        "居民没解决,转物业公司",
        "物业公司已答复",
        "居民没解决,转房管局",
        "房管局已答复",
    ]


def test_who_is_content_ends_it_and_may_ask_again(town):
    question_id, resident = asked(town), town.resident()
    with pytest.raises(QuestionOpen):
        asked(town)
    answered(question_id, manager(town))
    say(question_id, "solved", resident)
    assert (row(question_id).state, row(question_id).live) == (State.SOLVED, None)
    assert asked(town) != question_id


@pytest.mark.parametrize("state", list(State), ids=str)
def test_every_word_in_every_state_is_in_the_table_or_refused(town, state):
    question_id, resident = asked(town), town.resident()
    finance, company, authority = town.by(Role.FIN), town.by(Role.CO), bureau(town)
    path = {
        State.SUBMITTED: [],
        State.ANSWERED: [finance],
        State.SOLVED: [finance, "solved"],
        State.COMPANY: [finance, "unsolved"],
        State.COMPANY_ANSWERED: [finance, "unsolved", company],
        State.BUREAU: [finance, "unsolved", company, "unsolved"],
        State.CONCLUDED: [finance, "unsolved", company, "unsolved", authority],
    }[state]
    for each in path:
        say(question_id, each, resident) if isinstance(each, str) else answered(question_id, each)
    assert row(question_id).state == state
    may = {
        State.SUBMITTED: {finance.role, company.role},
        State.COMPANY: {company.role},
        State.BUREAU: {authority.role},
    }.get(state, set())
    for by in (finance, company, authority):
        if by.role not in may:
            with pytest.raises(WrongQuestionState):
                answered(question_id, by)
    if state not in (State.ANSWERED, State.COMPANY_ANSWERED):
        for word in ("solved", "unsolved"):
            with pytest.raises(WrongQuestionState):
                say(question_id, word, resident)


@pytest.mark.parametrize("text", ["", " ", "?", "长" * 501])
def test_a_question_or_answer_of_no_or_too_many_words_is_refused(town, text):
    with pytest.raises(Invalid):
        asked(town, text=text)
    question_id, finance = asked(town), town.by(Role.FIN)
    with pytest.raises(Invalid):
        answered(question_id, finance, text)


def test_only_those_of_the_home_ask_and_only_those_of_the_company_find_it(town):
    bill_id = bills(home_id=town.home_ids[0])[0].id
    neighbour = town.resident(1)
    with pytest.raises(BillNotFound):
        transact(lambda: questions.ask(bill_id, text="这是谁家的", by=neighbour))
    question_id, elsewhere = asked(town), make_town(homes=1)
    for by in (elsewhere.by(Role.FIN), manager(elsewhere), bureau(elsewhere)):
        with pytest.raises(QuestionNotFound):
            answered(question_id, by)
    for word in ("solved", "unsolved"):
        with pytest.raises(QuestionNotFound):
            say(question_id, word, neighbour)
    with pytest.raises(Forbidden):
        say(question_id, "solved", town.by(Role.FIN))


def test_two_of_one_home_may_both_ask(town):
    other = resident_scope(make_resident(town.place.homes[0]).id)
    bill_id = bills(home_id=town.home_ids[0])[0].id
    first = asked(town)
    second = transact(lambda: questions.ask(bill_id, text="我也想问", by=other).id)
    assert first != second


def test_who_must_answer_is_told_and_the_asker_hears_of_the_answer(town):
    finance, company = town.by(Role.FIN), town.by(Role.CO)
    question_id, resident = asked(town), town.resident()
    assert told(finance.account_id)[-1:] == ["居民问账单"]
    assert "居民问账单" not in told(company.account_id)
    answered(question_id, finance)
    assert told(resident.account_id)[-1] == "物业已答复"
    say(question_id, "unsolved", resident)
    assert told(company.account_id)[-1] == "费用咨询没有解决"
    body = db.session.scalars(select(Notification.body).order_by(Notification.id.desc())).first() or ""
    assert "2026年11月 物业费" in body
    assert "面积" not in body


def test_a_late_answer_is_noticed_once_a_millisecond_after_it_was_due(town):
    boss, chief = manager(town), town.by(Role.CO)
    question_id = asked(town)
    due = row(question_id).due_at
    assert due is not None
    clock.freeze(due)
    assert transact(lambda: questions.notice_late(10)) == 0
    clock.freeze(due + timedelta(milliseconds=1))
    assert [transact(lambda: questions.notice_late(10)) for _ in range(2)] == [1, 0]
    assert told(boss.account_id)[-1] == "费用咨询超时未答复"
    assert told(chief.account_id)[-1] == "费用咨询超时未答复"
    line = question_queries.question_line(question_id, chief)
    assert (line.is_late(clock.now()), line.due_words(clock.now())) == (True, "已超过 不到 1 分钟")
    answered(question_id, chief)
    assert row(question_id).late_at is None


def test_a_manager_reads_no_amount_and_the_accountant_sees_what_replaced_the_bill(town):
    question_id, finance = asked(town), town.by(Role.FIN)
    old = row(question_id).bill_id
    transact(lambda: correcting.correct(old, amount_fen=26_000, reason="面积更正为100平方米", by=finance))
    line = question_queries.question_line(question_id, finance)
    assert (line.bill.amount_fen, line.bill.newer_fen, line.bill.title) == (
        28_600,
        26_000,
        "2026年11月 物业费",
    )
    seen = question_queries.question_line(question_id, manager(town)).bill
    assert (seen.amount_fen, seen.newer_fen) == (None, None)


def test_the_bureau_reads_without_personal_data_until_it_must_answer(town):
    question_id = asked(town, text="请打19900000301,3号楼502室")
    authority = bureau(town)
    line = question_queries.question_line(question_id, authority)
    steps = question_queries.steps_of(line, authority)
    assert not any("19900000301" in each for each in (line.text, *(step.note for step in steps)))
    assert "19900000301" in question_queries.question_line(question_id, town.by(Role.FIN)).text


def test_the_worklist_begins_with_what_is_due_first_and_pages(town):
    first = asked(town)
    clock.freeze(clock.now() + timedelta(days=1))
    second = asked(town, 1)
    finance = town.by(Role.FIN)
    page = question_queries.worklist(finance, limit=1)
    rest = question_queries.worklist(finance, limit=1, cursor=page.next_cursor)
    assert [page.items[0].id, rest.items[0].id, rest.next_cursor] == [first, second, None]
    assert question_queries.worklist(bureau(town)).items == []
    for bad in ("nonsense", "W10"):
        with pytest.raises(Invalid):
            question_queries.worklist(finance, cursor=bad)
