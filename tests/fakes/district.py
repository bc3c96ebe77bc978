"""The smallest district in which an order can live, with one person for each hat, and short words for reporting."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from app.accounts.scopes import resident_scope
from app.catalogue.service import install_standard
from app.companies.hats import scope_of
from app.core import clock
from app.core.db import transact
from app.core.roles import Role
from app.core.scope import Scope
from app.media.models import CheckState, Photo, Voice
from app.media.signing import use_signing_key
from app.orders import booking, policies
from app.orders.lifecycle import Menu
from app.orders.submitting import Submitted, submit
from app.orders.whereabouts import Submission
from tests.factories.people import make_account, make_binding, make_hat, make_worker
from tests.factories.places import Place, make_home, make_place
from tests.factories.rewound import Rewound, is_empty
from tests.factories.units import next_phone, saved

T0 = clock.china(2026, 11, 20, 22, 10)
"""The instant of the specification's test vectors (domain 3.6)."""
RESIDENT_NAME, HOME_NUMBER = "李桂兰", "1502"


@dataclass
class Town:
    """Ids and scopes; accounts by role."""

    phone: str = ""
    spot_id: int = 0
    home_id: int = 0
    office_id: int = 0
    worker_id: int = 0
    accounts: dict[Role, int] = field(default_factory=dict)
    scopes: dict[Role, Scope] = field(default_factory=dict)
    photos: int = 0

    def report(
        self, *, category: str = "G0303", text: str = "监控不亮了", photos: int = 0, voice: bool = False
    ) -> Submitted:
        """公区报事 by the resident."""
        shots = [self.photo(Role.RES) for _ in range(photos)]
        spoken = self.voice(Role.RES) if voice else None
        return self._submit(
            Submission(
                Menu.REPORT, category, text=text, spot_id=self.spot_id, photo_ids=shots, voice_id=spoken
            )
        )

    def emergency(self, *, category: str, text: str) -> Submitted:
        """应急维修 at the resident's home."""
        return self._submit(Submission(Menu.EMERGENCY, category, text=text, home_id=self.home_id))

    def appointment(self, *, category: str, slot_id: int) -> Submitted:
        """服务预约 at the resident's home."""
        return self._submit(
            Submission(Menu.BOOKING, category, text="请来看一看", home_id=self.home_id, slot_id=slot_id)
        )

    def _submit(self, submission: Submission) -> Submitted:
        return transact(lambda: submit(submission, by=self.scopes[Role.RES]))

    def photo(self, role: Role) -> int:
        """An uploaded photo of this person, not checked yet."""
        self.photos += 1
        row = Photo(
            uploaded_by=self.accounts[role],
            uploaded_at=clock.now(),
            sha256=f"{self.photos:064d}",
            key=f"2026/11/{self.photos}.jpg",
            width=100,
            height=100,
            check_state=CheckState.PENDING.value,
        )
        return transact(lambda: saved(row).id)

    def voice(self, role: Role) -> int:
        """An uploaded recording of this person, not checked yet."""
        self.photos += 1
        row = Voice(
            uploaded_by=self.accounts[role],
            uploaded_at=clock.now(),
            sha256=f"{self.photos:064d}",
            key=f"2026/11/{self.photos}.wav",
            duration_ms=8_000,
            check_state=CheckState.PENDING.value,
        )
        return transact(lambda: saved(row).id)


def settle(at: datetime = T0) -> Town:
    """Build the district in an empty database and commit it; after the first time its rows are laid back."""
    use_signing_key(b"a signing key for tests only")
    return _settled(at)() if is_empty() else _new_town(at)


@cache
def _settled(at: datetime) -> Rewound[Town]:
    return Rewound(lambda: _new_town(at), keep=deepcopy, again=deepcopy)


def _new_town(at: datetime) -> Town:
    with clock.frozen(at):
        return transact(_build)


def _build() -> Town:
    install_standard()
    policies.install_standard()
    place = make_place(homes=1)
    place.estate.is_pilot = place.estate.in_home_service = True
    booking.open_slots(place.office.id, today=clock.china_date(clock.now()))
    home = make_home(place.unit, number=HOME_NUMBER, floor=15)
    town = Town(phone=next_phone(), spot_id=place.spot.id, home_id=home.id, office_id=place.office.id)
    resident = make_account(phone=town.phone, name=RESIDENT_NAME, openid="openid-RES")
    make_binding(resident, home)
    town.accounts[Role.RES], town.scopes[Role.RES] = resident.id, resident_scope(resident.id)
    for role, where in _hats(place).items():
        hat = make_hat(role, account=make_account(name=f"张{role.value}"), **where)
        town.accounts[role], town.scopes[role] = hat.account_id, scope_of(hat)
    _send_to_work(town, place)
    return town


def _hats(place: Place) -> dict[Role, dict[str, int]]:
    desk = {"office_id": place.office.id, "company_id": place.company.id}
    return {
        Role.DSP: desk,
        Role.MGR: desk,
        Role.CO: {"company_id": place.company.id},
        Role.HOT: {"district_id": place.district.id},
        Role.STR: {"street_id": place.street.id},
        Role.BUR: {"district_id": place.district.id},
    }


def _send_to_work(town: Town, place: Place) -> None:
    worker = make_worker(place.office, district_id=place.district.id, skills=("G03", "H02"), title="王师傅")
    town.worker_id, town.accounts[Role.WRK] = worker.id, worker.account_id
    hat = make_hat(Role.WRK, account=worker.account, worker_id=worker.id)
    town.scopes[Role.WRK] = scope_of(hat)
