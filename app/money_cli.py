"""`flask --app wsgi money ...`: is everything that must be true of money true now? (docs/operations.md)."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.payments.invariants import broken_rules, notices_for_a_person

money_group = AppGroup("money", help="查账:金额必须满足的规则")


@money_group.command("check")
def check() -> None:
    """Say what does not hold; the exit code is 1 then. Reads only."""
    broken, strange = broken_rules(), notices_for_a_person()
    for each in broken:
        click.echo(f"✗ {each.words}({each.rule}):{'、'.join(each.found)}")
    for notice in strange:
        click.echo(f"! 微信通知与我们的记录不符,请人工核对:{notice}")
    if broken:
        raise SystemExit(1)
    click.echo("账目规则全部成立" + (",但有通知要人工核对" if strange else ""))
