"""Who hears when people may be in danger: the crew on shift, street and bureau (domain 3.8). Pure.

The same whether the order was sent as P0 or has become one.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.reactions.message import Audience, Told, in_app, named
from app.reactions.story import Story


def broadcast(story: Story) -> Iterator[Told]:
    """Everybody who can come, and the authorities on duty; the desk hears of the order itself."""
    title = f"紧急工单 {story.number}"
    job = f"紧急!{named(story)}。有人可能遇险,离得近的请马上打电话给管理处,听调度安排。"
    alarm = in_app("desk_emergency", title, f"有人可能遇险:{named(story)}。")
    yield Audience.ON_SHIFT, in_app("crew_emergency", title, job)
    yield Audience.STREET, alarm
    yield Audience.BUREAU, alarm
