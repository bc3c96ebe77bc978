"""A phone in Chromium: what its holder sees, taps, types and photographs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from app.seeds.pictures import picture
from tests.client.district import District
from tests.live import Watched, watch

WIDTH, HEIGHT = 375, 667
PRESSABLE = ("button", "link", "radio", "checkbox", "tab")
EXPECTED = ("status of 409", "status of 422")
"""What a browser writes about refusals that people provoke."""
NO_NETWORK = ("ERR_INTERNET_DISCONNECTED", "ERR_NETWORK_CHANGED")
WAIT_MS = 10_000
STEP_MS = 50
CLOCK = """
(() => {
  window.anjuAhead = %d
  if (window.anjuClock) return
  window.anjuClock = Date
  const now = () => window.anjuClock.now() + window.anjuAhead
  window.Date = new Proxy(Date, {
    construct: (real, given, made) => Reflect.construct(real, given.length ? given : [now()], made),
    apply: (real) => new real(now()).toString(),
    get: (real, name) => (name === 'now' ? now : Reflect.get(real, name)),
  })
})()
"""
"""The page's clock runs as far ahead as the product's, or every countdown would be wrong."""


HURRY = """
(() => {
  const real = window.setInterval
  window.setInterval = (work, ms, ...rest) => real(work, ms >= 3000 ? 1000 : ms, ...rest)
})()
"""
"""A page that looks for news every ten seconds does so every second: a test has no time to read meanwhile."""


@dataclass
class Phone:
    """One person's phone. `page` is there for whatever the short words below do not say."""

    district: District
    context: BrowserContext
    watched: Watched
    folder: Path
    page: Page
    photos: int = field(default=0)
    asking: set[object] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.context.on("request", lambda request: self.asking.add(request))
        self.context.on("requestfinished", lambda request: self.asking.discard(request))
        self.context.on("requestfailed", lambda request: self.asking.discard(request))

    def open(self, path: str = "pages/home/home", **query: object) -> Phone:
        """Start the client at one of its pages, as from a link: `open("pages/order/order", id=7)`."""
        asked = f"?{urlencode(query)}" if query else ""
        if self.page.url.startswith(self.district.address):
            self.page.goto("about:blank")  # only another #part would be no new start
        self.page.goto(f"{self.district.client}#/{path}{asked}")
        return self

    def settles(self, quiet_ms: int = 150) -> None:
        """Wait until the page has asked for nothing for so long."""
        quiet = 0
        for _ in range(WAIT_MS // STEP_MS):
            quiet = 0 if self.asking else quiet + STEP_MS
            if quiet > quiet_ms:
                return
            self.page.wait_for_timeout(STEP_MS)
        raise AssertionError(f"{self.path} goes on asking: {[str(each) for each in self.asking]}")

    def close_app(self) -> None:
        """Swipe the app away; what it has stored stays."""
        self.page.close()
        self.page = self.context.new_page()

    @property
    def path(self) -> str:
        """Which page is open: "pages/home/home"."""
        return self.page.url.partition("#/")[2].partition("?")[0] or "pages/home/home"

    def arrives_at(self, path: str) -> None:
        """Wait until this page is open."""
        self.page.wait_for_url(re.compile(rf"#/{re.escape(path)}(\\?|$)"), timeout=WAIT_MS)

    def pressable(self, name: str, *, exact: bool = False) -> Locator:
        """Everything visible that can be pressed and has this in its name."""
        found = self.page.get_by_role(PRESSABLE[0], name=name, exact=exact)
        for role in PRESSABLE[1:]:
            found = found.or_(self.page.get_by_role(role, name=name, exact=exact))  # type: ignore[arg-type]
        return found.filter(visible=True)

    def tap(self, name: str, *, exact: bool = False) -> None:
        """Tap what has this name; of several the one that has no other words, else the first."""
        found = self.pressable(name, exact=exact)
        expect(found.first).to_be_visible(timeout=WAIT_MS)
        alone = self.pressable(name, exact=True)
        (alone if alone.count() else found).first.tap(timeout=WAIT_MS)

    def back(self) -> None:
        """The arrow on top."""
        self.tap("返回", exact=True)

    def type(self, label: str, text: str) -> None:
        """Type into the field with this label."""
        self.page.get_by_label(label).filter(visible=True).first.fill(text)

    def text(self, words: str) -> Locator:
        """Visible text that contains these words."""
        return self.page.get_by_text(words).filter(visible=True)

    def sees(self, words: str, *, within_s: float = 10) -> None:
        """Wait until the words can be read."""
        expect(self.text(words).first).to_be_visible(timeout=within_s * 1000)

    def sees_no(self, words: str, *, within_s: float = 10) -> None:
        """Wait until the words cannot be read (any more)."""
        expect(self.text(words)).to_have_count(0, timeout=within_s * 1000)

    def photograph(self, button: str, kind: str = "lamp_dark") -> None:
        """Tap what takes a photo and give it a picture of this kind (app/seeds/pictures.py)."""
        self.photos += 1
        file = self.folder / f"photo-{kind}-{self.photos}.jpg"
        file.write_bytes(_drawn_once(kind, self.photos))
        with self.page.expect_file_chooser() as chooser:
            self.tap(button)
        chooser.value.set_files(file)

    @contextmanager
    def offline(self) -> Iterator[None]:
        """Without a network inside the block; afterwards the phone notices that it is back."""
        self.context.set_offline(True)
        try:
            yield
        finally:
            self.context.set_offline(False)

    def stored(self, name: str) -> object:
        """A value that the client keeps on the phone (lib/keeping.js)."""
        text = self.page.evaluate("name => localStorage.getItem('anju.' + name)", name)
        return json.loads(text) if text else None

    def follow_clock(self, ahead_ms: int) -> None:
        """The product's clock was moved."""
        self.context.add_init_script(CLOCK % ahead_ms)
        self.page.evaluate(f"window.anjuAhead = {ahead_ms}")


@cache
def _drawn_once(kind: str, seed: int) -> bytes:
    """A picture as large as a camera's; drawing it takes longer than all that the page does with it."""
    return picture(kind, seed=seed)


@dataclass
class Phones:
    """Hands out phones, and checks at the end what their browsers complained about."""

    district: District
    browser: Browser
    folder: Path
    open: list[Phone] = field(default_factory=list)
    pixels: int = 1
    """Of the screen for each CSS pixel."""

    def __call__(
        self,
        name: str = "",
        *,
        width: int = WIDTH,
        height: int = HEIGHT,
        scale: float = 1,
        position: tuple[float, float] | None = None,
        tolerated: tuple[str, ...] = (),
        moved_clock: bool = True,
        keeps_client: bool = False,
        pays: bool = False,
    ) -> Phone:
        """A phone signed in as this person of `district`; of nobody without a name.

        `scale` is the client's 字号, `position` latitude and longitude, `tolerated` parts of console errors that the
        test provokes (a 404, say). `moved_clock` false leaves the page's clock to `page.clock`; `keeps_client` lets the
        browser keep the client for a start without a network, `pays` lets it go to the sandbox's cashier.
        """
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=self.pixels,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            service_workers="allow" if keeps_client else "block",
            has_touch=True,
            is_mobile=True,
            permissions=["geolocation", "microphone"] if position else ["microphone"],
            geolocation={"latitude": position[0], "longitude": position[1]} if position else None,
        )
        watched = watch(
            context,
            self.district.address,
            tolerated=(*EXPECTED, *NO_NETWORK, *tolerated),
            beside=(self.district.product.sandbox,) if pays else (),
        )
        if moved_clock:
            context.add_init_script(HURRY)
            context.add_init_script(CLOCK % self.district.ahead_ms)
        stored = {"font": scale} if scale != 1 else {}
        if name:
            client = self.district.api(name)
            stored["token"] = client.http.headers["Authorization"].removeprefix("Bearer ")
        self._store(context, stored)
        phone = Phone(self.district, context, watched, self.folder, context.new_page())
        self.open.append(phone)
        if moved_clock:
            self.district.followers.append(phone)
        return phone

    def _store(self, context: BrowserContext, values: dict[str, object]) -> None:
        """Values as the client keeps them, set once, before its first page (lib/keeping.js)."""
        page = context.new_page()
        page.route("**/m/prepare", lambda route: route.fulfill(body="<!DOCTYPE html><title>.</title>"))
        page.goto(f"{self.district.client}prepare")
        for key, value in values.items():
            page.evaluate(
                "([key, text]) => localStorage.setItem(key, text)", [f"anju.{key}", json.dumps(value)]
            )
        page.close()

    def close(self) -> None:
        """Close all phones; fails on script errors, broken content policy and requests to other hosts."""
        for phone in self.open:
            if phone in self.district.followers:
                self.district.followers.remove(phone)
            phone.context.close()
        for phone in self.open:
            phone.watched.check()
