"""What stands beside a payment or refund of which nothing is known yet is Chinese, and true."""

from __future__ import annotations

import re

import pytest

from app.integrations.wechat.pay.contract import REPEATABLE, Outcome, RefundState
from app.payments.doubt_words import doubt_words
from app.payments.refund_words import fault_words
from app.payments.settling import FINE, Settlement

OUR_OWN = ("NO_ANSWER", "UNREADABLE", "UNSIGNED", "UNVERIFIED", "MISMATCH")
"""Codes that no WeChat has ever sent (app/integrations/wechat/pay/contract.py)."""
LATIN = re.compile("[A-Za-z]")


@pytest.mark.parametrize(
    "code",
    [
        *OUR_OWN,
        *sorted(REPEATABLE),
        Outcome.UNKNOWN.value,
        *(each.value for each in (RefundState.MISSING, RefundState.CLOSED)),
    ],
)
def test_a_refund_that_waits_says_why_in_words_and_blames_wechat_only_for_its_own(code):
    words = fault_words(code)
    assert not LATIN.search(words)
    assert not words.startswith("微信返回")


@pytest.mark.parametrize("wrong", sorted(set(Settlement) - FINE))
def test_a_trade_that_does_not_fit_says_what_differs_and_that_nothing_was_booked(wrong):
    words = doubt_words(wrong.value)
    assert words.endswith("没有入账,请联系运维")
    assert not LATIN.search(words)


def test_what_wechat_was_asked_for_stands_before_what_came_of_it():
    assert doubt_words("query NO_ANSWER") == "查询时微信没有应答,会自动再查"
    assert doubt_words("close unknown") == "关闭时结果还不知道,会自动再查"
    assert doubt_words("query SOMETHING_NEW") == "查询时微信返回 SOMETHING_NEW"
    assert doubt_words("ORDERPAID") == "微信说已经付款,正在核实"
