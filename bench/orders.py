"""`python -m bench.orders`: creating orders and reading 我的记录 over HTTP, as production serves them.

An emergency at home with one photo and no words: every row of a real order (order, event, clocks, levels, photo,
outbox, receipt) in one transaction, validated, by a signed-in resident. Without words, because those go to WeChat's
text check, whose time is WeChat's and not ours. Rate limits, logs and idempotency are on.

Limits, measured in turns with the product: the captured statements of one such request, sent by a raw PyMySQL loop in
eight processes; and for the list the same answer from the captured SELECTs, sent raw under the same server.
Targets (measurements section 0): create at least 0.40 of its limit with p99 at most 60 ms; list at least 0.80 of its
limit with at most 4 statements, whatever the number of orders.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

from flask import Flask

from app.core.db import db
from bench.captured import BARE_SETUP, ONLY, ROWS_ONLY, Statement, capture
from bench.contestants import Contestant, figures, ratio_of
from bench.crew import Crew
from bench.database import (
    USUAL_REDIS,
    USUAL_SERVER,
    bench_database,
    bench_redis,
    connect,
    connect_options,
    served_settings,
    server_facts,
    settings_of_environment,
)
from bench.district import RESIDENTS, build_district
from bench.open_orders import fill
from bench.report import print_report, progress
from bench.residents import (
    PATH,
    ROWS,
    Person,
    list_request,
    report_body,
    report_request,
    reporters,
    sign_in_everybody,
    upload_photos,
)
from bench.serving import THREADS, WORKERS, served
from wsgi import create_app

CONNECTIONS, CLIENTS, RAW_PROCESSES = 16, 2, 8
TARGETS = {"create_ratio": 0.40, "create_p99_ms": 60, "list_ratio": 0.80, "list_statements": 4}
CREATE, LIST, RAW_CREATE = "create_order", "my_orders", "raw_loop"
BARE_LIST, BARE_ROWS = "same_answer_raw", "rows_only_raw"
WARM_UP = 400
DIFFERENT = (250, 333)
"""Two residents no two of whose ids (home, estate, office, company ...) are in the same relation."""


def arguments() -> argparse.Namespace:
    """Sizes by flags; the defaults finish within a minute."""
    parser = argparse.ArgumentParser(prog="python -m bench.orders", description=__doc__)
    parser.add_argument("--database-url", default=USUAL_SERVER, help="MariaDB server on a loopback address")
    parser.add_argument("--redis-url", default=USUAL_REDIS, help="for rate limits; without it in memory")
    parser.add_argument("--requests", type=int, default=800, help="requests of each contestant in a round")
    parser.add_argument("--orders", type=int, default=20_000, help="orders that exist before")
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args()


def measure(options: argparse.Namespace) -> None:
    """Fill, capture, serve, measure in turns, print the report."""
    with ExitStack() as stack:
        url = stack.enter_context(bench_database(options.database_url, "orders"))
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = served_settings(url, scratch, stack.enter_context(bench_redis(options.redis_url)))
        app = create_app(settings_of_environment(settings))
        progress(f"writing {options.orders} orders ...")
        people = _prepare(app, url, options)
        turn = reporters(people)
        create, listing = _captured(app, people, turn)
        contestants = _contestants(stack, url, scratch, people, turn, (create, listing), settings)
        for contestant in contestants.values():
            contestant.run(WARM_UP, counts=False)
        for number in range(options.rounds):
            _round(number, contestants, options)
        made = 3 + 2 * (WARM_UP + options.rounds * options.requests)
        _verify(url, options.orders, made)
        server = server_facts(url)
    _report(options, contestants, create, listing, {**server, "environment": settings["ENVIRONMENT"]})


def _prepare(app: Flask, url: str, options: argparse.Namespace) -> list[Person]:
    """A district, its residents signed in, photos enough for all orders, orders from before."""
    orders = 2 * (WARM_UP + options.rounds * options.requests) + 3
    with app.app_context():
        build_district()
        people = sign_in_everybody()
        upload_photos(each=orders // RESIDENTS + 2)
    connection = connect(url)
    fill(connection, options.orders, options.orders // 10)
    connection.close()
    return people


def _captured(
    app: Flask, people: list[Person], turn: Iterator[Person]
) -> tuple[list[Statement], list[Statement]]:
    """The statements of a report and of a list; the same list for somebody without orders must send no others."""
    client = app.test_client()

    def report(person: Any) -> None:
        headers = {"Authorization": f"Bearer {person['token']}", "Idempotency-Key": person["key"]}
        answer = client.post(PATH, data=report_body(person), headers=headers, content_type="application/json")
        assert answer.status_code == 201, answer.get_data(as_text=True)

    def show(person: Any) -> None:
        headers = {"Authorization": f"Bearer {person['token']}"}
        answer = client.get(PATH, query_string={"limit": ROWS}, headers=headers)
        assert answer.status_code == 200, answer.get_data(as_text=True)

    with app.app_context():
        engine = db.engine
    pair = [people[number - 1] for number in DIFFERENT]
    first_photos = [next(person for person in turn if person["account_id"] == number) for number in DIFFERENT]
    report(next(turn))  # reference rows are kept for some seconds: loaded here, they belong to no request
    create = capture(engine, report, first_photos)
    listing = capture(engine, show, pair)
    assert len(capture(engine, show, [people[-1], people[0]])) == len(listing)
    return create, listing


def _contestants(
    stack: ExitStack,
    url: str,
    scratch: Path,
    people: list[Person],
    turn: Iterator[Person],
    captured: tuple[list[Statement], list[Statement]],
    environment: dict[str, str],
) -> dict[str, Contestant]:
    """Both servers and all helper processes are up from here on, so that none of them has a colder start."""
    residents = people[:RESIDENTS]
    bare = scratch / "bare_list.json"
    by_token = {person["token"]: person for person in residents}
    setup = {"connect": connect_options(url), "statements": captured[1], "people": by_token}
    bare.write_text(json.dumps(setup, default=str))
    product = stack.enter_context(served("wsgi:app", environment, scratch / "product.log"))
    limit = stack.enter_context(served("bench.bare_list:app", {BARE_SETUP: str(bare)}, scratch / "bare.log"))

    def load(port: int, status: int) -> Crew:
        client = {"port": port, "status": status, "connections": CONNECTIONS // CLIENTS}
        return stack.enter_context(Crew("bench.load", CLIENTS, client))

    raw = {"connect": connect_options(url), "templates": {ONLY: captured[0]}}

    def lists(count: int) -> list[str]:
        return [list_request(residents[number % RESIDENTS]) for number in range(count)]

    def rows(count: int) -> list[str]:
        return [list_request(residents[number % RESIDENTS], path=ROWS_ONLY) for number in range(count)]

    return {
        CREATE: Contestant(
            load(product, 201), lambda count: [report_request(p) for p in islice(turn, count)]
        ),
        RAW_CREATE: Contestant(
            stack.enter_context(Crew("bench.replay", RAW_PROCESSES, raw)),
            lambda count: list(islice(turn, count)),
        ),
        LIST: Contestant(load(product, 200), lists),
        BARE_LIST: Contestant(load(limit, 200), lists),
        BARE_ROWS: Contestant(load(limit, 200), rows),
    }


def _round(number: int, contestants: dict[str, Contestant], options: argparse.Namespace) -> None:
    names = list(contestants)
    turn = number % len(names)
    for name in names[turn:] + names[:turn]:
        contestants[name].run(options.requests)
    rates = ", ".join(f"{name} {each.measured.rates[-1]:.0f}/s" for name, each in contestants.items())
    progress(f"round {number + 1}/{options.rounds}: {rates}")


def _verify(url: str, before: int, made: int) -> None:
    """Every request made one order with everything that belongs to it; raises AssertionError otherwise."""
    counts = {
        "orders": before + made,
        "order_events": before + made,
        "outbox": made,
        "command_receipts": made,
        "order_photos": made,
        "clock_events": 3 * made,
    }
    connection = connect(url)
    with connection.cursor() as cursor:
        for table, right in counts.items():
            cursor.execute(f"SELECT COUNT(*) FROM {table}")
            row: Any = cursor.fetchone()
            assert row[0] == right, f"{table}: {row[0]} rows instead of {right}"
    connection.close()


def _report(
    options: argparse.Namespace,
    contestants: dict[str, Contestant],
    create: Sequence[Statement],
    listing: Sequence[Statement],
    server: dict[str, Any],
) -> None:
    seen = {name: figures(each.measured) for name, each in contestants.items()}
    ratio = {
        CREATE: ratio_of(contestants[CREATE], contestants[RAW_CREATE]),
        LIST: ratio_of(contestants[LIST], contestants[BARE_LIST]),
        f"{LIST}_to_{BARE_ROWS}": ratio_of(contestants[LIST], contestants[BARE_ROWS]),
    }
    print_report(
        sizes={
            "orders_before": options.orders,
            "requests_a_round": options.requests,
            "rounds": options.rounds,
            "connections": CONNECTIONS,
            "workers": WORKERS,
            "threads_a_worker": THREADS,
            "rows_of_the_list": ROWS,
            "server": server,
        },
        figures={
            CREATE: {**seen[CREATE], "statements": len(create), "rows_written": _rows_written(create)},
            LIST: {**seen[LIST], "statements": len(listing)},
            "statements_constant": "verified",
            "targets": TARGETS,
            "targets_met": {
                "create_ratio": ratio[CREATE] >= TARGETS["create_ratio"],
                "create_p99_ms": seen[CREATE]["p99_ms"]["median"] <= TARGETS["create_p99_ms"],
                "list_ratio": ratio[LIST] >= TARGETS["list_ratio"],
                "list_statements": len(listing) <= TARGETS["list_statements"],
            },
        },
        limit={
            RAW_CREATE: {**seen[RAW_CREATE], "processes": RAW_PROCESSES},
            BARE_LIST: seen[BARE_LIST],
            BARE_ROWS: seen[BARE_ROWS],
        },
        ratio=ratio,
    )


def _rows_written(statements: Sequence[Statement]) -> int:
    return sum(len(each["rows"]) for each in statements if each["sql"].startswith("INSERT"))


if __name__ == "__main__":
    measure(arguments())
