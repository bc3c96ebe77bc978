"""`flask bills issue`: says how far it is, may be repeated, explains a wrong month."""

from __future__ import annotations

from app.bootstrap import create_core_app
from app.cli import register_cli
from config import Settings
from tests.fees.town import bills, charge, make_town


def test_the_command_issues_shows_progress_and_adds_nothing_the_second_time(app_db, database_url, tmp_path):
    charge(make_town(homes=3).place)
    app = create_core_app(Settings(environment="test", data_dir=tmp_path, database_url=database_url))
    register_cli(app)
    with app.app_context():
        first = app.test_cli_runner().invoke(args=["bills", "issue", "2026-12"])
        assert first.exit_code == 0, first.output
        assert "第 1/1 段,账单 3 张" in first.stderr
        assert "新写入账单 3 张" in first.stdout
        second = app.test_cli_runner().invoke(args=["bills", "issue", "2026-12"])
        assert "新写入账单 0 张" in second.stdout
        wrong = app.test_cli_runner().invoke(args=["bills", "issue", "2026-13"])
        assert wrong.exit_code == 1
        assert "月份请写成 2026-12 这样" in wrong.output
    assert len(bills()) == 3
