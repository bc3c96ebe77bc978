"""收费公示 over HTTP: for everybody, what is charged today and what is announced."""

from __future__ import annotations

import pytest

from app.core import clock
from app.core.db import db, transact
from app.core.scope import SYSTEM
from app.estates.models import Estate
from app.fees import rules
from app.fees.models import LateFeeClause
from app.fees.rules import FeeKind
from app.fees.standards import NewStandard, set_standard
from tests.miniprogram_api.phones import counted_statements


@pytest.fixture
def estate_id(api) -> int:
    """Charged for homes and spaces; the property fee rises next month."""
    place, this = api.scene.place, rules.period_of(clock.china_date(clock.now()))
    prices = (
        (FeeKind.PROPERTY, 26_000, this),
        (FeeKind.PARKING_PUBLIC, 1_500_000, this),
        (FeeKind.PROPERTY, 28_000, rules.months_later(this, 1)),
    )

    def work() -> None:
        db.session.get_one(Estate, place.estate.id).parking_enabled = True
        for kind, price, since in prices:
            wanted = NewStandard(place.estate.id, kind.value, price, since, "按月计收")
            set_standard(wanted, company_id=place.company.id, by=SYSTEM)

    transact(work)
    return int(place.estate.id)


def test_a_visitor_reads_who_charges_what_since_when_and_where_to_complain(api, estate_id):
    answer = api.phone().get(f"/estates/{estate_id}/fees")
    assert answer.status_code == 200
    shown = answer.json
    place = api.scene.place
    assert (shown["estate"], shown["company"]) == (place.estate.name, place.company.name)
    assert shown["contract_from"] == place.contract.begins_on.isoformat()
    fee, space = shown["items"]
    this = rules.first_day(rules.period_of(clock.china_date(clock.now())))
    assert (fee["label"], fee["price_words"], fee["unit"]) == ("物业费", "¥2.60", "每平方米每月")
    assert (fee["since"], fee["next_price_words"], bool(fee["next_since"])) == (
        this.isoformat(),
        "¥2.80",
        True,
    )
    assert (space["price_words"], space["unit"]) == ("¥150.00", "每个车位每月")
    assert (space["next_price_words"], space["next_since"]) == ("", None)
    assert shown["complaint_phone"] == "12315"
    assert "不加手续费" in shown["agency"]
    assert shown["why_empty"] == ""


def test_a_late_fee_is_named_only_where_the_contract_has_one(api, estate_id):
    assert api.phone().get(f"/estates/{estate_id}/fees").json["late_fee"] == "服务合同没有约定违约金"
    clause = {"contract_id": api.scene.place.contract.id, "rate_millionths": 500, "grace_days": 30}

    def work() -> None:
        db.session.add(LateFeeClause(**clause, cap_percent=20, registered_at=clock.now()))

    transact(work)
    words = api.phone().get(f"/estates/{estate_id}/fees").json["late_fee"]
    assert words.startswith("合同约定:逾期超过30天每天按欠费的 0.05% 计违约金,最多为欠费的 20%")
    assert words.endswith("不自动收取")


def test_where_no_standard_is_entered_the_page_says_whom_to_ask(api):
    answer = api.phone().get(f"/estates/{api.scene.place.estate.id}/fees")
    assert (answer.json["items"], "管理处" in answer.json["why_empty"]) == ([], True)


def test_an_estate_that_does_not_exist_is_not_found(api):
    assert api.phone().get(f"/estates/{10**12}/fees").status_code == 404


def test_reading_costs_few_statements(api, estate_id):
    api.phone().get(f"/estates/{estate_id}/fees")
    with counted_statements() as statements:
        api.phone().get(f"/estates/{estate_id}/fees")
    assert len(statements) <= 6
