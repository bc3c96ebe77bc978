"""A load generator (run by `bench.crew`): keep-alive connections to one port on loopback, each sending the next request
when its answer is complete. Plain sockets, because a costly client on the same cores would be measured as server."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

from bench.crew import serve

TIMEOUT = 30


class Unexpected(AssertionError):
    """The server answered with another status than the benchmark is about."""


def _work(setup: dict[str, Any], requests: list[str]) -> dict[str, Any]:
    """Send the requests over the connections; returns when it began and ended and the milliseconds of each."""
    queue, found, lock = iter(requests), [], threading.Lock()
    failures: list[str] = []

    def run() -> None:
        try:
            mine = list(_one_connection(setup["port"], setup["status"], _taken(queue, lock)))
            with lock:
                found.extend(mine)
        except (OSError, Unexpected) as error:
            failures.append(str(error))

    threads = [threading.Thread(target=run) for _ in range(setup["connections"])]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"begun": begun, "ended": time.monotonic(), "ms": found, "failures": failures}


def _taken(queue: Iterator[str], lock: threading.Lock) -> Iterator[bytes]:
    while True:
        with lock:
            request = next(queue, None)
        if request is None:
            return
        yield request.encode()


def _one_connection(port: int, status: int, requests: Iterator[bytes]) -> Iterator[float]:
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        reader = connection.makefile("rb")
        for request in requests:
            begin = time.perf_counter()
            connection.sendall(request)
            seen = _read_answer(reader)
            yield (time.perf_counter() - begin) * 1000
            if seen != status:
                raise Unexpected(f"status {seen} instead of {status}")


def _read_answer(reader: Any) -> int:
    """The status; the body is read and thrown away."""
    status, length = int(reader.readline().split()[1]), 0
    for line in itertools.takewhile(lambda line: line != b"\r\n", iter(reader.readline, b"")):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    reader.read(length)
    return status


if __name__ == "__main__":
    serve(lambda setup: setup, _work)
