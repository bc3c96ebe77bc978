"""Chromium at the real application: one browser and one application for the run, served anew and with a scene of its
own for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Playwright

from app.core.crypto import use_key
from app.core.db import db
from app.core.roles import Role
from app.integrations.storage import open_storage
from app.media.service import keep_photo, store_files
from app.media.signing import use_signing_key
from app.seeds.pictures import picture
from config import Environment, Settings
from tests.factories.people import GOOD_PASSWORD, light_passwords
from tests.factories.scene import Scene
from tests.factories.staffroom import give_credentials, make_scene_now
from tests.live import Watched, launch, served, watch
from wsgi import create_app

TOLERATED = ("status of 409", "status of 422")
"""What a browser writes about refusals that a test provokes."""


@dataclass
class Live:
    """The served application, its people, and how to open a window for one of them."""

    address: str
    scene: Scene
    logins: dict[str, str]
    browser: Browser
    storage_url: str
    watched: list[Watched]

    def window(self, role: Role = Role.DSP, *, width: int = 1366, height: int = 768) -> Page:
        """A signed-in window of its own."""
        viewport = {"width": width, "height": height}
        context = self.browser.new_context(viewport=viewport, locale="zh-CN", timezone_id="Asia/Shanghai")
        self.watched.append(watch(context, self.address, tolerated=TOLERATED))
        page = context.new_page()
        page.goto(f"{self.address}/admin/sign-in")
        page.fill("[name=login_name]", self.logins[role.value])
        page.fill("[name=password]", GOOD_PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(lambda url: "sign-in" not in url)
        return page

    def open(self, path: str, role: Role = Role.DSP, **size: int) -> Page:
        """A window at a page of the console."""
        page = self.window(role, **size)
        page.goto(self.address + path)
        return page

    def photo(self, role: Role, kind: str) -> int:
        """A real picture in the storage, uploaded by that hat."""
        stored = store_files(picture(kind), open_storage(self.storage_url))
        return self.scene.do(lambda: keep_photo(stored, by=self.scene.by(role)).id)


@pytest.fixture(scope="session")
def chromium(playwright_driver: Playwright) -> Iterator[Browser]:
    browser = launch(playwright_driver)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def build_office(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Flask]:
    """Makes the application once for each database of this process: building it takes as long as opening a page."""

    @cache
    def build(database_url: str) -> Flask:
        directory = tmp_path_factory.mktemp("office")
        return create_app(
            Settings(
                environment=Environment.TEST,
                data_dir=directory,
                database_url=database_url,
                log_level="ERROR",
            )
        )

    return build


@pytest.fixture
def live(database_url: str, build_office: Callable[[str], Flask], chromium: Browser) -> Iterator[Live]:
    """Ends by checking that no page broke the content policy, raised an error or asked another host."""
    app = build_office(database_url)
    settings: Settings = app.config["SETTINGS"]
    use_key(settings.encryption_key)
    use_signing_key(settings.secret_key.encode())
    with app.app_context(), light_passwords():
        scene = make_scene_now()
        logins = give_credentials(scene)
        watched: list[Watched] = []
        with served(app) as address:
            yield Live(address, scene, logins, chromium, settings.effective_storage_url, watched)
            for context in chromium.contexts:
                context.close()
        db.session.remove()
        db.engine.dispose()
    for each in watched:
        each.check()
