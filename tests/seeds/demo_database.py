"""A database with the demonstration in it, made once for all tests, with plain pictures in place of drawings."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from app.core import clock
from app.core.crypto import use_key
from app.core.db import db, init_db
from app.core.signing import use_signing_key
from app.integrations.storage import LocalStorage
from app.orders.models import Order
from app.seeds.demo import Summary, seed_demo
from app.seeds.pictures import KINDS
from config import Settings
from tests.conftest import TEST_KEY

NOW = clock.china(2026, 11, 20, 10, 30)
SETTINGS = Settings(environment="test")
COLUMNS = (
    "menu", "status", "version", "category_code", "urgency", "text", "channel", "contact_name", "contact_phone",
    "place_full", "submitted_at", "accepted_at", "hotline_at", "assigned_at", "departed_at", "verified_at",
    "finished_at", "closed_at", "closed_how", "next_due_at", "round", "extended", "late_accept", "late_visit",
    "late_repair",
)  # fmt: skip
"""What makes an order, but for the ids that a database gives."""


def plain_picture(kind: str, *, seed: int) -> bytes:
    """A small JPEG of one colour, different for each kind and seed."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (KINDS.index(kind) * 12, seed * 90, 120)).save(out, "JPEG")
    return out.getvalue()


@contextmanager
def opened(url: str) -> Iterator[Flask]:
    """An application with its context pushed on a database that has all tables."""
    app = Flask("test")
    use_key(TEST_KEY)
    use_signing_key(TEST_KEY)
    init_db(app, url)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@dataclass
class Demo:
    """The seeded database, open."""

    summary: Summary

    def story(self, name: str) -> Order:
        """A named order of domain 4.8."""
        return db.session.get_one(Order, self.summary.stories[name])


def count(model: Any, *where: Any) -> int:
    """How many rows there are."""
    return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def seeded(media: Path, *, with_neighbours: bool = True) -> Summary:
    """Write the demonstration of NOW into the open database."""
    storage = LocalStorage(media)
    return seed_demo(
        storage=storage, now=NOW, settings=SETTINGS, draw=plain_picture, with_neighbours=with_neighbours
    )


def copied(template: Path, directory: Path) -> str:
    """The address of a fresh SQLite file with all tables."""
    path = directory / "demo.db"
    shutil.copyfile(template, path)
    return f"sqlite:///{path}"


def order_rows() -> list[tuple[Any, ...]]:
    """All orders as plain values, in the order in which they were submitted."""
    orders = db.session.scalars(select(Order).order_by(Order.submitted_at, Order.id))
    return [tuple(getattr(order, column) for column in COLUMNS) for order in orders]
