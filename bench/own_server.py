"""A MariaDB server of a benchmark's own, which may be killed and started again."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymysql

START_WITHIN_S = 60


class OwnServer:
    """mariadbd on a free port with a data directory of its own; durable at each commit, as in production."""

    def __init__(self, directory: Path) -> None:
        self.data, self.log = directory / "data", directory / "mariadbd.log"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._owner = ["--user=root"] if os.geteuid() == 0 else []
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
        options = ["--bind-address=127.0.0.1", f"--socket={self.data / 'socket'}", "--max-connections=300"]
        sizes = ["--innodb-flush-log-at-trx-commit=1", "--innodb-buffer-pool-size=512M"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *options, *sizes, *self._owner], stdout=log, stderr=log
            )
        until = time.monotonic() + START_WITHIN_S
        while not self._answers():
            if time.monotonic() > until or self._process.poll() is not None:
                raise RuntimeError(f"mariadbd did not start\n{self.log.read_text()[-2000:]}")
            time.sleep(0.1)  # a server announces itself by answering and by nothing else

    def kill(self) -> None:
        """kill -9: what was committed must be there afterwards."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(30)

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(START_WITHIN_S)

    def _answers(self) -> bool:
        try:
            pymysql.connect(host="127.0.0.1", port=self.port, user="root", connect_timeout=2).close()
            return True
        except pymysql.MySQLError:
            return False


@contextmanager
def own_server(directory: Path) -> Iterator[OwnServer]:
    """Installed and started; stopped at the end."""
    server = OwnServer(directory)
    server.install()
    server.start()
    try:
        yield server
    finally:
        server.stop()
