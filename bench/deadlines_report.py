"""What `bench.deadlines` has found, as the one JSON object."""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

import pymysql

from bench.report import print_report, summary
from bench.steady_stream import SWEEP_EVERY_MS, Lateness, Stream
from bench.sweepers import Result

TARGETS = {
    "ratio_to_limit_at_1_m": 2.0,
    "growth": 1.3,
    "idle_ms": 1.0,
    "lateness_p99_ms": SWEEP_EVERY_MS + 1000,
}
LIMIT = "limit"
A_MILLION = 1_000_000


@dataclass
class Size:
    """One database: how many orders are open in it, and the seconds of each contestant so far."""

    open: int
    url: str
    connection: pymysql.Connection
    fill_seconds: float
    seconds: dict[str, list[float]] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """Everything that was measured in one run."""

    options: argparse.Namespace
    sizes: Sequence[Size]
    idle: Mapping[int, list[float]]
    probe: Mapping[int, list[float]]
    streamed: tuple[Stream, Lateness] | None
    server: Mapping[str, Any]


def name_of(processes: int) -> str:
    """What a contestant is called."""
    return f"sweep_{processes}_process" + ("es" if processes > 1 else "")


def report(found: Found) -> None:
    """Print it."""
    best = name_of(min(found.options.processes))
    print_report(
        sizes={
            "open": [size.open for size in found.sizes],
            "fill_seconds": [size.fill_seconds for size in found.sizes],
            "due": found.options.due,
            "rounds": found.options.rounds,
            "server": found.server,
        },
        figures={
            "seconds": {str(size.open): _summaries(size) for size in found.sizes},
            "processes_1_to_many": _speed_ups(found),
            "statements_per_fired": _last(found.sizes, lambda r: round(r.statements / r.fired, 4)),
            "peak_rss_mb": _last(found.sizes, lambda r: round(r.peak_rss_mb, 1)),
            "exactly_once": "verified after every run",
            "growth": _growth(found.sizes, best),
            "growth_of_limit": _growth(found.sizes, LIMIT),
            "idle_ms": _medians(found.idle),
            "steady_stream": _stream(found.streamed),
            "targets": TARGETS,
            "targets_met": _met(found, best),
        },
        limit={
            "set_based_seconds": {str(size.open): summary(size.seconds[LIMIT], 3) for size in found.sizes},
            "probe_ms": _medians(found.probe),
            "sweep_every_ms": SWEEP_EVERY_MS,
        },
        ratio={str(size.open): _ratio(size.seconds[best], size.seconds[LIMIT]) for size in found.sizes},
    )


def _met(found: Found, best: str) -> dict[str, bool]:
    """Each target that this run could judge."""
    met = {"idle_ms": max(_medians(found.idle).values()) <= TARGETS["idle_ms"]}
    growth = _growth(found.sizes, best)
    if growth:
        met["growth"] = list(growth.values())[-1] <= TARGETS["growth"]
    for size in found.sizes:
        if size.open == A_MILLION:
            ratio = _ratio(size.seconds[best], size.seconds[LIMIT])
            met["ratio_to_limit_at_1_m"] = ratio <= TARGETS["ratio_to_limit_at_1_m"]
    if found.streamed is not None:
        met["lateness_p99_ms"] = found.streamed[1].p99_ms <= TARGETS["lateness_p99_ms"]
    return met


def _growth(sizes: Sequence[Size], contestant: str) -> dict[str, float]:
    """From each size to the next, and at the end from the first to the last; empty when there is one size only."""
    steps = [*pairwise(sizes), (sizes[0], sizes[-1])] if len(sizes) > 1 else []
    return {
        f"{small.open} -> {large.open}": _ratio(large.seconds[contestant], small.seconds[contestant])
        for small, large in steps
    }


def _speed_ups(found: Found) -> dict[str, float]:
    """How many times as fast the most processes are as the fewest."""
    few, many = name_of(min(found.options.processes)), name_of(max(found.options.processes))
    return {str(size.open): _ratio(size.seconds[few], size.seconds[many]) for size in found.sizes}


def _stream(streamed: tuple[Stream, Lateness] | None) -> dict[str, Any]:
    return {**asdict(streamed[0]), **asdict(streamed[1])} if streamed else {}


def _medians(values: Mapping[int, list[float]]) -> dict[str, float]:
    return {str(count): round(statistics.median(times), 3) for count, times in values.items()}


def _ratio(these: Sequence[float], those: Sequence[float]) -> float:
    return round(statistics.median(these) / statistics.median(those), 2)


def _summaries(size: Size) -> dict[str, Any]:
    return {name: summary(values, 3) for name, values in size.seconds.items() if name != LIMIT}


def _last(sizes: Sequence[Size], value: Callable[[Result], float]) -> dict[str, dict[str, float]]:
    return {str(size.open): {name: value(result) for name, result in size.results.items()} for size in sizes}
