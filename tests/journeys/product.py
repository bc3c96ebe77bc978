"""The whole product as real processes on loopback: web workers, schedulers, the sandbox, one database."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import requests
from flask import Flask

from app.bootstrap import create_core_app
from app.core.db import db
from app.core.shared_values import follow_moved_clock
from config import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
START_WITHIN_S = 60
T = TypeVar("T")


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on at this moment."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


class Product:
    """Starts, kills and asks the processes; `app` reaches the same database from the test."""

    def __init__(
        self, folder: Path, database_url: str, *, rate_limits: Mapping[str, str] | None = None
    ) -> None:
        self.folder = folder
        self.port, self.sandbox_port = free_ports(2)
        self.base = f"http://127.0.0.1:{self.port}"
        self.sandbox = f"http://127.0.0.1:{self.sandbox_port}"
        self.settings = Settings(
            environment="development",
            database_url=database_url,
            data_dir=folder,
            storage_url=f"file://{folder / 'media'}",
            wechat_api_base=self.sandbox,
            wechat_pay_base=self.sandbox,
            hotline_url=self.sandbox,
            hotline_secret="sandbox-hotline-secret",
            public_base_url=self.base,
            port=self.port,
            rate_limits=dict(rate_limits or {}),
        )
        self.app: Flask = create_core_app(self.settings)
        self.processes: list[subprocess.Popen[bytes]] = []

    @property
    def environment(self) -> dict[str, str]:
        """The settings as the processes read them."""
        own = {
            name.upper(): str(getattr(self.settings, name))
            for name in (
                "database_url",
                "data_dir",
                "storage_url",
                "wechat_api_base",
                "wechat_pay_base",
                "hotline_url",
                "hotline_secret",
                "public_base_url",
                "port",
            )
        }
        own["RATE_LIMITS"] = json.dumps(self.settings.rate_limits)
        return {**os.environ, **own, "ENVIRONMENT": "development", "PYTHONPATH": str(ROOT)}

    def start(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        """Start one process in a group of its own; its log stands in the folder."""
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def start_sandbox(self) -> subprocess.Popen[bytes]:
        return self.start(
            "sandbox", "wechat_sandbox", "--port", str(self.sandbox_port), "--notify-base", self.base
        )

    def start_web(self, workers: int = 2) -> subprocess.Popen[bytes]:
        return self.start(
            "web",
            *("granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port)),
            *("--workers", str(workers), "--blocking-threads", "3", "wsgi:app"),
        )

    def start_scheduler(self, name: str = "scheduler") -> subprocess.Popen[bytes]:
        return self.start(name, "scheduler")

    def wait_until_healthy(self) -> None:
        """Wait for /healthz to find database and scheduler well, and for the sandbox."""
        self.wait_for(lambda: _answers(f"{self.base}/healthz") and _answers(f"{self.sandbox}/sandbox/health"))

    def wait_for(self, question: Callable[[], T], *, within: float = START_WITHIN_S, what: str = "") -> T:
        """Ask until the answer is true; fails with the processes' last words."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            answer = question()
            if answer:
                return answer
            time.sleep(0.1)
        raise AssertionError(
            f"{what or 'the product'} did not come about within {within} s\n{self.last_words()}"
        )

    def last_words(self) -> str:
        """The ends of the logs, for a failing test."""
        return "\n".join(
            f"--- {path.name}\n{path.read_text(errors='replace')[-1500:]}"
            for path in self.folder.glob("*.log")
        )

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """kill -9 of the process and everything it started."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def stop(self) -> None:
        """End everything that still runs."""
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill(process)

    @contextmanager
    def looking_in(self) -> Iterator[None]:
        """Reach the product's database from the test, for setting a scene and for counting at the end."""
        with self.app.app_context():
            follow_moved_clock()
            try:
                yield
            finally:
                db.session.remove()

    def advance(self, *steps: str) -> None:
        """Move everybody's clock over HTTP, by the steps that the demonstration page offers."""
        visitor = requests.Session()
        page = visitor.get(f"{self.base}/demo", timeout=10)
        for step in steps:
            token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
            assert token, page.text[:500]
            sent = {"csrf_token": token.group(1), "by": step}
            page = visitor.post(f"{self.base}/demo/clock", data=sent, timeout=10)
            assert page.status_code == 200, page.text[:500]


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).status_code == 200
    except requests.RequestException:
        return False


class ApiClient:
    """A phone: signs in through the sandbox's WeChat and talks to /api/v1."""

    def __init__(self, product: Product, name: str) -> None:
        self.product, self.name = product, name
        self.http = requests.Session()
        code = self.http.post(f"{product.sandbox}/sandbox/users/{name}/code", timeout=10).json()["code"]
        self.signed_in = self.post("/login", {"code": code}, key=None)
        self.http.headers["Authorization"] = f"Bearer {self.signed_in['token']}"

    def get(self, path: str, **query: Any) -> Any:
        return self._checked(self.http.get(f"{self.product.base}/api/v1{path}", params=query, timeout=20))

    def post(self, path: str, body: dict[str, Any] | None = None, *, key: str | None = "") -> Any:
        return self._checked(self.try_post(path, body, key=key))

    def try_post(
        self, path: str, body: dict[str, Any] | None = None, *, key: str | None = ""
    ) -> requests.Response:
        """The raw answer of a command; `key` None sends none, empty makes a new one."""
        headers = {} if key is None else {"Idempotency-Key": key or secrets.token_urlsafe(16)}
        return self.http.post(
            f"{self.product.base}/api/v1{path}",
            json=body if body is not None else {},
            headers=headers,
            timeout=20,
        )

    def wear(self, hat_id: int | None) -> None:
        """Change the hat of this phone."""
        self.post("/me/hat", {"hat_id": hat_id})

    def upload(self, picture: bytes) -> int:
        """Upload a photo and return its id."""
        answer = self.http.post(
            f"{self.product.base}/api/v1/photos",
            files={"photo": ("p.jpg", picture, "image/jpeg")},
            headers={"Idempotency-Key": secrets.token_urlsafe(16)},
            timeout=20,
        )
        return int(self._checked(answer)["id"])

    def _checked(self, answer: requests.Response) -> Any:
        assert answer.status_code < 300, (
            f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text}"
        )
        return answer.json()
