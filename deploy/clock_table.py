"""The table of the thirteen clocks on docs/guides/clocks.md: figures from the parameter rows, words from here.

Clocks whose business is not part of the product yet have their rows all the same; the page says that nobody changes
them before, and a test notices when one of them comes into being.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.parameters import FEE_ANSWER_DAYS, PARAMETERS
from app.orders.fund_rules import CALL_BY, NIGHT_BEGINS, NIGHT_ENDS
from app.orders.limit_words import length, length_of
from app.orders.policies import DAY, STANDARD, standard_of
from app.orders.policy_changes import CHANGEABLE
from app.orders.rules import Level

HEAD = ("时钟", "从什么时候算", "时限", "什么时候暂停", "提醒", "到期没做到", "谁能改时限")
TWO_PERSONS, FIXED, LATER = "房管局两人", "不能改", "该业务上线后启用"
NEVER = "不暂停"
CALL_AT_NIGHT = f"{NIGHT_BEGINS}:00 到次日 {NIGHT_ENDS}:00 决定的,{CALL_BY}:00 前打电话"


@dataclass(frozen=True)
class Described:
    """What no figure says of a clock: its start, its pauses, what follows a breach. `recheck` names the rows after a
    reopening, `limit` stands instead of a length, `more` after it."""

    name: str
    starts: str
    pauses: str
    breach: str
    recheck: str = ""
    limit: str = ""
    more: str = ""


ORDERS: Mapping[str, Described] = {
    "C1": Described("接单", "居民提交", NEVER, "自动转 962121 热线,告诉经理和企业"),
    "C2": Described(
        "到场核实",
        "居民提交(公区报事、应急维修)",
        NEVER + ";并入别的工单的,按那张算",
        "L1,告诉居民“已超时,已通知主管”",
        "C2R",
    ),
    "C2-APT": Described("按约上门", "约好的时段开始", NEVER, "L1,向居民道歉", limit="约好的时段结束前"),
    "C3": Described(
        "修复",
        "居民提交;预约的从时段开始",
        "等居民约时间、等居民同意报价、等居民补充信息、等专业单位、维修资金征询",
        "L1",
        "C3R",
    ),
    "C4": Described(
        "说明维修资金", "经理定为“需动用维修资金”", NEVER, "L1;没有说明就不能转征询", more=CALL_AT_NIGHT
    ),
    "C5": Described("居民确认", "完工", NEVER, "自动办结,不评价,不算谁超时"),
    "C12": Described("师傅确认", "派给师傅", NEVER, "换下一位师傅;两位都没应,提醒调度"),
}
"""Clocks with parameter rows."""
UNBUILT: Mapping[str, tuple[str, ...]] = {
    "C7": ("主管部门投诉", "投诉", "{C7A}受理,{C7B}企业答复,{C7}结论", "等投诉人补材料"),
    "C9": ("基础信息审核", "提交", "{C9}", "等补材料"),
    "C10": ("整改", "下发整改通知", "通知里写明,最长 {C10}", NEVER),
    "C13": ("高坠等安全隐患", "发现", "{C13}内做好防护,按期消除", "维修资金征询(防护不等)"),
}
"""Clocks of businesses that come later; what stands in braces is the limit of that row."""
NAMED_LEVELS = {Level.TARGET: "满 {}(修好的目标)", Level.ASK: "满 {} 问居民修好没有"}
URGENCIES = {"P0": "特急", "P1": "紧急"}


def rows() -> list[tuple[str, ...]]:
    """One row for each clock, C1 to C13; bookings have a line of their own under C2."""
    found = {code: _of_orders(code, words) for code, words in ORDERS.items()}
    found |= {code: _unbuilt(code, words) for code, words in UNBUILT.items()}
    found |= {"C6": _snap(), "C8": _fee_question(), "C11": _appeal()}
    return [found[code] for code in sorted(found, key=_position)]


def _position(code: str) -> tuple[int, str]:
    number, _, kind = code.removeprefix("C").partition("-")
    return int(number), kind


def _of_orders(code: str, words: Described) -> tuple[str, ...]:
    return (
        f"**{code}** {words.name}",
        words.starts,
        words.limit or _limits(code, words),
        words.pauses,
        _reminders(code),
        words.breach + _ladder(code),
        TWO_PERSONS if code in CHANGEABLE else FIXED,
    )


def _of(code: str) -> list[tuple[str | None, int, int, Sequence[dict[str, Any]]]]:
    """Urgency, limit, limit with extension and levels of every row of a clock; menus that agree are one."""
    found: dict[str | None, tuple[int, int, Sequence[dict[str, Any]]]] = {}
    for clock, _, urgency, limit, extended, levels in STANDARD:
        if clock != code:
            continue
        if found.setdefault(urgency, (limit, extended, levels)) != (limit, extended, levels):
            raise ValueError(f"{code} differs between menus; the page has one figure for both")
    return [(urgency, *values) for urgency, values in found.items()]


def _limits(code: str, words: Described) -> str:
    plain = next(row for row in _of(code) if row[0] is None)
    said = [length(plain[1])]
    if plain[2] > plain[1]:
        said.append(f"批准延期后共 {length(plain[2])}")
    by_length: dict[int, list[str]] = {}
    for urgency, limit, _, _ in _of(code):
        if urgency and limit != plain[1]:
            by_length.setdefault(limit, []).append(f"{URGENCIES[urgency]} {urgency}")
    said += [f"{'、'.join(names)} {length(limit)}" for limit, names in by_length.items()]
    if words.recheck:
        said.append(f"重开后 {length(_of(words.recheck)[0][1])}")
    if words.more:
        said.append(words.more)
    return ";".join(said)


def _reminders(code: str) -> str:
    plain = next(row for row in _of(code) if row[0] is None)
    said = [_reminder(level) for level in plain[3] if _is_reminder(level)]
    further: dict[str, list[str]] = {}
    for urgency, _, _, levels in _of(code):
        for level in levels:
            if urgency and _is_reminder(level) and level not in plain[3]:
                further.setdefault(_reminder(level), []).append(URGENCIES[urgency])
    said += [f"{'、'.join(names)}{words}" for words, names in further.items()]
    return ";".join(said) or "无"


def _is_reminder(level: dict[str, Any]) -> bool:
    return level["level"] != Level.DUE and not (level["anchor"] == "due" and level["offset_ms"] > 0)


def _reminder(level: dict[str, Any]) -> str:
    offset = level["offset_ms"]
    if level["anchor"] == "due":
        return f"到期前 {length(-offset)}"
    if offset < 0:
        return f"开始前 {length(-offset)},师傅还没出发的"
    return NAMED_LEVELS.get(level["level"], "满 {}").format(length(offset))


def _ladder(code: str) -> str:
    """The escalations after the promise: ;满 24 小时 L2."""
    _, _, _, levels = next(row for row in _of(code) if row[0] is None)
    later = [each for each in levels if each["anchor"] == "due" and each["offset_ms"] > 0]
    return "".join(f";过 {length(each['offset_ms'])} {each['level']}" for each in later)


def _snap() -> tuple[str, ...]:
    row = standard_of("C6")
    return (
        "**C6** 随手拍",
        "居民提交",
        f"{row.limit_ms // DAY} × 24 小时",
        NEVER,
        "、".join(f"第 {each['offset_ms'] // DAY} 天" for each in row.levels if each["anchor"] == "start"),
        "自动办结(未回复),计入考核",
        TWO_PERSONS,
    )


def _fee_question() -> tuple[str, ...]:
    limit = f"{PARAMETERS[FEE_ANSWER_DAYS].default} 个工作日"
    return ("**C8** 费用咨询", "提问", limit, NEVER, "无", "告诉小区经理和企业", TWO_PERSONS)


def _appeal() -> tuple[str, ...]:
    limit = length_of("C11", standard_of("C11").limit_ms)
    return ("**C11** 申诉答复", "居民申诉", limit, NEVER, "无", "告诉街道负责人", TWO_PERSONS)


def _unbuilt(code: str, words: Iterable[str]) -> tuple[str, ...]:
    name, starts, wanted, pauses = words
    rows = ("C7", "C7A", "C7B", "C9", "C10", "C13")
    limit = wanted.format_map({row: length_of(row, standard_of(row).limit_ms) for row in rows})
    return (f"**{code}** {name}", starts, limit, pauses, "—", LATER, LATER)
