"""The drawn demonstration photos: repeatable, small, and good enough for the product's own photo pipeline."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from functools import cache

import pytest
from PIL import Image, ImageChops, ImageStat

from app.media.processing import process_photo
from app.seeds.drawing import Dice
from app.seeds.pictures import KINDS, picture


@cache
def once(kind: str) -> bytes:
    """Drawing takes a third of a second; several tests look at the same picture."""
    return picture(kind, seed=7)


def difference(first: bytes, second: bytes) -> float:
    """Mean difference of two pictures per channel, 0..255."""
    one, other = (Image.open(io.BytesIO(data)).convert("RGB") for data in (first, second))
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


@pytest.mark.parametrize("kind", KINDS)
def test_each_picture_is_small_and_accepted_as_a_photo(kind: str) -> None:
    data = once(kind)
    assert len(data) < 150_000
    photo = process_photo(data)
    assert (photo.width, photo.height) == (1280, 960)


@pytest.mark.parametrize("kind", ["drain_blocked", "door_fixed"])
def test_the_same_arguments_give_the_same_bytes_in_another_process(kind: str) -> None:
    program = (
        "import hashlib; from app.seeds.pictures import picture; "
        f"print(hashlib.sha256(picture({kind!r}, seed=5)).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.strip() == hashlib.sha256(picture(kind, seed=5)).hexdigest()


def test_another_seed_gives_another_picture_of_the_same_thing() -> None:
    first, second = picture("trash_full", seed=1), picture("trash_full", seed=2)
    assert 0 < difference(first, second) < 60


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("lamp_dark", "lamp_lit"),
        ("tile_loose", "tile_fixed"),
        ("door_broken", "door_fixed"),
        ("drain_blocked", "drain_clear"),
        ("wall_leak", "wall_dry"),
        ("tap_dripping", "tap_fixed"),
        ("trash_full", "trash_clean"),
    ],
)
def test_before_and_after_can_be_told_apart(before: str, after: str) -> None:
    assert difference(once(before), once(after)) > 1


def test_every_kind_is_a_picture_of_its_own() -> None:
    assert len({once(kind) for kind in KINDS}) == len(KINDS) == 18


def test_a_caption_changes_nothing_but_the_bottom() -> None:
    plain, written = (
        Image.open(io.BytesIO(picture("site_generic", caption=caption, seed=1)))
        for caption in ("", "三号楼前")
    )
    top = (0, 0, 1280, 840)
    assert ImageChops.difference(plain.crop(top), written.crop(top)).getbbox() is None


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(KeyError):
        picture("unicorn", seed=1)


def test_dice_stay_within_their_bounds_and_repeat() -> None:
    first, again = Dice("x", 1), Dice("x", 1)
    thrown = [first.between(-2, 3) for _ in range(200)]
    assert thrown == [again.between(-2, 3) for _ in range(200)]
    assert -2 <= min(thrown) < -1.5 < 2.5 < max(thrown) < 3
