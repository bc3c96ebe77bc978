"""The subscribe messages that the product sends, and the platform's rules for their fields.

WeChat refuses a message with one wrong field (47003), and the consent stays unused but the person hears
nothing; therefore every text is made to fit before it is sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.core.clock import in_china
from app.integrations.wechat.errors import BadMessage

BAD_DATA = 47003


@dataclass(frozen=True)
class Template:
    """One message: its key with us, the title, and field name -> label as the person reads them."""

    key: str
    title: str
    fields: Mapping[str, str]

    @property
    def sandbox_id(self) -> str:
        """The id under which the sandbox knows it."""
        return f"sandbox-{self.key}"


def _usual(key: str, title: str, time_label: str, note_label: str = "说明") -> Template:
    """Number, matter, a time and a note: the shape of most messages."""
    fields = {"character_string1": "编号", "thing2": "事项", "time3": time_label, "thing4": note_label}
    return Template(key, title, fields)


_ALL = (
    _usual("order_received", "报修受理通知", "时间"),
    _usual("order_assigned", "师傅指派通知", "上门时间", "师傅"),
    _usual("order_on_way", "师傅出发通知", "预计到达", "师傅"),
    _usual("order_verified", "现场核实通知", "预计完成", "核实结果"),
    _usual("order_done", "维修完成通知", "完成时间"),
    _usual("order_ask", "维修结果确认通知", "完成时间"),
    _usual("order_closing", "工单即将办结提醒", "办结时间"),
    _usual("order_hold", "上门改约通知", "请在此前回复"),
    _usual("order_late", "处理超时提醒", "原定时限"),
    Template(
        "order_hotline",
        "转热线办理通知",
        {"character_string1": "编号", "thing2": "事项", "phrase5": "状态", "thing4": "说明"},
    ),
    _usual("order_extended", "处理延期通知", "新的时限", "原因"),
    _usual("payment_done", "缴费成功通知", "缴费时间", "金额"),
    _usual("refund_done", "退款到账通知", "到账时间", "金额"),
    Template("bill", "账单提醒通知", {"thing2": "事项", "time3": "缴费日期", "thing4": "金额"}),
    _usual("snap_answered", "反馈回复通知", "回复时间", "回复内容"),
    Template(
        "slot_missed", "上门失约通知", {"character_string1": "编号", "time3": "约定时间", "thing4": "说明"}
    ),
)
TEMPLATES: Mapping[str, Template] = {template.key: template for template in _ALL}


def template_id(key: str, configured: Mapping[str, str]) -> str:
    """The platform's id of a template from the settings (`wechat_templates`), else the sandbox's.

    Raises KeyError for a key that the product does not know.
    """
    return configured.get(key) or TEMPLATES[key].sandbox_id


def compose(
    key: str,
    *,
    number: str = "",
    matter: str = "",
    at: datetime | None = None,
    note: str = "",
    state: str = "",
) -> dict[str, str]:
    """The data of a message: exactly the fields of the template, each fitted.

    `at` is an aware instant, shown as a time in China. Raises BadMessage when the template shows a time and
    `at` is None: an invented time would be a promise nobody made.
    """
    texts = {
        "character_string1": number,
        "thing2": matter,
        "time3": said_time(at) if at else "",
        "thing4": note,
        "phrase5": state,
    }
    return {name: fit(name, texts[name]) for name in TEMPLATES[key].fields}


def said_time(instant: datetime) -> str:
    """2026年11月21日 14:40, in China."""
    local = in_china(instant)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def fit(field_name: str, text: str) -> str:
    """The text as the field's type takes it; never empty, since WeChat refuses empty values.

    Raises BadMessage for a time that is none, and KeyError for a type of field that the templates do not use.
    """
    kind = field_name.rstrip("0123456789")
    return _FITTERS[kind](field_name, " ".join(text.split()))


def _fit_thing(_name: str, text: str) -> str:
    shown = " ".join("".join(char for char in text if char.isprintable()).split())
    return shorten(shown, 20) or "无"


def _fit_phrase(_name: str, text: str) -> str:
    return "".join(re.findall(r"[\u4e00-\u9fff]", text))[:5] or "无"


def _fit_character_string(_name: str, text: str) -> str:
    """Digits, letters and symbols; a blank is "-" because 无 would be Chinese."""
    return "".join(re.findall(r"[!-~]", text))[:32] or "-"


_TIME = re.compile(r"(\d{4}年\d{1,2}月\d{1,2}日( \d{2}:\d{2})?|\d{2}:\d{2})")


def _fit_time(name: str, text: str) -> str:
    if not _TIME.fullmatch(text):
        raise BadMessage(BAD_DATA, f"{text[:20]!r} is not a time", name)
    return text


_FITTERS: Mapping[str, Callable[[str, str], str]] = {
    "thing": _fit_thing,
    "phrase": _fit_phrase,
    "character_string": _fit_character_string,
    "time": _fit_time,
}


def shorten(text: str, limit: int) -> str:
    """At most `limit` UTF-16 units, as WeChat's clients count (an emoji is two), ending with … when cut."""
    if _units(text) <= limit:
        return text
    kept = text[: limit - 1]
    while _units(kept) > limit - 1:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
