"""Photos of the demonstration: each picture is drawn, processed and stored once; many photo rows point to it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import insert

from app.core import clock
from app.core.db import db, table_of
from app.core.scope import Scope
from app.integrations.storage import Storage
from app.media.models import CheckState, Photo
from app.media.processing import process_photo
from app.seeds.pictures import KINDS, picture

SEEDS = (1, 2)
BEFORE_AND_AFTER = {
    "G01": ("lift_panel", "lift_panel"),
    "G0103": ("tile_loose", "tile_fixed"),
    "G0201": ("lamp_dark", "lamp_lit"),
    "G0202": ("road_lamp", "road_lamp"),
    "G03": ("door_broken", "door_fixed"),
    "G06": ("drain_blocked", "drain_clear"),
    "G07": ("wall_leak", "wall_dry"),
    "G08": ("tile_loose", "tile_fixed"),
    "G10": ("trash_full", "trash_clean"),
    "H01": ("lamp_dark", "lamp_lit"),
    "H02": ("tap_dripping", "tap_fixed"),
    "H03": ("drain_blocked", "drain_clear"),
    "H05": ("tap_dripping", "tap_fixed"),
    "H08": ("wall_leak", "wall_dry"),
    "H09": ("wall_leak", "wall_dry"),
}
"""Picture kinds by category or category group; everything else shows the estate."""


class Album:
    """Takes photos as the people of the demonstration would."""

    def __init__(self, storage: Storage, draw: Callable[..., bytes] = picture) -> None:
        self._stored: dict[tuple[str, int], dict[str, Any]] = {}
        wanted = [(kind, seed) for kind in KINDS for seed in SEEDS]
        with ThreadPoolExecutor(2) as pool:
            drawings = pool.map(lambda each: process_photo(draw(each[0], seed=each[1])), wanted)
            for each, photo in zip(wanted, drawings, strict=True):
                key = f"demo/{photo.sha256[:32]}.jpg"
                facts = {"sha256": photo.sha256, "key": key, "width": photo.width, "height": photo.height}
                storage.put(key, photo.main, photo.content_type)
                storage.put(Photo(key=key).thumb_key, photo.thumb, photo.content_type)
                self._stored[each] = facts

    def take(self, by: Scope, kind: str, seed: int) -> int:
        """Upload one picture under the person's account; returns the photo's id."""
        row = {
            **self._stored[(kind, SEEDS[seed % len(SEEDS)])],
            "uploaded_by": by.account_id,
            "uploaded_at": clock.now(),
            "check_state": CheckState.PASS,
            "attached": False,
        }
        inserted = db.session.execute(insert(table_of(Photo)), row)
        return int(inserted.inserted_primary_key[0])  # type: ignore[attr-defined]

    @property
    def pictures(self) -> int:
        """How many different pictures are stored."""
        return len(self._stored)


def kinds_for(category: str) -> tuple[str, str]:
    """What the place looks like before and after, for a category."""
    generic = ("site_generic", "site_generic")
    return BEFORE_AND_AFTER.get(category) or BEFORE_AND_AFTER.get(category[:3], generic)
