"""The real web application on a free port of loopback, and a Chromium that may go nowhere else."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Playwright
from werkzeug.serving import make_server

CHROMIUM = shutil.which("chromium-headless-shell") or "/usr/bin/chromium"
"""The shell draws the same pages and needs a quarter less of the processor: it has no windows of its own to draw."""
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
_CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve the application from threads of this process; yields its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()


@dataclass
class Watched:
    """What the browser complained about, and whom it asked."""

    console: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def check(self) -> None:
        """Fail on any console error (CSP violations are such), script error or request to another origin."""
        assert self.console == []
        assert self.foreign == []


def watch(
    context: BrowserContext, address: str, *, tolerated: tuple[str, ...] = (), beside: tuple[str, ...] = ()
) -> Watched:
    """Collect complaints of every page of the context; `tolerated` are parts of expected refusals (409 ...), `beside`
    further origins where it may go."""
    seen = Watched()
    homes = {urlsplit(each).netloc for each in (address, *beside)}

    def message(kind: str, text: str) -> None:
        if kind == "error" and not any(part in text for part in tolerated):
            seen.console.append(text)

    def requested(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob", "about") and parts.netloc not in homes:
            seen.foreign.append(url)

    def follow(page: Page) -> None:
        page.on("console", lambda each: message(each.type, f"{each.text} {_path_of(each)}".rstrip()))
        page.on("pageerror", lambda error: seen.console.append(str(error)))

    context.on("page", follow)
    context.on("request", lambda request: requested(request.url))
    return seen


def _path_of(said: ConsoleMessage) -> str:
    """What was asked for, where the browser complains about a resource."""
    return urlsplit(said.location["url"]).path if "resource" in said.text else ""


def launch(playwright: Playwright):
    """A headless Chromium that stays at home."""
    assert Path(CHROMIUM).exists(), "browser tests need Chromium"
    return playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)


def csrf_of(page: str) -> str:
    """The token inside a page's form."""
    found = _CSRF.search(page)
    assert found is not None, page[:500]
    return found.group(1)
