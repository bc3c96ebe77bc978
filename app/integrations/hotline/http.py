"""The hotline over HTTP: signed JSON, acknowledged within a minute (domain 3.8)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import requests

from app.integrations.hotline.contract import HotlineDown
from app.integrations.signed_json import TIMEOUT, post_signed

PATH = "/hotline/orders"
MAX_ANSWER_BYTES = 64 * 1024
MAX_TICKET_LENGTH = 40


class HotlineClient:
    """One per process, safe for threads: it keeps nothing between two calls."""

    def __init__(self, url: str, secret: str, *, timeout: tuple[float, float] = TIMEOUT) -> None:
        self._address = url.rstrip("/") + PATH
        self._secret = secret.encode()
        self._timeout = timeout

    def hand_over(self, handover_id: str, payload: Mapping[str, Any]) -> str:
        """Send one order and return the hotline's ticket number.

        The body is the same at every repetition, so the hotline can tell a repetition from a second order.
        Raises HotlineDown.
        """
        content = {"handover_id": handover_id, **payload}
        try:
            with post_signed(self._address, content, secret=self._secret, timeout=self._timeout) as answer:
                return _ticket_in(answer)
        except requests.RequestException as broken:
            raise HotlineDown(type(broken).__name__) from broken


def _ticket_in(answer: requests.Response) -> str:
    """The ticket of an acknowledged order; everything else is no acknowledgement."""
    if answer.status_code != 200:
        raise HotlineDown(f"HTTP {answer.status_code}")
    raw = answer.raw.read(MAX_ANSWER_BYTES, decode_content=True)
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise HotlineDown("the answer is not JSON") from error
    if not isinstance(said, dict) or said.get("ack") is not True:
        raise HotlineDown("no ack")
    ticket = said.get("ticket")
    if not isinstance(ticket, str) or not 0 < len(ticket) <= MAX_TICKET_LENGTH:
        raise HotlineDown("no ticket")
    return ticket
