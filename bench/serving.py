"""A WSGI application under granian, as production serves it: one worker a core, three threads each."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

WORKERS, THREADS = 2, 3
READY_WITHIN = 120


@contextmanager
def served(
    application: str, environment: Mapping[str, str], log: Path, *, workers: int = WORKERS
) -> Iterator[int]:
    """Start it on a free port of loopback and yield the port; stopped at the end."""
    port = _free_port()
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", str(workers), "--blocking-threads", str(THREADS), application),
    ]
    with log.open("ab") as output:
        server = subprocess.Popen(command, env={**os.environ, **environment}, stdout=output, stderr=output)
    try:
        _wait(port, server, log)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)  # a server announces itself by answering and by nothing else
    raise RuntimeError(f"{log.name}: the server did not start\n{log.read_text()[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
