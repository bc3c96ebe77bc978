"""Sends events to the product's push address: signed, encrypted, up to three times, as the platform does."""

from __future__ import annotations

import heapq
import itertools
import json
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

import requests
from flask import current_app

from wechat_sandbox import crypto, outgoing
from wechat_sandbox.events import ACCOUNT, XML_WRAPPERS
from wechat_sandbox.faults import PUSH_KINDS, PUSH_PATH
from wechat_sandbox.world import World

PUSH_URL_PATH = "/wechat/push"
TRIES = 3
WORKERS = 4
Job = Callable[[], Any]


class Pusher:
    """Delivers at once, or later by a few threads of its own."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._due: list[tuple[float, int, Job]] = []
        self._order = itertools.count()
        self._wake = threading.Condition()
        self._closed = False
        for number in range(WORKERS):
            threading.Thread(target=self._work, name=f"sandbox-push-{number}", daemon=True).start()

    def close(self) -> None:
        """Stop; what is still waiting is dropped."""
        with self._wake:
            self._closed = True
            self._wake.notify_all()

    def later(self, delay: float, message: dict[str, Any]) -> None:
        """Deliver after `delay` real seconds."""
        if self._world.settings.notify_base:
            self.run_later(delay, lambda: self.deliver(message))

    def run_later(self, delay: float, job: Job) -> None:
        """Run a job on one of the threads after `delay` real seconds."""
        with self._wake:
            heapq.heappush(self._due, (time.monotonic() + delay, next(self._order), job))
            self._wake.notify()

    def deliver(self, message: dict[str, Any]) -> bool:
        """Push until it is answered with success, three times at most; False when it never was."""
        if not self._world.settings.notify_base:
            return False
        with self._world.lock:
            fault = self._world.faults.take(PUSH_PATH, PUSH_KINDS)
        kind = fault.kind if fault else ""
        for attempt in range(1, TRIES + 1):
            status = self._post(message, forged=kind == "wrong_signature")
            self._note(message, attempt, status)
            if status == "success":
                break
        if kind == "duplicate":
            self._note(message, attempt + 1, self._post(message, forged=False))
        return status == "success"

    def check_address(self) -> bool:
        """The GET by which the platform verifies the push address: it must echo `echostr`."""
        settings, echo = self._world.settings, secrets.token_hex(10)
        stamp, nonce = str(int(self._world.clock.now())), secrets.token_hex(5)
        params = {
            "signature": crypto.sign(settings.push_token, stamp, nonce),
            "timestamp": stamp,
            "nonce": nonce,
            "echostr": echo,
        }
        answer = outgoing.call("GET", settings.notify_base + PUSH_URL_PATH, params=params)
        return answer.status_code == 200 and answer.text == echo

    def _post(self, message: dict[str, Any], *, forged: bool) -> str:
        """One try: "success", or what went wrong."""
        settings = self._world.settings
        text = as_xml(message) if settings.push_format == "xml" else json.dumps(message, ensure_ascii=False)
        sealed = crypto.seal(text, aes_key=settings.push_aes_key, appid=settings.appid)
        stamp, nonce = str(int(self._world.clock.now())), secrets.token_hex(5)
        token = "not-the-token" if forged else settings.push_token
        params = {
            "signature": crypto.sign(token, stamp, nonce),
            "timestamp": stamp,
            "nonce": nonce,
            "openid": message["FromUserName"],
            "encrypt_type": "aes",
            "msg_signature": crypto.sign(token, stamp, nonce, sealed),
        }
        try:
            answer = outgoing.call(
                "POST",
                settings.notify_base + PUSH_URL_PATH,
                params=params,
                data=self._envelope(sealed),
                headers={"Content-Type": "text/xml" if settings.push_format == "xml" else "application/json"},
            )
        except requests.RequestException as broken:
            return type(broken).__name__
        accepted = answer.status_code == 200 and answer.text.strip() in ("success", "")
        return "success" if accepted else f"HTTP {answer.status_code}"

    def _envelope(self, sealed: str) -> bytes:
        if self._world.settings.push_format == "xml":
            return (
                f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName>"
                f"<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
            ).encode()
        return json.dumps({"ToUserName": ACCOUNT, "Encrypt": sealed}).encode()

    def _note(self, message: dict[str, Any], attempt: int, status: str) -> None:
        with self._world.lock:
            self._world.pushes.append(
                {"event": message["Event"], "message": message, "attempt": attempt, "status": status}
            )

    def _work(self) -> None:
        while (job := self._next()) is not None:
            job()

    def _next(self) -> Job | None:
        """The next job that is due; None when the pusher is closed."""
        with self._wake:
            while not self._closed:
                if self._due and self._due[0][0] <= time.monotonic():
                    return heapq.heappop(self._due)[2]
                self._wake.wait(self._due[0][0] - time.monotonic() if self._due else None)
        return None


def pusher() -> Pusher:
    """The pusher of the running app."""
    return current_app.extensions["pusher"]


def as_xml(message: dict[str, Any]) -> str:
    """The message in XML, where the list stands in an element named after the event."""
    wrapper = XML_WRAPPERS.get(message["Event"])
    body = dict(message)
    if wrapper:
        body[wrapper] = {"List": body.pop("List")}
    return f"<xml>{_elements(body)}</xml>"


def _elements(values: dict[str, Any]) -> str:
    return "".join(_element(name, value) for name, value in values.items())


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, entry) for entry in value)
    inner = _elements(value) if isinstance(value, dict) else escape(str(value))
    return f"<{name}>{inner}</{name}>"
