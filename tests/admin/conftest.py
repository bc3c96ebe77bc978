"""The console with one estate, everybody who works there, and a signed-in client for each hat."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from app.core.crypto import use_key
from app.core.db import db
from app.core.roles import Role
from app.media.signing import use_signing_key
from config import Environment, Settings
from tests.factories.people import light_passwords
from tests.factories.scene import Scene
from tests.factories.staffroom import ACCEPT_JSON, give_credentials, make_scene_now, sign_in
from tests.live import csrf_of
from wsgi import create_app


class FreshClient(FlaskClient):
    """Every request in a context of its own, as behind a real server. Without this, Flask reuses the context that the
    fixture has pushed, and with it the visitor of the request before."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        with self.application.app_context():
            return super().open(*args, **options)


@dataclass
class Desk:
    """The application, its people, and their browsers."""

    app: Flask
    scene: Scene
    logins: dict[str, str]
    clients: dict[Role, FlaskClient] = field(default_factory=dict)
    tokens: dict[Role, str] = field(default_factory=dict)

    def client(self, role: Role = Role.DSP) -> FlaskClient:
        """A browser in which this hat is signed in."""
        if role not in self.clients:
            client = self.app.test_client()
            assert sign_in(client, self.logins[role.value]).status_code == 302
            self.clients[role] = client
        return self.clients[role]

    def get(self, url: str, role: Role = Role.DSP, **options: Any) -> TestResponse:
        return self.client(role).get(url, **options)

    def post(
        self, url: str, body: Any = None, role: Role = Role.DSP, request_id: str | None = None
    ) -> TestResponse:
        """A command as the page's script sends it."""
        headers = {
            **ACCEPT_JSON,
            "X-CSRFToken": self.token(role),
            "Idempotency-Key": request_id or secrets.token_hex(12),
        }
        return self.client(role).post(url, json=body or {}, headers=headers)

    def act(self, order_id: int, action: str, role: Role = Role.DSP, **body: Any) -> TestResponse:
        return self.post(f"/admin/order-commands/{order_id}/{action}", body, role)

    def token(self, role: Role) -> str:
        """The CSRF token of this hat's session."""
        if role not in self.tokens:
            self.tokens[role] = csrf_of(self.client(role).get("/admin/account/").text)
        return self.tokens[role]

    def statements(self, url: str, role: Role = Role.DSP) -> int:
        """How many statements one GET costs."""
        self.client(role)
        count = 0

        def note(*args: Any) -> None:
            nonlocal count
            count += 1

        event.listen(db.engine, "before_cursor_execute", note)
        assert self.get(url, role).status_code == 200
        event.remove(db.engine, "before_cursor_execute", note)
        return count


@pytest.fixture(scope="session")
def build_console(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Flask]:
    """Makes the whole web application once for each database of this process: building it takes as long as ten
    tests."""

    @cache
    def build(database_url: str) -> Flask:
        directory = tmp_path_factory.mktemp("console")
        app = create_app(
            Settings(environment=Environment.TEST, data_dir=directory, database_url=database_url)
        )
        app.config["TESTING"] = True
        app.test_client_class = FreshClient
        return app

    return build


@pytest.fixture
def console(database_url: str, build_console: Callable[[str], Flask]) -> Iterator[Flask]:
    """The whole web application on an empty database, its context pushed."""
    app = build_console(database_url)
    settings: Settings = app.config["SETTINGS"]
    use_key(settings.encryption_key)
    use_signing_key(settings.secret_key.encode())
    configured = dict(app.config)
    with app.app_context(), light_passwords():
        yield app
        db.session.remove()
        db.engine.dispose()
    app.config.update(configured)  # a test may ask more of its people, the next one does not


@pytest.fixture
def desk(console: Flask) -> Desk:
    """A scene that plays now."""
    scene = make_scene_now()
    return Desk(console, scene, give_credentials(scene))
