"""The list of electronic invoices that the sandbox has written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

FIRST_NUMBER = 26_110_000_000_000_000_001
"""Twenty digits, as fully digital invoices have them."""
REFUSED_TITLE = "拒开"
"""A title with these words is refused, so that a refusal can be played."""


class OtherContent(ValueError):
    """The same request_no came with another content."""


class NotWritten(ValueError):
    """There is no such invoice, or it was reversed under another request."""


@dataclass
class EInvoiceDesk:
    """Invoices by request_no. The caller holds the world's lock."""

    written: dict[str, dict[str, Any]] = field(default_factory=dict)

    def write(self, request_no: str, content: dict[str, Any], *, reverses: str = "") -> dict[str, Any]:
        """The invoice of the request: the same request always gets the same one."""
        known = self.written.get(request_no)
        if known is not None:
            if known["content"] != content:
                raise OtherContent(request_no)
            known["times"] += 1
            return known
        if reverses and not self._can_be_reversed(reverses):
            raise NotWritten(reverses)
        number = str(FIRST_NUMBER + len(self.written))
        self.written[request_no] = {
            "number": number,
            "reverses": reverses,
            "times": 1,
            "content": content,
        }
        return self.written[request_no]

    def find(self, number: str) -> dict[str, Any] | None:
        """The invoice with this number."""
        return next((each for each in self.written.values() if each["number"] == number), None)

    def _can_be_reversed(self, number: str) -> bool:
        found = self.find(number)
        reversed_already = any(each["reverses"] == number for each in self.written.values())
        return found is not None and not found["reverses"] and not reversed_already
