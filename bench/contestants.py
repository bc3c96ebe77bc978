"""Who takes part in a measurement, and how his rounds are summed up."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bench.crew import Crew
from bench.report import summary


@dataclass
class Measured:
    """Of one contestant: requests a second and the milliseconds of the requests, in each round."""

    rates: list[float] = field(default_factory=list)
    ms: list[list[float]] = field(default_factory=list)


@dataclass(frozen=True)
class Contestant:
    """Who does the work, and what he is given for each request."""

    crew: Crew
    jobs: Callable[[int], list[Any]]
    measured: Measured = field(default_factory=Measured)

    def run(self, count: int, *, counts: bool = True) -> None:
        """Do `count` requests; raises AssertionError when one of them failed."""
        parts = self.crew.share(self.jobs(count))
        failures = [failure for part in parts for failure in part["failures"]]
        ms = [each for part in parts for each in part["ms"]]
        assert not failures and len(ms) == count, f"{len(ms)} of {count} requests, {failures[:3]}"
        if counts:
            seconds = max(part["ended"] for part in parts) - min(part["begun"] for part in parts)
            self.measured.rates.append(count / seconds)
            self.measured.ms.append(ms)


def figures(measured: Measured) -> dict[str, Any]:
    """Medians of the rounds, like the figures from which the targets come. In each round the connections are opened
    anew, and the server's workers share them as chance will have it: that decides the slowest requests of a round."""
    cuts = [statistics.quantiles(each, n=100) for each in measured.ms]
    return {
        "per_second": summary(measured.rates, 0),
        "p50_ms": summary([each[49] for each in cuts], 1),
        "p99_ms": summary([each[98] for each in cuts], 1),
    }


def ratio_of(product: Contestant, limit: Contestant) -> float:
    """Median of the rounds' ratios: a slow moment of the machine lies in one round and not in half of a sum."""
    pairs = zip(product.measured.rates, limit.measured.rates, strict=True)
    return round(statistics.median(mine / other for mine, other in pairs), 2)
