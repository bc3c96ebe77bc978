"""A whole application in the test's process, and people who hold phones that talk to it."""

from __future__ import annotations

import io
import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import event
from werkzeug.test import TestResponse

from app.accounts import sessions
from app.accounts.sessions import Channel
from app.core import clock
from app.core.crypto import use_key
from app.core.db import db, transact
from app.core.roles import Role
from app.core.scope import Scope
from config import Settings
from miniprogram_api.rates import DEFAULTS
from tests.factories.scene import Scene, make_scene
from wsgi import create_app

PREFIX = "/api/v1"
NEIGHBOURS = "miniprogram_api.neighbours"
GENEROUS = dict.fromkeys(DEFAULTS, "100000/minute")
_keys = itertools.count(1)


def next_key() -> str:
    """An idempotency key that no other command of the run has."""
    return f"test-key-{next(_keys):08d}"


@dataclass
class Phone:
    """Somebody signed in, and the short way to ask the API."""

    client: FlaskClient
    token: str = ""

    def get(self, path: str, **query: Any) -> TestResponse:
        """A query."""
        return self.client.get(PREFIX + path, query_string=query, headers=self._headers())

    def send(
        self, path: str, body: Any = None, *, key: str | None = None, method: str = "POST", **headers: str
    ) -> TestResponse:
        """A command under a key of its own, unless one is given."""
        given = {"Idempotency-Key": key or next_key(), **self._headers(), **headers}
        return self.client.open(PREFIX + path, method=method, json=body, headers=given)

    def upload(self, data: bytes, *, key: str | None = None, field: str = "photo") -> TestResponse:
        """Send a photo."""
        return self.client.post(
            f"{PREFIX}/photos",
            data={field: (io.BytesIO(data), "IMG_0001.jpg")},
            headers={"Idempotency-Key": key or next_key(), **self._headers()},
        )

    def record(self, data: bytes, *, key: str | None = None, field: str = "voice") -> TestResponse:
        """Send a recording."""
        return self.client.post(
            f"{PREFIX}/voices",
            data={field: (io.BytesIO(data), "tmp_0001.wav")},
            headers={"Idempotency-Key": key or next_key(), **self._headers()},
        )

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


@dataclass
class Api:
    """The application with one scene in its database; the clock stands at the scene's instant."""

    app: Flask
    scene: Scene

    def phone(self, who: Role | Scope | None = None) -> Phone:
        """The phone of the person who wears the role (or has the scope); of nobody without one."""
        if who is None:
            return Phone(self.app.test_client())
        scope = self.scene.by(who) if isinstance(who, Role) else who
        return Phone(self.app.test_client(), token_of(scope))

    def at(self, instant: Any) -> None:
        """Hold the clock there."""
        clock.freeze(instant)
        self.scene.at = instant

    def later(self, **by: float) -> None:
        """Move the clock on."""
        self.at(self.scene.at + timedelta(**by))


def token_of(scope: Scope) -> str:
    """A session of this person under this hat."""
    assert scope.account_id is not None

    def open_() -> str:
        return sessions.open_session(
            scope.account_id, hat_id=scope.hat_id, channel=Channel.API, lives_for=timedelta(days=30)
        )

    return transact(open_)


def build_app(database_url: str, directory: Path, **settings: Any) -> Flask:
    """The whole application on this database; WeChat is away unless an address is given."""
    settings.setdefault("wechat_api_base", "http://127.0.0.1:9")
    settings.setdefault("wechat_pay_base", settings["wechat_api_base"])
    settings.setdefault("rate_limits", GENEROUS)
    return create_app(Settings(environment="test", data_dir=directory, database_url=database_url, **settings))


@contextmanager
def running(app: Flask) -> Iterator[Api]:
    """A scene in the application's empty database, its context pushed, the clock at the scene's instant. A neighbour
    that the test puts in the place of another one is gone with it."""
    neighbours = app.extensions[NEIGHBOURS]
    with app.app_context():
        use_key(app.config["SETTINGS"].encryption_key)
        scene = make_scene()
        clock.freeze(scene.at)
        try:
            yield Api(app, scene)
        finally:
            app.extensions[NEIGHBOURS] = neighbours
        db.session.remove()
        db.engine.dispose()


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """Every statement that reaches the database inside the block, on any thread."""
    seen: list[str] = []
    guard = threading.Lock()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        with guard:
            seen.append(statement)

    engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def picture(colour: str = "teal", size: tuple[int, int] = (64, 48), form: str = "JPEG") -> bytes:
    """A small photo."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, form)
    return out.getvalue()
