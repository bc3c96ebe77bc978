"""账单 over the API: what is seen, what is paid together, who is refused, and the publicity for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.accounts.models import Relation
from app.accounts.privacy import PRIVACY
from app.accounts.scopes import resident_scope
from app.accounts.service import withdraw_consent
from app.core.db import db, transact
from app.core.roles import Role
from app.core.scope import SYSTEM
from app.estates.models import Estate, Home
from app.fees import correcting, issuing, standards
from app.fees.bill_models import Bill
from app.fees.standards import NewStandard
from app.payments.models import Payment
from miniprogram_api.session import HATS_ON_THE_PHONE
from tests.factories import money
from tests.factories.people import make_account, make_binding, make_resident
from tests.fees.town import settled
from tests.miniprogram_api.phones import Api, Phone, counted_statements


@dataclass
class Household:
    """The scene's resident, whose home has three months of bills."""

    api: Api
    phone: Phone

    @property
    def home_id(self) -> int:
        return self.api.scene.place.homes[0].id

    def ids(self, **query: Any) -> list[int]:
        return [each["id"] for each in self.phone.get("/bills", **query).json["items"]]


@pytest.fixture
def household(api: Api) -> Household:
    """110 m² at 2.60, three months."""
    place = api.scene.place

    def prepare() -> None:
        estate = db.session.get_one(Estate, place.estate.id)
        estate.pay_enabled = True
        for home in place.homes:
            db.session.get_one(Home, home.id).area_m2 = Decimal("110.00")
        wanted = NewStandard(place.estate.id, "property", 26_000, "2026-01", "按建筑面积")
        standards.set_standard(wanted, company_id=place.company.id, by=SYSTEM)

    transact(prepare)
    money.make_merchant(place.company)
    for period in ("2026-09", "2026-10", "2026-11"):
        issuing.issue(period, by=SYSTEM)
    return Household(api, api.phone(Role.RES))


def test_the_bills_of_a_home_say_what_they_are_for_and_how_they_came_about(household):
    answer = household.phone.get("/bills", home_id=household.home_id, state="due").json
    assert [each["period"] for each in answer["items"]] == ["2026-11", "2026-10", "2026-09"]
    assert (answer["payable"], answer["not_payable_why"]) == (True, "")
    october = answer["items"][1]
    assert (october["amount_fen"], october["paid_fen"], october["due_fen"]) == (28_600, 0, 28_600)
    assert (october["kind_label"], october["period_label"]) == ("物业费", "2026年10月")
    assert october["basis"] == "110.00 m² × ¥2.60"
    assert (october["overdue"], october["words"], october["corrected"]) == (True, "未缴,已过缴费日期", False)
    assert [each["action"] for each in october["actions"]] == ["pay", "ask"]
    assert household.phone.get(f"/bills/{october['id']}").json == october


def test_the_summary_adds_up_what_is_due(household):
    answer = household.phone.get("/bills/summary").json
    (home,) = answer["homes"]
    assert (home["due_fen"], home["overdue_fen"], home["due_count"]) == (85_800, 57_200, 3)
    assert answer["total_fen"] == 85_800


def test_three_months_are_one_payment_and_the_same_choice_is_the_same_payment(household):
    ids = household.ids(state="due")
    first = household.phone.send("/bills/pay", {"bill_ids": ids})
    assert first.status_code == 200, first.json
    (payment,) = first.json["payments"]
    assert (payment["amount_fen"], payment["state"], len(payment["lines"])) == (85_800, "created", 3)
    again = household.phone.send("/bills/pay", {"bill_ids": ids[::-1]}).json["payments"]
    assert [each["id"] for each in again] == [payment["id"]]


def test_a_repeated_key_gives_the_same_answer(household):
    ids = household.ids(state="due")
    answers = [household.phone.send("/bills/pay", {"bill_ids": ids}, key="pay-bills-0001") for _ in range(2)]
    assert answers[0].json == answers[1].json
    assert len(db.session.query(Payment).all()) == 1


def test_what_was_paid_is_paid_on_the_phone_of_everybody_in_the_home(household):
    ids = household.ids(state="due")
    (paid,) = household.phone.send("/bills/pay", {"bill_ids": ids}).json["payments"]
    assert money.pay(db.session.get_one(Payment, paid["id"])) == "settled"
    settled(paid["id"])
    home = household.api.scene.place.homes[0]
    tenant = transact(lambda: make_resident(db.session.merge(home), relation=Relation.TENANT))
    other = household.api.phone(resident_scope(tenant.id))
    states = {each["state"] for each in other.get("/bills").json["items"]}
    assert states == {"paid"}
    assert other.get("/bills", state="due").json["items"] == []
    assert household.phone.send("/bills/pay", {"bill_ids": ids}).status_code == 409


def test_a_stranger_finds_neither_bill_nor_home(household):
    stranger = household.api.phone(resident_scope(transact(make_account).id))
    ids = household.ids()
    assert stranger.get("/bills").json["items"] == []
    assert stranger.get(f"/bills/{ids[0]}").status_code == 404
    assert stranger.get("/bills", home_id=household.home_id).status_code == 404
    assert stranger.send("/bills/pay", {"bill_ids": ids}).status_code == 404


@pytest.mark.parametrize("role", sorted(HATS_ON_THE_PHONE & {Role.DSP, Role.MGR, Role.WRK, Role.HOT}))
def test_no_hat_of_the_staff_reads_bills(household, role):
    phone = household.api.phone(role)
    assert phone.get("/bills").status_code == 403
    assert phone.send("/bills/pay", {"bill_ids": household.ids()}).status_code == 403


def test_nobody_pays_without_signing_in_or_consent(household):
    ids = household.ids()
    assert household.api.phone().send("/bills/pay", {"bill_ids": ids}).status_code == 401
    account_id = household.api.scene.resident.id
    transact(lambda: withdraw_consent(account_id, PRIVACY))
    refused = household.phone.send("/bills/pay", {"bill_ids": ids})
    assert refused.json["code"] == "privacy_consent_needed"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"bill_ids": []},
        {"bill_ids": list(range(1, 62))},
        {"bill_ids": [0]},
        {"bill_ids": [-1]},
        {"bill_ids": [10**30]},
        {"bill_ids": [True]},
        {"bill_ids": ["1"]},
        {"bill_ids": [1.5]},
        {"bill_ids": "]]>"},
        {"bill_ids": [1], "amount_fen": 1},
        [],
    ],
)
def test_a_body_that_says_anything_else_is_refused(household, body):
    assert household.phone.send("/bills/pay", body).status_code == 422
    assert db.session.query(Payment).count() == 0


@pytest.mark.parametrize("query", [{"state": "open"}, {"home_id": "x"}, {"cursor": "!"}, {"cursor": "WzFd"}])
def test_a_query_that_says_anything_else_is_refused(household, query):
    assert household.phone.get("/bills", **query).status_code == 422


def test_an_estate_without_agreement_says_so_with_the_offices_number_and_refuses(household):
    place = household.api.scene.place

    def close() -> None:
        db.session.get_one(Estate, place.estate.id).pay_enabled = False
        db.session.merge(place.office).duty_phone = "010-00000010"

    transact(close)
    answer = household.phone.get("/bills").json
    assert (answer["payable"], answer["office_phone"]) == (False, "010-00000010")
    assert "还没有开通线上缴费" in answer["not_payable_why"]
    assert all([each["action"] for each in bill["actions"]] == ["ask"] for bill in answer["items"])
    summary = household.phone.get("/bills/summary").json
    assert (summary["total_fen"], summary["homes"][0]["payable"]) == (0, False)
    refused = household.phone.send("/bills/pay", {"bill_ids": household.ids()})
    assert (refused.status_code, refused.json["code"]) == (409, "payment_not_opened")
    assert "010-00000010" in refused.json["message"]


def test_a_corrected_bill_says_so_and_the_old_one_is_void(household):
    newest = household.ids()[0]
    transact(lambda: correcting.correct(newest, amount_fen=26_000, reason="面积更正为100", by=SYSTEM))
    every = household.phone.get("/bills", state="all").json["items"]
    assert [(each["version"], each["state"], each["corrected"]) for each in every][:2] == [
        (2, "due", True),
        (1, "void", False),
    ]
    assert "原 ¥286.00,更正为 ¥260.00:面积更正为100" in every[0]["basis"]
    assert every[1]["actions"] == []
    assert household.phone.send("/bills/pay", {"bill_ids": [newest]}).status_code == 404


def test_pages_follow_one_another_without_gap(household):
    seen, cursor = [], ""
    while True:
        answer = household.phone.get("/bills", limit=2, cursor=cursor).json
        seen += [each["id"] for each in answer["items"]]
        cursor = answer["next_cursor"]
        if not cursor:
            break
    assert seen == household.ids(limit=100)


def test_a_page_costs_as_many_statements_for_many_bills_as_for_one(household):
    def cost() -> int:
        db.session.expunge_all()  # as behind a server: nothing is known from the request before
        with counted_statements() as seen:
            assert household.phone.get("/bills", limit=100).status_code == 200
        return len([statement for statement in seen if not statement.startswith("BEGIN")])

    home_id, template = household.home_id, db.session.query(Bill).first()
    values = {c.name: getattr(template, c.name) for c in Bill.__table__.columns if c.name != "id"}
    before = cost()

    def more() -> None:
        for month in range(1, 9):
            row = {
                **values,
                "home_id": home_id,
                "period": f"2025-{month:02d}",
                "due_on": date(2025, month, 28),
            }
            db.session.add(Bill(**row))

    transact(more)
    assert cost() == before


def test_a_second_home_is_paid_for_alone(household):
    other = household.api.scene.place.homes[1]
    account = household.api.scene.resident
    transact(lambda: make_binding(account, other, slot=2))
    ids = household.ids(home_id=other.id)
    (payment,) = household.phone.send("/bills/pay", {"bill_ids": ids}).json["payments"]
    assert money.pay(db.session.get_one(Payment, payment["id"])) == "settled"
    settled(payment["id"])
    sums = {each["home_id"]: each["due_fen"] for each in household.phone.get("/bills/summary").json["homes"]}
    assert sums == {household.home_id: 85_800, other.id: 0}


def test_the_fees_of_an_estate_are_public(household):
    place = household.api.scene.place
    answer = household.api.phone().get(f"/estates/{place.estate.id}/fees").json
    assert (answer["company"], answer["complaint_phone"]) == (place.company.name, "12315")
    (item,) = answer["items"]
    assert (item["label"], item["price_words"], item["unit"], item["method"], item["since"]) == (
        "物业费",
        "¥2.60",
        "每平方米每月",
        "按建筑面积",
        "2026-01-01",
    )
    assert answer["late_fee"] == "服务合同没有约定违约金"
    assert "不加手续费" in answer["agency"]
    assert household.api.phone().get("/estates/987654321/fees").status_code == 404
