"""`python -m deploy.weapp_lint [PACKAGE] [SOURCES]`: what WeChat, its review and the large-type rules refuse.

Reads the built mp-weixin package and the client's sources, runs WeChat's own compilers over it, prints one line for
each fault and ends with 1 when there is one. Numbers in brackets are rows of the large-type checklist
(tests/client/test_checklist.py). Needs nothing but Python and the npm package miniprogram-compiler.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLIENT = ROOT / "miniprogram"
SYSTEM = {"darwin": "mac", "win32": "windows"}.get(sys.platform, "linux")
COMPILERS = CLIENT / "node_modules" / "miniprogram-compiler" / "bin" / SYSTEM
MAX_PACKAGE_BYTES = 2 * 1024 * 1024
MIN_FONT_PX = 18
PERSONAL = {
    "getLocation": ("worker/",),
    "getPhoneNumber": ("pages/sign-in/", "pages/mine/", "more/data/"),
}
"""Personal data that WeChat hands out: which folders may ask [19]. Whatever else is of that kind, nobody may."""
NEVER_ASKED = (
    "chooseAddress",
    "chooseLocation",
    "choosePoi",
    "chooseContact",
    "getFuzzyLocation",
    "getUserProfile",
    "getUserInfo",
    "getWeRunData",
    "startLocationUpdate",
    "onLocationChange",
    "addPhoneContact",
    "getClipboardData",
)
ADVERTISING = ("ad", "ad-custom", "official-account", "channel-live", "store-product")
FINE_DRAGGING = ("movable-view", "movable-area", "picker", "picker-view", "slider", "swiper")
GESTURES = ("touchstart", "touchend", "longpress", "longtap")
DRAWN_BY_WECHAT = re.compile(r"\b(?:uni|wx)\.(showModal|showToast|showLoading|showActionSheet)\b")
MANY_FINGERS = re.compile(r"touches\s*\[\s*[2-9]|touches\.length\s*(?:>=?\s*[2-9]|===?\s*[3-9])")
ADVERTS = re.compile(r"\bcreate(?:RewardedVideo|Interstitial|Custom)Ad\b|\bnavigateToMiniProgram\b")
LURES = re.compile("(?<![待已您])领取|立即下载|红包|抽奖|验证码")
"""An invoice that lies ready is 待领取, and lures nobody."""
FOREIGN = re.compile(r"""(?:https?:)?//[a-z0-9-]+(?:\.[a-z0-9-]+)+""", re.IGNORECASE)
TAG = re.compile(r"""<([a-z][\w-]*)((?:\s+[^\s=>/]+(?:="[^"]*")?)*)\s*(/?)>|</([a-z][\w-]*)>""")
ATTRIBUTE = re.compile(r"""([^\s=]+)(?:="([^"]*)")?""")
BINDING = re.compile(r"(?:capture-)?(?:mut-)?(?:bind|catch):?")
FONT_SIZE = re.compile(r"font(?:-size)?\s*:\s*([^;}\"]+)")
LENGTH = re.compile(r"([\d.]+)(px|rpx|r?em|%|vw|vh|pt)")
RULE = re.compile(r"([^{}]+)\{[^{}]*\}")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True)
class Fault:
    """Something that must not go out. `where` is a path inside the package or the sources."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True)
class Tag:
    """A start tag of WXML."""

    name: str
    attributes: dict[str, str]
    inside_text: bool


@dataclass(frozen=True)
class Package:
    """A built mp-weixin package."""

    root: Path

    @cached_property
    def app(self) -> dict:
        return json.loads((self.root / "app.json").read_text(encoding="utf-8"))

    def files(self, ending: str = "") -> list[tuple[str, Path]]:
        """Paths inside the package, and where they are."""
        found = sorted(path for path in self.root.rglob(f"*{ending}") if path.is_file())
        return [(path.relative_to(self.root).as_posix(), path) for path in found]

    def texts(self, ending: str) -> Iterator[tuple[str, str]]:
        for name, path in self.files(ending):
            yield name, path.read_text(encoding="utf-8")


def tags(wxml: str) -> Iterator[Tag]:
    """The start tags in their order."""
    texts = 0
    for match in TAG.finditer(wxml):
        name, attributes, empty, end = match.groups()
        if end:
            texts -= end == "text"
            continue
        found = {key: value or "" for key, value in ATTRIBUTE.findall(attributes)}
        yield Tag(name, found, texts > 0)
        texts += name == "text" and not empty


def missing_pages(package: Package) -> Iterator[Fault]:
    """Pages that app.json names and that are not there."""
    pages = list(package.app["pages"])
    for sub in package.app.get("subPackages", []):
        pages += [f"{sub['root']}/{page}" for page in sub["pages"]]
    for page in pages:
        for ending in (".js", ".json", ".wxml"):
            if not (package.root / f"{page}{ending}").is_file():
                yield Fault("app.json", f"page {page} has no {ending}")


def too_large(package: Package) -> Iterator[Fault]:
    """Packages over 2 MiB: WeChat refuses the upload."""
    for name, size in sizes(package).items():
        if size > MAX_PACKAGE_BYTES:
            yield Fault(name, f"package has {size:,} bytes, allowed are {MAX_PACKAGE_BYTES:,}")


def sizes(package: Package) -> dict[str, int]:
    """Bytes of the main package ("main") and of each sub-package."""
    found = {"main": 0} | {sub["root"]: 0 for sub in package.app.get("subPackages", [])}
    for name, path in package.files():
        root = name.partition("/")[0]
        found[root if root in found and root != "main" else "main"] += path.stat().st_size
    return found


def not_compiling(package: Package) -> Iterator[Fault]:
    """What WeChat's own compilers do not accept."""
    wcc, wcsc = COMPILERS / "wcc", COMPILERS / "wcsc"
    for compiler in (wcc, wcsc):
        compiler.chmod(0o755)  # npm unpacks them without the right to be run
    for command, ending in (([str(wcc), "-d"], ".wxml"), ([str(wcsc), "-db", "-pc", "0"], ".wxss")):
        names = [name for name, _ in package.files(ending)]
        done = subprocess.run(
            [*command, *names], cwd=package.root, capture_output=True, text=True, check=False
        )
        if done.returncode:
            yield Fault(f"*{ending}", (done.stderr or done.stdout).strip()[:500])


def bad_markup(package: Package) -> Iterator[Fault]:
    """Pressable things without a role [16], advertising [17], fine dragging and gestures only [12], text in text."""
    for name, wxml in package.texts(".wxml"):
        for tag in tags(wxml):
            yield from (Fault(name, what) for what in _markup_faults(tag))


def _markup_faults(tag: Tag) -> Iterator[str]:
    bound = {BINDING.sub("", key) for key in tag.attributes if BINDING.match(key)}
    if "tap" in bound and "aria-role" not in tag.attributes:
        yield f"<{tag.name}> can be tapped and has no aria-role [16]"
    if tag.name in ADVERTISING:
        yield f"<{tag.name}> is advertising [17]"
    if tag.name in FINE_DRAGGING:
        yield f"<{tag.name}> needs fine dragging, or WeChat draws it in a size of its own [12]"
    if bound & set(GESTURES) and "tap" not in bound:
        yield f"<{tag.name}> answers a gesture and no tap [12]"
    if tag.inside_text and tag.name not in ("text", "block"):
        yield f"<{tag.name}> stands inside <text>, where WeChat shows nothing but text"
    if "rpx" in tag.attributes.get("style", ""):
        yield f"<{tag.name}> has a size in rpx"


def bad_styles(package: Package) -> Iterator[Fault]:
    """Small type [1], rpx, and selectors that WeChat ignores in components."""
    for name, wxss in package.texts(".wxss"):
        css = COMMENT.sub("", wxss)
        if "rpx" in css:
            yield Fault(name, "a size in rpx: a browser and WeChat would not agree")
        for value in FONT_SIZE.findall(css):
            yield from (Fault(name, what) for what in _small(value))
        if "components/" in name:
            for selectors in RULE.findall(css):
                yield from (Fault(name, what) for what in _ignored(selectors))
    for name, wxml in package.texts(".wxml"):
        for tag in tags(wxml):
            for key in ("style", "placeholder-style"):
                for value in FONT_SIZE.findall(tag.attributes.get(key, "")):
                    yield from (Fault(name, what) for what in _small(value))


def _small(value: str) -> Iterator[str]:
    for number, unit in LENGTH.findall(value.split("/")[0]):
        if unit != "px":
            yield f"a font size in {unit}, not px times --fs [2]"
        elif float(number) < MIN_FONT_PX:
            yield f"type of {number}px, smallest is {MIN_FONT_PX} [1]"


def _ignored(selectors: str) -> Iterator[str]:
    for part in re.split(r"[\s,>+~]+", selectors.strip()):
        if part and not part.startswith((".", ":", "@")) and not re.match(r"\d|from$|to$", part):
            yield f"selector {part!r}: in components WeChat knows classes only"


def asked_for_without_need(package: Package) -> Iterator[Fault]:
    """Personal data that no declared place asks for [19]."""
    declared = set(package.app.get("requiredPrivateInfos", []))
    for ending in (".js", ".wxml"):
        for name, text in package.texts(ending):
            for api in NEVER_ASKED:
                if re.search(rf"\b{api}\b", text) and name != "common/vendor.js":
                    yield Fault(name, f"{api} is not needed and not declared [19]")
            for api, folders in PERSONAL.items():
                if re.search(rf"\b{api}\b", text) and not name.startswith((*folders, "common/vendor.js")):
                    yield Fault(name, f"{api} belongs to {', '.join(folders)} [19]")
    uses_position = any(
        "getLocation" in text for name, text in package.texts(".js") if name != "common/vendor.js"
    )
    if uses_position != ("getLocation" in declared):
        yield Fault("app.json", "requiredPrivateInfos and the use of getLocation differ [19]")


def asking_elsewhere(package: Package) -> Iterator[Fault]:
    """Pictures and styles from foreign hosts, and what uni-app's own runtime would fetch from its maker [17]."""
    for ending in (".wxss", ".wxml"):
        for name, text in package.texts(ending):
            yield from (Fault(name, f"{found} is a foreign address [17]") for found in FOREIGN.findall(text))
    for name, text in package.texts(".js"):
        if "preloadAssets" in text:
            yield Fault(name, "preloadAssets fetches from a foreign host (miniprogram/packing.js) [17]")


def bad_sources(sources: Path) -> Iterator[Fault]:
    """What must not stand in the client's own code, whatever the compiler makes of it."""
    rules: tuple[tuple[re.Pattern[str], str], ...] = (
        (DRAWN_BY_WECHAT, "is drawn by WeChat and cannot be enlarged [4]"),
        (MANY_FINGERS, "is a gesture with three fingers [12]"),
        (ADVERTS, "leads to advertising or elsewhere [17]"),
        (LURES, "lures, or asks for a code that not everybody can read [9, 18]"),
        (FOREIGN, "is a foreign address [17]"),
    )
    for path in sorted(sources.rglob("*")):
        if path.suffix not in (".vue", ".js", ".json", ".css"):
            continue
        text = path.read_text(encoding="utf-8")
        for pattern, why in rules:
            for match in pattern.finditer(text):
                yield Fault(path.relative_to(sources).as_posix(), f"{match.group()} {why}")


RULES: tuple[Callable[[Package], Iterator[Fault]], ...] = (
    missing_pages,
    too_large,
    not_compiling,
    bad_markup,
    bad_styles,
    asked_for_without_need,
    asking_elsewhere,
)


def faults(package: Package) -> list[Fault]:
    """Everything that is wrong with the package."""
    return [fault for rule in RULES for fault in rule(package)]


def main(arguments: list[str]) -> int:
    """Print the faults and the sizes; 1 when there is a fault."""
    package = Package(Path(arguments[0]) if arguments else CLIENT / "dist" / "build" / "mp-weixin")
    sources = Path(arguments[1]) if len(arguments) > 1 else CLIENT / "src"
    found = [*faults(package), *bad_sources(sources)]
    for fault in found:
        print(fault)
    shown = "、".join(f"{name} {size / 1024:.0f} KB" for name, size in sizes(package).items())
    print(f"小程序包:{shown}(每个分包上限 2048 KB);{f'{len(found)} 处问题' if found else '检查通过'}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
