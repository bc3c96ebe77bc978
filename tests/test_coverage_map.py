"""docs/coverage.md names every statement of the specification once, and only tests that exist."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STATEMENTS = {"S0": 36, "S1": 48, "S2": 31, "S3": 41, "S4": 52}
PARTS = {
    "client",
    "company files",
    "console",
    "feedback",
    "fees",
    "fund and voting",
    "monitoring",
    "providers",
    "publications",
    "scale",
    "staff and plans",
    "supervision",
}
ROW = re.compile(r"^\| (S\d-\d{2}) \| ([^|]+) \| (\w+) \| ([^|]*) \| ([^|]*) \|$", re.MULTILINE)
NODE = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


@dataclass(frozen=True)
class Statement:
    """One line of the map."""

    id: str
    title: str
    state: str
    tests: tuple[tuple[str, str], ...]
    note: str


@cache
def statements() -> tuple[Statement, ...]:
    page = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    return tuple(
        Statement(name, title.strip(), state, tuple(NODE.findall(tests)), note.strip())
        for name, title, state, tests, note in ROW.findall(page)
    )


@cache
def named_in(path: str) -> frozenset[str]:
    """Names of the test functions that pytest would collect from the file, those inside classes too."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(function.name for function in functions if function.name.startswith("test_"))


def test_every_statement_of_the_specification_has_one_line_in_its_order():
    wanted = [
        f"{source}-{number:02d}" for source, count in STATEMENTS.items() for number in range(1, count + 1)
    ]
    assert len(wanted) == 208
    assert [statement.id for statement in statements()] == wanted


def test_every_line_says_what_the_statement_is_about():
    titles = [statement.title for statement in statements()]
    assert all(2 <= len(title) <= 30 for title in titles)


@pytest.mark.parametrize("statement", statements(), ids=lambda statement: statement.id)
def test_a_line_names_what_its_state_needs(statement):
    named = {f"{path}::{name}" for path, name in statement.tests}
    existing = {f"{path}::{name}" for path, name in statement.tests if name in named_in(path)}
    assert named == existing
    match statement.state:
        case "proved":
            assert named
        case "partly":
            assert named
            assert statement.note
        case "later":
            assert not named
            assert statement.note in PARTS
        case "context":
            assert not named
            assert not statement.note
        case other:
            pytest.fail(f"{other} is no state")


def test_a_test_that_does_not_exist_would_be_noticed():
    assert "test_a_test_that_does_not_exist_would_be_noticed" in named_in("tests/test_coverage_map.py")
    assert named_in("tests/no_such_file.py") == frozenset()
