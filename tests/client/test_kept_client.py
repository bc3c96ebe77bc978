"""The client that a phone keeps: it opens without a network, holds nothing of anybody, and gives way to a newer one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.client.district import RESIDENT
from tests.client.reporting import REPORT
from tests.live import served
from tests.miniprogram_api.phones import build_app

READY = "() => navigator.serviceWorker.ready.then((kept) => Boolean(kept.active))"
KEPT = """
async () => {
  const names = await caches.keys()
  const all = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()))
  return all.flat().map((request) => new URL(request.url).pathname)
}
"""


def test_who_has_opened_it_once_can_report_from_a_cellar(phones):
    phone = phones(RESIDENT, keeps_client=True).open()
    phone.sees("公区报事")
    phone.page.evaluate(READY)
    phone.close_app()
    with phone.offline():
        phone.open()
        phone.sees("公区报事")
        phone.open(REPORT)
        phone.photograph("拍照")
        phone.sees("在哪里?")
    phone.open(REPORT)
    phone.sees("照片已加好 1 张")


def test_nothing_is_kept_but_the_client_itself(phones):
    phone = phones(RESIDENT, keeps_client=True).open("pages/orders/orders")
    phone.page.evaluate(READY)
    phone.settles()
    kept = phone.page.evaluate(KEPT)
    assert "/m/" in kept
    assert [path for path in kept if path != "/m/" and not path.startswith("/m/assets/")] == []


UP_TO_DATE = """
async () => {
  const kept = await navigator.serviceWorker.ready
  await kept.update()
  while (kept.installing) await new Promise((look) => setTimeout(look, 50))
  return document.querySelector('meta[name=description]').content
}
"""


@pytest.fixture
def build(built_client: Path, tmp_path: Path) -> Path:
    """A build of one's own, which can be replaced."""
    return Path(shutil.copytree(built_client, tmp_path / "h5"))


def test_a_newer_client_is_fetched_at_one_start_and_used_at_the_next(build, phone_browser, tmp_path):
    app = build_app(f"sqlite:///{tmp_path / 'kept.db'}", tmp_path, client_dir=build)
    with served(app) as address:
        context = phone_browser.new_context(service_workers="allow")
        assert started(context, address).startswith("安居 长辈版")
        replace(build)
        assert started(context, address).startswith("安居 长辈版")
        assert started(context, address).startswith("新的一版")
        context.close()


def started(context, address: str) -> str:
    """Open the client, wait until it has looked for a newer one, close it; how the page described itself."""
    page = context.new_page()
    page.goto(f"{address}/m/")
    described = str(page.evaluate(UP_TO_DATE))
    page.close()
    return described


def replace(build: Path) -> None:
    """A newer build in the same place."""
    for name in ("index.html", "sw.js"):
        for twin in (f"{name}.gz", f"{name}.br"):
            (build / twin).unlink(missing_ok=True)
        text = (build / name).read_text(encoding="utf-8")
        newer = text.replace("安居 长辈版", "新的一版").replace("BUILD = 'anju-", "BUILD = 'newer-")
        (build / name).write_text(newer, encoding="utf-8")
