"""The rules of docs/architecture.md that a program can check."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import tables
from app.core.db import Base
from app.core.roles import Role
from app.core.scope import Scope, UndeclaredVisibility, condition, visible

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ("app", "miniprogram_api", "admin", "scheduler", "wechat_sandbox", "bench", "deploy")
MAX_LINES = 300
MAX_FUNCTION_LINES = 45

# Seen by nobody through `visible`: machinery, evidence reached through its order, and rosters read by rule.
REACHED_THROUGH_SOMETHING_ELSE = {
    "appeals",
    "assignments",
    "audit_head",
    "bill_corrections",
    "bill_tellings",
    "billing_chunks",
    "billing_rates",
    "billing_runs",
    "booking_slots",
    "calendar_days",
    "cash_receipts",
    "clock_events",
    "collection_stale",
    "command_receipts",
    "completions",
    "deadline_policies",
    "deadlines",
    "discarded_files",
    "einvoice_calls",
    "extensions",
    "fee_question_steps",
    "former_promises",
    "fund_decisions",
    "holds",
    "hotline_handovers",
    "invoice_steps",
    "order_events",
    "order_photos",
    "order_questions",
    "order_voices",
    "outbox",
    "parameter_values",
    "pay_bill_lines",
    "pay_notices",
    "pay_shipments",
    "payment_lines",
    "photo_checks",
    "push_receipts",
    "quote_lines",
    "quotes",
    "ratings",
    "refund_holds",
    "refund_lines",
    "roll_up_days",
    "shared_values",
    "site_visits",
    "snap_deadlines",
    "snap_events",
    "snap_photos",
    "voice_checks",
    "voucher_photos",
    "wechat_deliveries",
}


def sources() -> Iterator[Path]:
    for name in ("config.py", "wsgi.py"):
        yield ROOT / name
    for folder in PRODUCT:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations/versions" not in path.as_posix():
                yield path


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_there_is_one_commit_in_the_product():
    places = [
        relative(path)
        for path in sources()
        for line in path.read_text(encoding="utf-8").splitlines()
        if "session.commit(" in line
    ]
    assert places == ["app/core/db.py"]


def test_no_file_is_over_300_lines():
    lengths = {relative(path): len(path.read_text(encoding="utf-8").splitlines()) for path in sources()}
    assert {name: lines for name, lines in lengths.items() if lines > MAX_LINES} == {}


def test_no_function_is_over_45_lines():
    long_ones = {}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > MAX_FUNCTION_LINES:
                    long_ones[f"{relative(path)}:{node.name}"] = lines
    assert long_ones == {}


def test_every_module_says_what_it_is_for():
    silent = [
        relative(path) for path in sources() if ast.get_docstring(ast.parse(path.read_text("utf-8"))) is None
    ]
    assert silent == []


def test_no_file_is_a_drawer_for_everything():
    drawers = {"utils.py", "helpers.py", "manager.py", "misc.py", "common.py"}
    assert [relative(path) for path in sources() if path.name in drawers] == []


def test_console_views_write_no_queries():
    offenders = []
    for path in sorted((ROOT / "admin" / "views").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sqlalchemy":
                offenders.append(relative(path))
    assert offenders == []


def models() -> list[type[Base]]:
    assert tables.MODULES
    return sorted((mapper.class_ for mapper in Base.registry.mappers), key=lambda model: model.__name__)


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__tablename__)
def test_every_table_says_by_whom_it_is_seen_or_is_reached_through_something_else(model):
    declared = getattr(model, "__seen_by__", None)
    assert (declared is None) == (model.__tablename__ in REACHED_THROUGH_SOMETHING_ELSE)
    for column in (declared or {}).values():
        assert hasattr(model, column)


def test_an_undeclared_table_cannot_be_read_through_visible():
    with pytest.raises(UndeclaredVisibility):
        visible(tables.outbox.OutboxRow, Scope(role=Role.BUR))


def test_a_scope_without_grants_sees_nothing():
    assert str(condition(tables.orders.Order, Scope(role=Role.BUR))) == "false"


def test_importing_the_web_application_does_not_import_the_sandbox():
    code = "import sys, wsgi; sys.exit(any(name.startswith('wechat_sandbox') for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr


def test_nothing_committed_names_a_machine_or_a_registry():
    files = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout.splitlines()
    forbidden = (
        "/" + "root/",
        "/" + "work/main",
        "pypi" + "-more",
        "registry." + "npmjs",
        "pypi." + "org",
        "files.python" + "hosted",
    )
    found = []
    for name in files:
        path = ROOT / name
        if path.suffix in {".png", ".jpg", ".woff2", ".ico"} or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        found += [f"{name}: {word}" for word in forbidden if word in text]
    assert found == []
