"""The scene in which invoices are asked for."""

from __future__ import annotations

import pytest
from flask import Flask

from app.audit.service import ensure_head
from app.core.db import transact
from tests.factories.scene import Scene, make_scene


@pytest.fixture
def scene(app_db: Flask) -> Scene:
    found = make_scene()
    transact(ensure_head)
    return found
