"""A MariaDB server of a benchmark's own, which may be killed and started again."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymysql

from bench.report import progress

START_WITHIN_S = 60
CLEAN_WITHIN_S, FEW_PAGES = 90, 500
SMALL_POOL = ("--innodb-buffer-pool-size=512M",)
MEGA = 2**20
MOST_POOL_MB, POOL_SHARE = 12_288, 0.45


def large_pool() -> tuple[str, ...]:
    """Options of a server for millions of rows: a buffer pool of nearly half the memory, at most 12 GB, a redo log that
    does not force pages to the disk while rows are written in bulk, and no queue for ids among several writers."""
    memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MEGA
    pool_mb = min(int(memory_mb * POOL_SHARE), MOST_POOL_MB)
    return (
        f"--innodb-buffer-pool-size={pool_mb}M",
        f"--innodb-log-file-size={min(pool_mb // 3, 4096)}M",
        "--innodb-autoinc-lock-mode=2",
        "--innodb-io-capacity=4000",
        "--innodb-io-capacity-max=20000",
    )


class OwnServer:
    """mariadbd on a free port with a data directory of its own; durable at each commit, as in production."""

    def __init__(self, directory: Path, options: Sequence[str] = SMALL_POOL) -> None:
        self.data, self.log = directory / "data", directory / "mariadbd.log"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._owner = ["--user=root"] if os.geteuid() == 0 else []
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"mysql+pymysql://root@127.0.0.1:{self.port}"

    def install(self) -> None:
        """Make the data directory; raises RuntimeError without the programs."""
        if not (shutil.which("mariadbd") and shutil.which("mariadb-install-db")):
            raise RuntimeError("mariadbd and mariadb-install-db are needed")
        command = ["mariadb-install-db", "--no-defaults", f"--datadir={self.data}", *self._owner]
        subprocess.run(
            [*command, "--auth-root-authentication-method=normal"], check=True, capture_output=True
        )

    def start(self) -> None:
        """Start it and wait until it answers; after a kill it repairs itself first."""
        command = ["mariadbd", "--no-defaults", f"--datadir={self.data}", f"--port={self.port}"]
        # Named from the data directory, where the server works: a socket's whole path may have 107 characters at most
        options = ["--bind-address=127.0.0.1", "--socket=socket", "--max-connections=300"]
        durable = "--innodb-flush-log-at-trx-commit=1"
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C is for the benchmark, which then stops the server itself.
            self._process = subprocess.Popen(
                [*command, *options, durable, *self._options, *self._owner],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until = time.monotonic() + START_WITHIN_S
        while not self._answers():
            if time.monotonic() > until or self._process.poll() is not None:
                raise RuntimeError(f"mariadbd did not start\n{self.log.read_text()[-2000:]}")
            time.sleep(0.1)  # a server announces itself by answering and by nothing else

    def kill(self) -> None:
        """kill -9: what was committed must be there afterwards."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)

    def _answers(self) -> bool:
        try:
            pymysql.connect(host="127.0.0.1", port=self.port, user="root", connect_timeout=2).close()
            return True
        except pymysql.MySQLError:
            return False


@contextmanager
def own_server(directory: Path, options: Sequence[str] = SMALL_POOL) -> Iterator[OwnServer]:
    """Installed and started; killed at the end, because its data goes with it."""
    server = OwnServer(directory, options)
    server.install()
    try:
        server.start()
        yield server
    finally:
        server.kill()


@contextmanager
def written_in_bulk(connection: pymysql.Connection) -> Iterator[None]:
    """A commit does not wait for the disk meanwhile; afterwards what was written is on the disk, or nearly so, lest
    the measurement pays for it."""
    with connection.cursor() as cursor:
        cursor.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 0")
        yield
        cursor.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 1, innodb_max_dirty_pages_pct = 0")
        until = time.monotonic() + CLEAN_WITHIN_S
        while _dirty_pages(cursor) > FEW_PAGES and time.monotonic() < until:
            time.sleep(0.5)
        cursor.execute("SET GLOBAL innodb_max_dirty_pages_pct = 90")


def _dirty_pages(cursor: Any) -> int:
    cursor.execute("SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_pages_dirty'")
    return int(cursor.fetchone()[1])


class Restarts:
    """The database is killed and started again a few times, beside everything else; a context, so that no thread
    starts a server again after the benchmark has ended."""

    def __init__(self, server: OwnServer, *, first_after: float, every: float, times: int) -> None:
        self.done = 0
        self._server, self._first_after, self._every, self._times = server, first_after, every, times
        self._over = threading.Event()
        self._failed: Exception | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> Restarts:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def wait(self) -> None:
        """Until the last restart is done; raises what went wrong with one."""
        self._thread.join()
        if self._failed is not None:
            raise self._failed

    def _work(self) -> None:
        pause = self._first_after + self._every
        while self.done < self._times and not self._over.wait(pause):
            try:
                self._server.kill()
                self._server.start()
            except Exception as error:  # told to whoever waits; a thread has nobody above it
                self._failed = error
                return
            self.done, pause = self.done + 1, self._every
            progress("database killed and started again")
