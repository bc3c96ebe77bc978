"""The seeded demonstration, kept between runs: making it takes as long as all tests of a page together.

A copy is good as long as nothing under app/ has changed and the day for which it was made is the same.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SHELF = Path(tempfile.gettempdir()) / "anju-seeded"
KEPT = 3


def seeded_copy(folder: Path, what: str, make: Callable[[], None]) -> None:
    """Put database and media into `folder`, from the shelf or by `make`, which writes them there; `what` says of which
    day and with which photos."""
    kept = SHELF / _digest(what)
    if not kept.is_dir():
        make()
        _keep(folder, kept)
    else:
        shutil.copytree(kept, folder, dirs_exist_ok=True)


def _digest(what: str) -> str:
    digest = hashlib.sha256(what.encode())
    for path in [ROOT / "config.py", *sorted((ROOT / "app").rglob("*.py"))]:
        digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:24]


def _keep(folder: Path, kept: Path) -> None:
    """Under another name first: who finds the directory finds it whole."""
    SHELF.mkdir(exist_ok=True)
    making = Path(tempfile.mkdtemp(dir=SHELF, prefix="making-"))
    shutil.copytree(folder, making, dirs_exist_ok=True)
    try:
        making.rename(kept)
    except OSError:  # another worker was quicker
        shutil.rmtree(making, ignore_errors=True)
    by_age = sorted(
        (each for each in SHELF.iterdir() if each.is_dir()), key=lambda each: each.stat().st_mtime
    )
    for old in by_age[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
