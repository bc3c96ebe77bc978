"""People who can sign in to the console."""

from __future__ import annotations

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.models import Account
from app.core import clock
from app.core.db import db
from tests.factories.people import GOOD_PASSWORD, make_credential
from tests.factories.scene import Scene, make_scene
from tests.factories.units import committed
from tests.live import csrf_of

ACCEPT_JSON = {"X-Requested-With": "fetch"}


def make_scene_now() -> Scene:
    """A scene that plays at this moment. Its people have been there since the full hour, so that tests of the same hour
    lay back the same rows."""
    now = clock.now()
    scene = make_scene(now.replace(minute=0, second=0, microsecond=0))
    scene.at = now
    return scene


@committed
def give_credentials(scene: Scene) -> dict[str, str]:
    """A login for everybody of the scene who has a hat of the console; role code -> login name."""
    names = {}
    for role, scope in scene.scopes.items():
        if scope.hat_id is not None:
            account = db.session.get_one(Account, scope.account_id)
            names[role.value] = make_credential(
                account, login_name=f"{role.value.lower()}-{account.id}"
            ).login_name
    return names


def sign_in(
    client: FlaskClient, login_name: str, password: str = GOOD_PASSWORD, **fields: str
) -> TestResponse:
    """Sign in as a browser does: read the form, send it back."""
    form = client.get("/admin/sign-in").text
    data = {"csrf_token": csrf_of(form), "login_name": login_name, "password": password, **fields}
    return client.post("/admin/sign-in", data=data)
