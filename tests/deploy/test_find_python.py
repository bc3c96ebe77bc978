"""Which Python `make` builds the product's environment with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def found(*candidates: str) -> str:
    command = ["sh", str(ROOT / "deploy" / "find_python.sh"), *candidates]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def too_old(tmp_path):
    """A Python that `check_python.py` turns away."""
    python = tmp_path / "python-too-old"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    return str(python)


def test_the_first_that_will_do_is_taken(too_old):
    assert found(too_old, sys.executable) == sys.executable
    assert found(sys.executable, too_old) == sys.executable


def test_one_that_is_not_there_is_passed_over(tmp_path):
    assert found(str(tmp_path / "nowhere"), sys.executable) == sys.executable


def test_where_none_will_do_that_of_the_path_says_why(too_old):
    assert found(too_old) == "python3"


def test_without_candidates_it_finds_one_that_carries_the_product():
    check = [found(), str(ROOT / "deploy" / "check_python.py")]
    assert subprocess.run(check, check=False, capture_output=True).returncode == 0
