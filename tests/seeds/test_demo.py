"""The demonstration district: what domain 4.1 counts, how people get in, where it may not be written."""

from __future__ import annotations

import base64
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from app.accounts.models import Account, BindingStatus, Credential, Hat, HomeBinding, PrivacyConsent
from app.accounts.privacy import PRIVACY, PRIVACY_VERSION
from app.accounts.queries import homes_of
from app.accounts.service import find_or_create_resident, has_consent
from app.accounts.sessions import hats_of
from app.accounts.signing_in import sign_in
from app.catalogue.high_prices import prices_above_ceiling
from app.catalogue.price_queries import price_list
from app.companies.models import Certificate, Company, Office, Worker
from app.companies.queries import duty_gap
from app.core import clock
from app.core.db import db
from app.core.roles import Role
from app.estates.models import Building, Estate, Home, PublicSpot, Unit
from app.orders.crew_facts import BUSY
from app.orders.models import Order
from app.payments.models import PaymentLine
from app.seeds.credentials import (
    DEMO_PASSWORD,
    LOGINS,
    NEWCOMER,
    PEOPLE,
    demo_accounts,
    sandbox_openid,
)
from app.seeds.demo import AlreadySeeded, NoDemoInProduction, seed_demo
from app.seeds.names import DEMO_PHONES
from app.seeds.skills import EXPIRED, EXPIRES_IN_FIVE_DAYS
from config import SANDBOX_APPID, Settings
from tests.seeds.demo_database import NOW, count, plain_picture, seeded
from wechat_sandbox.people import openid_of


def test_there_are_six_estates_with_the_homes_that_the_specification_lists(demo):
    estates = db.session.scalars(select(Estate).order_by(Estate.id)).all()
    homes = dict(db.session.execute(select(Home.estate_id, func.count()).group_by(Home.estate_id)).all())
    assert [homes[estate.id] for estate in estates] == [640, 288, 960, 1120, 1500, 180]
    assert [estate.homes_count for estate in estates] == [homes[estate.id] for estate in estates]
    buildings = dict(
        db.session.execute(select(Building.estate_id, func.count()).group_by(Building.estate_id)).all()
    )
    assert [buildings[estate.id] for estate in estates[:5]] == [16, 9, 20, 14, 18]
    assert count(PublicSpot, PublicSpot.building_id.is_not(None)) >= count(Unit)


def test_the_vote_unit_has_twelve_homes_of_eleven_owners(demo):
    unit = (
        select(Home.id)
        .join(Building, Building.id == Home.building_id)
        .join(Unit, Unit.id == Home.unit_id)
        .join(Estate, Estate.id == Home.estate_id)
        .where(Estate.name.startswith("西营前街"), Building.number == "5", Unit.number == "1")
    )
    rows = db.session.execute(
        select(HomeBinding.account_id, Home.area_m2)
        .join(Home, Home.id == HomeBinding.home_id)
        .where(Home.id.in_(unit), HomeBinding.relation == "owner")
    ).all()
    areas: dict[int, list[Decimal]] = {}
    for account_id, area in rows:
        areas.setdefault(account_id, []).append(area)
    assert sorted(map(sorted, areas.values())) == [[60]] * 4 + [[60, 60]] + [[80]] * 6


def test_companies_and_staff_are_as_many_as_listed(demo):
    assert Counter(db.session.scalars(select(Company.admission))) == {"准入": 4, "待审": 1, "暂停": 1}
    roles = Counter(db.session.scalars(select(Hat.role)))
    assert roles == {
        "MGR": 5, "DSP": 10, "WRK": 36, "FIN": 5, "CO": 5, "HOT": 2, "APV": 2, "FND": 2, "BUR": 3, "STR": 3,
        "COM": 6, "SYA": 1, "SEA": 1, "AUA": 1,
    }  # fmt: skip
    assert db.session.scalar(select(func.count(Hat.account_id.distinct()))) == 82


def test_residents_are_as_many_as_listed(demo):
    residents = select(HomeBinding.account_id).distinct()
    assert demo.summary.residents == len(db.session.scalars(residents).all()) == 168
    assert count(Account, Account.phone_index.is_not(None)) == 168 + 82
    assert count(Account, Account.is_demo.is_(False)) == 0
    assert count(Account, Account.elder_mode.is_(True)) == 40
    assert count(HomeBinding, HomeBinding.status == BindingStatus.PENDING) == 3
    tenants = Counter(db.session.scalars(select(HomeBinding.status).where(HomeBinding.relation == "tenant")))
    assert tenants == {"active": 28, "expired": 2}
    live = select(func.count()).where(HomeBinding.slot.is_not(None)).group_by(HomeBinding.account_id)
    assert Counter(db.session.scalars(live)) == {1: 168 - 2 - 6, 3: 5, 2: 1}


def test_the_particular_workers_are_there(demo):
    today = clock.china_date(NOW)

    def office(number: int) -> list[Worker]:
        ids = db.session.scalars(select(Office.id).order_by(Office.id)).all()
        return list(
            db.session.scalars(select(Worker).where(Worker.office_id == ids[number]).order_by(Worker.id))
        )

    def electric_until(worker: Worker):
        mine = (Certificate.worker_id == worker.id) & (Certificate.kind == "低压电工")
        return db.session.scalar(select(Certificate.valid_to).where(mine))

    assert electric_until(office(0)[EXPIRES_IN_FIVE_DAYS[1]]) == today + timedelta(days=5)
    assert electric_until(office(2)[EXPIRED[1]]) < today
    assert count(Certificate, Certificate.worker_id == office(3)[6].id) == 0
    assert office(4)[7].online is False
    overloaded = office(2)[0]
    busy = count(Order, Order.worker_id == overloaded.id, Order.status.in_([each.value for each in BUSY]))
    assert busy > overloaded.max_parallel


def test_two_persons_keep_every_desk_at_every_hour_of_the_week(demo):
    offices = db.session.scalars(select(Office.id)).all()
    hours = [NOW + timedelta(hours=offset) for offset in range(-60, 100, 4)]
    assert all(duty_gap(office, at) == 0 for office in offices for at in hours)


def test_all_phone_numbers_are_of_the_demonstration(demo):
    known = select(Account.phone).where(Account.phone_index.is_not(None))
    numbers = {*db.session.scalars(known), *db.session.scalars(select(Order.contact_phone))}
    numbers |= {
        *db.session.scalars(select(Office.duty_phone)),
        *db.session.scalars(select(Company.contact_phone)),
    }
    assert {int(number) for number in numbers} <= set(DEMO_PHONES)


def test_a_phone_of_the_sandbox_is_the_person_of_the_demonstration(demo):
    before = count(Account)
    for account in (each for each in demo_accounts() if not each.secret):
        openid = openid_of(SANDBOX_APPID, account.login)
        assert openid == sandbox_openid(SANDBOX_APPID, account.login)
        assert find_or_create_resident(openid).is_demo
    assert count(Account) == before


def test_the_people_of_the_browsers_list_are_who_the_list_says(demo):
    for person in PEOPLE:
        account = find_or_create_resident(sandbox_openid(SANDBOX_APPID, person.name))
        roles = {hat.role for hat in hats_of(account.id)}
        assert roles == (set() if person.role is Role.RES else {person.role})
        assert has_consent(account.id, PRIVACY, PRIVACY_VERSION)
    he = find_or_create_resident(sandbox_openid(SANDBOX_APPID, "he"))
    [home] = homes_of(he.id)
    assert (home.estate_name, home.in_home_service) == ("金昊雅苑(演示)", False)
    newcomer = sandbox_openid(SANDBOX_APPID, NEWCOMER.name)
    assert count(Account, Account.openid == newcomer) == 0


def test_every_resident_has_agreed_to_the_privacy_notice(demo):
    residents = set(db.session.scalars(select(HomeBinding.account_id)))
    agreed = select(PrivacyConsent.account_id).where(PrivacyConsent.version == PRIVACY_VERSION)
    assert residents <= set(db.session.scalars(agreed))


def test_every_property_company_has_published_its_prices_under_the_ceilings(demo):
    companies = set(db.session.scalars(select(Office.company_id)))
    assert len(companies) == 3
    for company_id in companies:
        prices = {line.code: line.price_fen for line in price_list(company_id, at=NOW)}
        assert (prices["W01"], prices["M04"], prices["F02"], prices["G01"]) == (4000, 0, 3000, None)
    assert prices_above_ceiling(NOW) == []


def test_repairs_that_cost_something_were_paid_on_the_phone_and_some_wait_for_it(demo):
    found = dict(db.session.execute(select(Order.pay_status, func.count()).group_by(Order.pay_status)).all())
    assert found["已支付"] >= 3
    assert found["待支付"] >= 1
    paid = db.session.scalars(select(Order).where(Order.pay_status == "已支付")).all()
    subjects = {f"order:{order.id}" for order in paid}
    lines = db.session.scalars(select(PaymentLine).where(PaymentLine.subject.in_(subjects))).all()
    assert len(lines) >= 3
    assert all(order.paid_fen == order.final_fen > 0 for order in paid)


def test_every_printed_login_opens_the_console_without_a_new_password(demo):
    assert set(db.session.scalars(select(Credential.login_name))) == set(LOGINS.values())
    for login in ("demo-dsp", "demo-aua"):
        result = sign_in(login, DEMO_PASSWORD)
        assert result.account_id is not None
        assert not result.must_change


def test_the_demonstration_is_written_only_into_an_empty_database(demo, tmp_path):
    with pytest.raises(AlreadySeeded):
        seeded(tmp_path)


def test_production_refuses_the_demonstration():
    production = Settings(
        environment="production",
        secret_key="k" * 40,
        personal_data_key=base64.b64encode(b"k" * 32).decode(),
        database_url="mysql+pymysql://db/anju",
        redis_url="redis://cache",
        public_base_url="https://anju.example",
        wechat_appid="wx1",
        wechat_secret="secret",
        wechat_push_token="token",
        wechat_push_aes_key="k" * 43,
        wechat_pay_mch_id="",
    )
    with pytest.raises(NoDemoInProduction):
        seed_demo(storage=None, now=NOW, settings=production, draw=plain_picture)
