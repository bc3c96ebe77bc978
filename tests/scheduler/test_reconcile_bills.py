"""The job of the books: with WeChat it plans, fetches and settles; without it does nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.clock import china, china_date
from app.core.db import db
from app.reconciliation.models import BillFile, SettlementBatch
from config import Settings
from scheduler.context import Context, build_context
from scheduler.jobs.reconcile_bills import reconcile_bills
from scheduler.schedule import JOBS
from tests.factories import make_place
from tests.factories.money import RECEIVER, make_merchant
from tests.reconciliation.billing import Billing, paid

NOON, NEXT_DAY = china(2026, 11, 20, 12), china(2026, 11, 21, 10, 31)


@pytest.fixture
def context(tmp_path) -> Context:
    settings = Settings(environment="test", data_dir=tmp_path, wechat_appid=RECEIVER.appid)
    return build_context(settings, lambda: False)


def test_it_is_in_the_table_of_jobs():
    assert [job.run for job in JOBS if job.name == "reconcile_bills"] == [reconcile_bills]


def test_one_run_after_half_past_ten_settles_yesterday(app_db, context):
    clock.freeze(NOON)
    place, billing = make_place(), Billing()
    make_merchant(place.company, valid_from=china_date(NOON))
    payment = paid(place, billing)
    clock.freeze(NEXT_DAY)
    reconcile_bills(replace(context, pay=billing))
    db.session.rollback()
    assert db.session.scalars(select(SettlementBatch.paid_fen)).one() == payment.amount_fen


def test_without_wechat_pay_and_when_it_shall_stop_it_does_nothing(app_db, context):
    clock.freeze(NEXT_DAY)
    make_merchant(make_place().company, valid_from=china_date(NOON))
    reconcile_bills(replace(context, pay=None))
    assert db.session.scalar(select(func.count(BillFile.id))) == 0
    billing = Billing()
    reconcile_bills(replace(context, pay=billing, stopping=lambda: True))
    assert billing.asked == []
