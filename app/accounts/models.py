"""People, their hats, sessions and home bindings (domain 3.2)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.crypto import Encrypted
from app.core.db import Base, BigId, Id, UtcDateTime
from app.core.scope import Dimension
from app.estates.models import Home

MAX_HOMES = 3


class AccountStatus(StrEnum):
    """Whether a person may sign in."""

    ACTIVE = "active"
    DISABLED = "disabled"
    CANCELLED = "cancelled"


class Account(Id, Base):
    """A person: resident, staff or both; no identity-card number, no birthday, no gender (domain 5.1-P06)."""

    __tablename__ = "accounts"
    __seen_by__ = {Dimension.ACCOUNT: "id"}

    phone: Mapped[str | None] = mapped_column(Encrypted("accounts.phone"))
    phone_index: Mapped[str | None] = mapped_column(String(64), unique=True)
    openid: Mapped[str | None] = mapped_column(String(64), unique=True)
    name: Mapped[str | None] = mapped_column(Encrypted("accounts.name"))
    status: Mapped[str] = mapped_column(String(12), default=AccountStatus.ACTIVE)
    elder_mode: Mapped[bool] = mapped_column(default=False)
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Credential(Id, Base):
    """How a member of staff signs in to the console."""

    __tablename__ = "credentials"
    __seen_by__ = {Dimension.SECURITY: "security_domain"}

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), unique=True)
    login_name: Mapped[str] = mapped_column(String(40), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change: Mapped[bool] = mapped_column(default=True)
    totp_secret: Mapped[str | None] = mapped_column(Encrypted("credentials.totp_secret"))
    totp_last_step: Mapped[int | None]
    failures: Mapped[int] = mapped_column(default=0)
    first_failure_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    security_domain: Mapped[int] = mapped_column(default=1)

    account: Mapped[Account] = relationship()


class Hat(Id, Base):
    """One role of one person, with the place where it counts; a session wears one hat."""

    __tablename__ = "hats"
    __table_args__ = (Index("ix_hats_account_id", "account_id"),)
    __seen_by__ = {
        Dimension.ACCOUNT: "account_id",
        Dimension.COMPANY: "company_id",
        Dimension.SECURITY: "security_domain",
    }

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    role: Mapped[str] = mapped_column(String(4))
    company_id: Mapped[int | None] = mapped_column(ForeignKey("companies.id"))
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id"))
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("workers.id"))
    community_id: Mapped[int | None] = mapped_column(ForeignKey("communities.id"))
    street_id: Mapped[int | None] = mapped_column(ForeignKey("streets.id"))
    district_id: Mapped[int | None] = mapped_column(ForeignKey("districts.id"))
    security_domain: Mapped[int] = mapped_column(default=1)
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    account: Mapped[Account] = relationship()


class AuthSession(Id, Base):
    """A signed-in device: the token itself is never stored, only its SHA-256; revocable at any time."""

    __tablename__ = "auth_sessions"
    __table_args__ = (Index("ix_auth_sessions_account_id", "account_id"),)
    __seen_by__ = {Dimension.ACCOUNT: "account_id"}

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    hat_id: Mapped[int | None] = mapped_column(ForeignKey("hats.id"))
    channel: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    second_factor_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Relation(StrEnum):
    """How a person belongs to a home."""

    OWNER = "owner"
    CO_OWNER = "co_owner"
    FAMILY = "family"
    TENANT = "tenant"
    PROXY = "proxy"


RELATION_LABELS = {
    Relation.OWNER: "业主",
    Relation.CO_OWNER: "共有人",
    Relation.FAMILY: "家庭成员",
    Relation.TENANT: "租户",
    Relation.PROXY: "代办人",
}


class BindingStatus(StrEnum):
    """待审 → 有效 / 驳回; 有效 → 解绑 / 到期 (domain 3.12)."""

    PENDING = "pending"
    ACTIVE = "active"
    REJECTED = "rejected"
    ENDED = "ended"
    EXPIRED = "expired"


class HomeBinding(Id, Base):
    """A person's tie to a home. `slot` 1..3 is held while pending or active, so the database itself refuses a fourth
    home (S0-05); `live_home_id` equals the home for just as long, so the same home is not bound twice."""

    __tablename__ = "home_bindings"
    __table_args__ = (
        UniqueConstraint("account_id", "slot", name="uq_home_bindings_slot"),
        UniqueConstraint("account_id", "live_home_id", name="uq_home_bindings_live_home"),
        CheckConstraint(f"slot IS NULL OR slot BETWEEN 1 AND {MAX_HOMES}", name="slot"),
        CheckConstraint("relation <> 'tenant' OR valid_to IS NOT NULL", name="tenant_needs_end"),
        CheckConstraint(
            "(status IN ('pending', 'active')) = (slot IS NOT NULL)"
            " AND (slot IS NULL) = (live_home_id IS NULL)",
            name="live_has_slot",
        ),
        Index("ix_home_bindings_home_id", "home_id", "status"),
    )
    __seen_by__ = {Dimension.ACCOUNT: "account_id", Dimension.ESTATE: "estate_id"}

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    home_id: Mapped[int] = mapped_column(ForeignKey("homes.id"))
    live_home_id: Mapped[int | None] = mapped_column(BigId)
    estate_id: Mapped[int] = mapped_column(ForeignKey("estates.id"), index=True)
    relation: Mapped[str] = mapped_column(String(8))
    method: Mapped[str] = mapped_column(String(12))
    slot: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(8))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    consent_note: Mapped[str] = mapped_column(String(200), default="")
    reason: Mapped[str] = mapped_column(String(200), default="")
    decided_by: Mapped[int | None] = mapped_column(BigId)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    account: Mapped[Account] = relationship()
    home: Mapped[Home] = relationship()


class PrivacyConsent(Id, Base):
    """What somebody agreed to, in which version, and when he took it back (domain 5.1-P02, P04)."""

    __tablename__ = "privacy_consents"
    __table_args__ = (UniqueConstraint("account_id", "document", "version"),)
    __seen_by__ = {Dimension.ACCOUNT: "account_id"}

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    document: Mapped[str] = mapped_column(String(20))
    version: Mapped[str] = mapped_column(String(12))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
