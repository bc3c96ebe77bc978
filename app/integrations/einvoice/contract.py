"""What a service for electronic invoices promises us, whoever runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class EInvoiceDown(Exception):
    """No clear answer: time-out, server error, or nonsense. Calling again under the same number is safe."""


class EInvoiceRefused(Exception):
    """The service will never do this; the text says why, in words for people."""


@dataclass(frozen=True)
class Issued:
    """The number of the invoice (of a reversal: of the red-letter one) and where its PDF can be fetched."""

    number: str
    pdf_url: str


class EInvoiceService(Protocol):
    """The same `request_no` with the same content gets the same invoice again."""

    def issue(self, request_no: str, content: Mapping[str, Any]) -> Issued:
        """Write an invoice; raises EInvoiceDown, EInvoiceRefused."""

    def reverse(self, request_no: str, number: str) -> Issued:
        """Write the red-letter invoice of one that was issued; raises EInvoiceDown, EInvoiceRefused."""
