"""Which accounts belong to an audience of an order, by the columns stamped on the order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from sqlalchemy import select

from app.accounts.models import Account, AccountStatus, Hat
from app.companies.models import Worker
from app.companies.queries import (
    bureau_accounts,
    company_admins,
    crew_on_shift,
    desk_accounts,
    hotline_accounts,
    managers_of,
)
from app.core import clock
from app.core.db import db
from app.core.roles import Role
from app.orders import following
from app.orders.extension_models import NORMAL, Extension
from app.orders.models import Assignment, Order
from app.orders.transfer_models import Transfer
from app.reactions.message import Audience


def accounts_of(audience: Audience, order: Order) -> set[int]:
    """The accounts to tell; empty when nobody wears such a hat there."""
    return set(_FINDERS[audience](order))


def followers_of(order: Order) -> Collection[int]:
    """Those who said 我也遇到 and still follow, in one statement. No audience of the company: they read other words."""
    return following.followers(order.id)


def _street_accounts(order: Order) -> Collection[int]:
    statement = (
        select(Hat.account_id)
        .join(Account, Account.id == Hat.account_id)
        .where(
            Hat.role == Role.STR.value,
            Hat.street_id == order.street_id,
            Hat.ended_at.is_(None),
            Account.status == AccountStatus.ACTIVE.value,
        )
    )
    return db.session.scalars(statement).all()


def _worker(order: Order) -> Collection[int]:
    return db.session.scalars(select(Worker.account_id).where(Worker.id == order.worker_id)).all()


def worker_account(worker_id: int | None) -> Collection[int]:
    """The account of a worker who was named in an event; he need not be on the order any more."""
    return db.session.scalars(select(Worker.account_id).where(Worker.id == worker_id)).all()


def _dispatchers(order: Order) -> Collection[int]:
    """Who keeps the desk but for the managers; where there is nobody else, they."""
    desk = set(desk_accounts(order.office_id))
    return desk - set(managers_of(order.office_id)) or desk


def _asker(order: Order) -> Collection[int]:
    """Who asked for the ordinary extension that was decided last."""
    mine = (Extension.order_id == order.id) & (Extension.kind == NORMAL)
    decided = mine & Extension.decided_at.is_not(None)
    newest = select(Extension.requested_by).where(decided).order_by(Extension.id.desc()).limit(1)
    return db.session.scalars(newest).all()


def _sender(order: Order) -> Collection[int]:
    """The desk that had the order before its last transfer."""
    newest = select(Transfer.from_office_id).where(Transfer.order_id == order.id)
    office_id = db.session.scalar(newest.order_by(Transfer.id.desc()).limit(1))
    return desk_accounts(office_id) if office_id else ()


def _recalled(order: Order) -> Collection[int]:
    """The worker to whom it was offered last, and who need not go any more."""
    newest = select(Worker.account_id).join(Assignment, Assignment.worker_id == Worker.id)
    last = newest.where(Assignment.order_id == order.id, Assignment.outcome == "cancelled")
    return db.session.scalars(last.order_by(Assignment.id.desc()).limit(1)).all()


_FINDERS: Mapping[Audience, Callable[[Order], Collection[int]]] = {
    Audience.DESK: lambda order: desk_accounts(order.office_id),
    Audience.DISPATCHERS: _dispatchers,
    Audience.MANAGERS: lambda order: managers_of(order.office_id),
    Audience.ON_SHIFT: lambda order: crew_on_shift(order.office_id, clock.now()),
    Audience.COMPANY: lambda order: company_admins(order.company_id),
    Audience.HOTLINE: lambda order: hotline_accounts(order.district_id),
    Audience.BUREAU: lambda order: bureau_accounts(order.district_id),
    Audience.STREET: _street_accounts,
    Audience.WORKER: _worker,
    Audience.ASKER: _asker,
    Audience.RECEIVER: lambda order: desk_accounts(order.transfer_to) if order.transfer_to else (),
    Audience.SENDER: _sender,
    Audience.RECALLED: _recalled,
}
