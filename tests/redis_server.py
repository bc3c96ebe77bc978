"""A Redis for tests: the one on the usual port, else a private one that lives as long as the tests."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

USUAL_PORT = 6379
START_SECONDS = 20


class NoRedis(AssertionError):
    """The tests need Redis and there is none."""


@contextmanager
def redis_port() -> Iterator[int]:
    """The port of a Redis on loopback; raises NoRedis when none runs and none can be started."""
    if _listens(USUAL_PORT):
        yield USUAL_PORT
        return
    program = shutil.which("redis-server")
    if program is None:
        raise NoRedis("没有 Redis:请安装 redis-server,或在本机 6379 端口启动一个")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _wait(port)
        yield port
    finally:
        server.terminate()
        server.wait(10)


def _wait(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _listens(port):
        if time.monotonic() > deadline:
            raise NoRedis("Redis 没有启动")
        time.sleep(0.05)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
