"""The client's pure parts in Node, and their agreement with the server's tables."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from app.core.roles import Role
from app.feedback.lifecycle import Kind, Topic
from app.feedback.rules import TEXT_MAX
from app.orders import desk, extensions, field_work, fund, sorting, third_party
from app.orders.actions import NEVER_A_BUTTON
from app.orders.hold_offers import HOLD_REASONS
from app.orders.lifecycle import LIFECYCLE, OPEN, SETTLED, Action, Status
from app.orders.on_behalf import MAY_ACT
from app.orders.quote_rules import LINES_MAX, MaterialBy
from app.payments.refund_rules import RefundReason

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent.parent / "miniprogram" / "src"
pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")


def _exported(module: str, name: str):
    """A constant of one of the client's modules."""
    script = (
        f"import({json.dumps((SOURCE / module).as_uri())}).then((m) => console.log(JSON.stringify(m.{name})))"
    )
    answer = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True, timeout=30)
    return json.loads(answer.stdout)


@pytest.mark.parametrize("file", sorted(HERE.rglob("*.test.mjs")), ids=lambda path: path.name)
def test_the_pure_parts_do_what_their_tests_say(file):
    done = subprocess.run(
        ["node", "--test", str(file)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:]


def test_every_button_of_a_worker_is_known_with_the_servers_label():
    labels = _exported("worker/lib/next.js", "LABELS")
    seen = OPEN | SETTLED
    legal = {action for status in seen for action in LIFECYCLE.actions(status, Role.WRK)} - NEVER_A_BUTTON
    assert labels == {action.value: action.label for action in legal}


@pytest.mark.parametrize(
    ("name", "codes"),
    [("DECLINE", field_work.DECLINE_REASONS), ("EXTENSION", extensions.REASONS), ("HOLD", HOLD_REASONS)],
)
def test_a_worker_chooses_from_the_servers_reasons(name, codes):
    assert {each["code"] for each in _exported("worker/lib/reasons.js", name)} == set(codes)


def test_the_desk_chooses_from_the_servers_reasons():
    assert _exported("desk/lib/asks.js", "TO_HOTLINE") == {
        label: code for code, label in desk.HOTLINE_REASONS.items()
    }
    assert {each["code"] for each in _exported("desk/lib/reasons.js", "REJECT")} == set(desk.REJECT_REASONS)


@pytest.mark.parametrize(
    ("module", "name", "codes"),
    [
        ("worker/lib/quote.js", "MATERIAL", [each.value for each in MaterialBy]),
        ("money/lib/refund-form.js", "REASONS", [(each.value, each.label) for each in RefundReason]),
        ("lib/snap-form.js", "KINDS", [(each.value, each.label) for each in Kind]),
        ("lib/snap-form.js", "TOPICS", [(each.value, each.label) for each in Topic]),
        ("desk/lib/forms.js", "PARTIES", list(third_party.PARTIES.items())),
        ("desk/lib/forms.js", "TOLD_BY", list(fund.TOLD_BY.items())),
        ("desk/lib/forms.js", "URGENCIES", list(sorting.URGENCIES.items())),
    ],
)
def test_what_is_chosen_from_is_the_servers_list(module, name, codes):
    shown = _exported(module, name)
    labelled = bool(codes) and isinstance(codes[0], tuple)
    assert [(each["code"], each["text"]) if labelled else each["code"] for each in shown] == codes


def test_a_quote_on_the_phone_is_as_long_as_the_server_takes_it():
    assert _exported("worker/lib/quote.js", "MOST_LINES") == LINES_MAX
    assert _exported("desk/lib/evidence.js", "EVIDENCE_LEAST") == desk.EVIDENCE_MIN


def test_a_snap_is_as_long_as_the_server_takes_it():
    assert _exported("lib/snap-form.js", "WORDS_MAX") == TEXT_MAX


def test_every_button_of_the_desk_has_a_place_and_leads_somewhere():
    places = set(_exported("desk/lib/order.js", "PLACES"))
    legal = {
        action.value
        for role in (Role.DSP, Role.MGR, Role.CO, Role.HOT)
        for status in Status
        for action in LIFECYCLE.actions(status, role)
        if action not in NEVER_A_BUTTON
    }
    assert legal == places, legal ^ places
    told = {"accept", "start", Action.CHOOSE_SLOT, Action.ADD_PHOTOS}
    pages = set(_exported("desk/lib/order.js", "PAGES")) | set(_exported("desk/lib/forms.js", "FORMS"))
    assert pages | set(_exported("desk/lib/asks.js", "ASKS")) | told >= legal


def test_the_client_offers_to_act_for_others_to_whom_the_server_allows_it():
    assert set(_exported("lib/on-behalf.js", "MAY_ACT")) == MAY_ACT
