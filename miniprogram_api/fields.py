"""Shared types of requests and answers: what may stand in an id, a text, an instant, a list of photos.

Instants are ISO 8601 in UTC with milliseconds and `Z`; a client may send any offset. Requests refuse what they do not
know, so that a misspelt field is never silently lost.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    PlainSerializer,
)
from pydantic_core import CoreSchema, core_schema

from app.core.paging import DEFAULT_LIMIT, MAX_LIMIT
from app.orders.rules import PHOTOS_MAX

MAX_ID = 2**63 - 1
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

# C0 and C1 controls but for tab and line feeds, and the marks that turn the direction of the text around them.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_DIGITS = re.compile(r"[0-9]{1,19}")


class In(BaseModel):
    """What a client sends; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False)


class Out(BaseModel):
    """What a client reads."""

    model_config = ConfigDict(frozen=True)


def _readable(text: str) -> str:
    if _FORBIDDEN.search(text):
        raise ValueError("不能有看不见的控制字符")
    return text


@dataclass(frozen=True)
class OneOf:
    """Annotated[str, OneOf(codes)]: one of the codes that the domain knows."""

    codes: Collection[str]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.literal_schema([str(code) for code in self.codes])


def _within_reason(instant: datetime) -> datetime:
    if not EARLIEST <= instant < LATEST:
        raise ValueError("不是合理的时间")
    return instant if instant.tzinfo is UTC else instant.astimezone(UTC)


def said(instant: datetime) -> str:
    """2026-11-20T14:10:00.000Z."""
    utc = instant if instant.tzinfo is UTC else instant.astimezone(UTC)
    return f"{utc.isoformat(timespec='milliseconds')[:-6]}Z"


def _day_within_reason(day: date) -> date:
    if not EARLIEST.date() <= day < LATEST.date():
        raise ValueError("不是合理的日期")
    return day


def _number_in_query(value: Any) -> Any:
    """Query values are texts; only plain digits are numbers (not 1_0, +1 or 1.0)."""
    if isinstance(value, str) and not _DIGITS.fullmatch(value):
        raise ValueError("应为整数")
    return int(value) if isinstance(value, str) else value


def _truth_in_query(value: Any) -> Any:
    if isinstance(value, str):
        if value not in ("true", "false"):
            raise ValueError("应为 true 或 false")
        return value == "true"
    return value


Text = Annotated[str, AfterValidator(_readable)]
"""A text that people wrote, without control characters; each use adds its length in characters."""
RowId = Annotated[int, Field(ge=1, le=MAX_ID)]
Instant = Annotated[
    AwareDatetime, AfterValidator(_within_reason), PlainSerializer(said, return_type=str, when_used="json")
]
Day = Annotated[date, AfterValidator(_day_within_reason)]
PhotoIds = Annotated[list[RowId], Field(max_length=PHOTOS_MAX)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]

QueryId = Annotated[RowId, BeforeValidator(_number_in_query)]
QueryBool = Annotated[bool, BeforeValidator(_truth_in_query)]
Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT), BeforeValidator(_number_in_query)]
Cursor = Annotated[str, Field(pattern=r"^[0-9A-Za-z_\-]{0,200}$")]
SpotCode = Annotated[str, Field(pattern=r"^[0-9A-Za-z\-]{1,16}$")]
WeChatCode = Annotated[str, Field(pattern=r"^[!-~]{1,128}$")]


class PageIn(In):
    """Which page: the cursor of the last answer, and how many rows."""

    cursor: Cursor = Field("", description="上一页的 next_cursor")
    limit: Limit = DEFAULT_LIMIT


class DoneOut(Out):
    """It was done; the sentence can be shown as it is."""

    message: str
