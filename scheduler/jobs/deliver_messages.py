"""WeChat messages that wait to be sent."""

from __future__ import annotations

from app.notifications.delivering import deliver_due
from scheduler.context import Context

LONGEST_RUN = 200


def deliver_messages(context: Context) -> None:
    """Send what is due, message by message."""
    for _ in range(LONGEST_RUN):
        configured = context.settings.wechat_templates
        if context.stopping() or not deliver_due(context.wechat, configured=configured, limit=1):
            return
