"""Helper processes that take orders as JSON lines on stdin and answer on stdout, started once for all rounds."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any


class Crew:
    """Some processes of the same light module; each is told once how things are, then works when it is told to."""

    def __init__(self, module: str, count: int, setup: dict[str, Any]) -> None:
        command = [sys.executable, "-m", module]
        self._members = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(count)
        ]
        for member in self._members:
            _tell(member, setup)
        for member in self._members:
            _hear(member)

    def __enter__(self) -> Crew:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for member in self._members:
            if member.stdin:
                member.stdin.close()
            member.wait(timeout=30)

    def share(self, jobs: Sequence[Any]) -> list[Any]:
        """Deal the jobs out, let all begin together, and return the answer of each."""
        shares = [jobs[place :: len(self._members)] for place in range(len(self._members))]
        for member, part in zip(self._members, shares, strict=True):
            _tell(member, part)
        for member in self._members:
            _hear(member)  # has read its part
        for member in self._members:
            _tell(member, "go")
        return [_hear(member) for member in self._members]


def serve(prepare: Callable[[dict[str, Any]], Any], work: Callable[[Any, list[Any]], Any]) -> None:
    """The other end: `work(prepare(setup), jobs)` for every order until stdin ends."""
    ready = prepare(json.loads(sys.stdin.readline()))
    _say("up")
    for line in sys.stdin:
        jobs = json.loads(line)
        _say("ready")
        sys.stdin.readline()
        _say(work(ready, jobs))


def _say(value: Any) -> None:
    print(json.dumps(value), flush=True)


def _tell(member: subprocess.Popen[str], value: Any) -> None:
    assert member.stdin
    member.stdin.write(json.dumps(value, default=str) + "\n")
    member.stdin.flush()


def _hear(member: subprocess.Popen[str]) -> Any:
    assert member.stdout
    line = member.stdout.readline()
    if not line:
        raise RuntimeError("a helper process of the benchmark has ended early")
    return json.loads(line)
