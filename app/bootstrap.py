"""Build the core of a process: settings, keys, logging, database. Edges add their own on top."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog
from flask import Flask
from structlog.tracebacks import ExceptionDictTransformer

from app.core.crypto import use_key
from app.core.db import init_db
from app.core.shared_values import follow_moved_clock
from app.media.signing import use_signing_key
from app.tables import metadata
from config import Settings, get_settings


def create_core_app(settings: Settings | None = None, *, app: Flask | None = None) -> Flask:
    """A Flask application that can open sessions on the database; used as it is by scheduler and command line."""
    settings = settings or get_settings()
    app = app or Flask("app")
    assert metadata.tables
    app.config["SETTINGS"] = settings
    app.config["SECRET_KEY"] = settings.secret_key
    use_key(settings.encryption_key)
    use_signing_key(settings.secret_key.encode())
    configure_logging(settings.log_level)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    init_db(app, settings.effective_database_url)
    return app


def settings_of(app: Any) -> Settings:
    """The settings with which an application was built."""
    settings = app.config["SETTINGS"]
    assert isinstance(settings, Settings)
    return settings


def begin_unit(settings: Settings) -> None:
    """What every unit of work does first: take over a clock that another process has moved."""
    if settings.clock_can_be_moved:
        follow_moved_clock()


def configure_logging(level: str) -> None:
    """JSON lines on stderr with the request's id; libraries that print secrets are kept quiet (D19).

    Tracebacks show no local variables: among them are keys, tokens and what residents wrote.
    """
    logging.basicConfig(level=level, format="%(message)s")
    for noisy in ("wechatpy", "urllib3", "apscheduler", "alembic"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
