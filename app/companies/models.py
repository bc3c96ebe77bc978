"""Companies, project offices, contracts, staff, workers (domain 3.2)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Account
from app.core.crypto import Encrypted
from app.core.db import Base, Id, UtcDateTime
from app.core.labelled import Labelled
from app.core.scope import EVERYONE, Dimension
from app.estates.models import Estate


class Admission(StrEnum):
    """Platform admission (domain 3.12); only 准入 companies receive orders (S2-02)."""

    PENDING = "待审"
    ADMITTED = "准入"
    RECTIFYING = "整改"
    SUSPENDED = "暂停"
    LEFT = "退出"


MAY_RECEIVE_ORDERS = frozenset({Admission.ADMITTED, Admission.RECTIFYING})


class Company(Id, Base):
    """物业企业; `credit_code` is the 18-digit unified social credit code."""

    __tablename__ = "companies"
    __seen_by__ = EVERYONE

    credit_code: Mapped[str] = mapped_column(String(18), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    admission: Mapped[str] = mapped_column(String(4), default=Admission.PENDING)
    contact_phone: Mapped[str] = mapped_column(String(20), default="")
    is_third_party: Mapped[bool] = mapped_column(default=False)

    def __str__(self) -> str:
        return self.name


class Dispatching(Labelled):
    """派工方式: how an accepted order finds its worker; each office chooses one. `label` is what the console shows."""

    ASSIGN = "assign", "调度派工"
    AUTO = "auto", "自动派给最合适的师傅"
    GRAB = "grab", "师傅抢单"
    ROTATE = "rotate", "轮流派单"


class Office(Id, Base):
    """小区管理处: the desk that serves one or more estates."""

    __tablename__ = "offices"
    __table_args__ = (
        CheckConstraint("dispatching IN ('assign', 'auto', 'grab', 'rotate')", name="dispatching"),
    )
    __seen_by__ = EVERYONE

    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(120), default="")
    duty_phone: Mapped[str] = mapped_column(String(20), default="")
    dispatching: Mapped[str] = mapped_column(
        String(8), default=Dispatching.ASSIGN.value, server_default=Dispatching.ASSIGN.value
    )

    company: Mapped[Company] = relationship()

    def __str__(self) -> str:
        return self.name


class ServiceContract(Id, Base):
    """物业服务合同: says which office serves an estate on a date; the end day is included, None means open."""

    __tablename__ = "service_contracts"
    __table_args__ = (
        Index("ix_service_contracts_estate_id", "estate_id", "begins_on"),
        CheckConstraint("ends_on IS NULL OR ends_on >= begins_on", name="dates"),
    )
    __seen_by__ = EVERYONE

    estate_id: Mapped[int] = mapped_column(ForeignKey("estates.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    kind: Mapped[str] = mapped_column(String(8))
    begins_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)

    estate: Mapped[Estate] = relationship()
    company: Mapped[Company] = relationship()
    office: Mapped[Office] = relationship()


class Staff(Id, Base):
    """人员: employment of a person by a company, at an office or at headquarters."""

    __tablename__ = "staff"
    __table_args__ = (
        Index("ix_staff_company_id", "company_id"),
        Index("ix_staff_office_id", "office_id"),
        Index("ix_staff_account_id", "account_id"),
    )
    __seen_by__ = {Dimension.COMPANY: "company_id", Dimension.OFFICE: "office_id"}

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id"))
    post: Mapped[str] = mapped_column(String(20))
    employed_from: Mapped[date] = mapped_column(Date)
    employed_to: Mapped[date | None] = mapped_column(Date)

    account: Mapped[Account] = relationship()


class Worker(Id, Base):
    """师傅: the working profile of a member of staff. Position is the last check-in, degrees."""

    __tablename__ = "workers"
    __table_args__ = (Index("ix_workers_office_id", "office_id"),)
    __seen_by__ = {
        Dimension.WORKER: "id",
        Dimension.OFFICE: "office_id",
        Dimension.COMPANY: "company_id",
        Dimension.DISTRICT: "district_id",
        Dimension.HOTLINE: "district_id",
    }

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    district_id: Mapped[int] = mapped_column(ForeignKey("districts.id"))
    title: Mapped[str] = mapped_column(String(12))
    online: Mapped[bool] = mapped_column(default=False)
    max_parallel: Mapped[int] = mapped_column(default=3)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    positioned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    account: Mapped[Account] = relationship()

    def __str__(self) -> str:
        return self.title


class WorkerSkill(Id, Base):
    """A category group (G02, H01 ...) in which a worker is skilled."""

    __tablename__ = "worker_skills"
    __table_args__ = (UniqueConstraint("worker_id", "category_group"),)
    __seen_by__ = EVERYONE

    worker_id: Mapped[int] = mapped_column(ForeignKey("workers.id"))
    category_group: Mapped[str] = mapped_column(String(3))


class Certificate(Id, Base):
    """证书: expired at the planned visit time means not dispatchable (S2-21); `valid_to` is included."""

    __tablename__ = "certificates"
    __table_args__ = (Index("ix_certificates_worker_id", "worker_id", "kind"),)
    __seen_by__ = {
        Dimension.WORKER: "worker_id",
        Dimension.OFFICE: "office_id",
        Dimension.COMPANY: "company_id",
        Dimension.DISTRICT: "district_id",
    }

    worker_id: Mapped[int] = mapped_column(ForeignKey("workers.id"))
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    district_id: Mapped[int] = mapped_column(ForeignKey("districts.id"))
    kind: Mapped[str] = mapped_column(String(20))
    number: Mapped[str | None] = mapped_column(Encrypted("certificates.number"))
    issued_on: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date] = mapped_column(Date)
    revoked: Mapped[bool] = mapped_column(default=False)


class Shift(Id, Base):
    """排班: one person on duty from `begins_at` to `ends_at`."""

    __tablename__ = "shifts"
    __table_args__ = (
        Index("ix_shifts_office_id", "office_id", "begins_at"),
        Index("ix_shifts_staff_id", "staff_id", "begins_at"),
        CheckConstraint("ends_at > begins_at", name="order"),
    )
    __seen_by__ = {Dimension.OFFICE: "office_id", Dimension.COMPANY: "company_id"}

    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    duty: Mapped[str] = mapped_column(String(4))
    begins_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
