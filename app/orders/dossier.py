"""One order with everything that proves what happened to it: for the right side of the board and the order's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.catalogue.models import Category
from app.core import clock
from app.core.db import db
from app.core.scope import Scope
from app.orders.contacts import Contact, masked_contact
from app.orders.dispatching import Candidate, candidates
from app.orders.evidence import ClockLine, EventLine, PhotoLine, clocks, order_photos, timeline
from app.orders.extension_models import NORMAL, SPECIAL, Extension
from app.orders.following import other_households
from app.orders.hold_models import Hold
from app.orders.hold_offers import Offer, holds_of, offer
from app.orders.lifecycle import Action, Menu
from app.orders.lines import OrderLine
from app.orders.models import Assignment, Completion, Order, SiteVisit
from app.orders.moving import get_order
from app.orders.queries import order_line
from app.orders.quote_models import Quote
from app.orders.quote_queries import quotes_of
from app.orders.rating_models import Rating
from app.orders.voices import VoiceLine, order_voices

BEFORE_STEPS = frozenset({"submit", "site", "protection", "reopen"})
AFTER_STEPS = frozenset({"after"})


@dataclass(frozen=True)
class Dossier:
    """Everything about one order. Line and contact are masked for whoever asked; what people wrote with its steps is as
    they wrote it, to be shown through `reading.words_for`."""

    line: OrderLine
    order: Order
    tools: str
    certificate: str | None
    contact: Contact | None
    also_reported: int
    events: Sequence[EventLine]
    clocks: Sequence[ClockLine]
    photos: Sequence[PhotoLine]
    voices: Sequence[VoiceLine]
    visits: Sequence[SiteVisit]
    completions: Sequence[Completion]
    assignments: Sequence[Assignment]
    extensions: Sequence[Extension]
    ratings: Sequence[Rating]
    holds: Sequence[Hold]
    quotes: Sequence[Quote]
    offer: Offer | None
    candidates: Sequence[Candidate]
    read_at: datetime

    @property
    def photos_before(self) -> list[PhotoLine]:
        """What it looked like."""
        return [photo for photo in self.photos if photo.step in BEFORE_STEPS]

    @property
    def photos_after(self) -> list[PhotoLine]:
        """What it looks like now."""
        return [photo for photo in self.photos if photo.step in AFTER_STEPS]

    @property
    def photos_other(self) -> list[PhotoLine]:
        """Evidence of an extension, a rejection, a rating."""
        known = BEFORE_STEPS | AFTER_STEPS
        return [photo for photo in self.photos if photo.step not in known]

    @property
    def asked_extension(self) -> Extension | None:
        """The request that waits for a decision."""
        return self._asked(NORMAL)

    @property
    def asked_special(self) -> Extension | None:
        """The special one that waits for street or bureau."""
        return self._asked(SPECIAL)

    def _asked(self, kind: str) -> Extension | None:
        waiting = (each for each in reversed(self.extensions) if each.decided_at is None)
        return next((each for each in waiting if each.kind == kind), None)


def dossier(order_id: int, scope: Scope) -> Dossier:
    """Read one order in a constant number of statements; raises OrderNotFound when it is hidden."""
    line = order_line(order_id, scope)
    order = get_order(order_id, scope)
    category = db.session.get_one(Category, order.category_code)
    at = clock.now()
    return Dossier(
        line=line,
        order=order,
        tools=category.tools,
        certificate=category.certificate,
        contact=masked_contact(order, scope),
        also_reported=other_households([order_id]).get(order_id, 0) if line.menu is Menu.REPORT else 0,
        events=timeline(order_id),
        clocks=clocks(order_id),
        photos=order_photos(order_id),
        voices=order_voices(order_id, scope) if line.voiced else (),
        visits=_rows(SiteVisit, order_id),
        completions=_rows(Completion, order_id),
        assignments=_assignments(order_id),
        extensions=_rows(Extension, order_id),
        ratings=_rows(Rating, order_id),
        holds=holds_of(order_id),
        quotes=quotes_of(order_id) if order.quoted_fen is not None else (),
        offer=offer(order, at=at),
        candidates=candidates(order, at=at) if Action.ASSIGN in line.actions else (),
        read_at=at,
    )


def _rows(model, order_id: int) -> Sequence:
    return db.session.scalars(select(model).where(model.order_id == order_id).order_by(model.id)).all()


def _assignments(order_id: int) -> Sequence[Assignment]:
    statement = (
        select(Assignment).options(joinedload(Assignment.worker)).where(Assignment.order_id == order_id)
    )
    return db.session.scalars(statement.order_by(Assignment.id)).all()
