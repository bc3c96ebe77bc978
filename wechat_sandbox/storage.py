"""People, consents, messages and hotline orders outlive a restart: written to one file a moment after each
change.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

from wechat_sandbox.people import User
from wechat_sandbox.world import World

FILE_NAME = "sandbox.json"
EVERY_SECONDS = 1.0


class Keeper:
    """Writes the world's lasting part whenever it changed, at most once a second and at the end."""

    def __init__(self, world: World, folder: Path) -> None:
        self._world = world
        self._path = folder / FILE_NAME
        self._stop = threading.Event()
        folder.mkdir(parents=True, exist_ok=True)
        if self._path.is_file():
            restore(world, json.loads(self._path.read_text("utf-8")))
        self._written = world.changes
        self._thread = threading.Thread(target=self._run, name="sandbox-keeper", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Write a last time."""
        self._stop.set()
        self._thread.join()
        self._write()

    def _run(self) -> None:
        while not self._stop.wait(EVERY_SECONDS):
            self._write()

    def _write(self) -> None:
        with self._world.lock:
            if self._world.changes == self._written:
                return
            self._written = self._world.changes
            text = json.dumps(snapshot(self._world), ensure_ascii=False)
        # A half-written file would lose everything: write beside it, then rename
        beside = self._path.with_suffix(".new")
        beside.write_text(text, "utf-8")
        beside.replace(self._path)


def snapshot(world: World) -> dict[str, Any]:
    """The lasting part as plain data. Codes, tokens and session keys end with the process."""
    return {
        "clock_offset": world.clock.offset,
        "users": [user.as_dict() for user in world.people.by_name.values()],
        "hotline": world.hotline.orders,
    }


def restore(world: World, stored: dict[str, Any]) -> None:
    """Put a snapshot back into a fresh world."""
    with world.lock:
        world.clock.offset = stored["clock_offset"]
        for fields in stored["users"]:
            world.people.add(User(**fields))
        world.hotline.orders = dict(stored["hotline"])
