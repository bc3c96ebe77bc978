"""From what went wrong to one of the three outcomes. What is not surely a refusal of WeChat is UNKNOWN (D18)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import requests
import urllib3
from structlog import get_logger

from app.integrations.wechat.pay.contract import REPEATABLE, Answer, Outcome
from app.integrations.wechat.pay.flat_xml import NotFlat

log = get_logger("wechat.pay")
MESSAGE_LENGTH = 100
OK = Answer(Outcome.OK)
T = TypeVar("T")

MISCONFIGURED = frozenset(
    {
        "APPID_MCHID_NOT_MATCH",
        "APPID_NOT_EXIST",
        "LACK_PARAMS",
        "MCHID_NOT_EXIST",
        "NOAUTH",
        "NOT_UTF8",
        "PARAM_ERROR",
        "POST_DATA_EMPTY",
        "REQUIRE_POST_METHOD",
        "SIGNERROR",
        "XML_FORMAT_ERROR",
    }
)
"""The call itself was refused before anything was done, whatever it asked for."""
CREATE_REFUSED = MISCONFIGURED | REPEATABLE | {"ORDERPAID", "ORDERCLOSED", "RULELIMIT", "TRADE_ERROR"}
"""Not among them: OUT_TRADE_NO_USED and INVALID_REQUEST, which say that an order of this number stands already."""
CLOSE_REFUSED = MISCONFIGURED | REPEATABLE | {"ORDERPAID"}
REFUND_REFUSED = (
    MISCONFIGURED
    | REPEATABLE
    | {
        "INVALID_TRANSACTIONID",
        "ORDERNOTEXIST",
        "ORDER_NOT_READY",
        "REFUND_FEE_MISMATCH",
        "TRADE_OVERDUE",
        "TRADE_STATE_ERROR",
        "USER_ACCOUNT_ABNORMAL",
    }
)
"""Not among them: SYSTEMERROR, BIZERR_NEED_RETRY and ERROR, after which the refund may be on its way."""
QUERY_REFUSED: frozenset[str] = frozenset()
"""A question that is refused tells nothing about what was asked for."""


class BusinessRefusal(Exception):
    """A signed answer with result_code FAIL."""

    def __init__(self, code: str, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(code)


class Doubt(Exception):
    """No answer that can be trusted: `code` is one of ours, `message` is for the log.

    NO_ANSWER: nothing came, or no HTTP 200. UNREADABLE: no flat XML, or a figure that is none. UNSIGNED: return_code
    FAIL, which bears no signature. UNVERIFIED: the signature is missing, wrong or of another type. MISMATCH: an answer
    about another app, merchant or number.
    """

    def __init__(self, code: str, message: str = "", error_code: str = "") -> None:
        self.code, self.message, self.error_code = code, message, error_code
        super().__init__(code)


def attempt(call: Callable[[], T], *, refused: frozenset[str]) -> tuple[T | None, Answer]:
    """What the call gave, or the outcome in place of whatever it raised; nothing is passed on, because the errors of
    the libraries carry requests and addresses."""
    try:
        return call(), OK
    except BusinessRefusal as answer:
        outcome = Outcome.FAILED if answer.code in refused else Outcome.UNKNOWN
        return None, Answer(outcome, answer.code, answer.message)
    except Doubt as doubt:
        found = Answer(Outcome.UNKNOWN, doubt.code, doubt.message)
    except NotFlat as strange:
        found = Answer(Outcome.UNKNOWN, "UNREADABLE", str(strange)[:MESSAGE_LENGTH])
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as broken:
        found = Answer(Outcome.UNKNOWN, "NO_ANSWER", type(broken).__name__)
    except Exception as strange:  # whatever it is, WeChat may have done what was asked (D18)
        found = Answer(Outcome.UNKNOWN, "UNREADABLE", type(strange).__name__)
    log.warning("wechat_pay_doubt", code=found.code, reason=found.message)
    return None, found
