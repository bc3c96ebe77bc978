"""The fixtures themselves: everybody can sign in, the clock is shared, complaints are heard."""

from __future__ import annotations

import pytest

from tests.client.district import DISPATCHER, HATS, MANAGER, NEIGHBOURS, NON_PILOT, RESIDENT, WORKER
from tests.live import Watched

EVERYBODY = (RESIDENT, NON_PILOT, WORKER, DISPATCHER, MANAGER, *NEIGHBOURS)


def test_everybody_has_a_phone_and_his_hat(district):
    roles = {name: district.api(name).get("/me")["role"] for name in EVERYBODY}
    assert roles == {name: HATS[name].value if name in HATS else "RES" for name in EVERYBODY}


def test_the_client_starts_signed_in_at_the_time_of_the_product(district, phones):
    wang = phones(RESIDENT, scale=1.5).open()
    wang.page.wait_for_selector("uni-page")
    assert wang.path == "pages/home/home"
    assert (bool(wang.stored("token")), wang.stored("font")) == (True, 1.5)

    def differs_by_s() -> float:
        return abs(wang.page.evaluate("Date.now()") / 1000 - district.now().timestamp())

    assert differs_by_s() < 2
    district.advance("10m")
    assert differs_by_s() < 2
    wang.open("pages/mine/mine")
    assert differs_by_s() < 2


@pytest.mark.parametrize(
    "misdeed",
    [
        "document.body.insertAdjacentHTML('beforeend', '<p style=\"color:red\">x</p>')",
        "document.body.appendChild(Object.assign(document.createElement('script'), {text: '1'}))",
        "setTimeout(() => { throw new Error('broken') })",
        "new Image().src = 'http://127.0.0.1:9/pixel.png'",
    ],
)
def test_what_a_page_must_not_do_is_heard(phones, misdeed):
    phone = phones(RESIDENT).open()
    phone.page.wait_for_selector("uni-page")
    phone.page.evaluate(f"() => {{ {misdeed} }}")
    phone.page.wait_for_timeout(300)
    with pytest.raises(AssertionError):
        phone.watched.check()
    phone.watched.console.clear()
    phone.watched.foreign.clear()
    assert phone.watched == Watched()
