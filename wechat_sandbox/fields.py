"""The platform's rules for the fields of subscribe messages (47003 names the field)."""

from __future__ import annotations

import re
from collections.abc import Callable

from wechat_sandbox.answers import Refused

_CLOCK = r"([01]?\d|2[0-3]):[0-5]\d"
_DAY = r"\d{4}年(0?[1-9]|1[0-2])月(0?[1-9]|[12]\d|3[01])日"
_INSTANT = rf"({_DAY}( {_CLOCK}(:[0-5]\d)?)?|{_CLOCK}(:[0-5]\d)?)"
_CHINESE = r"[\u4e00-\u9fff]"


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


def _is_thing(text: str) -> bool:
    return len(text.encode("utf-16-le")) // 2 <= 20 and text.isprintable()


RULES: dict[str, Callable[[str], bool]] = {
    "thing": _is_thing,
    "number": _matches(r"(?=.{1,32}$)\d+(\.\d+)?"),
    "letter": _matches(r"[A-Za-z]{1,32}"),
    "symbol": _matches(r"[^\w\s]{1,5}"),
    "character_string": _matches(r"[!-~]{1,32}"),
    "time": _matches(rf"{_INSTANT}(~{_INSTANT})?"),
    "date": _matches(rf"{_DAY}( {_CLOCK})?(~{_DAY}( {_CLOCK})?)?"),
    "amount": _matches(r"[¥$€£]?\d{1,10}(\.\d{1,2})?元?"),
    "phone_number": _matches(r"[\d+\-() ]{1,17}"),
    "car_number": _matches(rf"(?=.{{1,8}}$){_CHINESE}?[A-Z0-9]+{_CHINESE}?"),
    "name": _matches(rf"({_CHINESE}{{1,10}}|[A-Za-z .'\-]{{1,20}})"),
    "phrase": _matches(rf"{_CHINESE}{{1,5}}"),
}


def check_data(data: object, expected: list[str]) -> dict[str, str]:
    """The values by field; every field of the template must be there, and no other."""
    if not isinstance(data, dict):
        raise Refused(47003, "data is not an object")
    for name in [*expected, *data]:
        if name not in data or name not in expected:
            raise _bad(name, "not match the template")
    return {name: _checked(name, data[name]) for name in expected}


def _checked(name: str, entry: object) -> str:
    value = entry.get("value") if isinstance(entry, dict) else None
    if not isinstance(value, str) or not value.strip():
        raise _bad(name, "is empty")
    if not RULES[name.rstrip("0123456789")](value):
        raise _bad(name, "invalid")
    return value


def _bad(name: str, why: str) -> Refused:
    return Refused(47003, f"data.{name}.value {why}")
