"""Commands of an operator about bills: `flask --app wsgi bills issue 2026-12`. An edge: it commits."""

from __future__ import annotations

import time

import click
from flask import current_app
from flask.cli import AppGroup

from app.bootstrap import begin_unit, settings_of
from app.core.db import db
from app.core.errors import Refusal
from app.core.scope import SYSTEM
from app.fees.issuing import HOMES_A_CHUNK, Progress, issue

bills_group = AppGroup("bills", help="Monthly bills.")


@bills_group.command("issue")
@click.argument("period")
@click.option("--homes-a-chunk", type=click.IntRange(100, 500_000), default=HOMES_A_CHUNK, show_default=True)
def issue_command(period: str, homes_a_chunk: int) -> None:
    """Issue the bills of PERIOD (2026-12) for every estate, or finish what was interrupted; safe to repeat."""
    begin_unit(settings_of(current_app))
    db.session.rollback()
    began = time.monotonic()

    def tell(progress: Progress) -> None:
        seconds = time.monotonic() - began
        click.echo(
            f"{period}:第 {progress.done}/{progress.chunks} 段,账单 {progress.bills} 张,{seconds:.1f} 秒",
            err=True,
        )

    try:
        done = issue(period, by=SYSTEM, homes_a_chunk=homes_a_chunk, told=tell)
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from refusal
    if not done.is_over:
        raise click.ClickException(f"{period}:还有 {done.chunks - done.done} 段由别的进程在写,请稍后再看")
    click.echo(f"{period} 出账完成,新写入账单 {done.bills} 张,用时 {time.monotonic() - began:.1f} 秒")
