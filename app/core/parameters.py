"""Parameters that the bureau may change without a new version: what they mean, what they are now.

A change is a dated row that two persons of a district made (app/orders/proposals.py) and counts in their district. For
all others the rows without a district count, which an instance begins with. Rows are kept in memory for some seconds,
which is safe because a change is written days before it counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time

from sqlalchemy import insert, select

from app.core.db import db, table_of
from app.core.errors import Invalid
from app.core.kept import Kept
from app.core.parameter_models import ParameterValue

ON, OFF = "on", "off"
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True)
class Parameter:
    """One parameter: what a console page says of it, its default, how a value is read. `words` says values that are
    words of the program; where they are all that it can be, `is_choice` is true."""

    key: str
    label: str
    default: str
    explanation: str
    is_right: Callable[[str], bool]
    words: Mapping[str, str] = field(default_factory=dict)
    is_choice: bool = False

    def said(self, value: str) -> str:
        """The value as people say it."""
        return self.words.get(value, value)


def _switch(text: str) -> bool:
    return text in (ON, OFF)


def _span_or_off(text: str) -> bool:
    return text == OFF or _SPAN.fullmatch(text) is not None


def _metres(text: str) -> bool:
    return text.isascii() and text.isdigit() and 50 <= int(text[:6]) <= 2000


def _few_days(text: str) -> bool:
    return text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 10


FROM_THE_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
NIGHT_DEFERRAL, QUIET_HOURS, GPS_RADIUS = "night_deferral", "quiet_hours", "gps_radius_m"
FEE_ANSWER_DAYS = "fee_answer_days"
PARAMETERS: Mapping[str, Parameter] = {
    each.key: each
    for each in (
        Parameter(
            NIGHT_DEFERRAL,
            "夜间顺延",
            OFF,
            "顺延时,21:00至次日07:00提交的一般公区报事(P2、P3),核实时限到07:30;P0、P1不顺延",
            _switch,
            {ON: "顺延", OFF: "不顺延"},
            is_choice=True,
        ),
        Parameter(
            QUIET_HOURS,
            "消息免打扰时段",
            "21:00-08:00",
            "时段内不发不紧急的微信消息,到点再发;站内消息照写,时限照走。时段写成21:00-08:00,不设免打扰填off",
            _span_or_off,
            {OFF: "不设"},
        ),
        Parameter(
            GPS_RADIUS,
            "到场签到的距离(米)",
            "200",
            "手机定位离小区边界多远以内算到场,50到2000;更远的照样能签到,但标为定位异常",
            _metres,
        ),
        Parameter(
            FEE_ANSWER_DAYS,
            "费用咨询答复期限(工作日)",
            "2",
            "居民对账单有疑问,物业财务几个工作日内答复,1到10;已经提出的咨询期限不变",
            _few_days,
        ),
    )
}


@dataclass(frozen=True)
class ValueRow:
    """A dated value of a district, None for all."""

    key: str
    value: str
    valid_from: datetime
    id: int = 0
    district_id: int | None = None


_VALUES = table_of(ParameterValue)
_READ = select(*_VALUES.c["key", "value", "valid_from", "id", "district_id"])


def _load() -> tuple[ValueRow, ...]:
    return tuple(ValueRow(*row) for row in db.session.execute(_READ))


known_values = Kept(_load)


def pick_value(rows: Iterable[ValueRow], key: str, at: datetime, district_id: int | None = None) -> str:
    """The newest value of the district whose date has come, else the newest for all, else the default. Pure."""
    due = [
        row
        for row in rows
        if row.key == key and row.valid_from <= at and row.district_id in (None, district_id)
    ]
    newest = max(due, key=lambda row: (row.district_id is not None, row.valid_from, row.id), default=None)
    return newest.value if newest else PARAMETERS[key].default


def value_of(key: str, at: datetime, district_id: int | None = None) -> str:
    """What the parameter is in a district at that instant; without a district what counts for all."""
    return pick_value(known_values(), key, at, district_id)


def is_on(key: str, at: datetime, district_id: int | None = None) -> bool:
    """Whether a switch is on at that instant."""
    return value_of(key, at, district_id) == ON


def span_of(key: str, at: datetime, district_id: int | None = None) -> tuple[time, time] | None:
    """From when to when, on a clock in China; None while it is off."""
    found = _SPAN.fullmatch(value_of(key, at, district_id))
    if found is None:
        return None
    hours = [int(part) for part in found.groups()]
    return time(hours[0], hours[1]), time(hours[2], hours[3])


def install_standard() -> int:
    """Write the values with which an instance begins, those that are missing; returns how many. What stands is never
    touched."""
    mine = _VALUES.c.district_id.is_(None)
    standing = set(db.session.scalars(select(_VALUES.c.key).where(mine)))
    rows = [
        {"key": key, "value": known.default, "valid_from": FROM_THE_BEGINNING}
        for key, known in PARAMETERS.items()
        if key not in standing
    ]
    if rows:
        db.session.execute(insert(_VALUES), rows)
    known_values.forget()
    return len(rows)


def checked(key: str, value: str) -> str:
    """The value as it is stored; raises Invalid for an unknown parameter or a value that it cannot have."""
    known = PARAMETERS.get(key)
    if known is None:
        raise Invalid("没有这个参数", fields={"key": "没有这一项"})
    text = value.strip().lower()
    if not known.is_right(text):
        raise Invalid(
            f"“{known.label}”不能是“{value[:20]}”。{known.explanation}", fields={"value": "不能这样填"}
        )
    return text
