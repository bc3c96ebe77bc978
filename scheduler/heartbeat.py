"""Signs of life: /healthz reads the newest, the console lists those of each process."""

from __future__ import annotations

import os
import socket
from datetime import timedelta

from app.core import clock
from app.core.db import transact
from app.core.shared_values import write

EVERY_SECONDS = 5
NEWEST = "scheduler.heartbeat"
FORGOTTEN_AFTER = timedelta(hours=1)


def process_name() -> str:
    """host-pid, short enough for the name of a shared value."""
    return f"{socket.gethostname()[:30]}-{os.getpid()}"


def beat() -> None:
    """Write that this process is alive."""
    at = clock.now().isoformat()

    def work() -> None:
        write(f"{NEWEST}.{process_name()}", at, lives_for=FORGOTTEN_AFTER)
        write(NEWEST, at)

    transact(work)
