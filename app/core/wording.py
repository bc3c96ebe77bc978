"""Instants and durations as people say them (faces.md). Pure; `now` is an argument."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.core.clock import in_china

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
_NEAR_DAYS = {-1: "昨天", 0: "今天", 1: "明天"}


def moment(at: datetime, now: datetime) -> str:
    """今天 14:40, 明天 09:00, 11月25日 22:10, 2027年1月3日 09:00; the minute is the one that has begun."""
    there = in_china(at)
    return f"{day(at, now)} {there.hour:02d}:{there.minute:02d}"


def promise_time(at: datetime, now: datetime) -> str:
    """今天 14:40 前: until when something will have happened."""
    return f"{moment(at, now)} 前"


def span(begins_at: datetime, ends_at: datetime, now: datetime) -> str:
    """明天 09:00–11:00; a span over midnight names both days."""
    if in_china(begins_at).date() == in_china(ends_at).date():
        return f"{moment(begins_at, now)}–{in_china(ends_at):%H:%M}"
    return f"{moment(begins_at, now)} 至 {moment(ends_at, now)}"


def day(at: datetime, now: datetime) -> str:
    """今天, 明天, 11月25日, 2027年1月3日."""
    there, here = in_china(at).date(), in_china(now).date()
    near = _NEAR_DAYS.get((there - here).days)
    if near:
        return near
    year = "" if there.year == here.year else f"{there.year}年"
    return f"{year}{there.month}月{there.day}日"


def duration(ms: int) -> str:
    """12 分钟, 1 小时 20 分钟, 3 天: minutes below one hour, hours and minutes below a day, days above."""
    if ms < MINUTE_MS:
        return "不到 1 分钟"
    if ms < HOUR_MS:
        return f"{ms // MINUTE_MS} 分钟"
    if ms < DAY_MS:
        hours, minutes = divmod(ms // MINUTE_MS, 60)
        return f"{hours} 小时 {minutes} 分钟" if minutes else f"{hours} 小时"
    return f"{ms // DAY_MS} 天"


def seconds(ms: int) -> str:
    """12 秒: how long somebody speaks, never 0 秒."""
    return f"{max(1, round(ms / 1000))} 秒"


def milliseconds(length: timedelta) -> int:
    """A duration in whole milliseconds, never below zero."""
    return max(0, length // timedelta(milliseconds=1))
