"""For which messages a person is asked at which tap (domain 5.5 X06): consents are asked where they make sense.

One tap brings one message of each template that was agreed to. WeChat shows at most three templates at a time to older
clients, and a question about more than the person has just done would be nagging.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from app.integrations.wechat.templates import TEMPLATES, template_id

MOST_AT_ONCE = 3


class Tap(StrEnum):
    """A natural moment: the person has just asked for something, or is about to judge it."""

    SEND = "send"
    URGE = "urge"
    RATE = "rate"
    PAY = "pay"
    TELL = "tell"


ASKED_AT: Mapping[Tap, tuple[str, ...]] = {
    Tap.SEND: ("order_assigned", "order_on_way", "order_done"),
    Tap.URGE: ("order_late", "order_hotline", "order_hold"),
    Tap.RATE: ("order_received", "order_ask", "order_closing"),
    Tap.PAY: ("payment_done", "refund_done", "bill"),
    Tap.TELL: ("snap_answered",),
}
"""Who sends a report wants to know who comes, that he is on his way, that it is mended; that it was received stands on
the screen already. Who urges: why it is late, who else helps, whether his own door stayed shut. Who rates is asked for
what the next repair may need. Who pays: that the money arrived, that some came back, and the next bill or reminder. Who
sends a 随手拍, or asks once more: that it is answered. What stands in no row is shown in the app alone."""

assert all(len(keys) <= MOST_AT_ONCE and set(keys) <= set(TEMPLATES) for keys in ASKED_AT.values())


def template_ids(tap: Tap, configured: Mapping[str, str]) -> list[str]:
    """The platform's ids for wx.requestSubscribeMessage at this tap; `configured` are those of the settings."""
    return [template_id(key, configured) for key in ASKED_AT[tap]]


def left_words(total: int) -> str:
    """还能收到 3 条微信提醒, as it stands under 我的."""
    if total > 0:
        return f"还能收到 {total} 条微信提醒"
    return "微信提醒用完了。下次报修或缴费时点“允许”,就能再收到;消息在“我的消息”里都有"
