"""The built mp-weixin package: `make miniprogram` makes it, WEAPP_DIR names another one.

cd miniprogram && UNI_OUTPUT_DIR=/tmp/me/weapp npm run build:mp-weixin
WEAPP_DIR=/tmp/me/weapp .venv/bin/pytest -n 0 tests/weapp
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deploy.weapp_lint import CLIENT
from tests.client.conftest import district

__all__ = ["district"]


@pytest.fixture(scope="session")
def weapp_package() -> Path:
    """The package that is tested."""
    package = Path(os.environ.get("WEAPP_DIR", CLIENT / "dist" / "build" / "mp-weixin"))
    assert (package / "app.json").is_file(), "no package was built: make miniprogram (or set WEAPP_DIR)"
    return package
