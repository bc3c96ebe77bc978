"""Commands of an operator: `flask --app wsgi <command>` (docs/operations.md). An edge: it commits."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from app.audit.service import verify_chain
from app.bootstrap import begin_unit, settings_of
from app.calendar_cli import calendar_group
from app.core import clock, outbox
from app.core.db import db, transact
from app.core.errors import Refusal
from app.core.shared_values import advance_clock
from app.core.wording import duration, milliseconds
from app.fees_cli import bills_group
from app.integrations.storage import open_storage
from app.integrations.wechat.demo_phones import follow_clock
from app.integrations.wechat.errors import WeChatDown
from app.migrations.run import new_revision, upgrade_to_head
from app.money_cli import money_group
from app.seeds.credentials import DemoAccount, demo_accounts
from app.seeds.known_payments import payments_as_wechat_knows_them
from config import Settings

if TYPE_CHECKING:
    from app.seeds.demo import Summary

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
LENGTH = re.compile(r"(\d{1,6})([smhd])")


def register_cli(app: Flask) -> None:
    """Give the application its commands."""
    for command in (
        migrate,
        install_command,
        seed,
        show_demo_accounts,
        show_demo_payments,
        new_migration,
        clock_group,
        audit,
        outbox_group,
        calendar_group,
        bills_group,
        money_group,
    ):
        app.cli.add_command(command)


def _settings() -> Settings:
    """The settings of this process, with a clock that other processes may have moved taken over."""
    settings = settings_of(current_app)
    begin_unit(settings)
    db.session.rollback()
    return settings


@click.command("migrate")
@with_appcontext
def migrate() -> None:
    """Bring the tables to the newest version."""
    upgrade_to_head()
    click.echo("数据库结构已是最新")


@click.command("install")
@with_appcontext
def install_command() -> None:
    """Write categories, price items and clock parameters that are missing; safe to repeat."""
    # Imported here: its pinyin and pictures cost 60 MB, which neither a web process nor a billing run needs.
    from app.seeds.demo import install

    categories, prices, policies = transact(install)
    click.echo(f"分类更新 {categories} 项,价目更新 {prices} 项,时限参数新增 {policies} 项")


@click.command("seed")
@with_appcontext
def seed() -> None:
    """Fill an empty database with the demonstration district, tables included; refused in production. A database
    that is filled already gets the newest tables and what a new version needs besides."""
    from app.seeds.demo import AlreadySeeded, install, seed_demo

    settings = settings_of(current_app)
    if not settings.is_production:
        upgrade_to_head()
        _settings()
    try:
        summary = seed_demo(storage=open_storage(settings.effective_storage_url), settings=settings)
    except AlreadySeeded as there:
        transact(install)
        click.echo(there.sentence)
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from refusal
    else:
        click.echo(_told(summary))


def _told(summary: Summary) -> str:
    return (
        f"演示小区已写入({summary.seconds} 秒):住房 {summary.homes} 套,工作人员 {summary.staff} 人,"
        f"居民 {summary.residents} 人,工单 {summary.orders} 张,照片 {summary.photos} 张"
    )


@click.command("demo-accounts")
@with_appcontext
def show_demo_accounts() -> None:
    """Print how to get into the demonstration."""
    if settings_of(current_app).is_production:
        raise click.ClickException("生产环境没有演示账号")
    accounts = demo_accounts()
    console = [account for account in accounts if account.secret]
    click.echo(f"工作台账号(密码都是 {console[0].secret}):")
    click.echo("\n".join(map(_account_line, console)))
    click.echo("微信沙盒里的手机:")
    click.echo("\n".join(_account_line(account) for account in accounts if not account.secret))


@click.command("demo-payments")
@with_appcontext
def show_demo_payments() -> None:
    """Print what WeChat must know of all payments, for the sandbox in its place (POST /sandbox/pay/past)."""
    if settings_of(current_app).is_production:
        raise click.ClickException("生产环境的支付只有微信知道,没有演示支付")
    payments = payments_as_wechat_knows_them(_settings().public_base_url.rstrip("/"))
    click.echo(json.dumps({"payments": list(payments)}, ensure_ascii=False))


def _account_line(account: DemoAccount) -> str:
    return f"  {account.login:<12}{account.role}  {account.where}"


@click.command("new-migration")
@click.argument("words")
@with_appcontext
def new_migration(words: str) -> None:
    """Write a migration for what the models have and the database has not."""
    new_revision(words)


clock_group = AppGroup("clock", help="The clock of a demonstration; refused in production.")


@clock_group.command("advance")
@click.argument("length")
def advance(length: str) -> None:
    """Move the clock forward by LENGTH: 30m, 4h, 2d, 90s."""
    _refuse_in_production()
    total = advance_clock(_parsed(length))
    _take_wechat_along()
    click.echo(f"时钟已拨快,共快 {duration(milliseconds(total))};现在是 {_now()}")


@clock_group.command("show")
def show() -> None:
    """Say what time it is in this instance."""
    _refuse_in_production()
    click.echo(f"现在是 {_now()}")


def _take_wechat_along() -> None:
    """Bills, closing and refunds at WeChat go by its clock: in a demonstration it is ours."""
    if not _settings().is_demonstration:
        return
    try:
        follow_clock(_settings().wechat_api_base, clock.now())
    except WeChatDown:
        click.echo("微信沙盒没有运行,它的时钟没有跟上", err=True)


def _refuse_in_production() -> None:
    if not _settings().clock_can_be_moved:
        raise click.ClickException("生产环境的时钟不能拨动")


def _parsed(length: str) -> timedelta:
    found = LENGTH.fullmatch(length.strip().lower())
    if not found:
        raise click.BadParameter("请写成 30m、4h、2d 或 90s", param_hint="LENGTH")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def _now() -> str:
    return f"{clock.in_china(clock.now()):%Y-%m-%d %H:%M:%S}"


audit = AppGroup("audit", help="The audit log.")


@audit.command("verify")
def verify() -> None:
    """Check the chain of the audit log from its first record to its head."""
    broken = verify_chain()
    if broken is not None:
        raise click.ClickException(f"审计日志被改动过:从第 {broken} 条起校验不符")
    click.echo("审计日志完整")


outbox_group = AppGroup("outbox", help="Events that wait for their reactions.")


@outbox_group.command("retry-failed")
def retry_failed() -> None:
    """Give failed events another round."""
    _settings()
    click.echo(f"重新排队 {transact(outbox.retry_failed)} 条")
