"""The application is built once for a run; each test finds an empty database under it."""

from __future__ import annotations

import shutil
from functools import cache

import pytest

from tests.fakes.sandbox import start_sandbox
from tests.miniprogram_api.phones import build_app, running


@pytest.fixture(scope="session")
def _directory(tmp_path_factory):
    return tmp_path_factory.mktemp("api")


@pytest.fixture(scope="session")
def _app_without_wechat(_directory):
    return build_app(f"sqlite:///{_directory / 'alone.db'}", _directory)


@pytest.fixture(scope="session")
def _one_sandbox():
    with start_sandbox() as found:
        yield found


@pytest.fixture(scope="session")
def _app_with_wechat(_directory, _one_sandbox):
    return build_app(f"sqlite:///{_directory / 'wechat.db'}", _directory, wechat_api_base=_one_sandbox.url)


def _emptied(directory, name, template):
    for suffix in ("-wal", "-shm"):
        (directory / f"{name}{suffix}").unlink(missing_ok=True)
    shutil.copyfile(template, directory / name)


@pytest.fixture
def api(_app_without_wechat, _directory, sqlite_template):
    """The application without WeChat: calls to it are refused at once."""
    _emptied(_directory, "alone.db", sqlite_template)
    with running(_app_without_wechat) as found:
        yield found


@pytest.fixture
def sandbox(_one_sandbox):
    """WeChat's stand-in, as good as new."""
    _one_sandbox.reset()
    return _one_sandbox


@pytest.fixture
def wechat_api(_app_with_wechat, _directory, sqlite_template, sandbox):
    """The application with the sandbox as WeChat."""
    _emptied(_directory, "wechat.db", sqlite_template)
    with running(_app_with_wechat) as found:
        yield found


@pytest.fixture(scope="session")
def _app_on(_directory):
    return cache(lambda database_url: build_app(database_url, _directory))


@pytest.fixture
def mariadb_api(database_url, _app_on):
    """The application on the database that the test asks for."""
    with running(_app_on(database_url)) as found:
        yield found
