"""`python -m tests.client.photographs FOLDER`: every sight of the client at 375 px, with type of size 1 and 1.5.

Whole pages, one file each, and contact sheets of a dozen for a person who looks at all of them. `--only` takes parts of
names, `--sharp` doubles the pixels (for documents). CLIENT_DIR names another build than the one of `make miniprogram`.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from app.seeds.pictures import picture
from tests.client.district import running_district
from tests.client.gallery import HEIGHT, WHOLE_HEIGHT, Gallery
from tests.client.phone import Phones
from tests.client.sights import SIGHTS, Orders, Sight
from tests.live import CHROMIUM, CHROMIUM_ARGS

SCALES = (1, 1.5)
PER_SHEET, COLUMNS, THUMB = 12, 6, (250, 890)


def main(folder: Path, only: list[str], *, pixels: int) -> None:
    """Photograph the sights, then put them on sheets."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as scratch,
        running_district(Path(scratch), draw=picture) as district,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        phones = Phones(district, browser, Path(scratch), pixels=pixels)
        taken = list(photographs(Gallery(phones, Orders(district)), folder, only))
        browser.close()
    for scale in SCALES:
        put_on_sheets([file for at, file in taken if at == scale], folder, f"sheet-x{scale}")


def photographs(gallery: Gallery, folder: Path, only: list[str]) -> Iterator[tuple[float, Path]]:
    """Take them one by one; what cannot be reached is named and left out."""
    for sight in SIGHTS:
        if only and not any(part in sight.name for part in only):
            continue
        for scale in SCALES:
            file = folder / f"{sight.name}-x{scale}.png"
            try:
                take(gallery, sight, scale, file)
            except Exception as error:
                print(f"{sight.name}: {str(error).splitlines()[0]}")
            else:
                yield scale, file


def take(gallery: Gallery, sight: Sight, scale: float, file: Path) -> None:
    """The whole page, but at least the screen."""
    phone = gallery.show(sight, scale)
    height = max(HEIGHT, phone.page.evaluate(WHOLE_HEIGHT))
    phone.page.set_viewport_size({"width": 375, "height": height})
    phone.page.screenshot(path=file)


def put_on_sheets(files: list[Path], folder: Path, name: str) -> None:
    """Small pictures in rows, the lower ends of long pages left out."""
    for number, start in enumerate(range(0, len(files), PER_SHEET), 1):
        some = files[start : start + PER_SHEET]
        rows = (len(some) + COLUMNS - 1) // COLUMNS
        sheet = Image.new("RGB", (COLUMNS * (THUMB[0] + 10), rows * (THUMB[1] + 10)), "#888888")
        for place, file in enumerate(some):
            small = Image.open(file).convert("RGB")
            small = small.resize((THUMB[0], small.height * THUMB[0] // small.width))
            small = small.crop((0, 0, THUMB[0], min(small.height, THUMB[1])))
            row, column = divmod(place, COLUMNS)
            sheet.paste(small, (column * (THUMB[0] + 10), row * (THUMB[1] + 10)))
        sheet.save(folder / f"{name}-{number}.jpg", quality=85)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.client.photographs", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", default=[], metavar="PART")
    parser.add_argument("--sharp", action="store_true")
    asked = parser.parse_args()
    main(asked.folder, asked.only, pixels=2 if asked.sharp else 1)
