"""代老人报修: the person for whom somebody reports is whom the worker calls (S2-31, domain 3.8)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.accounts.scopes import resident_scope
from app.core.crypto import blind_index
from app.core.db import db
from app.core.roles import Role
from app.orders.models import Order
from app.orders.proxy_models import ProxyConsent
from tests.factories.people import make_resident
from tests.factories.scene import make_scene

ELDER = {"name": "王秀英", "phone": "19900000881", "consent_note": "电话里同意由女儿代报"}


def _report(api, **values):
    home = api.scene.place.homes[1].id
    plain = {"menu": "EMG", "category_code": "H0101", "text": "卧室的灯不亮了", "home_id": home}
    return {**plain, "on_behalf": ELDER, **values}


def _relative(api, relation="family", **values):
    account = make_resident(api.scene.place.homes[1], relation=relation, name="王小丽", **values)
    return account, api.phone(resident_scope(account.id))


@pytest.mark.parametrize("relation", ["family", "proxy", "owner", "co_owner"])
def test_the_elder_becomes_the_contact_and_the_relative_stays_the_reporter(api, relation):
    account, phone = _relative(api, relation)
    answer = phone.send("/orders", _report(api))
    assert answer.status_code == 201, answer.json
    order = api.scene.order(answer.json["order_id"])
    assert (order.reporter_id, order.contact_name, order.contact_phone) == (
        account.id,
        "王秀英",
        "19900000881",
    )
    assert order.contact_index == blind_index("19900000881")
    stored = db.session.execute(select(Order.__table__.c.contact_phone)).scalar()
    assert stored == "19900000881", "read back through the key"
    raw = db.session.connection().exec_driver_sql("SELECT contact_phone FROM orders").scalar()
    assert "19900000881" not in raw


def test_the_consent_is_kept_with_time_person_and_way(api):
    account, phone = _relative(api)
    order_id = phone.send("/orders", _report(api)).json["order_id"]
    kept = db.session.scalars(select(ProxyConsent)).one()
    assert (kept.order_id, kept.given_to, kept.relation) == (order_id, account.id, "family")
    assert (kept.given_at, kept.way) == (api.scene.at, "电话里同意由女儿代报")


def test_the_desk_reads_that_it_is_on_behalf_and_the_number_stays_masked(api):
    _, phone = _relative(api)
    order_id = phone.send("/orders", _report(api)).json["order_id"]
    contact = api.phone(Role.DSP).get(f"/orders/{order_id}").json["contact"]
    assert contact == {
        "name": "王**",
        "phone": "199****0881",
        "masked": True,
        "can_reveal": True,
        "on_behalf": True,
    }
    own = phone.get(f"/orders/{order_id}").json["contact"]
    assert (own["name"], own["on_behalf"]) == ("王秀英", True)


def test_a_number_of_a_fixed_telephone_is_good_too(api):
    _, phone = _relative(api)
    elder = {**ELDER, "phone": "010-6950 0000"}
    order_id = phone.send("/orders", _report(api, on_behalf=elder)).json["order_id"]
    assert api.scene.order(order_id).contact_phone == "01069500000"


def test_a_tenant_cannot_speak_for_others_and_is_told_who_can(api):
    _, phone = _relative(api, "tenant")
    answer = phone.send("/orders", _report(api))
    assert answer.status_code == 422
    assert list(answer.json["fields"]) == ["on_behalf"]
    assert "租户" in answer.json["message"]


def test_only_for_a_home_to_which_one_is_tied(api):
    _, phone = _relative(api)
    foreign = make_scene(at=api.scene.at).place.homes[0].id
    answer = phone.send("/orders", _report(api, home_id=foreign))
    assert (answer.status_code, list(answer.json["fields"])) == (422, ["home_id"])


def test_a_public_matter_needs_nobody_in_between(api):
    _, phone = _relative(api)
    body = {"menu": "PUB", "category_code": "G0201", "text": "门厅的灯不亮了", "on_behalf": ELDER}
    answer = phone.send("/orders", {**body, "spot_id": api.scene.place.spot.id})
    assert (answer.status_code, list(answer.json["fields"])) == (422, ["on_behalf"])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"phone": "12345"}, "on_behalf.phone"),
        ({"phone": "29900000881"}, "on_behalf.phone"),
        ({"phone": "abc"}, "on_behalf.phone"),
        ({"name": ""}, "on_behalf.name"),
        ({"name": "  "}, "on_behalf.name"),
        ({"consent_note": ""}, "on_behalf.consent_note"),
        ({"consent_note": "   "}, "on_behalf.consent_note"),
        ({"birthday": "1940"}, "on_behalf.birthday"),
    ],
)
def test_a_bad_beneficiary_is_422_and_names_the_field(api, wrong, field):
    _, phone = _relative(api)
    answer = phone.send("/orders", _report(api, on_behalf={**ELDER, **wrong}))
    assert (answer.status_code, list(answer.json["fields"])) == (422, [field]), answer.json
    assert db.session.scalar(select(ProxyConsent.id)) is None


def test_the_same_key_twice_is_one_order_with_one_consent(api):
    _, phone = _relative(api)
    first = phone.send("/orders", _report(api), key="behalf-once")
    second = phone.send("/orders", _report(api), key="behalf-once")
    assert (second.status_code, second.json) == (201, first.json)
    assert len(db.session.scalars(select(ProxyConsent.id)).all()) == 1


def test_an_order_for_oneself_keeps_no_consent(api):
    account, phone = _relative(api)
    order_id = phone.send("/orders", _report(api, on_behalf=None)).json["order_id"]
    assert api.scene.order(order_id).contact_name == account.name
    assert db.session.scalar(select(ProxyConsent.id)) is None
    assert phone.get(f"/orders/{order_id}").json["contact"]["on_behalf"] is False
