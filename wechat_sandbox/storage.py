"""What outlives a restart, written a moment after each change.

People, consents, messages and hotline orders are one small file that is replaced. Orders, refunds and notices of WeChat
Pay may be very many: each changed record is one line appended to a second file, which is written afresh at each start.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from wechat_sandbox.people import User
from wechat_sandbox.world import World

FILE_NAME = "sandbox.json"
PAY_FILE_NAME = "sandbox-pay.jsonl"
EVERY_SECONDS = 1.0


class Keeper:
    """Writes the world's lasting part whenever it changed, at most once a second and at the end."""

    def __init__(self, world: World, folder: Path) -> None:
        self._world = world
        self._path = folder / FILE_NAME
        self._pay_path = folder / PAY_FILE_NAME
        self._stop = threading.Event()
        folder.mkdir(parents=True, exist_ok=True)
        if self._path.is_file():
            restore(world, json.loads(self._path.read_text("utf-8")))
        if self._pay_path.is_file():
            with world.woken:
                world.pay.restore(_read_lines(self._pay_path))
                world.woken.notify_all()
        self._written = world.changes
        self._age = -1  # the first writing is a fresh file, without the lines that were replaced
        self._write_pay()
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
        self._write_pay()
        with self._world.lock:
            if self._world.changes == self._written:
                return
            self._written = self._world.changes
            text = json.dumps(snapshot(self._world), ensure_ascii=False)
        _replace(self._path, text)

    def _write_pay(self) -> None:
        with self._world.lock:
            afresh = self._age != self._world.age
            self._age = self._world.age
            changed = self._world.pay.take_unwritten()
            records = self._world.pay.everything() if afresh else changed
        text = _lines(records)
        if afresh:
            _replace(self._pay_path, text)
        elif text:
            with self._pay_path.open("a", encoding="utf-8") as file:
                file.write(text)


def snapshot(world: World) -> dict[str, Any]:
    """The lasting part as plain data. Codes, tokens and session keys end with the process."""
    return {
        "clock_offset": world.clock.offset,
        "users": [user.as_dict() for user in world.people.by_name.values()],
        "hotline": world.hotline.orders,
        "einvoice": world.einvoice.written,
    }


def restore(world: World, stored: dict[str, Any]) -> None:
    """Put a snapshot back into a fresh world."""
    with world.lock:
        world.clock.offset = stored["clock_offset"]
        for fields in stored["users"]:
            world.people.add(User(**fields))
        world.hotline.orders = dict(stored["hotline"])
        world.einvoice.written = dict(stored.get("einvoice", {}))


def _lines(records: Iterable[dict[str, Any]]) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def _read_lines(path: Path) -> list[dict[str, Any]]:
    """The records of the file; a last line that was cut off by a kill is left out."""
    return [json.loads(line) for line in path.read_text("utf-8", errors="replace").split("\n")[:-1]]


def _replace(path: Path, text: str) -> None:
    """A half-written file would lose everything: write beside it, then rename."""
    beside = path.with_suffix(".new")
    beside.write_text(text, "utf-8")
    beside.replace(path)
