"""A sandbox in a thread of the test, and short words for what a person does with the phone.

with start_sandbox() as sandbox:
    session = client.code_to_session(sandbox.code("王阿姨"))
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from wechat_sandbox.server import Sandbox
from wechat_sandbox.settings import SandboxSettings

NO_CLIENT = Path("no-client-here")
"""Tests do not depend on the pages that the client happens to have."""


class SandboxHandle:
    """A running sandbox; every method is one call of its control interface."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.url = sandbox.url
        self._http = requests.Session()
        self._http.trust_env = False

    def __enter__(self) -> SandboxHandle:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Close the door and wait for the thread."""
        self._http.close()
        self.sandbox.stop()

    def call(
        self, method: str, path: str, body: Any = None, *, query: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """One control call; a refused one raises."""
        answer = self._http.request(method, f"{self.url}/sandbox{path}", json=body, params=query, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def notify(self, base: str) -> None:
        """Push events to the product at `base` from now on."""
        self.call("POST", "/notify", {"base": base})

    def code(self, name: str) -> str:
        """A login code of this person."""
        return self.call("POST", f"/users/{quote(name)}/code")["code"]

    def phone_code(self, name: str, phone: str) -> str:
        """A code of the phone button."""
        return self.call("POST", f"/users/{quote(name)}/phone_code", {"phone": phone})["code"]

    def consent(self, name: str, templates: list[str], count: int = 1, accept: bool = True) -> dict[str, Any]:
        """Answer the question for these templates (ids or keys) `count` times."""
        body = {"templates": templates, "count": count, "accept": accept}
        return self.call("POST", f"/users/{quote(name)}/consent", body)

    def change_settings(self, name: str, templates: list[str], accept: bool = False) -> dict[str, Any]:
        """Switch templates off (or on) in the settings."""
        return self.call("POST", f"/users/{quote(name)}/settings", {"templates": templates, "accept": accept})

    def block(self, name: str) -> None:
        """The platform holds this person for risky."""
        self.call("POST", f"/users/{quote(name)}/block", {"blocked": True})

    def user(self, name: str) -> dict[str, Any]:
        """openid, grants by template id, number of messages."""
        return self.call("GET", f"/users/{quote(name)}")

    def openid(self, name: str) -> str:
        """The person's openid, known before the first login."""
        return self.user(name)["openid"]

    def messages(self, name: str) -> list[dict[str, Any]]:
        """What arrived on the phone, newest last."""
        return self.call("GET", f"/users/{quote(name)}/messages")["messages"]

    def fault(self, path: str, kind: str, times: int = 1, seconds: float = 1.0) -> None:
        """The next `times` calls of `path` go wrong in this way."""
        self.call("POST", "/faults", {"path": path, "kind": kind, "times": times, "seconds": seconds})

    def clear_faults(self) -> None:
        """Nothing goes wrong any more."""
        self.call("DELETE", "/faults")

    def advance(self, seconds: float) -> None:
        """Move the sandbox's clock forward."""
        self.call("POST", "/clock", {"advance_seconds": seconds})

    def media_verdict(self, verdict: str) -> None:
        """What the next picture will be judged: pass, review or risky."""
        self.call("POST", "/media_verdict", {"next": verdict})

    def journal(self, path: str | None = None) -> list[dict[str, Any]]:
        """The calls that the product made, oldest first."""
        return self.call("GET", "/journal", query={"path": path} if path else None)["entries"]

    def pushes(self) -> list[dict[str, Any]]:
        """Every try to push an event."""
        return self.call("GET", "/pushes")["pushes"]

    def hotline(self) -> list[dict[str, Any]]:
        """The orders that reached the hotline."""
        return self.call("GET", "/hotline")["orders"]

    def pay_as(
        self, name: str, params: dict[str, str], outcome: str = "ok", wait: bool = True
    ) -> dict[str, Any]:
        """wx.requestPayment on this person's phone; `wait` until the first notices were delivered. Refused: raises."""
        body = {"params": dict(params), "name": name, "outcome": outcome, "wait": wait}
        answer = self._http.post(f"{self.url}/control/pay", json=body, timeout=70)
        answer.raise_for_status()
        return answer.json()

    def pay_order(self, out_trade_no: str) -> dict[str, Any]:
        """An order as the cashier knows it."""
        return self.call("GET", f"/pay/orders/{out_trade_no}")

    def pay_refund(self, out_refund_no: str) -> dict[str, Any]:
        """A refund as the cashier knows it."""
        return self.call("GET", f"/pay/refunds/{out_refund_no}")

    def pay_tries(self) -> list[dict[str, Any]]:
        """Every try to deliver a notice, oldest first, with its body and the verdict on the answer."""
        return self.call("GET", "/pay/notices")["tries"]

    def pay_switches(self, **changed: Any) -> dict[str, Any]:
        """How strict and how quick the cashier is (`wechat_sandbox.pay_desk.Switches`)."""
        return self.call("POST", "/pay/switches", changed)

    def pay_late(self, out_trade_no: str) -> dict[str, Any]:
        """Money arrives for an order that is closed."""
        return self.call("POST", "/pay/late", {"out_trade_no": out_trade_no})

    def deliver(self, seconds: float = 10) -> None:
        """Wait until nothing is due and nothing on its way: notices, and refunds that are to arrive by now."""
        assert self.call("POST", "/pay/deliver", {"seconds": seconds})["quiet"], (
            "notices are still on their way"
        )

    def reset(self) -> None:
        """Begin anew."""
        self.call("POST", "/reset")


def start_sandbox(notify_base: str | None = None, **settings: Any) -> SandboxHandle:
    """A sandbox on a free port of this machine; `settings` are fields of SandboxSettings."""
    settings.setdefault("pages_file", NO_CLIENT)
    sandbox = Sandbox(SandboxSettings(notify_base=notify_base or "", **settings))
    sandbox.start()
    return SandboxHandle(sandbox)
