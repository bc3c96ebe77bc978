"""A browser without a screen: signs in to the console and presses its buttons over HTTP."""

from __future__ import annotations

import re
import secrets
from typing import Any

import requests

from tests.factories.people import GOOD_PASSWORD
from tests.journeys.product import Product


class ConsoleClient:
    """One member of staff at the console."""

    def __init__(self, product: Product, login_name: str, password: str = GOOD_PASSWORD) -> None:
        self.product, self.http = product, requests.Session()
        page = self.http.get(f"{product.base}/admin/sign-in", timeout=20)
        sent = {"csrf_token": _token(page.text), "login_name": login_name, "password": password}
        answer = self.http.post(f"{product.base}/admin/sign-in", data=sent, timeout=20)
        assert answer.status_code == 200, answer.text[:500]
        assert "退出登录" in answer.text, answer.text[:500]
        self.token = _token(answer.text)

    def page(self, path: str, **query: Any) -> requests.Response:
        """Open a page of the console."""
        return self.http.get(f"{self.product.base}/admin{path}", params=query, timeout=20)

    def data(self, path: str, **query: Any) -> Any:
        """What a page's script asks for."""
        answer = self.http.get(
            f"{self.product.base}/admin{path}",
            params=query,
            headers={"X-Requested-With": "fetch"},
            timeout=20,
        )
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def press(self, path: str, body: dict[str, Any] | None = None) -> requests.Response:
        """The raw answer to a button."""
        headers = {
            "X-CSRFToken": self.token,
            "Idempotency-Key": secrets.token_urlsafe(16),
            "X-Requested-With": "fetch",
        }
        return self.http.post(
            f"{self.product.base}/admin{path}", json=body or {}, headers=headers, timeout=20
        )

    def act(self, order_id: int, action: str, **body: Any) -> Any:
        """A button of an order that must work."""
        answer = self.press(f"/order-commands/{order_id}/{action}", body)
        assert answer.status_code == 200, f"{action}: {answer.status_code} {answer.text[:500]}"
        return answer.json()


def _token(html: str) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', html)
    assert found, html[:500]
    return found.group(1)
