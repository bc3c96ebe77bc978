"""Filters of the templates: instants, spans, clocks and masks as the desk reads them (faces.md)."""

from __future__ import annotations

from datetime import date, datetime

from flask import Flask
from markupsafe import Markup

from app.core import clock, wording
from app.core.clock import in_china
from app.core.masking import mask_name, mask_phone


def moment(at: datetime | None) -> Markup | str:
    """今天 14:40, with the exact instant on hover."""
    if at is None:
        return "—"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        at.isoformat(), exact(at), wording.moment(at, clock.now())
    )


def promise(at: datetime | None) -> str:
    """今天 14:40 前."""
    return "—" if at is None else wording.promise_time(at, clock.now())


def exact(at: datetime | None) -> str:
    """2026-11-21 14:40:05, for hovering."""
    return "" if at is None else f"{in_china(at):%Y-%m-%d %H:%M:%S}"


def clock_time(at: datetime | None) -> str:
    """14:40."""
    return "—" if at is None else f"{in_china(at):%H:%M}"


def day(on: date | None) -> str:
    """2026-11-21, or a dash."""
    return "—" if on is None else f"{on:%Y-%m-%d}"


def amount(fen: int) -> str:
    """12,345.60 for 1234560 fen: columns of figures carry their unit in the head."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def yuan(fen: int) -> str:
    """¥644,080.00: sums of a district are compared, and are read in groups of three."""
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{amount(abs(fen))}"


def epoch_ms(at: datetime | None) -> str:
    """Milliseconds since 1970 for the countdown script; empty without an instant."""
    return "" if at is None else str(round(at.timestamp() * 1000))


def register_filters(app: Flask) -> None:
    """Make the filters known to the templates."""
    filters = {
        "moment": moment,
        "promise": promise,
        "exact": exact,
        "clock_time": clock_time,
        "day": day,
        "amount": amount,
        "epoch_ms": epoch_ms,
        "mask_phone": mask_phone,
        "mask_name": mask_name,
        "yuan": yuan,
    }
    app.jinja_env.filters.update(filters)
    app.jinja_env.globals["now_ms"] = lambda: epoch_ms(clock.now())
