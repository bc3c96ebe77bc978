"""`python -m bench.notices`: 10 000 notices of WeChat Pay, three of ten repeated, at four web workers.

Every notice is verified, checked against its row under lock, posted to the books and committed before it is answered.
Afterwards the database is asked: each payment settled once, books balanced, nothing lost.

The limit, in turns with the product: the captured statements of a first and of a repeated notice, sent by a raw PyMySQL
loop in eight processes (`--workers 4`). Target: an answer within WeChat's five seconds (p99); the ratio is printed.
"""

from __future__ import annotations

import argparse
import secrets
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from flask import Flask

from app.core.db import db
from app.payments.invariants import broken_rules
from bench.captured import Statement, capture
from bench.contestants import Contestant, figures, ratio_of
from bench.crew import Crew
from bench.database import (
    USUAL_SERVER,
    bench_database,
    connect,
    connect_options,
    served_settings,
    server_facts,
    settings_of_environment,
)
from bench.district import build_district
from bench.due_payments import (
    AGAIN,
    DUPLICATES,
    FIRST,
    OF_TEN,
    PATH,
    due,
    fill,
    request_of,
    settled_by,
    stream,
)
from bench.report import print_report, progress
from bench.serving import THREADS, served
from wsgi import create_app

CONNECTIONS, CLIENTS, ROUNDS = 16, 2, 5
RAW_A_WORKER = 2
"""Processes of the limit for each worker of the product."""
WARM_UP = 200
DIFFERENT = (3, 7)
"""Two payments no two of whose values (company, estate, numbers ...) are in the same relation."""
TARGETS = {"p99_ms": 5000}
PRODUCT, RAW = "notices", "raw_loop"


def arguments() -> argparse.Namespace:
    """Sizes by flags; the defaults are those of the issue."""
    parser = argparse.ArgumentParser(prog="python -m bench.notices", description=__doc__)
    parser.add_argument("--database-url", default=USUAL_SERVER, help="MariaDB server on a loopback address")
    parser.add_argument("--notices", type=int, default=10_000, help="in all, a multiple of 50")
    parser.add_argument(
        "--workers", type=int, default=4, help="web workers; the limit has two processes for each"
    )
    return parser.parse_args()


def measure(options: argparse.Namespace) -> None:
    """Fill, capture, serve, measure in turns, verify, print the report."""
    a_round = options.notices // ROUNDS // OF_TEN * OF_TEN
    each = settled_by(WARM_UP + ROUNDS * a_round)
    with ExitStack() as stack:
        url = stack.enter_context(bench_database(options.database_url, "notices"))
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = {**served_settings(url, scratch, ""), "WECHAT_PAY_KEY": secrets.token_hex(16)}
        app = create_app(settings_of_environment(settings))
        progress(f"writing {2 * each + 10} payments ...")
        with app.app_context():
            build_district()
            fill(2 * each + 10)
        first, again = _captured(app)
        contestants = _contestants(stack, url, scratch, settings, (first, again), each, options.workers)
        for contestant in contestants.values():
            contestant.run(WARM_UP, counts=False)
        for number in range(ROUNDS):
            for name in (PRODUCT, RAW) if number % 2 else (RAW, PRODUCT):
                contestants[name].run(a_round)
            rates = ", ".join(f"{name} {it.measured.rates[-1]:.0f}/s" for name, it in contestants.items())
            progress(f"round {number + 1}/{ROUNDS}: {rates}")
        heard = 2 * (WARM_UP + ROUNDS * a_round)
        _verify(app, url, settled=2 * each + len(DIFFERENT), heard=heard + 2 * len(DIFFERENT))
        server = server_facts(url)
    server |= {"environment": settings["ENVIRONMENT"]}
    _report(a_round, options.workers, contestants, first, again, server)


def _requests(app: Flask) -> Callable[[Any], str]:
    settings = app.config["SETTINGS"]
    identity = {
        "appid": settings.wechat_appid,
        "mch_id": settings.wechat_pay_mch_id,
        "key": settings.wechat_pay_key,
    }
    return lambda found: request_of(found, **identity)


def _captured(app: Flask) -> tuple[list[Statement], list[Statement]]:
    """The statements of a notice that settles, and of the same notice once more."""
    client, request = app.test_client(), _requests(app)

    def hear(found: Any) -> None:
        body = request(found).partition("\r\n\r\n")[2]
        answer = client.post(PATH, data=body.encode(), content_type="text/xml")
        assert b"SUCCESS" in answer.data, answer.data

    with app.app_context():
        engine = db.engine
    pair = [due(number) for number in DIFFERENT]
    return capture(engine, hear, pair), capture(engine, hear, pair)


def _contestants(
    stack: ExitStack,
    url: str,
    scratch: Path,
    settings: dict[str, str],
    captured: tuple[list[Statement], list[Statement]],
    each: int,
    workers: int,
) -> dict[str, Contestant]:
    """Server and helpers are up from here on; product and limit have payments of their own."""
    log = scratch / "product.log"
    port = stack.enter_context(served("wsgi:app", settings, log, workers=workers))
    client = {"port": port, "status": 200, "connections": CONNECTIONS // CLIENTS}
    load = stack.enter_context(Crew("bench.load", CLIENTS, client))
    setup = {"connect": connect_options(url), "templates": {FIRST: captured[0], AGAIN: captured[1]}}
    raw = stack.enter_context(Crew("bench.replay", RAW_A_WORKER * workers, setup))
    request = _requests(create_app(settings_of_environment(settings)))
    begins = {PRODUCT: 10, RAW: 10 + each}

    def jobs(name: str, count: int) -> list[Any]:
        begin = begins[name]
        begins[name] += settled_by(count)
        return list(stream(begin, count))

    return {
        PRODUCT: Contestant(load, lambda count: [request(found) for found in jobs(PRODUCT, count)]),
        RAW: Contestant(raw, lambda count: jobs(RAW, count)),
    }


def _verify(app: Flask, url: str, *, settled: int, heard: int) -> None:
    """Each payment settled once, each notice noted; raises AssertionError otherwise."""
    counts = {
        "SELECT COUNT(*) FROM payments WHERE state = 'paid'": settled,
        "SELECT COUNT(*) FROM ledger_entries": settled,
        "SELECT COUNT(DISTINCT subject) FROM ledger_entries": settled,
        "SELECT COUNT(*) FROM outbox WHERE name = 'PaymentSettled'": settled,
        "SELECT COUNT(*) FROM pay_notices": settled,
        "SELECT SUM(times) FROM pay_notices": heard,
    }
    connection = connect(url)
    with connection.cursor() as cursor:
        for question, right in counts.items():
            cursor.execute(question)
            row: Any = cursor.fetchone()
            assert row[0] == right, f"{question}: {row[0]} instead of {right}"
    connection.close()
    with app.app_context():
        assert broken_rules() == []


def _report(
    a_round: int,
    workers: int,
    contestants: dict[str, Contestant],
    first: list[Statement],
    again: list[Statement],
    server: dict[str, Any],
) -> None:
    seen = {name: figures(it.measured) for name, it in contestants.items()}
    ratio = ratio_of(contestants[PRODUCT], contestants[RAW])
    print_report(
        sizes={
            "notices": ROUNDS * a_round,
            "duplicates_of_ten": DUPLICATES,
            "rounds": ROUNDS,
            "connections": CONNECTIONS,
            "workers": workers,
            "threads_a_worker": THREADS,
            "server": server,
        },
        figures={
            PRODUCT: {**seen[PRODUCT], "statements": len(first), "statements_of_a_duplicate": len(again)},
            "each_settled_once": "verified",
            "books_balance": "verified",
            "targets": TARGETS,
            "targets_met": {
                "p99_ms": seen[PRODUCT]["p99_ms"]["median"] <= TARGETS["p99_ms"],
            },
        },
        limit={RAW: {**seen[RAW], "processes": RAW_A_WORKER * workers}},
        ratio=ratio,
    )


if __name__ == "__main__":
    measure(arguments())
