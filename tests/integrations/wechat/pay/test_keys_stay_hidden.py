"""The key is in no log at any level, in no error and in no traceback (D19, must show 6)."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
import structlog

from app.bootstrap import configure_logging
from app.integrations.wechat.pay.contract import NoticeRefused
from app.integrations.wechat.pay.library import HardenedPay, open_session
from app.integrations.wechat.pay.signing import PayKey, sign
from tests.integrations.wechat.pay.conftest import (
    DONE,
    KEY,
    PAID,
    PROVIDER,
    REFUND_NO,
    REFUSED,
    SUB_MCH_ID,
    TRADE_NO,
    answering,
    order,
    refund,
    signed,
    xml,
)

LOGGERS = (
    "",
    "wechatpy",
    "wechatpy.pay",
    "wechatpy.pay.utils",
    "wechatpy.pay.api.jsapi",
    "urllib3",
    "urllib3.connectionpool",
    "requests",
)
ANSWERS = {
    "paid": xml(signed({**PAID, "trade_state": "SUCCESS", "prepay_id": "wx1"})),
    "refused": xml(signed({**REFUSED, "err_code": "SIGNERROR", "err_code_des": f"签名错误 key={KEY}"})),
    "unsigned": xml({"return_code": "FAIL", "return_msg": f"签名错误,请检查 key={KEY}"}),
    "unverified": xml(DONE),
    "html": b"<html>502</html>",
}


@pytest.fixture
def loud(caplog):
    """Everything logs at DEBUG, also what the gateway has silenced."""
    before = {name: logging.getLogger(name).level for name in LOGGERS}

    def turn_up() -> None:
        for name in LOGGERS:
            logging.getLogger(name).setLevel(logging.DEBUG)

    with caplog.at_level(logging.DEBUG):
        turn_up()
        yield turn_up
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_no_key_is_logged_even_when_everything_logs_at_debug(answer, loud, caplog, capsys):
    with answering(answer) as wechat:
        loud()
        gateway = wechat.gateway
        answers = [
            gateway.create(order()),
            gateway.query(TRADE_NO, SUB_MCH_ID),
            gateway.close(TRADE_NO, SUB_MCH_ID),
            gateway.refund(refund()),
            gateway.query_refund(REFUND_NO, SUB_MCH_ID),
            gateway.bill(order().created_at.date().replace(day=1)),
            gateway.client_params("wx1"),
        ]
        with suppress(NoticeRefused):
            gateway.parse_pay_notice({}, answer)
    logging.getLogger("wechatpy.pay").debug("this line is seen")
    printed = caplog.text + "".join(capsys.readouterr()) + repr(answers) + repr(vars(gateway))
    assert "this line is seen" in printed
    assert "urllib3.connectionpool" in printed
    assert KEY not in printed


def test_no_key_stands_in_the_traceback_of_an_error_inside_the_library():
    """Local variables are printed by some handlers; ours hold a wrapping that shows nothing."""
    pay = HardenedPay(
        PROVIDER, SUB_MCH_ID, open_session("http://127.0.0.1:9", PROVIDER.mch_id), timeout=(0.2, 0.2)
    )
    with pytest.raises(Exception, match=r".") as caught:
        pay.order.query(out_trade_no=TRADE_NO)
    frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert KEY not in "".join(frames.format())


def test_tracebacks_in_the_log_show_no_local_variables(capsys):
    """structlog's own setting prints every local variable of every frame: keys, tokens, phone numbers."""
    before = structlog.get_config()
    configure_logging("INFO")
    try:
        secret = KEY
        sign({"a": secret}, PayKey(secret))
        raise RuntimeError("a mistake")
    except RuntimeError:
        structlog.get_logger("test").exception("it broke", exc_info=sys.exc_info())
    finally:
        structlog.configure(**before)
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert json.loads(line)["exception"][0]["exc_value"] == "a mistake"
    assert KEY not in line
    assert "locals" not in line


def test_loud_threads_change_nothing(loud):
    with answering(ANSWERS["refused"]) as wechat, ThreadPoolExecutor(4) as threads:
        loud()
        answers = list(threads.map(lambda _: wechat.gateway.create(order()), range(8)))
    assert {each.message for each in answers} == {"签名错误 key=***"}
