"""What payers and accountants are told of invoices: each step once, no home and no name in it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.audit.service import ensure_head
from app.core.db import db, transact
from app.core.outbox import dispatch_one
from app.fees.question_lifecycle import State as QuestionState
from app.integrations.einvoice.contract import EInvoiceRefused
from app.invoices import issuing
from app.invoices.electronic import make_calls
from app.invoices.lifecycle import Action, How, State
from app.notifications.models import Notification
from app.reactions.bookkeeping_messages import answerer_message, asker_message, invoice_message
from app.reactions.table import REACTIONS
from tests.factories.scene import Scene, make_scene
from tests.invoices import doing
from tests.invoices.test_electronic import Service, good


@pytest.fixture
def scene(app_db) -> Scene:
    found = make_scene()
    transact(ensure_head)
    doing.accountant(found)
    return found


def told(account_id: int | None) -> list[tuple[str, str]]:
    while dispatch_one(REACTIONS):
        pass
    mine = select(Notification).where(Notification.account_id == account_id).order_by(Notification.id)
    return [(each.title, each.body) for each in db.session.scalars(mine)]


def test_the_accountant_hears_of_the_request_and_the_payer_of_every_step(scene: Scene) -> None:
    doing.in_state(scene, State.DELIVERED, How.LETTERBOX)
    assert [title for title, _ in told(doing.accountant(scene).account_id)] == ["居民申请发票"]
    heard = told(scene.resident.id)
    assert [title for title, _ in heard] == ["发票已开好", "发票正在投递", "发票已投递"]
    assert not any(secret in body for _, body in heard for secret in ("王女士", "502", "3号楼"))


def test_a_request_that_is_sent_back_says_why_and_an_electronic_one_asks_nobody(scene: Scene) -> None:
    doing.in_state(scene, State.RETURNED)
    assert "抬头不完整" in told(scene.resident.id)[-1][1]
    before = len(told(doing.accountant(scene).account_id))
    doing.asked(scene, How.ELECTRONIC)
    assert len(told(doing.accountant(scene).account_id)) == before


def test_the_accountant_hears_that_the_service_would_not_reverse_an_invoice(scene: Scene) -> None:
    invoice_id, by = doing.asked(scene, How.ELECTRONIC), doing.accountant(scene)
    make_calls(Service(good()), 1)
    doing.step(lambda: issuing.reverse(invoice_id, reason="居民退费", by=by))
    make_calls(Service(EInvoiceRefused("发票已勾选抵扣")), 1)
    assert told(by.account_id)[-1][0] == "电子发票没有红冲"


@pytest.mark.parametrize("action", list(Action), ids=str)
def test_every_step_of_somebody_else_has_words(action: Action) -> None:
    message = invoice_message(action.value, title="物业账单", note="12345678", electronic=False)
    silent = action in (Action.WITHDRAW, Action.BEGIN_REVERSAL, Action.REVERSAL_REFUSED)
    assert (message is None) is silent


@pytest.mark.parametrize("state", list(QuestionState), ids=str)
def test_an_answer_is_told_to_the_asker_and_a_question_to_who_owes_the_answer(state: QuestionState) -> None:
    answered = state in (QuestionState.ANSWERED, QuestionState.COMPANY_ANSWERED, QuestionState.CONCLUDED)
    owed = state in (QuestionState.SUBMITTED, QuestionState.COMPANY, QuestionState.BUREAU)
    assert (asker_message(state.value, bill="2026年10月 物业费") is not None) is answered
    assert (answerer_message(state.value, bill="2026年10月 物业费", days=2) is not None) is owed
