"""The client in Chromium against the real product: granian, scheduler, sandbox, the demonstration district.

    from tests.client.district import RESIDENT, WORKER

    def test_a_resident_reports_a_dark_lamp(phones, district):
        wang = phones(RESIDENT)                      # 375 x 667, signed in; nobody without a name
        wang.open("pages/report/report")             # any path of pages.json, query as keywords
        wang.photograph("拍照", kind="lamp_dark")     # taps, and gives the file chooser a picture
        wang.tap("南门路灯")                          # by visible name: button, link, radio, checkbox, tab
        wang.type("补充说明", "晚上看不见")
        with wang.offline():
            wang.tap("发送")
            wang.sees("已保存,联网后自动发送")
        wang.arrives_at("pages/sent/sent")
        district.advance("15m")                      # the product's clock and that of every open phone
        worker = district.api(WORKER)                # the same people over plain HTTP, to prepare things
        order = district.wait_for(lambda: worker.get("/tasks")["items"])

Every test ends by checking that no page raised an error, broke the content policy or asked another host; what a test
provokes is named: `phones(RESIDENT, tolerated=("status of 404",))`. Refusals 409 and 422 and a missing network are
expected anyway. People are constants of tests/client/district.py; take NEIGHBOURS for what does not need to be 王.
`district.stories["Z1"]` is an order of domain 4.8.

Which build is tested: miniprogram/dist/build/h5, made by `make miniprogram`, or the one that CLIENT_DIR names:

    cd miniprogram && UNI_OUTPUT_DIR=/tmp/me/h5 npm run build:h5
    CLIENT_DIR=/tmp/me/h5 .venv/bin/pytest -n 0 tests/client/test_report.py
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from tests.client.district import District, running_district
from tests.client.phone import Phones
from tests.live import CHROMIUM, CHROMIUM_ARGS

ROOT = Path(__file__).resolve().parent.parent.parent
A_MICROPHONE_THAT_HUMS = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/client/" in item.nodeid:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.processes)


@pytest.fixture(scope="session")
def built_client() -> Path:
    """The H5 build that is tested."""
    build = Path(os.environ.get("CLIENT_DIR", ROOT / "miniprogram" / "dist" / "build" / "h5"))
    assert (build / "index.html").is_file(), "no client was built: make miniprogram (or set CLIENT_DIR)"
    return build


@pytest.fixture(scope="session")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    """One running product for all tests of this worker."""
    with running_district(tmp_path_factory.mktemp("district")) as running:
        yield running


@pytest.fixture(scope="session")
def phone_browser(playwright_driver: Playwright) -> Iterator[Browser]:
    """One Chromium for all phones of this worker, with a camera roll, a microphone, and nowhere to go."""
    args = [*CHROMIUM_ARGS, *A_MICROPHONE_THAT_HUMS]
    browser = playwright_driver.chromium.launch(executable_path=CHROMIUM, args=args)
    yield browser
    browser.close()


@pytest.fixture
def phones(
    built_client: Path, district: District, phone_browser: Browser, tmp_path: Path
) -> Iterator[Phones]:
    """Hands out phones; see the top of this file."""
    handed_out = Phones(district, phone_browser, tmp_path)
    yield handed_out
    handed_out.close()
