"""Benchmarks run to their end at their smallest size: each checks its own work, so that no figure is of nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import URL

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = [pytest.mark.mariadb, pytest.mark.processes]


def report_of(bench: str, *flags: str) -> dict[str, Any]:
    """The one JSON object that it prints; fails with its progress when it ends otherwise."""
    command = [sys.executable, "-m", f"bench.{bench}", *flags]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout))


def server_of(url: URL) -> str:
    return url.set(database=None).render_as_string(hide_password=False)


def left_by_benchmarks(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(text("SHOW DATABASES LIKE 'anju\\_bench\\_%\\_notices'")).scalars())


def test_notices_settle_each_payment_once_beside_their_limit(mariadb_database: tuple[URL, Engine]) -> None:
    url, engine = mariadb_database
    before = left_by_benchmarks(engine)
    flags = ("--notices", "50", "--workers", "1")
    report = report_of("notices", *flags, "--database-url", server_of(url))
    assert report["sizes"]["notices"] == 50
    product = report["figures"]["notices"]
    assert 0 < product["statements_of_a_duplicate"] < product["statements"]
    assert report["figures"]["each_settled_once"] == report["figures"]["books_balance"] == "verified"
    assert report["limit"]["raw_loop"]["per_second"]["median"] > 0
    assert left_by_benchmarks(engine) == before


def test_a_month_is_billed_once_to_the_fen_also_when_it_is_killed_in_the_middle(tmp_path: Path) -> None:
    flags = ("--homes", "20000", "--chunk", "100", "--rounds", "1", "--scratch", str(tmp_path))
    report = report_of("billing", *flags)
    assert (report["homes"], report["second_run"]["added"]) == (20_000, 0)
    killed = report["killed"]
    assert killed["complete_after"]
    assert 0 < killed["chunks_when_killed"] < killed["chunks"] == 200
    assert 0 < killed["bills_when_killed"] < 20_000
    assert list(tmp_path.iterdir()) == []
