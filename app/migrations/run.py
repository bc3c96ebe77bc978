"""Bring a database to the newest tables; used by `make run`, tests and the command line."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

HERE = Path(__file__).parent


def alembic_config() -> Config:
    """Alembic's configuration, without a file of its own."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    return config


def upgrade_to_head() -> None:
    """Run all missing migrations; needs an application context. Safe to call at every start."""
    upgrade_to("head")


def upgrade_to(revision: str) -> None:
    """Run the missing migrations up to one of them."""
    command.upgrade(alembic_config(), revision)


def new_revision(message: str) -> None:
    """Write a migration for what the models have and the database has not."""
    command.revision(alembic_config(), message, autogenerate=True)


def heads() -> list[str]:
    """The newest revisions; there must be exactly one."""
    return list(ScriptDirectory.from_config(alembic_config()).get_heads())
