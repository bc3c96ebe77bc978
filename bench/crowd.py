"""Schedulers and web workers as processes, killed at random and started again; residents who go on reporting."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from bench.residents import COMMAND, PATH, Person, report_body

assert COMMAND == "POST"
PATIENCE_S = 300
NOWHERE = "http://127.0.0.1:9"
NO_NEIGHBOURS = {"WECHAT_API_BASE": NOWHERE, "WECHAT_PAY_BASE": NOWHERE}
"""Where WeChat would be nobody answers: nothing of a benchmark may leave the machine."""


@dataclass
class Member:
    """One process of the product: how it is started, and the process itself."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    log: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """kill -9 of the process and of everything it has started."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):  # it may have ended by itself
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)


def members(schedulers: int, webs: int, environment: Mapping[str, str], folder: Path) -> list[Member]:
    """So many schedulers and single-worker web servers, not started yet."""
    found = [
        Member(
            f"scheduler-{n}", [sys.executable, "-m", "scheduler"], environment, folder / f"scheduler-{n}.log"
        )
        for n in range(schedulers)
    ]
    return found + [_web(n, environment, folder) for n in range(webs)]


def failed_jobs(crowd: list[Member]) -> dict[str, int]:
    """How often a job of a scheduler failed, by job, kind and number of the error; each runs again."""
    found: Counter[str] = Counter()
    for each in crowd:
        lines = each.log.read_text(errors="replace").splitlines() if each.log.exists() else []
        found.update(
            f"{fact['job']}: {fact['error']} {fact['number'] or ''}".strip()
            for fact in map(_fact, lines)
            if fact
        )
    return dict(found.most_common())


def _fact(line: str) -> dict[str, Any]:
    """A line of the log; empty for one that a kill has cut, or that is no failure of a job."""
    try:
        fact = json.loads(line)
    except ValueError:
        return {}
    return fact if isinstance(fact, dict) and fact.get("event") == "job_failed" else {}


def _web(number: int, environment: Mapping[str, str], folder: Path) -> Member:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    threads = ["--workers", "1", "--blocking-threads", "3", "wsgi:app"]
    return Member(f"web-{number}", [*command, *threads], environment, folder / f"web-{number}.log", port=port)


def kill_one_each_second(crowd: list[Member], seconds: float, chance: random.Random) -> int:
    """Every second one of them, at random, is killed and started again; returns how many."""
    killed, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(1)
        victim = chance.choice(crowd)
        victim.kill()
        victim.start()
        killed += 1
    return killed


@dataclass
class Reporters:
    """Residents who report through whichever web worker answers, each repeating one key until it is acknowledged."""

    webs: list[Member]
    people: Iterator[Person]
    acknowledged: dict[str, int] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    tries: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _given_up: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self, threads: int) -> None:
        self._threads = [threading.Thread(target=self._go_on, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Nobody begins another report; what was begun is acknowledged first."""
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE_S)

    def give_up(self) -> None:
        """Nobody tries again; for the end of a run that went wrong."""
        self._stop.set()
        self._given_up.set()

    def _go_on(self) -> None:
        while not self._stop.is_set():
            with self._lock:
                person = next(self.people)
            self._report(person)

    def _report(self, person: Person) -> None:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and not self._given_up.is_set():
            self.tries += 1
            answer = self._try(person)
            if answer is not None and answer.status_code < 500 and answer.status_code != 429:
                self._note(person, answer)
                return
            time.sleep(0.3)
        self.refused.append(f"{person['key']}: no answer")

    def _try(self, person: Person) -> requests.Response | None:
        web = random.choice(self.webs)
        headers: dict[str, Any] = {
            "Authorization": f"Bearer {person['token']}",
            "Idempotency-Key": person["key"],
            "Content-Type": "application/json",
            "Connection": "close",
        }
        url = f"http://127.0.0.1:{web.port}{PATH}"
        try:
            return requests.post(url, data=report_body(person), headers=headers, timeout=20)
        except requests.RequestException:
            return None

    def _note(self, person: Person, answer: requests.Response) -> None:
        if answer.status_code == 201:
            self.acknowledged[person["key"]] = int(answer.json()["order_id"])
        else:
            self.refused.append(f"{answer.status_code} {answer.text[:200]}")
