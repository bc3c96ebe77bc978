"""The operator's commands, as `flask --app wsgi <command>` runs them."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from click.testing import Result
from sqlalchemy import func, select, update

from app.audit.models import AuditRecord
from app.audit.service import record
from app.bootstrap import create_core_app
from app.catalogue.models import Category
from app.cli import register_cli
from app.core import clock
from app.core.calendar_days import standard_rows
from app.core.calendar_models import CalendarDay
from app.core.db import db, transact
from app.core.outbox import FAILED, WAITING, OutboxRow
from app.core.scope import SYSTEM
from app.estates.models import District
from app.migrations.run import alembic_config
from app.seeds.credentials import DEMO_PASSWORD, LOGINS
from config import Settings

Run = Callable[..., Result]
PRODUCTION = {
    "environment": "production",
    "secret_key": "k" * 40,
    "personal_data_key": base64.b64encode(b"k" * 32).decode(),
    "database_url": "mysql+pymysql://root@127.0.0.1:1/anju",
    "redis_url": "redis://127.0.0.1:1",
    "public_base_url": "https://anju.example",
    "wechat_appid": "wx1",
    "wechat_secret": "secret",
    "wechat_push_token": "token",
    "wechat_push_aes_key": "k" * 43,
    "wechat_pay_mch_id": "",
}


@pytest.fixture
def run(sqlite_template: Path, tmp_path: Path) -> Iterator[Run]:
    """Runs commands on an empty database whose tables are the newest."""
    shutil.copyfile(sqlite_template, tmp_path / "anju.db")
    app = create_core_app(Settings(environment="test", data_dir=tmp_path))
    register_cli(app)
    with app.app_context():
        command.stamp(alembic_config(), "head")
        yield lambda *words: app.test_cli_runner().invoke(args=words)
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def run_in_production(tmp_path: Path) -> Run:
    """Runs commands under production settings; no server is there, so a refusal must come before any query."""
    app = create_core_app(Settings(**PRODUCTION, data_dir=tmp_path))
    register_cli(app)
    return lambda *words: app.test_cli_runner().invoke(args=words)


def test_install_writes_the_reference_data_once(run):
    assert run("install").exit_code == 0
    assert db.session.get(Category, "G0201") is not None
    assert "分类更新 0 项" in run("install").output


def test_the_clock_moves_forward_for_everybody(run):
    before = clock.now()
    moved = run("clock", "advance", "30m")
    assert moved.exit_code == 0
    assert clock.now() - before >= timedelta(minutes=30)
    assert "1 小时 30 分钟" in run("clock", "advance", "1h").output
    assert "现在是" in run("clock", "show").output


@pytest.mark.parametrize("length", ["30", "-30m", "half an hour", ""])
def test_a_length_that_cannot_be_read_is_explained(run, length):
    refused = run("clock", "advance", "--", length)
    assert refused.exit_code != 0
    assert "30m、4h、2d" in refused.output


def test_a_tampered_audit_record_is_found(run):
    transact(lambda: record("test.act", by=SYSTEM, object_kind="test"))
    assert run("audit", "verify").exit_code == 0
    transact(lambda: db.session.execute(update(AuditRecord).values(action="test.other")))
    refused = run("audit", "verify")
    assert refused.exit_code != 0
    assert "第 1 条" in refused.output


def test_failed_events_get_another_round(run):
    at = clock.now()
    row = OutboxRow(name="Gone", payload={}, state=FAILED, attempts=12, created_at=at, due_at=at)
    transact(lambda: db.session.add(row))
    assert "1 条" in run("outbox", "retry-failed").output
    assert db.session.scalars(select(OutboxRow.state)).one() == WAITING


def test_a_second_seed_changes_nothing_and_is_no_error(run):
    transact(lambda: db.session.add(District(code="110112", name="通州区(演示)")))
    again = run("seed")
    assert again.exit_code == 0
    assert "已有数据" in again.output


def test_the_accounts_of_the_demonstration_are_printed(run):
    printed = run("demo-accounts").output
    assert DEMO_PASSWORD in printed
    assert all(login in printed for login in [*LOGINS.values(), "wang", "shifu-li"])


def test_a_seed_over_an_older_version_brings_what_the_newer_one_needs(run):
    transact(lambda: db.session.add(District(code="110112", name="通州区(演示)")))
    assert run("seed").exit_code == 0
    assert db.session.scalar(select(func.count()).select_from(CalendarDay)) == len(standard_rows())


@pytest.mark.parametrize(
    "words",
    [("seed",), ("demo-accounts",), ("demo-payments",), ("clock", "advance", "30m"), ("clock", "show")],
    ids=" ".join,
)
def test_production_has_no_demonstration(run_in_production, words):
    refused = run_in_production(*words)
    assert refused.exit_code == 1
    assert "生产环境" in refused.output
