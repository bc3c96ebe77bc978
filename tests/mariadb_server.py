"""A MariaDB database of this test process's own: on the server named by ANJU_TEST_MARIADB_URL, else on the usual port
of this machine, else on a private server that lives as long as the tests."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError

from app import tables

USUAL_SERVER = "mysql+pymysql://root@127.0.0.1:3306"
START_SECONDS = 60


class NoMariaDB(AssertionError):
    """The tests need a server and there is none."""


@contextmanager
def test_database(scratch: Path) -> Iterator[URL]:
    """An empty database with every table, dropped at the end."""
    name = f"anju_test_{os.getpid()}"
    with _server(scratch) as server:
        root = create_engine(server)
        _run(root, f"DROP DATABASE IF EXISTS {name}")
        _run(root, f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        url = server.set(database=name)
        try:
            engine = create_engine(url)
            tables.metadata.create_all(engine)
            engine.dispose()
            yield url
        finally:
            _run(root, f"DROP DATABASE IF EXISTS {name}")
            root.dispose()


def empty_all_tables(engine: Engine) -> None:
    """Delete every row, asking first in one statement which tables have any; cheaper than TRUNCATE for a handful."""
    with engine.begin() as connection:
        filled = connection.exec_driver_sql(_which_have_rows()).scalars().all()
        connection.execute(text("SET foreign_key_checks = 0"))
        for name in filled:
            connection.exec_driver_sql(f"DELETE FROM {name}")
        connection.execute(text("SET foreign_key_checks = 1"))


@cache
def _which_have_rows() -> str:
    return " UNION ALL ".join(f"(SELECT '{name}' FROM {name} LIMIT 1)" for name in tables.metadata.tables)


@contextmanager
def _server(scratch: Path) -> Iterator[URL]:
    named = os.environ.get("ANJU_TEST_MARIADB_URL")
    url = make_url(named or USUAL_SERVER)
    if _answers(url):
        yield url
    elif named is None and shutil.which("mariadbd") and shutil.which("mariadb-install-db"):
        with _private_server(scratch) as private:
            yield private
    else:
        raise NoMariaDB(
            f"No MariaDB answers at {url.render_as_string()} and none can be started here. Start one, name one in "
            "ANJU_TEST_MARIADB_URL=mysql+pymysql://user:password@host:port, or leave them out by -m 'not mariadb'."
        )


@contextmanager
def _private_server(scratch: Path) -> Iterator[URL]:
    data, port = scratch / "mariadb", _free_port()
    owner = ["--user=root"] if os.geteuid() == 0 else []
    install = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", *owner]
    subprocess.run([*install, "--auth-root-authentication-method=normal"], check=True, capture_output=True)
    command = ["mariadbd", "--no-defaults", f"--datadir={data}", f"--port={port}", "--bind-address=127.0.0.1"]
    options = [
        f"--socket={data / 'socket'}",
        f"--pid-file={data / 'pid'}",
        "--innodb-flush-log-at-trx-commit=2",
    ]
    server = subprocess.Popen(
        [*command, *options, *owner], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        url = make_url(USUAL_SERVER).set(port=port)
        _wait_until_it_answers(url)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=START_SECONDS)


def _wait_until_it_answers(url: URL) -> None:
    until = time.monotonic() + START_SECONDS
    while not _answers(url):
        if time.monotonic() > until:
            raise NoMariaDB(f"The private MariaDB did not answer within {START_SECONDS} s.")
        time.sleep(0.2)  # a server announces itself by answering and by nothing else


def _answers(url: URL) -> bool:
    engine = create_engine(url, connect_args={"connect_timeout": 3})
    try:
        _run(engine, "SELECT 1")
        return True
    except OperationalError:
        return False
    finally:
        engine.dispose()


def _run(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
