"""A database of a benchmark's own on a MariaDB server, dropped at the end; raw connections for the limits."""

from __future__ import annotations

import base64
import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymysql
from flask import Flask
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from app.bootstrap import create_core_app
from app.tables import metadata
from config import Environment, Settings, is_loopback

USUAL_SERVER = "mysql+pymysql://root@127.0.0.1:3306"
USUAL_REDIS = "redis://127.0.0.1:6379"


@contextmanager
def bench_database(server: str, name: str) -> Iterator[str]:
    """An empty database `anju_bench_<process>_<name>` with every table; yields its address.

    Raises ValueError for anything but a MariaDB server on this machine: a benchmark loads what it is pointed at.
    """
    try:
        yield new_database(server, name)
    finally:
        _run(make_url(server), f"DROP DATABASE IF EXISTS {_named(make_url(server), name).database}")


def new_database(server: str, name: str) -> str:
    """The same for a server whose data nobody keeps: it is not dropped. Raises ValueError as above."""
    url = make_url(server)
    if not url.drivername.startswith("mysql") or not is_loopback(f"mysql://{url.host}"):
        raise ValueError("the benchmark needs a MariaDB server on a loopback address")
    named = _named(url, name)
    _run(url, f"DROP DATABASE IF EXISTS {named.database}")
    _run(url, f"CREATE DATABASE {named.database} CHARACTER SET utf8mb4")
    engine = create_engine(named, poolclass=NullPool)
    metadata.create_all(engine)
    engine.dispose()
    return named.render_as_string(hide_password=False)


def _named(server: URL, name: str) -> URL:
    return server.set(database=f"anju_bench_{os.getpid()}_{name}")


def bench_settings(url: str) -> Settings:
    """Settings of a process under test: quiet, not in production, everything else as it comes."""
    nowhere = Path(tempfile.gettempdir())  # nothing is stored, but the directory must exist
    return Settings(environment=Environment.TEST, database_url=url, data_dir=nowhere, log_level="WARNING")


def served_settings(url: str, scratch: Path, redis_url: str) -> dict[str, str]:
    """The environment of a server as in production: rate limits in Redis, no clock that can be moved, no sandbox.

    Without Redis it is a test instance, which counts tries in memory and looks for a moved clock.
    """
    common = {
        "DATABASE_URL": url,
        "DATA_DIR": str(scratch),
        "PERSONAL_DATA_KEY": base64.b64encode(bytes(32)).decode(),
        "LOG_LEVEL": "INFO",
    }
    if not redis_url:
        return {**common, "ENVIRONMENT": "test"}
    return {
        **common,
        "ENVIRONMENT": "production",
        "REDIS_URL": redis_url,
        "SECRET_KEY": secrets.token_hex(32),
        "PUBLIC_BASE_URL": "https://bench.invalid",
        "WECHAT_APPID": "wx-bench",
        "WECHAT_SECRET": secrets.token_hex(16),
        "WECHAT_PUSH_TOKEN": secrets.token_hex(8),
        "WECHAT_PUSH_AES_KEY": secrets.token_hex(21) + "0",
        "WECHAT_PAY_MCH_ID": "",
    }


@contextmanager
def bench_redis(server: str) -> Iterator[str]:
    """The address of an empty database on the Redis of this machine, emptied again at the end; "" without one."""
    free = _empty_redis(server) if is_loopback(server) else None
    if free is None:
        yield ""
        return
    try:
        yield f"{server}/{free.connection_pool.connection_kwargs['db']}"
    finally:
        free.flushdb()


def _empty_redis(server: str) -> Redis | None:
    try:
        return next(
            (each for each in (Redis.from_url(server, db=n) for n in range(15, 0, -1)) if not each.dbsize()),
            None,
        )
    except RedisError:
        return None


def settings_of_environment(environment: Mapping[str, str]) -> Settings:
    """The same settings for this process, which prepares the database and is listened to."""
    return Settings(**{name.lower(): value for name, value in environment.items()})  # type: ignore[arg-type]


def bench_app(url: str) -> Flask:
    """The core of the product on that database."""
    return create_core_app(bench_settings(url), app=Flask("bench"))


def connect_options(url: str) -> dict[str, Any]:
    """For `pymysql.connect`: the mode in which the product works, READ COMMITTED, UTC, commit by hand."""
    parts = make_url(url)
    return {
        "host": parts.host,
        "port": parts.port or 3306,
        "user": parts.username,
        "password": str(parts.password or ""),
        "database": parts.database,
        "charset": "utf8mb4",
        "init_command": "SET SESSION tx_isolation = 'READ-COMMITTED', time_zone = '+00:00'",
    }


def connect(url: str) -> pymysql.Connection:
    """A raw connection for filling, checking and the limits."""
    return pymysql.connect(**connect_options(url))


def server_facts(url: str) -> dict[str, Any]:
    """Version, size of the buffer pool and whether a commit waits for the disk."""
    asked = "SELECT VERSION(), @@innodb_buffer_pool_size DIV 1048576, @@innodb_flush_log_at_trx_commit"
    with connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(asked)
        row: Any = cursor.fetchone()
    return {"version": row[0], "buffer_pool_mb": int(row[1]), "flush_log_at_trx_commit": row[2]}


def _run(url: URL, statement: str) -> None:
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
