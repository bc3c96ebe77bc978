"""`python -m bench.client`: the client's first screen in Chromium on a slow phone in a slow network.

The phone is four times slower than this machine; each request waits 400 ms and 1.6 Mbit/s come down. Cold: nothing of
the client is on the phone, its holder is signed in. Warm: he opens it again. Measured: first contentful paint, when
the three buttons can be pressed, and bytes over the wire until the page asks for nothing more.

The limit, in turns under the same throttling: a bare page of three buttons (bench/bare_page.py).
Targets (issue 3): pressable within 3 s cold and 1 s warm, at most 200 KB in the first load.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright
from sqlalchemy import create_engine

from app import tables
from app.accounts.models import Account
from app.core.db import db, transact
from app.estates.models import Estate
from bench.bare_page import BARE, BUTTONS
from bench.district import build_district
from bench.report import print_report, progress, summary
from bench.residents import sign_in_everybody
from bench.serving import served
from config import Settings
from wsgi import create_app

CHROMIUM = shutil.which("chromium-headless-shell") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CPU_SLOWER, ROUND_TRIP_MS = 4, 400
DOWN_BYTES_S, UP_BYTES_S = 1_600_000 / 8, 750_000 / 8
QUIET_MS, PATIENCE_S = 1_500, 60
TARGETS = {"cold_pressable_ms": 3000, "warm_pressable_ms": 1000, "cold_bytes": 200_000}
WATCH = """
(names) => {
  const pressable = (name) => [...document.querySelectorAll('[role=button],button')].some((each) => {
    if (!each.innerText.includes(name)) return false
    const box = each.getBoundingClientRect()
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2)
    return box.height > 0 && top && (each === top || each.contains(top))
  })
  const look = () => {
    if (document.body && names.every(pressable)) window.pressableAt = performance.now()
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}
"""


@dataclass
class Load:
    """One opening of a page; times in ms since the navigation began."""

    paint_ms: float
    pressable_ms: float
    bytes: int


@dataclass
class Wire:
    """Counts what comes over the wire, headers included, as it comes: compressed."""

    bytes: int = 0
    requests: dict[str, str] = field(default_factory=dict)

    def listen(self, session: CDPSession) -> None:
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.loadingFinished", self._came)

    def _asked(self, event: Mapping[str, Any]) -> None:
        self.requests[event["requestId"]] = event["request"]["url"]

    def _came(self, event: Mapping[str, Any]) -> None:
        self.bytes += int(event["encodedDataLength"])


def throttled(page: Page) -> CDPSession:
    """The slow phone and the slow network."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": ROUND_TRIP_MS,
            "downloadThroughput": DOWN_BYTES_S,
            "uploadThroughput": UP_BYTES_S,
        },
    )
    session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})
    return session


def wait_until_pressable(page: Page) -> None:
    """Asked from outside: a waiting function inside the page would be forbidden by its content policy."""
    until = time.monotonic() + PATIENCE_S
    while not page.evaluate("Boolean(window.pressableAt)"):
        if time.monotonic() > until:
            raise TimeoutError(f"the buttons could not be pressed within {PATIENCE_S} s")
        page.wait_for_timeout(100)


def opened(context: BrowserContext, url: str) -> Load:
    """Open the page in a new tab of the phone and wait until it asks for nothing more."""
    page = context.new_page()
    page.add_init_script(f"({WATCH})({json.dumps(BUTTONS)})")
    wire = Wire()
    wire.listen(throttled(page))
    page.goto(url, wait_until="commit")
    wait_until_pressable(page)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(QUIET_MS)
    paint, pressable = page.evaluate(
        "[performance.getEntriesByName('first-contentful-paint')[0].startTime, window.pressableAt]"
    )
    page.close()
    return Load(paint, pressable, wire.bytes)


def phone(browser: Browser, origin: str, token: str) -> BrowserContext:
    """A phone whose holder is signed in and that has nothing else of the client."""
    context = browser.new_context(
        viewport={"width": 375, "height": 667}, is_mobile=True, has_touch=True, locale="zh-CN"
    )
    page = context.new_page()
    page.goto(f"{origin}/healthz")  # any page of this origin that is not the client's
    page.evaluate("token => localStorage.setItem('anju.token', JSON.stringify(token))", token)
    page.close()
    return context


@contextmanager
def product(scratch: Path) -> Iterator[tuple[str, str]]:
    """The product under granian with a district in SQLite; yields its origin and a resident's token."""
    settings = Settings(environment="test", data_dir=scratch, log_level="ERROR")
    engine = create_engine(settings.effective_database_url)
    tables.metadata.create_all(engine)
    engine.dispose()
    app = create_app(settings)
    with app.app_context():
        build_district()
        transact(_open_everywhere)
        token = sign_in_everybody()[0]["token"]
        db.session.remove()
        db.engine.dispose()
    environment = {"ENVIRONMENT": "test", "DATA_DIR": str(scratch), "LOG_LEVEL": "ERROR"}
    with served("bench.bare_page:app", environment, scratch / "web.log") as port:
        yield f"http://127.0.0.1:{port}", token


def _open_everywhere() -> None:
    """All three menus for everybody, and names as people have them."""
    for estate in db.session.query(Estate):
        estate.is_pilot = estate.in_home_service = True
    db.session.get_one(Account, 1).name = "示范居民"


def measure(rounds: int) -> None:
    """Cold and warm, the bare page and the product in turns; print the report."""
    loads: dict[str, list[Load]] = {name: [] for name in ("bare_cold", "bare_warm", "cold", "warm")}
    with (
        tempfile.TemporaryDirectory() as scratch,
        product(Path(scratch)) as (origin, token),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for number in range(rounds):
            context = phone(browser, origin, token)
            for name, url in (("bare", origin + BARE), ("", f"{origin}/m/")):
                for state in ("cold", "warm"):
                    key = f"{name}_{state}".strip("_")
                    loads[key].append(opened(context, url))
                    progress(f"round {number + 1}/{rounds} {key}: {loads[key][-1]}")
            context.close()
        browser.close()
    _report(rounds, loads)


def _report(rounds: int, loads: Mapping[str, list[Load]]) -> None:
    def middle(name: str, part: str) -> float:
        return statistics.median(getattr(load, part) for load in loads[name])

    def figures(name: str) -> dict[str, Any]:
        parts = {
            part: [getattr(load, part) for load in loads[name]]
            for part in ("paint_ms", "pressable_ms", "bytes")
        }
        return {part: summary(values, 0) for part, values in parts.items()}

    reached = {
        "cold_pressable_ms": middle("cold", "pressable_ms"),
        "warm_pressable_ms": middle("warm", "pressable_ms"),
        "cold_bytes": middle("cold", "bytes"),
    }
    print_report(
        sizes={
            "rounds": rounds,
            "cpu_slower": CPU_SLOWER,
            "round_trip_ms": ROUND_TRIP_MS,
            "down_bytes_per_s": DOWN_BYTES_S,
            "screen": [375, 667],
        },
        figures={
            "cold": figures("cold"),
            "warm": figures("warm"),
            "target": TARGETS,
            "target_met": all(reached[name] <= limit for name, limit in TARGETS.items()),
        },
        limit={"bare_cold": figures("bare_cold"), "bare_warm": figures("bare_warm")},
        ratio={
            state: round(middle(state, "pressable_ms") / middle(f"bare_{state}", "pressable_ms"), 2)
            for state in ("cold", "warm")
        },
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.client", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    measure(parser.parse_args().rounds)
