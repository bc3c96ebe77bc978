"""What the templates of an order need beside the dossier: words of steps and clocks, choices, links to photos and
recordings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from admin.attention_words import attention_words
from admin.quote_words import fee_words, quote_words, settlement_words
from admin.sorting_commands import SORTING_BUTTONS
from admin.sorting_words import sorting_words
from admin.waiting_commands import WAITING_BUTTONS
from admin.waiting_words import WAITING_PHOTOS, waiting_words
from app.core import clock, wording
from app.core.clock import in_china
from app.core.roles import Role
from app.core.scope import Scope
from app.media.signing import sign, sign_voice
from app.orders.desk import HOTLINE_REASONS, REJECT_REASONS, offices_for_hotline
from app.orders.dossier import Dossier
from app.orders.evidence import ClockLine, EventLine
from app.orders.extensions import REASONS as EXTENSION_REASONS
from app.orders.fund_rules import PAYERS
from app.orders.hold_offers import HOLD_ENDS, HOLD_REASONS
from app.orders.lifecycle import OPEN, Action, Status, step_label
from app.orders.lines import OrderLine
from app.orders.reading import step_words
from app.orders.settlement import settlement_of
from app.orders.special import REASON_CODE as SPECIAL_CODE
from app.orders.third_party import PARTIES

LINKS_LIVE = timedelta(minutes=30)
KEYS = {Action.ACCEPT: "A", Action.ASSIGN: "D", Action.LOG_CALL: "R"}
ON_CONSOLE = (
    Action.ACCEPT,
    Action.ASSIGN,
    Action.LOG_CALL,
    Action.START,
    Action.CHOOSE_SLOT,
    Action.END_HOLD,
    Action.APPROVE_EXTENSION,
    Action.REFUSE_EXTENSION,
    Action.TO_HOTLINE,
    Action.REJECT,
    Action.REOPEN,
    Action.AGREE_CANCEL,
    Action.REFUSE_CANCEL,
    Action.WAIVE,
    *WAITING_BUTTONS,
    *SORTING_BUTTONS,
)
PHOTO_STEPS = {
    "submit": "报修",
    "site": "现场",
    "protection": "安全防护",
    "door": "门口",
    "after": "完工",
    "old_part": "换下的旧件",
    "receipt": "现金收据",
    "reopen": "没修好",
    "extension": "延期凭证",
    "rating": "评价",
    "reject": "不予受理",
    "appeal": "申诉",
    **WAITING_PHOTOS,
}
OFFER_OUTCOMES = {
    "waiting": "等师傅确认",
    "taken": "已确认",
    "declined": "不能来",
    "unsafe": "不安全,没有去",
    "timed_out": "没有及时确认",
    "replaced": "已换人",
    "cancelled": "已取消",
    "done": "已完成",
}
SUBMIT_LABEL = "提交工单"


@dataclass(frozen=True)
class ClockWords:
    """A clock as the desk reads it: state by word, sign and colour class."""

    label: str
    state: str
    sign: str
    tone: str
    due_at: datetime
    warn_at: datetime | None
    running: bool


def clock_words(line: ClockLine, now: datetime) -> ClockWords:
    """准时, 超时, running, paused, void; a breach is never hidden by a later stop."""
    label = line.clock.label + (f"(第{line.round}次重开)" if line.round else "")
    state, sign_, tone, running = _state(line, now)
    return ClockWords(label, state, sign_, tone, line.due_at, line.warn_at, running)


def _state(line: ClockLine, now: datetime) -> tuple[str, str, str, bool]:
    if line.stopped_at is not None:
        if line.breached or line.stopped_at > line.due_at:
            over = wording.duration(wording.milliseconds(line.stopped_at - line.due_at))
            return f"{in_china(line.stopped_at):%m-%d %H:%M} 完成,超时 {over}", "✕", "late", False
        return f"{in_china(line.stopped_at):%m-%d %H:%M} 按时完成", "✓", "ok", False
    if line.state == "paused":
        return "已暂停计时", "‖", "paused", False
    if line.state == "void":
        return "不再计时", "–", "paused", False
    return "", "◷", "late" if now > line.due_at else "ok", True


def event_label(role: Role, event: EventLine) -> str:
    """The words of one step of the timeline."""
    if event.code == "T1":
        return f"{SUBMIT_LABEL}({event.data.get('channel', '')})".replace("()", "")
    return step_words(role, step_label(event.code, event.action, event.to_status))


def photo_links(found: Dossier) -> dict[int, dict[str, str]]:
    """Signed links of the photos that may be shown."""
    until = clock.now() + LINKS_LIVE
    return {
        photo.id: {"thumb": sign(photo.id, "thumb", until=until), "full": sign(photo.id, "full", until=until)}
        for photo in found.photos
        if not photo.hidden
    }


@dataclass(frozen=True)
class VoiceWords:
    """A recording as the desk finds it: what it is, and where it plays; no link while the content check hides it."""

    id: int
    words: str
    said_at: datetime
    link: str | None


def voice_words(found: Dossier) -> list[VoiceWords]:
    """语音 12 秒, in the order in which they came."""
    until = clock.now() + LINKS_LIVE
    return [
        VoiceWords(
            id=voice.id,
            words=f"{PHOTO_STEPS.get(voice.step, voice.step)}语音 {wording.seconds(voice.duration_ms)}",
            said_at=voice.uploaded_at,
            link=None if voice.hidden else sign_voice(voice.id, until=until),
        )
        for voice in found.voices
    ]


STATUS_WORDS = {
    Status.ASSIGNED: "已派工,师傅待确认",
    Status.ON_WAY: "师傅已出发",
    Status.VERIFIED: "已现场核实",
    Status.HOLD_RESIDENT: "挂起:待居民预约",
    Status.HOLD_THIRD: "挂起:待专业单位",
    Status.HOLD_FUND: "挂起:维修资金征询中",
}
"""Where several statuses stand in one queue."""


def status_words(status: Status) -> str:
    """A status as the staff says it; the resident's own words address the resident."""
    return STATUS_WORDS.get(status, status.tab)


def tab_words(line: OrderLine, now: datetime) -> str:
    """The queue in which an order stands; of one on hold also until when."""
    until = f"至 {wording.moment(line.held_until, now)}" if line.held_until else ""
    return f"{line.status.tab}{until}"


def free_slots(found: Dossier) -> list[tuple[int, str]]:
    """Every slot that the desk may agree with the resident on the telephone, in words."""
    free = found.offer.free if found.offer else ()
    return [(slot.id, wording.span(slot.begins_at, slot.ends_at, found.read_at)) for slot in free]


def cancel_reason(found: Dossier) -> str:
    """Why the resident wants no repair any more, while nobody has answered him."""
    if found.order.cancel_asked_at is None or found.line.status not in OPEN:
        return ""
    asked = [event.note for event in found.events if event.action == Action.ASK_CANCEL]
    return asked[-1] if asked else ""


def panel_context(found: Dossier, scope: Scope) -> dict[str, Any]:
    """Everything that `order_panel.html` reads."""
    actions = [action for action in ON_CONSOLE if action in found.line.actions]
    quotes = [quote_words(each) for each in found.quotes]
    hotline_accepts = scope.role is Role.HOT and Action.ACCEPT in actions
    return {
        "d": found,
        "line": found.line,
        "actions": actions,
        "on_phone": [action for action in found.line.actions if action not in ON_CONSOLE],
        "keys": KEYS,
        "links": photo_links(found),
        "voices": voice_words(found),
        "clock_lines": [clock_words(each, found.read_at) for each in found.clocks],
        "event_label": partial(event_label, scope.role),
        "photo_steps": PHOTO_STEPS,
        "outcomes": OFFER_OUTCOMES,
        "extension_reasons": {**EXTENSION_REASONS, SPECIAL_CODE: "特延"},
        "hold_reasons": {**HOLD_REASONS, **PARTIES, **{code: each.label for code, each in PAYERS.items()}},
        "hold_ends": HOLD_ENDS,
        "free_slots": free_slots(found),
        "quotes": quotes,
        "fee": fee_words(found.order, quotes),
        "settlement": settlement_words(settlement_of(found.order)),
        "cancel_reason": cancel_reason(found),
        "reject_reasons": REJECT_REASONS,
        "hotline_reasons": HOTLINE_REASONS,
        "offices": offices_for_hotline() if hotline_accepts else [],
        "role": scope.role,
        "status_words": status_words,
        **attention_words(found, scope),
        **waiting_words(found, scope),
        **sorting_words(found, scope),
    }
