"""Makes the demonstration district in an empty database: places, people, 329 orders (domain 4)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import func, select, update

from app.accounts.models import Hat
from app.audit.service import ensure_head
from app.catalogue.prices import install_standard_prices
from app.catalogue.service import install_standard as install_categories
from app.core import clock
from app.core.calendar_days import install_standard as install_calendar
from app.core.db import db, transact
from app.core.errors import Conflict, Forbidden
from app.core.parameters import install_standard as install_parameters
from app.estates.models import District, Home
from app.integrations.storage import Storage
from app.media.models import Photo
from app.notifications.models import Notification
from app.orders import booking
from app.orders.models import Order
from app.orders.policies import install_standard as install_policies
from app.seeds.album import Album
from app.seeds.bill_payments import pay_past_bills
from app.seeds.bills import charge_and_issue
from app.seeds.case import Case
from app.seeds.cast import Cast, survey_grounds
from app.seeds.credentials import DemoAccount, demo_accounts
from app.seeds.history import LAST_DAY, past_scripts
from app.seeds.merchants import install_demo_merchants
from app.seeds.money_stories import tell_money_stories
from app.seeds.organisations import Organisations, build_organisations
from app.seeds.past_books import keep_past_books
from app.seeds.people import Resident, end_leases, settle_residents
from app.seeds.pictures import picture
from app.seeds.places import ESTATES, build_district
from app.seeds.play import Player, Script
from app.seeds.price_lists import publish_demo_prices
from app.seeds.repair_money import pay_past_repairs
from app.seeds.rosters import write_rosters
from app.seeds.skills import BEFORE_THE_DEMO_DAY
from app.seeds.snap_stories import SnapCase, snap_stories
from app.seeds.stories import named_stories
from app.seeds.today import scripts_of_today
from config import Settings, get_settings

__all__ = [
    "AlreadySeeded",
    "DemoAccount",
    "NoDemoInProduction",
    "Summary",
    "demo_accounts",
    "install",
    "seed_demo",
]

ORDERS = 329
TOLD_FOR = timedelta(hours=6)
"""Inboxes of desks and workers hold what happened so recently; those of the residents in the sandbox hold all."""
READ_BEFORE = timedelta(hours=20)
SLOTS_A_CALL = booking.DAYS_AHEAD + 1


class AlreadySeeded(Conflict):
    """The database is not empty."""

    code = "already_seeded"
    message = "数据库里已有数据,演示数据没有再写入"


class NoDemoInProduction(Forbidden):
    """Invented people with a known password have no place there (domain 4)."""

    code = "no_demo_in_production"
    message = "生产环境不能写入演示数据"


@dataclass(frozen=True)
class Summary:
    """What was made. `stories` maps the names of domain 4.8 to order ids, `snaps` those of 随手拍 to their ids."""

    homes: int
    staff: int
    residents: int
    orders: int
    photos: int
    pictures: int
    messages: int
    sweeps: int
    seconds: float
    stories: dict[str, int]
    snaps: dict[str, int]


def install() -> tuple[int, int, int]:
    """Categories, prices, deadline policies, parameters, holidays, head of the audit chain: what an instance needs.

    Safe to repeat. Returns how many categories and price items were new or changed, and how many policies were
    written. The caller commits.
    """
    ensure_head()
    install_calendar()
    install_parameters()
    return install_categories(), install_standard_prices(), install_policies()


def is_empty() -> bool:
    """Whether nobody has entered a district yet."""
    return not db.session.scalar(select(func.count()).select_from(District))


def seed_demo(
    *,
    storage: Storage,
    now: datetime | None = None,
    settings: Settings | None = None,
    draw: Callable[..., bytes] = picture,
    with_neighbours: bool = True,
) -> Summary:
    """Write the demonstration around `now` (this instant without one); the same `now` gives the same orders. Without
    neighbours nobody has paid a bill but the residents of one estate, which is quicker made.

    Commits in batches. Raises AlreadySeeded when there is a district, NoDemoInProduction.
    """
    began, settings = time.monotonic(), settings or get_settings()
    if settings.is_production:
        raise NoDemoInProduction()
    if not is_empty():
        raise AlreadySeeded()
    now = clock.to_ms(now or clock.now())
    dice = Random(f"anju {clock.china_date(now)}")  # noqa: S311 - repeatable chance, no secret
    album = Album(storage, draw)
    cast = _prepare(now, dice, album, settings.wechat_appid)
    snaps = snap_stories(cast)
    player, cases = _rehearse(cast, [script for _, script in snaps.values()])
    player.play()
    charge_and_issue(now, cast.organisations.desks, cast.residents)
    pay_past_repairs(now, settings)
    desks = cast.organisations.desks
    pay_past_bills(now, desks, cast.residents, settings, with_neighbours=with_neighbours)
    tell_money_stories(now)
    keep_past_books(now)
    transact(lambda: _read_old_messages(now))
    told = {name: case for name, (case, _) in snaps.items()}
    return _summary(cast, player, cases, told, time.monotonic() - began)


def _prepare(now: datetime, dice: Random, album: Album, appid: str) -> Cast:
    """Everything that stands before the first order, written half a year earlier."""
    with clock.frozen(now - BEFORE_THE_DEMO_DAY):
        transact(install, attempts=1)
        district_id = transact(build_district, attempts=1)
        organisations = transact(lambda: build_organisations(district_id, dice=dice, appid=appid), attempts=1)
        transact(install_demo_merchants, attempts=1)
        residents: list[Resident] = transact(
            lambda: settle_residents(organisations.desks, dice=dice, appid=appid, now=now), attempts=1
        )
        transact(lambda: publish_demo_prices(organisations.desks.values()), attempts=1)
    transact(lambda: end_leases(now), attempts=1)
    transact(lambda: _plan_ahead(organisations, now), attempts=1)
    grounds = survey_grounds([plan.key for plan in ESTATES])
    return Cast(now, dice, album, organisations, residents, grounds)


def _plan_ahead(organisations: Organisations, now: datetime) -> None:
    """Rosters, and the booking slots of the past and the coming week."""
    write_rosters(organisations.desks, now)
    first = clock.china_date(now) - timedelta(days=LAST_DAY)
    for plan in ESTATES:
        if plan.pilot:
            office_id = organisations.desks[plan.key].office_id
            for offset in range(0, LAST_DAY + 2, SLOTS_A_CALL):
                booking.open_slots(office_id, today=first + timedelta(days=offset))
            booking.open_slots(office_id, today=clock.china_date(now))


def _rehearse(cast: Cast, others: list[Script]) -> tuple[Player, dict[str, Case]]:
    """All scripts, 329 of orders and those of other things, and the named cases among the orders."""
    stories = named_stories(cast)
    tales = [*stories.values(), *scripts_of_today(cast)]
    scripts: list[Script] = [script for _, script in tales]
    scripts += past_scripts(cast, ORDERS - len(scripts))
    player = Player([*scripts, *others], until=cast.now, told_since=cast.now - TOLD_FOR)
    for case, _ in tales:
        if case.reporter.key:
            case.told = player.told.add
    return player, {name: case for name, (case, _) in stories.items()}


def _read_old_messages(now: datetime) -> None:
    """People have opened what is older than a day."""
    old = update(Notification).where(Notification.created_at < now - READ_BEFORE)
    db.session.execute(old.values(read_at=now - READ_BEFORE / 2))


def _summary(
    cast: Cast, player: Player, cases: dict[str, Case], snaps: dict[str, SnapCase], seconds: float
) -> Summary:
    return Summary(
        homes=_count(Home),
        staff=int(db.session.scalar(select(func.count(Hat.account_id.distinct()))) or 0),
        residents=len(cast.residents),
        orders=_count(Order),
        photos=_count(Photo),
        pictures=cast.album.pictures,
        messages=_count(Notification),
        sweeps=player.sweeps,
        seconds=round(seconds, 1),
        stories={name: case.order_id for name, case in cases.items()},
        snaps={name: case.snap_id for name, case in snaps.items()},
    )


def _count(model) -> int:
    return int(db.session.scalar(select(func.count()).select_from(model)) or 0)
