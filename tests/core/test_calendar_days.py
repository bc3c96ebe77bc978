"""The holiday table as data: standard rows, import with its checks, the alarm for a missing year."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.audit.service import ensure_head
from app.calendar_cli import calendar_group
from app.core.calendar_days import (
    DayStandsOtherwise,
    import_rows,
    install_standard,
    known_calendar,
    missing_year,
    read_csv,
)
from app.core.calendar_models import CalendarDay
from app.core.clock import china
from app.core.db import db, transact
from app.core.errors import Invalid
from tests.engines import both_engines

FILE_2027 = """日期,类型,名称
2027-01-01,休,元旦
2027-02-06,班,春节调休
2027-05-01,休,劳动节
2027-10-01,休,国庆节
"""


@pytest.fixture
def standard(app_db: Flask) -> Flask:
    transact(install_standard)
    return app_db


def stored() -> int:
    return db.session.scalar(select(func.count()).select_from(CalendarDay)) or 0


@both_engines
def test_the_standard_rows_are_written_once(standard):
    assert stored() == 39
    assert transact(install_standard) == 0
    assert known_calendar().years == {2026}


@both_engines
def test_a_year_is_imported_and_a_second_import_writes_nothing(standard):
    rows = read_csv(FILE_2027)
    assert transact(lambda: import_rows(rows)) == (4, 0)
    assert transact(lambda: import_rows(rows)) == (0, 4)
    assert known_calendar().years == {2026, 2027}


@both_engines
def test_a_day_that_stands_otherwise_is_replaced_only_when_told_so(standard):
    transact(lambda: import_rows(read_csv(FILE_2027)))
    changed = read_csv(FILE_2027.replace("2027-02-06,班", "2027-02-06,休"))
    with pytest.raises(DayStandsOtherwise) as refused:
        transact(lambda: import_rows(changed))
    assert "2027-02-06" in refused.value.sentence
    assert transact(lambda: import_rows(changed, replace=True)) == (1, 3)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("2027-13-01,休,元旦", "第6行"),
        ("2027-06-19,假,端午节", "休"),
        ("2027-06-19,休,", "名称"),
        ("2027-06-19,休", "三列"),
        ("2027-06-21,班,端午节调休", "本来就是工作日"),
        ("2027-01-01,休,元旦", "写了两遍"),
        ("2029-01-01,休,元旦", "分年导入"),
    ],
)
def test_a_wrong_line_is_named(wrong, said):
    with pytest.raises(Invalid) as refused:
        read_csv(FILE_2027 + wrong + "\n")
    assert said in refused.value.sentence


def test_a_file_without_national_day_is_not_the_table_of_a_year():
    with pytest.raises(Invalid) as refused:
        read_csv(FILE_2027.replace("2027-10-01,休,国庆节\n", ""))
    assert "国庆节" in refused.value.sentence
    with pytest.raises(Invalid):
        read_csv("")


def test_days_off_at_the_end_of_the_year_before_may_stand_in_the_file():
    assert len(read_csv(FILE_2027 + "2026-12-31,休,元旦\n")) == 5


@pytest.mark.parametrize(
    ("at", "missing"),
    [
        (china(2026, 11, 30, 23, 59), None),
        (china(2026, 12, 1), 2027),
        (china(2027, 1, 1), 2027),
        (china(2025, 12, 31), 2025),
    ],
)
def test_next_year_is_missed_from_the_first_of_december(standard, at, missing):
    assert missing_year(at) == missing


def test_the_command_imports_a_file_and_explains_a_bad_one(standard, tmp_path: Path):
    good, bad = tmp_path / "2027.csv", tmp_path / "bad.csv"
    good.write_text("\ufeff" + FILE_2027, encoding="utf-8")
    bad.write_text("2027年元旦", encoding="gbk")
    standard.cli.add_command(calendar_group)
    run = standard.test_cli_runner().invoke
    transact(ensure_head)
    done = run(args=["calendar", "import", str(good)])
    assert (done.exit_code, "放假 3 天" in done.output) == (0, True), done.output
    refused = run(args=["calendar", "import", str(bad)])
    assert (refused.exit_code, "UTF-8" in refused.output) == (1, True)
    assert "2026、2027" in run(args=["calendar", "show"]).output
