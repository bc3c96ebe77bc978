"""A payment before WeChat hears of it: whose, into which account, and only once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.accounts.scopes import resident_scope
from app.core import clock
from app.core.clock import china, china_date
from app.core.db import db, transact
from app.payments.errors import AlreadyPaid, NotPayable, OtherPaymentOpen, PaymentExpired
from app.payments.models import Payment, PaymentLine, PaymentState, Purpose
from app.payments.opening import CLOSING_FIRST, MAX_FEN, SOMEBODY_ELSE, open_payment
from tests.engines import both_engines, in_parallel, mariadb_only
from tests.factories import make_account, make_place
from tests.factories.money import bill_parts, make_merchant, make_payment, pay


def opened(place, parts, payer_id):
    return open_payment(
        parts,
        purpose=Purpose.BILLS,
        title="物业费",
        company_id=place.company.id,
        estate_id=place.estate.id,
        district_id=place.district.id,
        by=resident_scope(payer_id),
        client_ip="127.0.0.1",
    )


@both_engines
def test_the_money_goes_to_the_account_that_the_company_has_today(app_db):
    place = make_place()
    today = china_date(clock.now())
    make_merchant(place.company, sub_mch_id="1900000201", valid_until=today - timedelta(days=1))
    make_merchant(place.company, sub_mch_id="1900000202", valid_from=today)
    make_merchant(place.company, sub_mch_id="1900000203", valid_from=today + timedelta(days=1))
    payment = make_payment(place, parts=bill_parts(100, 250))
    assert (payment.sub_mch_id, payment.amount_fen, payment.state) == ("1900000202", 350, "created")
    assert [line.claim for line in payment.lines] == [1, 1]


def test_the_day_of_the_account_is_the_day_in_china(app_db):
    place, payer = make_place(), make_account()
    make_merchant(place.company, sub_mch_id="1900000201", valid_from=china_date(china(2026, 11, 22)))
    with clock.frozen(china(2026, 11, 22, 0, 30)):  # still the 21st in UTC
        assert make_payment(place, payer=payer).sub_mch_id == "1900000201"


def test_a_company_without_an_account_takes_no_payment(app_db):
    place, payer = make_place(), make_account()
    with pytest.raises(NotPayable, match="还没有开通"):
        transact(lambda: opened(place, bill_parts(100), payer.id))
    assert db.session.scalar(select(func.count(Payment.id))) == 0


def test_somebody_without_wechat_is_told_to_sign_in_with_it(app_db):
    place, payer = make_place(), make_account()
    make_merchant(place.company)
    transact(lambda: setattr(db.session.merge(payer), "openid", None))
    with pytest.raises(NotPayable, match="用微信登录"):
        transact(lambda: opened(place, bill_parts(100), payer.id))


@both_engines
def test_the_same_selection_again_is_the_same_payment_in_any_order(app_db):
    place, payer, parts = make_place(), make_account(), bill_parts(100, 250)
    first = make_payment(place, payer=payer, parts=parts)
    again = make_payment(place, payer=payer, parts=list(reversed(parts)))
    assert again.id == first.id
    assert db.session.scalar(select(func.count(Payment.id))) == 1


@pytest.mark.parametrize("chosen", [(0,), (0, 1, 2), (1, 2)])
def test_another_selection_that_overlaps_waits_for_the_first(app_db, chosen):
    place, payer, parts = make_place(), make_account(), bill_parts(100, 250, 300)
    first = make_payment(place, payer=payer, parts=parts[:2])
    with pytest.raises(OtherPaymentOpen, match="付完或取消") as refused:
        make_payment(place, payer=payer, parts=[parts[each] for each in chosen])
    assert refused.value.fields == {"payment_id": first.id}


def test_a_bill_that_has_changed_meanwhile_is_not_paid_at_the_old_amount(app_db):
    place, payer = make_place(), make_account()
    make_payment(place, payer=payer, parts=bill_parts(100, first=7))
    with pytest.raises(OtherPaymentOpen):
        make_payment(place, payer=payer, parts=bill_parts(90, first=7))


def test_another_member_of_the_family_is_told_who_pays_and_not_which_payment(app_db):
    place, parts = make_place(), bill_parts(100)
    make_payment(place, parts=parts)
    with pytest.raises(OtherPaymentOpen, match=SOMEBODY_ELSE) as refused:
        make_payment(place, parts=parts)
    assert refused.value.fields == {}


@both_engines
def test_what_is_paid_is_not_paid_again_and_the_answer_names_it(app_db):
    place, payer, parts = make_place(), make_account(), bill_parts(100, 250)
    pay(make_payment(place, payer=payer, parts=parts[:1]))
    with pytest.raises(AlreadyPaid) as refused:
        make_payment(place, payer=payer, parts=parts)
    assert refused.value.fields == {"subjects": [parts[0].subject]}


def test_after_half_an_hour_the_first_is_asked_for_before_another_begins(app_db):
    place, payer, parts = make_place(), make_account(), bill_parts(100)
    first = make_payment(place, payer=payer, parts=parts)
    with clock.frozen(first.expires_at), pytest.raises(PaymentExpired, match="一两分钟"):
        make_payment(place, payer=payer, parts=parts)


def test_while_one_is_being_cancelled_the_person_is_told_how_long_it_takes(app_db):
    place, payer, parts = make_place(), make_account(), bill_parts(100)
    first = make_payment(place, payer=payer, parts=parts)
    transact(lambda: setattr(db.session.merge(first), "state", PaymentState.CLOSING.value))
    with pytest.raises(OtherPaymentOpen) as refused:
        make_payment(place, payer=payer, parts=parts)
    assert refused.value.sentence == CLOSING_FIRST


@pytest.mark.parametrize("fen", [0, -1, True, 1.5, "100", MAX_FEN + 1, 2**63])
def test_an_impossible_amount_is_refused_before_anything_is_written(app_db, fen):
    place, payer = make_place(), make_account()
    make_merchant(place.company)
    with pytest.raises(ValueError, match="fen"):
        transact(lambda: opened(place, bill_parts(fen), payer.id))


def test_a_subject_twice_is_a_mistake_of_the_program(app_db):
    place, payer, parts = make_place(), make_account(), bill_parts(100)
    with pytest.raises(ValueError, match="each subject once"):
        transact(lambda: opened(place, parts * 2, payer.id))


@mariadb_only
def test_taps_at_the_same_instant_are_one_payment(app_db):
    place, payer = make_place(), make_account()
    make_merchant(place.company)
    given = {
        "purpose": Purpose.BILLS,
        "title": "物业费",
        "company_id": place.company.id,
        "estate_id": place.estate.id,
        "district_id": place.district.id,
        "by": resident_scope(payer.id),
        "client_ip": "127.0.0.1",
    }
    parts = bill_parts(100, 250)
    works = [lambda: transact(lambda: open_payment(parts, **given).id)] * 6
    found = [each for _ in range(8) for each in in_parallel(app_db, works)]
    assert len(set(found)) == 1
    assert db.session.scalar(select(func.count(Payment.id))) == 1
    assert db.session.scalar(select(func.count(PaymentLine.id))) == 2


def test_numbers_are_ours_and_never_the_same(app_db):
    place = make_place()
    numbers = [make_payment(place).out_trade_no for _ in range(20)]
    assert len(set(numbers)) == 20
    assert all(6 <= len(each) <= 32 and each.isalnum() and each.isascii() for each in numbers)
