"""Two desks, one order: the one who comes second is told who was first."""

from __future__ import annotations

from app.core.roles import Role
from tests.miniprogram_api.steps import accepted, cancelled


def test_the_second_desk_reads_who_has_accepted_and_when(api):
    order_id = accepted(api.scene)
    lost = api.phone(Role.MGR).send(f"/orders/{order_id}/accept", {})
    assert lost.status_code == 409
    assert "调度接单" in lost.json["message"]
    assert lost.json["message"].startswith("这张工单 今天")


def test_a_worker_cannot_be_sent_to_what_the_resident_has_cancelled(api):
    order_id = cancelled(api.scene)
    body = {"worker_id": api.scene.worker.id}
    lost = api.phone(Role.DSP).send(f"/orders/{order_id}/assign", body)
    assert lost.status_code == 409
    assert "报修人" in lost.json["message"]
