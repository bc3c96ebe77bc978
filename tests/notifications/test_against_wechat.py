"""The whole way of a message: the product's own client against the strict sandbox."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import Account
from app.core import clock
from app.core.db import db, transact
from app.core.outgoing import OutgoingState
from app.integrations.wechat.client import MemoryTokenStore, MiniClient
from app.integrations.wechat.templates import TEMPLATES, compose
from app.notifications.consents import add_consent, stock
from app.notifications.delivering import deliver_due
from app.notifications.models import WeChatDelivery
from app.notifications.service import notify
from config import SANDBOX_APPID, SANDBOX_SECRET
from tests.fakes.district import T0
from tests.fakes.sandbox import start_sandbox

PERSON = "王阿姨"
SEND = "/cgi-bin/message/subscribe/send"


@pytest.fixture
def sandbox():
    with start_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox):
    return MiniClient(SANDBOX_APPID, SANDBOX_SECRET, api_base=sandbox.url, token_store=MemoryTokenStore())


@pytest.fixture
def reader(resident, sandbox):
    openid = sandbox.openid(PERSON)
    transact(lambda: setattr(db.session.get_one(Account, resident), "openid", openid))
    return resident


def agree(sandbox, reader: int, template: str) -> None:
    sandbox.consent(PERSON, [template])
    transact(lambda: add_consent(reader, template))


def tell(reader: int, template: str) -> None:
    fields = compose(
        template,
        number="R1120-0042",
        matter="楼道灯不亮",
        at=T0,
        note="请您看一看,给个评价",
        state="已转热线",
    )
    transact(
        lambda: notify(
            reader,
            unique_key=template,
            template=template,
            title="t",
            body="b",
            wechat_fields=fields,
            page="pages/order/order?id=42",
        )
    )


def states() -> set[str]:
    db.session.rollback()
    return set(db.session.scalars(select(WeChatDelivery.state)))


def test_every_template_arrives_on_the_phone(client, sandbox, reader):
    for template in TEMPLATES:
        agree(sandbox, reader, template)
        tell(reader, template)
    assert deliver_due(client, configured={}, limit=50) == len(TEMPLATES)
    assert states() == {OutgoingState.DONE}
    assert len(sandbox.messages(PERSON)) == len(TEMPLATES)


def test_an_answer_that_is_lost_leads_to_one_message_and_not_to_two(client, sandbox, reader):
    agree(sandbox, reader, "order_done")
    tell(reader, "order_done")
    sandbox.fault(SEND, "drop_after")
    deliver_due(client, configured={}, limit=5)
    assert states() == {OutgoingState.WAITING}
    with clock.frozen(T0 + timedelta(minutes=1)):
        deliver_due(client, configured={}, limit=5)
    assert states() == {OutgoingState.DONE}
    assert len(sandbox.messages(PERSON)) == 1


def test_a_stock_that_was_too_high_is_corrected(client, sandbox, reader):
    transact(lambda: add_consent(reader, "order_done", 3))
    tell(reader, "order_done")
    deliver_due(client, configured={}, limit=5)
    assert states() == {OutgoingState.REFUSED}
    assert stock(reader)["order_done"] == 0
