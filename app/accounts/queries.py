"""Named questions about people and the homes they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, select

from app.accounts.bindings import LIVE
from app.accounts.models import RELATION_LABELS, Account, BindingStatus, HomeBinding, Relation
from app.core.crypto import blind_index
from app.core.db import db
from app.core.masking import mask_name, mask_phone
from app.core.paging import DEFAULT_LIMIT, MAX_LIMIT, Page, decode_id_cursor, page_by_id
from app.core.scope import Scope, condition
from app.estates.models import Building, Estate, Home, Unit
from app.estates.queries import places


@dataclass(frozen=True)
class BoundHome:
    """One row of "我的住房": everything that the card shows, in plain values."""

    binding_id: int
    home_id: int
    estate_id: int
    building_id: int
    estate_name: str
    place_public: str
    place_full: str
    relation: str
    status: str
    valid_to: date | None
    reason: str
    in_home_service: bool
    free_trial: bool

    @property
    def relation_label(self) -> str:
        """业主, 租户 ..."""
        return RELATION_LABELS[Relation(self.relation)]


@dataclass(frozen=True)
class PendingBinding:
    """A request that waits for the desk; name and phone are masked already (P11)."""

    id: int
    estate_id: int
    estate_name: str
    place_full: str
    relation: str
    masked_name: str
    masked_phone: str
    valid_to: date | None
    consent_note: str
    created_at: datetime

    @property
    def relation_label(self) -> str:
        """业主, 租户 ..."""
        return RELATION_LABELS[Relation(self.relation)]


def homes_of(account_id: int, *, with_ended: bool = False) -> list[BoundHome]:
    """The homes of a person in one statement, oldest first; `with_ended` adds refused, ended and expired ones."""
    statement = _with_place().where(HomeBinding.account_id == account_id).order_by(HomeBinding.id)
    if not with_ended:
        statement = statement.where(HomeBinding.status.in_(LIVE))
    return [_bound_home(*row) for row in db.session.execute(statement)]


def homes_of_caller(phone: str, scope: Scope) -> list[BoundHome]:
    """Active homes of the person with this number that this scope may see: the desk takes an order by telephone."""
    statement = (
        _with_place()
        .join(Account, Account.id == HomeBinding.account_id)
        .where(Account.phone_index == blind_index(phone), HomeBinding.status == BindingStatus.ACTIVE)
        .where(condition(HomeBinding, scope))
        .order_by(HomeBinding.id)
    )
    return [_bound_home(*row) for row in db.session.execute(statement)]


def people_of_home(home_id: int, scope: Scope) -> list[PendingBinding]:
    """Active ties to a home as its owner or the desk sees them, masked."""
    statement = _with_person().where(HomeBinding.home_id == home_id, condition(HomeBinding, scope))
    active = statement.where(HomeBinding.status == BindingStatus.ACTIVE).order_by(HomeBinding.id)
    return [_pending(*row) for row in db.session.execute(active)]


def pending_bindings(
    scope: Scope, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[PendingBinding]:
    """Requests that wait for this desk, newest first; raises Invalid for a foreign cursor."""
    limit = max(1, min(limit, MAX_LIMIT))
    waiting = (HomeBinding.status == BindingStatus.PENDING) & condition(HomeBinding, scope)
    statement = _with_person().where(waiting).order_by(HomeBinding.id.desc()).limit(limit + 1)
    before = decode_id_cursor(cursor)
    if before is not None:
        statement = statement.where(HomeBinding.id < before)
    return page_by_id([_pending(*row) for row in db.session.execute(statement)], limit)


def _with_place() -> Select[HomeBinding, Home, Estate, str, str]:
    return (
        select(HomeBinding, Home, Estate, Building.number, Unit.number)
        .join(Home, Home.id == HomeBinding.home_id)
        .join(Estate, Estate.id == HomeBinding.estate_id)
        .join(Building, Building.id == Home.building_id)
        .join(Unit, Unit.id == Home.unit_id)
    )


def _with_person() -> Select[HomeBinding, Home, Estate, str, str, Account]:
    return _with_place().join(Account, Account.id == HomeBinding.account_id).add_columns(Account)


def _bound_home(binding: HomeBinding, home: Home, estate: Estate, building: str, unit: str) -> BoundHome:
    place_public, place_full = places(building, unit, home.number)
    return BoundHome(
        binding_id=binding.id,
        home_id=home.id,
        estate_id=estate.id,
        building_id=home.building_id,
        estate_name=estate.name,
        place_public=place_public,
        place_full=place_full,
        relation=binding.relation,
        status=binding.status,
        valid_to=binding.valid_to,
        reason=binding.reason,
        in_home_service=estate.in_home_service,
        free_trial=estate.free_trial,
    )


def _pending(
    binding: HomeBinding, home: Home, estate: Estate, building: str, unit: str, person: Account
) -> PendingBinding:
    return PendingBinding(
        id=binding.id,
        estate_id=estate.id,
        estate_name=estate.name,
        place_full=places(building, unit, home.number)[1],
        relation=binding.relation,
        masked_name=mask_name(person.name),
        masked_phone=mask_phone(person.phone),
        valid_to=binding.valid_to,
        consent_note=binding.consent_note,
        created_at=binding.created_at,
    )
