"""随手拍 and what proves what became of each (domain 3.12); a status without its evidence is refused."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import Encrypted
from app.core.db import Base, BigId, Id, UtcDateTime
from app.core.scope import Dimension


class Snap(Id, Base):
    """One 随手拍. Scope columns are stamped at submission from the contract of that date; `due_at` is C6 by
    the policy of that instant and never moves. `question` is what the sender asked after the answer, `again` what he
    was told then."""

    __tablename__ = "snaps"
    __table_args__ = (
        CheckConstraint("kind IN ('PRAISE', 'SUGGEST', 'PROBLEM')", name="kind"),
        CheckConstraint(
            "status IN ('SUBMITTED', 'ACCEPTED', 'ANSWERED', 'ASKED', 'CLOSED', 'HOTLINE', 'EXPIRED', 'CONVERTED')",
            name="status",
        ),
        CheckConstraint("kind <> 'PROBLEM' OR photos >= 1", name="problem_has_a_photo"),
        CheckConstraint("due_at > submitted_at", name="due"),
        CheckConstraint(
            "status <> 'ACCEPTED' OR (opened_at IS NOT NULL AND opened_by IS NOT NULL)", name="opened"
        ),
        CheckConstraint(
            "status NOT IN ('ANSWERED', 'ASKED', 'CLOSED')"
            " OR (answered_at IS NOT NULL AND answered_by IS NOT NULL AND reply <> '')",
            name="answered",
        ),
        CheckConstraint("answered_at IS NULL OR answered_at <= due_at", name="answered_in_time"),
        CheckConstraint(
            "(asked_at IS NOT NULL AND question <> '' AND answered_at IS NOT NULL)"
            " OR (asked_at IS NULL AND question = '' AND status <> 'ASKED')",
            name="asked",
        ),
        CheckConstraint(
            "(again_at IS NULL AND again = '')"
            " OR (again_at IS NOT NULL AND again_by IS NOT NULL AND again <> '' AND asked_at IS NOT NULL)",
            name="again",
        ),
        CheckConstraint(
            "status <> 'CLOSED' OR (closed_at IS NOT NULL"
            " AND (closed_how = 'auto' OR (closed_how = 'rated' AND stars IS NOT NULL AND stars BETWEEN 1 AND 5)))",
            name="closed",
        ),
        CheckConstraint(
            "status <> 'HOTLINE'"
            " OR (declined_at IS NOT NULL AND decline_reason <> '' AND hotline_district_id IS NOT NULL)",
            name="declined",
        ),
        CheckConstraint(
            "status <> 'EXPIRED' OR (closed_at IS NOT NULL AND closed_at > due_at AND closed_how = 'expired'"
            " AND answered_at IS NULL)",
            name="expired",
        ),
        CheckConstraint("(status = 'CONVERTED') = (order_id IS NOT NULL)", name="converted"),
        CheckConstraint(
            "order_id IS NULL OR (kind = 'PROBLEM' AND closed_at IS NOT NULL AND closed_at <= due_at)",
            name="repair",
        ),
        UniqueConstraint("order_id"),
        Index("ix_snaps_sender_id", "sender_id", "id"),
        Index("ix_snaps_office_id", "office_id", "status", "due_at"),
        Index("ix_snaps_company_id", "company_id", "id"),
        Index("ix_snaps_district_id", "district_id", "due_at"),
        Index("ix_snaps_street_id", "street_id", "id"),
        Index("ix_snaps_hotline_district_id", "hotline_district_id", "status"),
        Index("ix_snaps_due_at", "due_at"),
        Index("ix_snaps_submitted_at", "district_id", "submitted_at"),
    )
    __seen_by__ = {
        Dimension.ACCOUNT: "sender_id",
        Dimension.OFFICE: "office_id",
        Dimension.COMPANY: "company_id",
        Dimension.COMMUNITY: "community_id",
        Dimension.STREET: "street_id",
        Dimension.DISTRICT: "district_id",
        Dimension.HOTLINE: "hotline_district_id",
    }

    kind: Mapped[str] = mapped_column(String(8))
    topic: Mapped[str] = mapped_column(String(12))
    status: Mapped[str] = mapped_column(String(12))
    version: Mapped[int] = mapped_column(default=1)
    text: Mapped[str] = mapped_column(String(500))
    text_check: Mapped[str] = mapped_column(String(8), default="pass")
    photos: Mapped[int] = mapped_column(default=0)

    sender_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    contact_name: Mapped[str | None] = mapped_column(Encrypted("snaps.contact_name"))
    contact_phone: Mapped[str | None] = mapped_column(Encrypted("snaps.contact_phone"))

    spot_id: Mapped[int | None] = mapped_column(ForeignKey("public_spots.id"))
    place: Mapped[str] = mapped_column(String(80))
    place_note: Mapped[str] = mapped_column(String(40), default="")
    estate_id: Mapped[int] = mapped_column(ForeignKey("estates.id"))
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    community_id: Mapped[int] = mapped_column(ForeignKey("communities.id"))
    street_id: Mapped[int] = mapped_column(ForeignKey("streets.id"))
    district_id: Mapped[int] = mapped_column(ForeignKey("districts.id"))
    hotline_district_id: Mapped[int | None] = mapped_column(BigId)

    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opened_by: Mapped[int | None] = mapped_column(BigId)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by: Mapped[int | None] = mapped_column(BigId)
    reply: Mapped[str] = mapped_column(String(500), default="")
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    question: Mapped[str] = mapped_column(String(300), default="", server_default="")
    again_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    again_by: Mapped[int | None] = mapped_column(BigId)
    again: Mapped[str] = mapped_column(String(500), default="", server_default="")
    declined_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decline_reason: Mapped[str] = mapped_column(String(200), default="")
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    stars: Mapped[int | None]
    rating_text: Mapped[str] = mapped_column(String(300), default="")
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_how: Mapped[str] = mapped_column(String(9), default="")


class SnapEvent(Id, Base):
    """One thing that happened; `seq` equals the row's version after it."""

    __tablename__ = "snap_events"
    __table_args__ = (UniqueConstraint("snap_id", "seq"),)

    snap_id: Mapped[int] = mapped_column(ForeignKey("snaps.id"))
    seq: Mapped[int]
    action: Mapped[str] = mapped_column(String(12))
    from_status: Mapped[str | None] = mapped_column(String(12))
    to_status: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None] = mapped_column(BigId)
    actor_role: Mapped[str] = mapped_column(String(4))
    note: Mapped[str] = mapped_column(String(500), default="")


class SnapPhoto(Id, Base):
    """A photo of a step: submit or reply."""

    __tablename__ = "snap_photos"
    __table_args__ = (UniqueConstraint("photo_id"), Index("ix_snap_photos_snap_id", "snap_id", "id"))

    snap_id: Mapped[int] = mapped_column(ForeignKey("snaps.id"))
    photo_id: Mapped[int] = mapped_column(ForeignKey("photos.id"))
    step: Mapped[str] = mapped_column(String(12))


class SnapDeadline(Id, Base):
    """A level of C6 or of the silent end; claimed by the sweep, so that each is fired once."""

    __tablename__ = "snap_deadlines"
    __table_args__ = (
        UniqueConstraint("snap_id", "level"),
        CheckConstraint("(state = 'fired') = (fired_at IS NOT NULL)", name="fired"),
        Index("ix_snap_deadlines_state", "state", "due_at"),
    )

    snap_id: Mapped[int] = mapped_column(ForeignKey("snaps.id"))
    level: Mapped[str] = mapped_column(String(5))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(8))
    fired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
