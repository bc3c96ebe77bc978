"""Files that must disappear: written down with the change, deleted by the job, however often it fails."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.db import Rollback, db, transact
from app.integrations.storage import LocalStorage
from app.integrations.storage.errors import StorageDown
from app.media.discard_models import DiscardedFile
from app.media.discarding import discard, remove_due
from tests.engines import both_engines

NOON = clock.china(2026, 11, 20, 12)
KEY = "2026/11/voice.wav"


@pytest.fixture
def storage(app_db, tmp_path):
    clock.freeze(NOON)
    found = LocalStorage(tmp_path / "media")
    found.put(KEY, b"a voice", "audio/wav")
    return found


def waiting() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(DiscardedFile))


@both_engines
def test_a_discarded_file_is_deleted_and_forgotten(storage):
    transact(lambda: discard([KEY, KEY]))
    assert waiting() == 1
    assert remove_due(storage, limit=10) == 1
    assert not storage.exists(KEY)
    assert waiting() == 0
    assert remove_due(storage, limit=10) == 0


def test_a_change_that_is_rolled_back_deletes_nothing(storage):
    def regret() -> None:
        discard([KEY])
        raise Rollback()

    transact(regret)
    assert remove_due(storage, limit=10) == 0
    assert storage.exists(KEY)


def test_a_file_that_is_gone_already_is_no_error(storage):
    transact(lambda: discard(["2026/11/never.jpg"]))
    assert remove_due(storage, limit=10) == 1
    assert waiting() == 0


class Away:
    """A storage that does not answer."""

    def delete(self, key: str) -> None:
        raise StorageDown()


@both_engines
def test_while_the_storage_is_away_the_file_waits_and_is_deleted_in_the_end(storage):
    transact(lambda: discard([KEY]))
    for pause in (1, 5, 30, 120, 120):
        assert remove_due(Away(), limit=10) == 1
        assert remove_due(storage, limit=10) == 0, "not before its time"
        clock.freeze(clock.now() + timedelta(minutes=pause))
    assert remove_due(storage, limit=10) == 1
    assert not storage.exists(KEY)
