"""`flask --app wsgi calendar ...`: the holiday table of a year. An edge: it commits."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from app.audit.service import record
from app.core import clock
from app.core.calendar import HOLIDAY
from app.core.calendar_days import (
    DayRow,
    import_rows,
    known_calendar,
    missing_year,
    missing_year_sentence,
    read_csv,
)
from app.core.db import db, transact
from app.core.errors import Refusal
from app.core.scope import SYSTEM

calendar_group = AppGroup("calendar", help="Holidays and worked weekend days, imported once a year.")


@calendar_group.command("import")
@click.argument("path", metavar="FILE.csv", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Let the file win where a day stands otherwise.")
def import_file(path: Path, replace: bool) -> None:
    """Import FILE.csv (UTF-8; 日期,类型,名称; 类型 is 休 or 班)."""
    try:
        rows = read_csv(path.read_text(encoding="utf-8"))
        db.session.rollback()
        written, stood = transact(lambda: _import(rows, replace=replace, file=path.name))
    except UnicodeDecodeError as wrong:
        raise click.ClickException("文件请存成 UTF-8 编码") from wrong
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from refusal
    off = sum(row.kind == HOLIDAY for row in rows)
    click.echo(f"已导入 {written} 天(放假 {off} 天,周末上班 {len(rows) - off} 天;原已登记 {stood} 天)")


def _import(rows: list[DayRow], *, replace: bool, file: str) -> tuple[int, int]:
    done = import_rows(rows, replace=replace)
    details = {"file": file, "from": str(rows[0].day), "to": str(rows[-1].day), "written": done[0]}
    record("calendar.import", by=SYSTEM, object_kind="calendar", object_id=rows[0].day.year, details=details)
    return done


@calendar_group.command("show")
def show() -> None:
    """Say which years are covered and whether one is missing."""
    db.session.rollback()
    known_calendar.forget()
    years = sorted(known_calendar().years)
    click.echo(f"已有日历的年份:{'、'.join(map(str, years)) or '无'}")
    missing = missing_year(clock.now())
    if missing:
        click.echo(missing_year_sentence(missing))
