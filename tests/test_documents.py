"""Documents that follow from the code are up to date, and what they point at exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click import Group
from flask import Flask

import config
from app.cli import register_cli
from app.integrations.wechat.templates import TEMPLATES
from app.orders.lifecycle import LIFECYCLE, Status
from deploy import documents

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def names(pages: list[Path]) -> list[str]:
    return [page.relative_to(ROOT).as_posix() for page in pages]


@pytest.mark.parametrize("name", documents.DOCUMENTS)
def test_a_written_document_is_up_to_date(name):
    on_disk = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert on_disk == documents.DOCUMENTS[name](), "run: python -m deploy.documents"


def rows_of_settings() -> dict[str, tuple[str, str]]:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    table = page.partition("<!-- settings: python")[2].partition("<!-- settings: end")[0]
    lines = [line for line in table.splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]
    return {name.strip("`"): (default, meaning) for name, default, meaning in cells}


def test_the_table_of_settings_has_every_field_and_no_other():
    assert list(rows_of_settings()) == [name.upper() for name in config.Settings.model_fields]


def test_the_table_of_settings_gives_the_meaning_of_each_field():
    meanings = {name: meaning for name, (_, meaning) in rows_of_settings().items()}
    assert meanings == {
        name.upper(): field.description for name, field in config.Settings.model_fields.items()
    }
    assert all(meanings.values())


def test_the_table_of_settings_shows_no_secret():
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert [secret for secret in documents.SECRET_DEFAULTS if secret in page] == []
    hidden = [name for name, (default, _) in rows_of_settings().items() if default == "沙盒值"]
    assert hidden == [
        "SECRET_KEY",
        "WECHAT_APPID",
        "WECHAT_SECRET",
        "WECHAT_PUSH_TOKEN",
        "WECHAT_PUSH_AES_KEY",
        "WECHAT_PAY_MCH_ID",
        "WECHAT_PAY_KEY",
    ]


def test_the_picture_draws_exactly_the_moves_that_change_the_status():
    drawn = set(re.findall(r"^    (\w+) --> (\w+) : ", documents.lifecycle_picture(), re.MULTILINE))
    wanted = {
        (source.value, move.target.value)
        for move in LIFECYCLE.transitions
        for source in move.sources
        if move.target not in (None, source)
    }
    assert drawn == wanted


def test_the_picture_ends_where_no_move_leads_on():
    ends = re.findall(r"^    (\w+) --> \[\*\]$", documents.lifecycle_picture(), re.MULTILINE)
    assert ends == [Status.CANCELLED.value]


def test_a_page_without_its_place_is_an_error():
    with pytest.raises(ValueError, match="no place for weather"):
        documents.filled("operations.md", "weather", lambda: "rain")


def test_a_bar_in_a_cell_does_not_open_another_cell():
    assert documents.table(("a",), [("b|c",)]).splitlines()[-1] == r"| b\|c |"


def test_the_go_live_list_names_every_message_with_its_fields():
    page = (ROOT / "docs" / "wechat-go-live.md").read_text(encoding="utf-8")
    for template in TEMPLATES.values():
        [row] = [line for line in page.splitlines() if line.startswith(f"| `{template.key}` |")]
        assert f"| {template.title} |" in row
        fields = "、".join(f"{label} `{name}`" for name, label in template.fields.items())
        assert fields in row


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_every_link_inside_the_repository_leads_somewhere(page):
    targets = [target for target in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in target]
    paths = {target: (page.parent / target).resolve() for target in targets}
    assert [target for target, path in paths.items() if not path.exists()] == []


def test_the_glossary_names_only_what_the_code_has():
    named = set(
        re.findall(r"`([A-Z][a-z]+(?:[A-Z][a-z]+)*)`", (ROOT / "docs" / "glossary.md").read_text("utf-8"))
    )
    sources = [path.read_text("utf-8") for path in (ROOT / "app").rglob("*.py")]
    known = {name for source in sources for name in re.findall(r"^class (\w+)", source, re.MULTILINE)}
    assert len(named) > 40
    assert named - known == set()


def commands() -> set[str]:
    app = Flask("documents")
    register_cli(app)
    found: set[str] = set()
    for name, command in app.cli.commands.items():
        parts = command.commands if isinstance(command, Group) else {}
        found |= {f"{name} {part}" for part in parts} or {name}
    return found


def test_the_table_of_commands_has_every_command_and_no_other():
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8").partition("## Commands")[2]
    rows = re.findall(r"^\| `([a-z- ]+)", page, re.MULTILINE)
    assert {row.strip() for row in rows} == commands()


def test_an_upgrade_is_described_as_backup_migrate_install_restart_and_going_back_as_restoring():
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    part = page.partition("## Releases")[2].partition("\n## ")[0]
    steps = [
        "backup",
        "--app wsgi migrate`",
        "--app wsgi install`",
        "Restart",
        "**Going back**",
        "restoring the backup",
    ]
    places = [part.find(step) for step in steps]
    assert -1 not in places
    assert places == sorted(places)
    assert {"migrate", "install"} <= commands()
