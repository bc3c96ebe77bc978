"""The hand-over to 962121: told until acknowledged, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.db import db, transact
from app.core.outgoing import LEASE, OutgoingState, take
from app.core.roles import Role
from app.integrations.hotline.contract import HotlineDown
from app.media.signing import verify, verify_voice
from app.notifications.models import HotlineHandover
from app.orders import desk
from app.orders.hotline import (
    CALL_THROUGH_FOR,
    call_token,
    deliver_handovers,
    hand_over,
    order_of_call_token,
    payload,
)
from app.orders.models import Order
from tests.engines import both_engines, in_parallel
from tests.fakes.district import HOME_NUMBER, RESIDENT_NAME, T0, settle

pytestmark = both_engines


class Hotline:
    """962121; `down` counts the calls that fail first."""

    def __init__(self, down: int = 0) -> None:
        self.down = down
        self.heard: list[tuple[str, dict]] = []

    def hand_over(self, handover_id, payload):
        self.heard.append((handover_id, dict(payload)))
        if self.down > 0:
            self.down -= 1
            raise HotlineDown("ReadTimeout")
        return f"ticket-{handover_id}"


@pytest.fixture
def town(app_db):
    return settle()


@pytest.fixture(autouse=True)
def _at_t0():
    with clock.frozen(T0):
        yield


@pytest.fixture
def order(town):
    """An order in the hotline's hands, its hand-over not sent yet."""
    submitted = town.report(photos=1)
    by = town.scopes[Role.MGR]
    transact(lambda: desk.to_hotline(submitted.order_id, by=by, reason="no_staff"))
    transact(lambda: hand_over(submitted.order_id, 2))
    return submitted


def row() -> HotlineHandover:
    db.session.rollback()
    return db.session.scalars(select(HotlineHandover)).one()


def test_a_transfer_is_written_once(order):
    assert transact(lambda: hand_over(order.order_id, 2)) is False
    assert row().state == OutgoingState.WAITING


def test_an_acknowledged_handover_keeps_its_ticket(order):
    hotline = Hotline()
    assert deliver_handovers(hotline, 10) == 1
    assert deliver_handovers(hotline, 10) == 0
    assert row().ticket == f"ticket-{order.number}-2"
    assert row().state == OutgoingState.DONE


def test_it_is_repeated_after_1_2_5_10_minutes_and_then_every_ten(order):
    hotline, at, gaps = Hotline(down=7), T0, []
    for _ in range(7):
        with clock.frozen(at):
            assert deliver_handovers(hotline, 10) == 1
        gaps.append((row().next_at - at).total_seconds() / 60)
        at = row().next_at
    assert gaps == [1, 2, 5, 10, 10, 10, 10]
    with clock.frozen(at):
        deliver_handovers(hotline, 10)
    assert row().state == OutgoingState.DONE
    assert len({str(each) for each in hotline.heard}) == 1


def test_two_processes_hand_over_once(app_db, order):
    hotline = Hotline()
    in_parallel(app_db, [lambda: deliver_handovers(hotline, 5)] * 3)
    assert len(hotline.heard) == 1


def test_a_process_that_died_in_the_call_is_finished_later(order):
    transact(lambda: take(HotlineHandover, 1))
    with clock.frozen(T0 + LEASE):
        assert deliver_handovers(Hotline(), 1) == 1
    assert row().state == OutgoingState.DONE


def test_without_an_interface_the_seats_work_by_hand(order):
    assert deliver_handovers(None, 10) == 1
    assert (row().state, row().last_error) == (OutgoingState.GIVEN_UP, "manual")


def test_an_order_that_was_placed_meanwhile_is_not_handed_over(town, order):
    by = town.scopes[Role.HOT]
    transact(lambda: desk.accept(order.order_id, by=by, spoken_to="值班张女士"))
    hotline = Hotline()
    deliver_handovers(hotline, 10)
    assert hotline.heard == []
    assert row().state == OutgoingState.GIVEN_UP


def test_the_hotline_learns_what_it_needs_and_no_more(town):
    submitted = town.emergency(category="H0203", text=f"漏水,电话{town.phone}")
    told = payload(db.session.get_one(Order, submitted.order_id))
    for secret in (HOME_NUMBER, RESIDENT_NAME, town.phone):
        assert secret not in str(told)
    assert told["menu"] == "应急维修"
    assert told["urgency"] == "P1"


def test_photo_links_open_and_end(order):
    link = row().payload["photos"][0]
    path, _, query = link.partition("?")
    until, sig = (part.partition("=")[2] for part in query.split("&"))
    photo_id = int(path.split("/")[2])
    assert verify(photo_id, "full", int(until), sig)
    with clock.frozen(T0 + timedelta(hours=73)):
        assert not verify(photo_id, "full", int(until), sig)


def test_a_report_by_voice_alone_can_be_heard_by_the_hotline(town):
    submitted = town.report(text="", voice=True)
    (link,) = payload(db.session.get_one(Order, submitted.order_id))["voices"]
    path, _, query = link.partition("?")
    until, sig = (part.partition("=")[2] for part in query.split("&"))
    voice_id = int(path.rpartition("/")[2])
    assert verify_voice(voice_id, int(until), sig)
    with clock.frozen(T0 + timedelta(hours=73)):
        assert not verify_voice(voice_id, int(until), sig)


def test_a_call_token_leads_to_its_order_and_ends(order):
    token = row().payload["call_token"]
    assert order_of_call_token(token) == order.order_id
    with clock.frozen(T0 + CALL_THROUGH_FOR + timedelta(seconds=1)):
        assert order_of_call_token(token) is None


@pytest.mark.parametrize(
    "token", ["", "1", "1.2", "1.2.3", "x.9999999999.abc", "1.9999999999999999999999.ab", "²"]
)
def test_a_made_up_call_token_leads_nowhere(town, token):
    assert order_of_call_token(token) is None


def test_a_call_token_for_one_order_does_not_open_another(town):
    until = int(T0.timestamp()) + 60
    _, end, sig = call_token(1, until=until).split(".")
    assert order_of_call_token(f"2.{end}.{sig}") is None
