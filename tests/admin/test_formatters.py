"""How the console writes figures."""

from __future__ import annotations

import pytest

from admin.formatters import amount, yuan


@pytest.mark.parametrize(
    ("fen", "written"),
    [(0, "0.00"), (5, "0.05"), (99999, "999.99"), (64408000, "644,080.00"), (-100001, "-1,000.01")],
)
def test_sums_are_read_in_groups_of_three(fen: int, written: str):
    assert amount(fen) == written
    assert yuan(fen) == (f"-¥{written[1:]}" if fen < 0 else f"¥{written}")
