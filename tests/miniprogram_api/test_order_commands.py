"""Each command on an order: one happy path, one stranger, one wrong state, bad bodies."""

from __future__ import annotations

import pytest

from app.core.roles import Role
from miniprogram_api.routing import ROUTES
from tests.factories.scene import make_scene
from tests.miniprogram_api.steps import STEPS, submitted


def _named(step):
    return step.name


@pytest.fixture(params=STEPS, ids=_named)
def step(request):
    return request.param


def test_the_right_person_at_the_right_time_succeeds(api, step):
    order_id = step.possible(api.scene)
    body = step.body(api.scene) if step.body else None
    answer = api.phone(step.role).send(step.path.format(order_id), body)
    assert answer.status_code == 200, answer.json
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_stranger_under_the_same_hat_gets_404_and_changes_nothing(api, step):
    order_id = step.possible(api.scene)
    before = api.scene.order(order_id).version
    stranger = make_scene(at=api.scene.at)
    body = step.body(stranger) if step.body else None
    answer = api.phone(stranger.by(step.role)).send(step.path.format(order_id), body)
    assert (answer.status_code, answer.json["code"]) == (404, "order_not_found")
    assert api.scene.order(order_id).version == before


def test_the_wrong_state_is_409_and_names_the_present_one(api, step):
    if step.impossible is None:
        assert step.name in ("reveal", "unfollow")
        return
    order_id = step.impossible(api.scene)
    status = api.scene.order(order_id).status
    body = step.body(api.scene) if step.body else None
    answer = api.phone(step.role).send(step.path.format(order_id), body)
    assert answer.status_code == 409, answer.json
    assert answer.json["fields"]["status"] == status


def test_a_bad_body_is_422_and_names_the_field(api, step):
    order_id = step.possible(api.scene)
    phone = api.phone(step.role)
    for body in step.bad:
        answer = phone.send(step.path.format(order_id), body)
        assert answer.status_code == 422, (body, answer.json)
        assert answer.json["fields"]
        assert answer.json["message"]


def test_an_order_that_never_was_is_404(api, step):
    body = step.body(api.scene) if step.body else None
    answer = api.phone(step.role).send(step.path.format(987_654_321), body)
    assert answer.status_code == 404


def test_a_missing_or_malformed_key_is_422_and_names_the_header(api, step):
    order_id = step.possible(api.scene)
    body = step.body(api.scene) if step.body else None
    for key in ("short", "with space", "x" * 65):
        answer = api.phone(step.role).send(step.path.format(order_id), body, key=key)
        assert answer.status_code == 422
        assert "Idempotency-Key" in answer.json["fields"]


def test_the_same_key_gives_the_same_answer_and_one_event(api, step):
    order_id = step.possible(api.scene)
    body = step.body(api.scene) if step.body else None
    phone = api.phone(step.role)
    first = phone.send(step.path.format(order_id), body, key="once-and-again-1")
    version = api.scene.order(order_id).version
    second = phone.send(step.path.format(order_id), body, key="once-and-again-1")
    assert (second.status_code, second.json) == (first.status_code, first.json)
    assert api.scene.order(order_id).version == version


def test_a_hat_that_can_never_do_it_is_403(api, step):
    route = next(
        route for route in ROUTES.values() if route.path.endswith(f">/{step.name}") and route.command
    )
    outsider = next(role for role in (Role.COM, Role.WRK, Role.RES) if role not in route.who)
    order_id = step.possible(api.scene)
    body = step.body(api.scene) if step.body else None
    answer = api.phone(outsider).send(step.path.format(order_id), body)
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


def test_every_order_command_of_the_api_is_in_the_table():
    commands = {
        route.path.rpartition("/")[2]
        for route in ROUTES.values()
        if route.command and route.path.startswith("/orders/")
    }
    assert commands == {step.name for step in STEPS}


def test_the_same_key_with_another_content_is_409(api):
    order_id = submitted(api.scene)
    phone = api.phone(Role.RES)
    phone.send(f"/orders/{order_id}/cancel", {"reason": "已经好了"}, key="reused-key-1")
    answer = phone.send(f"/orders/{order_id}/cancel", {"reason": "换了一个理由"}, key="reused-key-1")
    assert (answer.status_code, answer.json["code"]) == (409, "request_id_reused")


def test_two_people_may_use_the_same_key(api):
    first, second = submitted(api.scene), submitted(api.scene)
    one = api.phone(Role.DSP).send(f"/orders/{first}/accept", {}, key="same-for-both")
    other = api.phone(Role.MGR).send(f"/orders/{second}/accept", {}, key="same-for-both")
    assert (one.status_code, other.status_code) == (200, 200)
