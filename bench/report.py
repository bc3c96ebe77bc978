"""What every benchmark shares: the machine, progress for the waiting person, one JSON object for the reader.

Absolute times of a shared machine drift by a factor of three between hours, so each program also measures a
limit (the least work that could do the job) in the same run; the ratio to it is the figure that lasts.
"""

from __future__ import annotations

import json
import os
import platform
import signal
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def machine() -> dict[str, Any]:
    """Cores that this process may use, processor, memory in GiB, system and Python version."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def progress(text: str) -> None:
    """Tell the waiting person where the program is; standard output stays one JSON object."""
    print(text, file=sys.stderr, flush=True)


def summary(values: Sequence[float], digits: int = 1) -> dict[str, float]:
    """Median, least and greatest of repeated measurements."""
    return {
        "median": round(statistics.median(values), digits),
        "min": round(min(values), digits),
        "max": round(max(values), digits),
    }


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """SIGTERM and a closed terminal end the program like Ctrl-C: with everything cleaned up."""
    wishes = (signal.SIGTERM, signal.SIGHUP)
    before = {wish: signal.signal(wish, _leave) for wish in wishes}
    try:
        yield
    finally:
        for wish, handler in before.items():
            signal.signal(wish, handler)


def _leave(number: int, frame: Any) -> None:
    raise SystemExit(f"ended by {signal.Signals(number).name}")


def print_report(
    *,
    sizes: Mapping[str, Any],
    figures: Mapping[str, Any],
    limit: Mapping[str, Any],
    ratio: float | Mapping[str, float],
) -> None:
    """Print the one JSON object: {machine, sizes, figures, limit, ratio}; units are part of the names."""
    report = {"machine": machine(), "sizes": sizes, "figures": figures, "limit": limit, "ratio": ratio}
    print(json.dumps(report, ensure_ascii=False, indent=2))


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())
