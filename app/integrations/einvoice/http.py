"""Electronic invoices over HTTP: signed JSON, as with the hotline."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

from app.integrations.einvoice.contract import EInvoiceDown, EInvoiceRefused, Issued
from app.integrations.signed_json import TIMEOUT, post_signed

ISSUE_PATH, REVERSE_PATH = "/einvoice/issue", "/einvoice/reverse"
MAX_ANSWER_BYTES = 64 * 1024
MAX_URL = 255
_NUMBER = re.compile(r"[0-9]{8,24}")


class EInvoiceClient:
    """One per process, safe for threads: it keeps nothing between two calls."""

    def __init__(self, url: str, secret: str, *, timeout: tuple[float, float] = TIMEOUT) -> None:
        self._base = url.rstrip("/")
        self._secret = secret.encode()
        self._timeout = timeout

    def issue(self, request_no: str, content: Mapping[str, Any]) -> Issued:
        """Write an invoice; the body is the same at every repetition. Raises EInvoiceDown, EInvoiceRefused."""
        return self._call(ISSUE_PATH, {"request_no": request_no, **content})

    def reverse(self, request_no: str, number: str) -> Issued:
        """Write the red-letter invoice. Raises EInvoiceDown, EInvoiceRefused."""
        return self._call(REVERSE_PATH, {"request_no": request_no, "number": number})

    def _call(self, path: str, content: Mapping[str, Any]) -> Issued:
        try:
            with post_signed(
                self._base + path, content, secret=self._secret, timeout=self._timeout
            ) as answer:
                return _issued_in(answer)
        except requests.RequestException as broken:
            raise EInvoiceDown(type(broken).__name__) from broken


def _issued_in(answer: requests.Response) -> Issued:
    """The invoice in a good answer; a refusal only where the service says so in so many words."""
    if answer.status_code not in (200, 422):
        raise EInvoiceDown(f"HTTP {answer.status_code}")
    said = _json(answer)
    if answer.status_code == 422:
        why = said.get("error")
        if said.get("ok") is not False or not isinstance(why, str) or not why:
            raise EInvoiceDown("a refusal without a reason")
        raise EInvoiceRefused(why[:200])
    number, url = said.get("number"), said.get("pdf_url")
    if said.get("ok") is not True or not isinstance(number, str) or not _NUMBER.fullmatch(number):
        raise EInvoiceDown("no number")
    if not isinstance(url, str) or len(url) > MAX_URL or urlsplit(url).scheme not in ("http", "https"):
        raise EInvoiceDown("no address")
    return Issued(number, url)


def _json(answer: requests.Response) -> dict[str, Any]:
    raw = answer.raw.read(MAX_ANSWER_BYTES, decode_content=True)
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise EInvoiceDown("the answer is not JSON") from error
    if not isinstance(said, dict):
        raise EInvoiceDown("the answer is not an object")
    return said
