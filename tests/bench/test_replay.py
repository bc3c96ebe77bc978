"""The raw loop beside which commands are measured: every job is one transaction of the statements it names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import URL

from bench.captured import ONLY, TEMPLATE
from bench.crew import Crew
from bench.database import connect_options

pytestmark = [pytest.mark.mariadb, pytest.mark.processes]
WORDS = "SELECT word FROM replay_probe ORDER BY id"


@pytest.fixture
def probe(mariadb_database: tuple[URL, Engine]) -> Iterator[tuple[str, Engine]]:
    """A table of words on the tests' MariaDB."""
    url, engine = mariadb_database
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE replay_probe (id INT AUTO_INCREMENT PRIMARY KEY, word TEXT)"))
    yield url.render_as_string(hide_password=False), engine
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE replay_probe"))


def writing(word: str) -> dict[str, object]:
    """A captured statement whose blank is the name of whoever the job is for."""
    sql = "INSERT INTO replay_probe (word) VALUES (CONCAT(%(word)s, %(who)s))"
    return {
        "sql": sql,
        "rows": [{"word": word, "who": "somebody else"}],
        "blanks": [[0, "who", "who"]],
        "many": False,
        "creates": False,
    }


@pytest.mark.parametrize(
    ("templates", "jobs", "written"),
    [
        ({ONLY: [writing("made by ")]}, [{"who": "1"}, {"who": "2"}], ["made by 1", "made by 2"]),
        (
            {"first": [writing("settled "), writing("booked ")], "again": [writing("heard ")]},
            [{"who": "1", TEMPLATE: "first"}, {"who": "1", TEMPLATE: "again"}],
            ["settled 1", "booked 1", "heard 1"],
        ),
    ],
    ids=["one template", "two templates"],
)
def test_a_job_sends_the_statements_of_its_template_with_its_own_values(probe, templates, jobs, written):
    address, engine = probe
    with Crew("bench.replay", 1, {"connect": connect_options(address), "templates": templates}) as crew:
        [found] = crew.share(jobs)
    assert (len(found["ms"]), found["failures"]) == (len(jobs), [])
    with engine.connect() as connection:
        assert list(connection.execute(text(WORDS)).scalars()) == written
