"""The 168 residents of domain 4.1: owners, families, tenants, helpers, the vote unit, pending requests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy import select

from app.accounts.bindings import Method, decide_binding, expire_leases, request_binding
from app.accounts.models import Account, Relation
from app.accounts.privacy import PRIVACY, PRIVACY_VERSION
from app.accounts.scopes import resident_scope
from app.accounts.service import create_account, give_consent
from app.core import clock
from app.core.crypto import blind_index
from app.core.db import db
from app.core.scope import Scope
from app.estates.models import Building, Estate, Home, OwnerRecord, Unit
from app.seeds.credentials import sandbox_openid
from app.seeds.names import Names, demo_phone
from app.seeds.organisations import Desk
from app.seeds.places import VOTE_BUILDING, VOTE_UNIT

FIRST_PHONE = 101
ELDERS = 40
VOTE_OWNERS = 11
LEASE_ENDED_BEFORE = timedelta(days=10)


@dataclass(frozen=True)
class EstatePeople:
    """How many residents of an estate are what; owners fill up to `total`."""

    total: int
    tenants: int = 0
    ended: int = 0
    family: int = 0
    proxies: int = 0
    pending: int = 0
    three_homes: int = 0


PEOPLE = {
    "gebudian": EstatePeople(50, tenants=8, ended=1, family=7, proxies=1, pending=1, three_homes=2),
    "xiying": EstatePeople(26, tenants=4, family=3, proxies=1),
    "zhongcang": EstatePeople(42, tenants=10, ended=1, family=5, pending=1, three_homes=1),
    "jinhao": EstatePeople(22, tenants=4, family=2, pending=1, three_homes=1),
    "yunhe": EstatePeople(22, tenants=4, family=3, three_homes=1),
    "luhe": EstatePeople(6),
}
SURNAME_OF = {"wang": "王", "chen": "陈", "liu": "刘", "zhang": "张", "sun": "孙", "he": "何", "gu": "顾"}
OWN_ADDRESS = {"wang": ("1", "3", "2", "302"), "gu": ("5", "5", "2", "1102")}
"""Residents with a phone in the sandbox, and where some of them are known to live (number of the estate, building,
unit, home); 顾 in the 110.00 m² of the example in domain 4.3."""


@dataclass
class Resident:
    """Somebody who may report: scope, homes, and the estate in which he lives."""

    scope: Scope
    account: Account
    estate: str
    relation: Relation
    key: str = ""
    homes: list[int] = field(default_factory=list)
    can_report: bool = True
    elder: bool = False


class Settling:
    """Moves people in, one estate after the other."""

    def __init__(self, dice: Random, appid: str, now: datetime) -> None:
        self.dice, self.appid, self.today = dice, appid, clock.china_date(now)
        self.names, self._numbers = Names(dice), iter(range(FIRST_PHONE, FIRST_PHONE + 200))

    def person(self, estate: str, relation: Relation, key: str = "") -> Resident:
        """An account with a number, and an openid when his phone is in the sandbox."""
        name = self.names.next(SURNAME_OF.get(key))
        account = create_account(phone=demo_phone(next(self._numbers)), name=name, is_demo=True)
        give_consent(account.id, PRIVACY, PRIVACY_VERSION)
        if key:
            account.openid = sandbox_openid(self.appid, key)
        return Resident(resident_scope(account.id), account, estate, relation, key)

    def own(self, resident: Resident, home_id: int) -> None:
        """Bind an owner by the register, where he is entered first."""
        account = resident.account
        assert account.name
        assert account.phone_index
        db.session.add(
            OwnerRecord(
                home_id=home_id,
                estate_id=db.session.get_one(Home, home_id).estate_id,
                phone_index=account.phone_index,
                last_character_index=blind_index(account.name[-1]),
            )
        )
        db.session.flush()
        request_binding(
            account.id,
            home_id=home_id,
            relation=resident.relation,
            method=Method.REGISTER,
            last_character=account.name[-1],
        )
        resident.homes.append(home_id)

    def ask(self, resident: Resident, home_id: int, desk: Scope | None, valid_to: date | None = None) -> None:
        """Ask the desk for the binding; without a desk's scope the request stays pending."""
        note = "老人本人电话里同意,由邻居代办" if resident.relation is Relation.PROXY else ""
        binding = request_binding(
            resident.account.id,
            home_id=home_id,
            relation=resident.relation,
            method=Method.REVIEW,
            valid_to=valid_to,
            consent_note=note,
        )
        if desk is not None:
            decide_binding(binding.id, accept=True, reason="", by=desk)
            resident.homes.append(home_id)

    def lease_end(self, *, ended: bool) -> date:
        """The last day of a lease; two leases are over on the day of the demonstration."""
        return (
            self.today - LEASE_ENDED_BEFORE
            if ended
            else self.today + timedelta(days=self.dice.randint(40, 300))
        )


def settle_residents(desks: dict[str, Desk], *, dice: Random, appid: str, now: datetime) -> list[Resident]:
    """All residents with their bindings; the clock stands before the first order."""
    settling = Settling(dice, appid, now)
    residents = [
        resident
        for number, (estate, plan) in enumerate(PEOPLE.items(), 1)
        for resident in _settle_estate(settling, estate, number, plan, desks.get(estate))
    ]
    _choose_elders(residents, dice)
    db.session.flush()
    return residents


def end_leases(now: datetime) -> None:
    """The day after the two leases ended."""
    with clock.frozen(now - LEASE_ENDED_BEFORE + timedelta(days=1)):
        expire_leases(clock.china_date(clock.now()))


def _settle_estate(
    settling: Settling, estate: str, number: int, plan: EstatePeople, desk: Desk | None
) -> Iterator[Resident]:
    homes = _free_homes(number, settling.dice)
    owners: list[Resident] = []
    if estate == "xiying":
        owners += _vote_owners(settling)
    others = plan.tenants + plan.family + plan.proxies + plan.pending
    keys = {"gebudian": ["wang", "liu"], "jinhao": ["he"], "yunhe": ["", "gu"]}.get(estate, [])
    for position in range(plan.total - others - len(owners)):
        key = keys[position] if position < len(keys) else ""
        owner = settling.person(estate, Relation.OWNER, key)
        settling.own(owner, _home_of(key) or homes.pop())
        if position and position <= plan.three_homes:
            settling.own(owner, homes.pop())
            settling.own(owner, homes.pop())
        owners.append(owner)
    yield from owners
    if desk is not None:
        yield from _not_owners(settling, estate, plan, desk, homes, owners)


def _not_owners(
    settling: Settling, estate: str, plan: EstatePeople, desk: Desk, homes: list[int], owners: list[Resident]
) -> Iterator[Resident]:
    by = desk.dispatchers[0]
    for position in range(plan.tenants):
        key = "zhang" if estate == "zhongcang" and position == plan.ended else ""
        tenant = settling.person(estate, Relation.TENANT, key)
        ended = position < plan.ended
        settling.ask(tenant, homes.pop(), by, settling.lease_end(ended=ended))
        tenant.can_report = not ended
        yield tenant
    for relation, count in ((Relation.FAMILY, plan.family), (Relation.PROXY, plan.proxies)):
        for owner in settling.dice.sample(owners, count):
            relative = settling.person(estate, relation)
            settling.ask(relative, owner.homes[0], by)
            yield relative
    for _ in range(plan.pending):
        newcomer = settling.person(estate, Relation.OWNER)
        newcomer.can_report = False
        with clock.frozen(clock.now() + timedelta(days=199, hours=settling.dice.randint(2, 22))):
            settling.ask(newcomer, homes.pop(), None)
        yield newcomer


def _vote_owners(settling: Settling) -> list[Resident]:
    """O1 ... O11 of domain 2.1: O1 (孙) owns the first two homes, 陈 is O2 and lives above him."""
    homes = list(db.session.scalars(_homes_at("2", VOTE_BUILDING, VOTE_UNIT)))
    keys = ["sun", "chen"] + [""] * (VOTE_OWNERS - 2)
    owners = [settling.person("xiying", Relation.OWNER, key) for key in keys]
    for owner, home_id in zip([owners[0], *owners], homes, strict=True):
        settling.own(owner, home_id)
    return owners


def _home_of(key: str) -> int | None:
    if key not in OWN_ADDRESS:
        return None
    estate, building, unit, number = OWN_ADDRESS[key]
    return db.session.scalars(_homes_at(estate, building, unit).where(Home.number == number)).one()


def _homes_at(estate_number: str, building: str, unit: str):
    return (
        select(Home.id)
        .join(Building, Building.id == Home.building_id)
        .join(Unit, Unit.id == Home.unit_id)
        .join(Estate, Estate.id == Home.estate_id)
        .where(Estate.code == f"DEMO-00{estate_number}", Building.number == building, Unit.number == unit)
        .order_by(Home.id)
    )


def _free_homes(number: int, dice: Random) -> list[int]:
    """Homes of an estate in the order in which people move in; the vote unit and known addresses are left out."""
    taken = set(db.session.scalars(_homes_at("2", VOTE_BUILDING, VOTE_UNIT)))
    taken |= {_home_of(key) or 0 for key in OWN_ADDRESS}
    statement = (
        select(Home.id).join(Estate, Estate.id == Home.estate_id).where(Estate.code == f"DEMO-00{number}")
    )
    free = [home_id for home_id in db.session.scalars(statement.order_by(Home.id)) if home_id not in taken]
    return dice.sample(free, 80)


def _choose_elders(residents: list[Resident], dice: Random) -> None:
    """40 in elder mode, 王 and 陈 among them."""
    known = [resident for resident in residents if resident.key in ("wang", "chen")]
    others = [
        each for each in residents if not each.key and each.relation in (Relation.OWNER, Relation.FAMILY)
    ]
    for resident in known + dice.sample(others, ELDERS - len(known)):
        resident.elder = resident.account.elder_mode = True
