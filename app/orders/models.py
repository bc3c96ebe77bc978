"""Orders and everything that proves what happened to them (domain 3.5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Account
from app.catalogue.models import Category
from app.companies.models import Company, Office, Worker
from app.core.crypto import Encrypted
from app.core.db import Base, BigId, Id, UtcDateTime
from app.core.scope import Dimension
from app.estates.models import Estate
from app.media.models import Photo

ORDER_SEEN_BY = {
    Dimension.ACCOUNT: "reporter_id",
    Dimension.WORKER: "worker_id",
    Dimension.OFFICE: "office_id",
    Dimension.COMPANY: "company_id",
    Dimension.COMMUNITY: "community_id",
    Dimension.STREET: "street_id",
    Dimension.DISTRICT: "district_id",
    Dimension.HOTLINE: "hotline_district_id",
}


class Order(Id, Base):
    """工单. Scope columns are stamped at submission from the contract of that date; a state without its evidence is
    refused by the database itself. Places: `place_public` names the building at most, `place_full` the home."""

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint("status NOT IN ('ASSIGNED', 'ON_WAY') OR worker_id IS NOT NULL", name="worker"),
        CheckConstraint(
            "status IN ('SUBMITTED', 'HOTLINE', 'REJECTED', 'CANCELLED', 'MERGED') OR accepted_at IS NOT NULL",
            name="accepted",
        ),
        CheckConstraint(
            "status NOT IN ('VERIFIED', 'QUOTED', 'WORKING', 'HOLD_RESIDENT', 'HOLD_THIRD', 'HOLD_FUND', 'DONE',"
            " 'CLOSED') OR (verified_at IS NOT NULL AND site_photos >= 1)",
            name="verified",
        ),
        CheckConstraint(
            "status NOT IN ('DONE', 'CLOSED') OR (finished_at IS NOT NULL AND after_photos >= 1)"
            " OR (status = 'CLOSED' AND closed_how = 'unreachable' AND no_shows >= 2)"
            " OR (status = 'CLOSED' AND closed_how = 'declined' AND quoted_fen IS NOT NULL)"
            " OR (status = 'CLOSED' AND closed_how = 'fund_failed' AND fund_told_at IS NOT NULL)",
            name="finished",
        ),
        CheckConstraint("status <> 'QUOTED' OR (quoted_fen IS NOT NULL AND menu <> 'PUB')", name="quoted"),
        CheckConstraint("status <> 'HOLD_FUND' OR fund_told_at IS NOT NULL", name="fund_told"),
        CheckConstraint("status <> 'MERGED' OR (master_id IS NOT NULL AND menu = 'PUB')", name="merged"),
        CheckConstraint(
            "status <> 'REJECTED' OR (rejected_at IS NOT NULL AND reject_code <> '')", name="rejected"
        ),
        CheckConstraint("agreed_fen IS NULL OR agreed_fen >= 0", name="agreed"),
        CheckConstraint(
            "final_fen IS NULL"
            " OR (final_fen >= 0 AND (finished_at IS NULL OR final_fen <= COALESCE(agreed_fen, 0)))",
            name="final",
        ),
        CheckConstraint("paid_fen >= 0 AND refunded_fen BETWEEN 0 AND paid_fen", name="paid"),
        CheckConstraint("transfers BETWEEN 0 AND 3", name="transfers"),
        CheckConstraint("status <> 'CLOSED' OR closed_at IS NOT NULL", name="closed"),
        CheckConstraint(
            "status <> 'HOLD_RESIDENT' OR (held_until IS NOT NULL AND holds >= 1 AND menu <> 'PUB')",
            name="held",
        ),
        CheckConstraint("holds BETWEEN 0 AND 2", name="two_holds"),
        CheckConstraint("status <> 'HOTLINE' OR hotline_at IS NOT NULL", name="hotline"),
        CheckConstraint("(menu = 'APT') = (slot_id IS NOT NULL)", name="booking_slot"),
        CheckConstraint("menu = 'PUB' OR home_id IS NOT NULL", name="home"),
        Index("ix_orders_office_id", "office_id", "status", "next_due_at"),
        Index("ix_orders_reporter_id", "reporter_id", "id"),
        Index("ix_orders_worker_id", "worker_id", "status"),
        Index("ix_orders_company_id", "company_id", "id"),
        Index("ix_orders_district_id", "district_id", "submitted_at"),
        Index("ix_orders_street_id", "street_id", "id"),
        Index("ix_orders_estate_id", "estate_id", "id"),
        Index("ix_orders_hotline_district_id", "hotline_district_id", "status"),
        Index("ix_orders_contact_index", "contact_index", "id"),
        Index("ix_orders_finished_at", "finished_at"),
    )
    __seen_by__ = ORDER_SEEN_BY

    menu: Mapped[str] = mapped_column(String(3))
    status: Mapped[str] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(default=1)
    category_code: Mapped[str] = mapped_column(ForeignKey("categories.code"))
    urgency: Mapped[str] = mapped_column(String(2))
    hazardous: Mapped[bool] = mapped_column(default=False)
    text: Mapped[str] = mapped_column(String(500), default="")
    text_check: Mapped[str] = mapped_column(String(8), default="pass")
    channel: Mapped[str] = mapped_column(String(8))
    consent_note: Mapped[str] = mapped_column(String(200), default="")

    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    entered_by: Mapped[int | None] = mapped_column(BigId)
    contact_name: Mapped[str | None] = mapped_column(Encrypted("orders.contact_name"))
    contact_phone: Mapped[str | None] = mapped_column(Encrypted("orders.contact_phone"))
    contact_index: Mapped[str | None] = mapped_column(String(64))

    home_id: Mapped[int | None] = mapped_column(ForeignKey("homes.id"))
    spot_id: Mapped[int | None] = mapped_column(ForeignKey("public_spots.id"))
    building_id: Mapped[int | None] = mapped_column(ForeignKey("buildings.id"))
    place_public: Mapped[str] = mapped_column(String(80))
    place_full: Mapped[str] = mapped_column(String(120))
    estate_id: Mapped[int] = mapped_column(ForeignKey("estates.id"))
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    community_id: Mapped[int] = mapped_column(ForeignKey("communities.id"))
    street_id: Mapped[int] = mapped_column(ForeignKey("streets.id"))
    district_id: Mapped[int] = mapped_column(ForeignKey("districts.id"))
    hotline_district_id: Mapped[int | None] = mapped_column(BigId)

    worker_id: Mapped[int | None] = mapped_column(ForeignKey("workers.id"))
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("booking_slots.id"))
    slot_begins_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    slot_ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    accepted_by: Mapped[int | None] = mapped_column(BigId)
    hotline_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    assigned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    departed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_how: Mapped[str] = mapped_column(String(12), default="")
    next_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rejected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reject_code: Mapped[str] = mapped_column(String(16), default="")
    fund_needed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fund_told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    quoted_fen: Mapped[int | None]
    agreed_fen: Mapped[int | None]
    final_fen: Mapped[int | None]
    master_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    appealed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    appeal_open: Mapped[bool] = mapped_column(default=False)
    cancel_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    info_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    info_open: Mapped[bool] = mapped_column(default=False)
    transfer_to: Mapped[int | None] = mapped_column(ForeignKey("offices.id"))
    special_asked_by: Mapped[int | None] = mapped_column(BigId)
    declaration_id: Mapped[int | None] = mapped_column(BigId)

    round: Mapped[int] = mapped_column(default=0)
    extended: Mapped[bool] = mapped_column(default=False)
    special: Mapped[bool] = mapped_column(default=False)
    supervised: Mapped[bool] = mapped_column(default=False)
    flagged: Mapped[bool] = mapped_column(default=False)
    transfers: Mapped[int] = mapped_column(default=0)
    late_accept: Mapped[bool] = mapped_column(default=False)
    late_visit: Mapped[bool] = mapped_column(default=False)
    late_repair: Mapped[bool] = mapped_column(default=False)
    site_photos: Mapped[int] = mapped_column(default=0)
    after_photos: Mapped[int] = mapped_column(default=0)
    holds: Mapped[int] = mapped_column(default=0)
    no_shows: Mapped[int] = mapped_column(default=0)
    pay_status: Mapped[str] = mapped_column(String(8), default="免费")
    paid_fen: Mapped[int] = mapped_column(default=0, server_default="0")
    refunded_fen: Mapped[int] = mapped_column(default=0, server_default="0")
    warranty: Mapped[bool] = mapped_column(default=False, server_default="0")

    category: Mapped[Category] = relationship()
    estate: Mapped[Estate] = relationship()
    office: Mapped[Office] = relationship(foreign_keys=[office_id])
    company: Mapped[Company] = relationship()
    worker: Mapped[Worker | None] = relationship()
    reporter: Mapped[Account | None] = relationship()


class OrderEvent(Id, Base):
    """One thing that happened; `seq` equals the order's version after it, so an event cannot be written twice."""

    __tablename__ = "order_events"
    __table_args__ = (UniqueConstraint("order_id", "seq"),)

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    seq: Mapped[int]
    code: Mapped[str] = mapped_column(String(4))
    action: Mapped[str] = mapped_column(String(20))
    from_status: Mapped[str | None] = mapped_column(String(16))
    to_status: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None] = mapped_column(BigId)
    actor_role: Mapped[str] = mapped_column(String(4))
    note: Mapped[str] = mapped_column(String(500), default="")
    data: Mapped[Any] = mapped_column(JSON, nullable=True)


class OrderPhoto(Id, Base):
    """A photo as evidence of a step: submit, site, protection, after, old_part, receipt, reopen, extension, rating."""

    __tablename__ = "order_photos"
    __table_args__ = (UniqueConstraint("photo_id"), Index("ix_order_photos_order_id", "order_id", "id"))

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    photo_id: Mapped[int] = mapped_column(ForeignKey("photos.id"))
    step: Mapped[str] = mapped_column(String(12))
    round: Mapped[int] = mapped_column(default=0)

    photo: Mapped[Photo] = relationship()


class Assignment(Id, Base):
    """One offer of an order to a worker with the explanation 为什么派给他 (S2-19, domain 5.1-P18)."""

    __tablename__ = "assignments"
    __table_args__ = (
        Index("ix_assignments_order_id", "order_id"),
        Index("ix_assignments_worker_id", "worker_id"),
    )

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    worker_id: Mapped[int] = mapped_column(ForeignKey("workers.id"))
    round: Mapped[int] = mapped_column(default=0)
    offered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    offered_by: Mapped[int | None] = mapped_column(BigId)
    explanation: Mapped[Any] = mapped_column(JSON)
    override_reason: Mapped[str] = mapped_column(String(200), default="")
    outcome: Mapped[str] = mapped_column(String(10), default="waiting")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decline_reason: Mapped[str] = mapped_column(String(200), default="")

    worker: Mapped[Worker] = relationship()


class SiteVisit(Id, Base):
    """到场签到: proof of being there; `flagged` marks a position that could not be confirmed (定位异常)."""

    __tablename__ = "site_visits"
    __table_args__ = (UniqueConstraint("order_id", "round"),)

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    round: Mapped[int] = mapped_column(default=0)
    by_account_id: Mapped[int] = mapped_column(BigId)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    method: Mapped[str] = mapped_column(String(4))
    distance_m: Mapped[int | None]
    flagged: Mapped[bool] = mapped_column(default=False)
    finding: Mapped[str] = mapped_column(String(300))
    hazardous: Mapped[bool]
    expected_at: Mapped[datetime] = mapped_column(UtcDateTime)
    contact_result: Mapped[str] = mapped_column(String(100))


class Completion(Id, Base):
    """完工: what was done, with which parts."""

    __tablename__ = "completions"
    __table_args__ = (UniqueConstraint("order_id", "round"),)

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    round: Mapped[int] = mapped_column(default=0)
    by_account_id: Mapped[int] = mapped_column(BigId)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    result: Mapped[str] = mapped_column(String(300))
    parts: Mapped[str] = mapped_column(String(200), default="")
