"""A story in which everything has a value, to be varied."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.core import clock
from app.orders.rules import Clock
from app.reactions.story import Promise, Story
from tests.fakes.district import T0

SLOT = (clock.china(2026, 11, 21, 8), clock.china(2026, 11, 21, 10))
FULL = Story(
    order_id=42,
    number="R1120-0042",
    menu="PUB",
    menu_label="公区报事",
    matter="楼道灯不亮",
    place="3号楼大厅",
    urgency="P2",
    round=0,
    worker="王师傅",
    now=T0,
    promises={
        Clock.ACCEPT.value: Promise(T0 + timedelta(minutes=15)),
        Clock.VISIT.value: Promise(T0 + timedelta(minutes=30)),
        Clock.REPAIR.value: Promise(T0 + timedelta(hours=72)),
        Clock.CONFIRM.value: Promise(T0 + timedelta(hours=24)),
    },
    by_role="WRK",
    note="灯管烧坏",
    finding="灯管烧坏",
    expected_at=T0 + timedelta(hours=2),
    result="已换灯管",
    finished_at=T0,
    closed_at=T0,
    happened_at=T0,
    extension_reason="配件要从厂家发货",
    stars=2,
)


def story(**changes: Any) -> Story:
    """The full story with changes."""
    return replace(FULL, **changes)
