"""A small HTTP server on a free port of this machine that answers as a function says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Heard:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Reply:
    """What to answer."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Loopback:
    """The address of the server and what it has heard."""

    url: str
    heard: list[Heard]
    arrived: threading.Condition

    def wait_for(self, count: int, seconds: float = 10) -> list[Heard]:
        """Everything heard, once there are at least `count` requests; fails when they do not come."""
        with self.arrived:
            came = self.arrived.wait_for(lambda: len(self.heard) >= count, seconds)
            assert came, f"{len(self.heard)} of {count} requests came"
            return list(self.heard)


@contextmanager
def loopback(answer: Callable[[Heard], Reply]) -> Iterator[Loopback]:
    """Serve until the block ends."""
    arrived = threading.Condition()
    heard: list[Heard] = []

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Heard(self.command, self.path, dict(self.headers), body)
            with arrived:
                heard.append(request)
                arrived.notify_all()
            reply = answer(request)
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        do_GET = do_POST = _any

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield Loopback(f"http://127.0.0.1:{server.server_port}", heard, arrived)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
