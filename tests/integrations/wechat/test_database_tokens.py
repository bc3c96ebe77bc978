"""The token in the database: shared, locked, encrypted, and free again after a crash."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.core.shared_values import SharedValue
from app.integrations.wechat.database_tokens import DatabaseTokenStore
from app.integrations.wechat.tokens import LOCK_LIFE_SECONDS
from tests.engines import both_engines, in_parallel

TOKEN_PATH = "/cgi-bin/stable_token"


def check(client) -> None:
    client.check_text("楼道灯不亮", openid="nobody", scene=2)


@both_engines
def test_cold_processes_that_share_the_database_fetch_one_token(app_db, sandbox, new_client):
    """D4 and D5: eight cold workers at the same instant."""
    sandbox.fault(TOKEN_PATH, "slow", seconds=0.2)
    clients = [new_client(DatabaseTokenStore()) for _ in range(8)]

    def token_of(client) -> str:
        with pytest.raises(Exception, match=r"40003|openid"):
            check(client)
        return "asked"

    outcomes = in_parallel(app_db, [lambda client=client: token_of(client) for client in clients])
    assert outcomes == ["asked"] * 8
    assert len(sandbox.journal(TOKEN_PATH)) == 1


def test_the_stored_token_cannot_be_read_from_a_copy_of_the_database(app_db):
    DatabaseTokenStore().put("token", "a very secret token", 7200)
    assert DatabaseTokenStore().get("token") == "a very secret token"
    stored = db.session.scalars(select(SharedValue.value)).all()
    assert stored
    assert all("secret" not in value for value in stored)


def test_a_token_past_its_end_is_gone(app_db):
    store = DatabaseTokenStore()
    store.put("token", "old", 300)
    with clock.frozen(clock.now() + timedelta(seconds=301)):
        assert store.get("token") is None


def test_a_lease_that_its_process_took_to_the_grave_is_free_after_its_life(app_db):
    store = DatabaseTokenStore()
    dead = store.lock("token")
    dead.__enter__()
    with clock.frozen(clock.now() + timedelta(seconds=LOCK_LIFE_SECONDS + 1)), store.lock("token"):
        held = db.session.scalars(select(SharedValue.name)).all()
    assert held == ["lock.wechat.token"]
