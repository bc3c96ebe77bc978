"""`python -m scheduler` as real processes: two at a time is once, killed in the middle is finished later."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.accounts.models import Account
from app.core import clock, shared_values
from app.core.db import db, transact
from app.core.outgoing import LEASE, OutgoingState
from app.core.roles import Role
from app.notifications.consents import add_consent
from app.notifications.models import HotlineHandover, Notification, WeChatDelivery
from app.orders import desk
from tests.conftest import TEST_KEY
from tests.engines import both_engines
from tests.fakes.district import settle
from tests.fakes.sandbox import start_sandbox
from wechat_sandbox.settings import HOTLINE_KEY

pytestmark = [both_engines, pytest.mark.processes]

REPOSITORY = Path(__file__).resolve().parents[2]
PERSON = "王阿姨"


@pytest.fixture
def sandbox():
    with start_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def town(app_db, sandbox):
    """The district; its resident is known to the platform and has agreed to three messages."""
    town = settle(clock.now())
    resident = town.accounts[Role.RES]
    openid = sandbox.openid(PERSON)
    transact(lambda: setattr(db.session.get_one(Account, resident), "openid", openid))
    sandbox.consent(PERSON, ["order_received"], count=3)
    transact(lambda: add_consent(resident, "order_received", 3))
    return town


@contextmanager
def scheduler(database_url: str, sandbox, directory: Path) -> Iterator[subprocess.Popen]:
    """A running scheduler process."""
    environment = {
        **os.environ,
        "ENVIRONMENT": "test",
        "DATABASE_URL": database_url,
        "DATA_DIR": str(directory),
        "PERSONAL_DATA_KEY": base64.b64encode(TEST_KEY).decode(),
        "WECHAT_API_BASE": sandbox.url,
        "WECHAT_PAY_BASE": sandbox.url,
        "HOTLINE_URL": sandbox.url,
        "HOTLINE_SECRET": HOTLINE_KEY,
        "PYTHONUNBUFFERED": "1",
    }
    log = (directory / f"scheduler-{time.monotonic_ns()}.log").open("w")
    with log:
        process = subprocess.Popen(
            [sys.executable, "-m", "scheduler"], cwd=REPOSITORY, env=environment, stdout=log, stderr=log
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait(timeout=20)


def eventually(check: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for another process to have written something."""
    ends = time.monotonic() + seconds
    pause = threading.Event()
    while True:
        db.session.rollback()
        if check():
            return
        assert time.monotonic() < ends, "it did not happen in time"
        pause.wait(0.1)


def states() -> list[str]:
    return list(db.session.scalars(select(WeChatDelivery.state)))


def test_two_schedulers_send_each_message_once_and_end_when_asked(
    app_db, database_url, town, sandbox, tmp_path
):
    with scheduler(database_url, sandbox, tmp_path) as one, scheduler(database_url, sandbox, tmp_path) as two:
        orders = [town.report() for _ in range(3)]
        transact(lambda: desk.to_hotline(orders[0].order_id, by=town.scopes[Role.DSP], reason="no_staff"))
        eventually(lambda: states() == [OutgoingState.DONE] * 3)
        eventually(lambda: _handed_over() is not None)
        for process in (one, two):
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=20) == 0
            assert time.monotonic() - began < 5
    assert len(sandbox.messages(PERSON)) == 3
    assert len(sandbox.hotline()) == 1
    titles = db.session.scalars(
        select(Notification.title).where(Notification.account_id == town.accounts[Role.RES])
    ).all()
    assert sorted(titles) == ["已收到您的报修"] * 3 + ["已转 962121 热线"]


def _handed_over() -> str | None:
    return db.session.scalar(select(HotlineHandover.ticket))


def test_a_scheduler_killed_during_the_call_is_finished_by_the_next_one(
    app_db, database_url, town, sandbox, tmp_path
):
    sandbox.fault("/cgi-bin/message/subscribe/send", "slow", times=1, seconds=8)
    with scheduler(database_url, sandbox, tmp_path) as first:
        town.report()
        eventually(lambda: states() == [OutgoingState.CALLING])
        first.kill()
    assert states() == [OutgoingState.CALLING]
    shared_values.advance_clock(LEASE + timedelta(seconds=1))
    with scheduler(database_url, sandbox, tmp_path):
        eventually(lambda: states() == [OutgoingState.DONE])


def test_a_missed_promise_is_swept_and_told_after_downtime(app_db, database_url, town, sandbox, tmp_path):
    town.report()
    shared_values.advance_clock(timedelta(minutes=40))
    with scheduler(database_url, sandbox, tmp_path):
        eventually(lambda: _handed_over() is not None)
        eventually(lambda: "到场超时,已通知经理" in db.session.scalars(select(Notification.title)).all())
