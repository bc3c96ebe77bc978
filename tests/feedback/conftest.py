"""The scene in which 随手拍 are sent."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.factories.scene import Scene, make_scene


@pytest.fixture
def scene(app_db: Flask) -> Scene:
    return make_scene()
