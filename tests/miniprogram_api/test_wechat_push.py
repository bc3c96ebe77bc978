"""WeChat's message push through the real address: checked, decrypted, heard once."""

from __future__ import annotations

import pytest

from app.core.db import db
from app.notifications.consents import stock
from tests.factories.people import make_account
from tests.fakes.serving import serving


@pytest.fixture
def served(wechat_api, sandbox):
    """The application behind a socket that the sandbox pushes to."""
    with serving(wechat_api.app) as address:
        sandbox.notify(address)
        yield wechat_api
        sandbox.reset()


def test_a_tap_in_wechat_grows_the_stock_once_although_it_is_told_twice(served, sandbox):
    account = make_account(openid=sandbox.openid("王阿姨"))
    account_id = account.id
    sandbox.fault("push", "duplicate")
    sandbox.consent("王阿姨", ["order_done"])
    heard = sandbox.pushes()
    assert [push["status"] for push in heard] == ["success", "success"]
    db.session.rollback()
    assert stock(account_id)["order_done"] == 1


@pytest.mark.parametrize(
    "query", ["", "?signature=0&timestamp=1&nonce=2&echostr=<script>", "?echostr=" + "x" * 500]
)
def test_an_address_check_without_the_signature_is_403(api, query):
    answer = api.phone().client.get(f"/wechat/push{query}")
    assert (answer.status_code, answer.json["code"]) == (403, "push_refused")


@pytest.mark.parametrize("body", [b"", b"<xml/>", b"{}", b'{"Encrypt": 5}', b"<xml>" + b"<a>" * 5000])
def test_a_push_that_wechat_did_not_send_is_403(api, body):
    assert api.phone().client.post("/wechat/push", data=body).status_code == 403


def test_a_push_that_is_too_large_is_refused(api):
    assert api.phone().client.post("/wechat/push", data=b"x" * 70_000).status_code in (403, 413)
