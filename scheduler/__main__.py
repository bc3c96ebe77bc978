"""`python -m scheduler`: run the jobs of schedule.py until SIGTERM or Ctrl-C."""

from __future__ import annotations

import logging
import os
import signal
import threading

from app.bootstrap import create_core_app
from config import get_settings
from scheduler.context import build_context
from scheduler.runner import run
from scheduler.schedule import JOBS


def main() -> None:
    """Start, run, and end within five seconds of being asked to."""
    stop = threading.Event()
    for wish in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wish, lambda *_: stop.set())
    settings = get_settings()
    app = create_core_app(settings)
    if not run(app, build_context(settings, stop.is_set), JOBS, stop):
        # A call to a neighbour still hangs in its time-out. Its row has a lease and is taken again, so leaving
        # now is as safe as a power cut; waiting would only let the supervisor kill us.
        logging.shutdown()
        os._exit(0)


if __name__ == "__main__":
    main()
