"""Space: from the district down to a home, a public spot and a facility (domain 3.1)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Numeric, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.crypto import Encrypted
from app.core.db import Base, BigId, Id, UtcDateTime
from app.core.scope import EVERYONE, Dimension


class ManagementMode(StrEnum):
    """How an estate is managed (S2-15)."""

    PROFESSIONAL = "专业物业"
    BASIC = "准物业"
    NONE = "无物业"
    TRIAL = "先尝后买"
    SELF = "自管"


class District(Id, Base):
    """区: the root of a deployment."""

    __tablename__ = "districts"
    __seen_by__ = EVERYONE

    code: Mapped[str] = mapped_column(String(6), unique=True)
    name: Mapped[str] = mapped_column(String(40))

    def __str__(self) -> str:
        return self.name


class Street(Id, Base):
    """街道/镇."""

    __tablename__ = "streets"
    __seen_by__ = EVERYONE

    code: Mapped[str] = mapped_column(String(12), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    district_id: Mapped[int] = mapped_column(ForeignKey("districts.id"))

    def __str__(self) -> str:
        return self.name


class Community(Id, Base):
    """社区(居委会)."""

    __tablename__ = "communities"
    __seen_by__ = EVERYONE

    code: Mapped[str] = mapped_column(String(12), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    street_id: Mapped[int] = mapped_column(ForeignKey("streets.id"))

    def __str__(self) -> str:
        return self.name


class Estate(Id, Base):
    """小区: the area that one contract covers. Coordinates are degrees (GCJ-02, as WeChat gives them)."""

    __tablename__ = "estates"
    __table_args__ = (CheckConstraint("area_m2 >= 0 AND homes_count >= 0", name="sizes"),)
    __seen_by__ = EVERYONE

    code: Mapped[str] = mapped_column(String(24), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(120), default="")
    mode: Mapped[str] = mapped_column(String(8))
    house_type: Mapped[str] = mapped_column(String(12), default="")
    built_year: Mapped[int | None]
    area_m2: Mapped[Decimal] = mapped_column(Numeric(12, 2), default=Decimal(0))
    homes_count: Mapped[int] = mapped_column(default=0)
    latitude: Mapped[float]
    longitude: Mapped[float]
    district_id: Mapped[int] = mapped_column(ForeignKey("districts.id"), index=True)
    street_id: Mapped[int] = mapped_column(ForeignKey("streets.id"), index=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("communities.id"), index=True)
    has_lift: Mapped[bool] = mapped_column(default=False)
    is_pilot: Mapped[bool] = mapped_column(default=False)
    in_home_service: Mapped[bool] = mapped_column(default=False)
    free_trial: Mapped[bool] = mapped_column(default=False)
    pay_enabled: Mapped[bool] = mapped_column(default=False)
    iot_enabled: Mapped[bool] = mapped_column(default=False)
    parking_enabled: Mapped[bool] = mapped_column(default=False)
    fund_enabled: Mapped[bool] = mapped_column(default=False, server_default=false())

    def __str__(self) -> str:
        return self.name


class Building(Id, Base):
    """幢."""

    __tablename__ = "buildings"
    __table_args__ = (UniqueConstraint("estate_id", "number"),)
    __seen_by__ = EVERYONE

    estate_id: Mapped[int] = mapped_column(ForeignKey("estates.id"))
    number: Mapped[str] = mapped_column(String(16))
    floors: Mapped[int] = mapped_column(default=6)
    has_lift: Mapped[bool] = mapped_column(default=False)

    estate: Mapped[Estate] = relationship()

    def __str__(self) -> str:
        return f"{self.number}号楼"


class Unit(Id, Base):
    """单元(门)."""

    __tablename__ = "units"
    __table_args__ = (UniqueConstraint("building_id", "number"),)
    __seen_by__ = EVERYONE

    building_id: Mapped[int] = mapped_column(ForeignKey("buildings.id"))
    number: Mapped[str] = mapped_column(String(16))

    building: Mapped[Building] = relationship()

    def __str__(self) -> str:
        return f"{self.number}单元"


class Home(Id, Base):
    """户: `place` is the full address inside the estate; who lives there is a matter of bindings."""

    __tablename__ = "homes"
    __table_args__ = (
        UniqueConstraint("unit_id", "number"),
        Index("ix_homes_estate_id", "estate_id", "id"),
        CheckConstraint("area_m2 >= 0", name="area"),
    )
    __seen_by__ = {Dimension.ESTATE: "estate_id"}

    estate_id: Mapped[int] = mapped_column(ForeignKey("estates.id"))
    building_id: Mapped[int] = mapped_column(ForeignKey("buildings.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    number: Mapped[str] = mapped_column(String(16))
    floor: Mapped[int] = mapped_column(default=1)
    area_m2: Mapped[Decimal] = mapped_column(Numeric(8, 2), default=Decimal(0))

    estate: Mapped[Estate] = relationship()
    building: Mapped[Building] = relationship()
    unit: Mapped[Unit] = relationship()


class OwnerRecord(Id, Base):
    """业主名册: kept as fingerprints only, good for matching and for nothing else (domain 5.1-P27)."""

    __tablename__ = "owner_records"
    __table_args__ = (UniqueConstraint("home_id", "phone_index"),)
    __seen_by__ = {Dimension.ESTATE: "estate_id"}

    home_id: Mapped[int] = mapped_column(ForeignKey("homes.id"))
    estate_id: Mapped[int] = mapped_column(ForeignKey("estates.id"))
    phone_index: Mapped[str] = mapped_column(String(64), index=True)
    last_character_index: Mapped[str] = mapped_column(String(64))


class HomeInvitation(Id, Base):
    """邀请码: the office hands it to a family; the code itself is stored as a fingerprint and used once."""

    __tablename__ = "home_invitations"
    __seen_by__ = {Dimension.ESTATE: "estate_id"}

    home_id: Mapped[int] = mapped_column(ForeignKey("homes.id"), index=True)
    estate_id: Mapped[int] = mapped_column(ForeignKey("estates.id"))
    code_index: Mapped[str] = mapped_column(String(64), unique=True)
    relation: Mapped[str] = mapped_column(String(8))
    created_by: Mapped[int] = mapped_column(BigId)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PublicSpot(Id, Base):
    """公共点位: `code` stands in the QR sign on the wall. Coordinates are degrees (GCJ-02), known for spots outdoors:
    two spots without a building are compared by them."""

    __tablename__ = "public_spots"
    __seen_by__ = EVERYONE

    code: Mapped[str] = mapped_column(String(16), unique=True)
    estate_id: Mapped[int] = mapped_column(ForeignKey("estates.id"), index=True)
    building_id: Mapped[int | None] = mapped_column(ForeignKey("buildings.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    name: Mapped[str] = mapped_column(String(60))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]

    estate: Mapped[Estate] = relationship()
    building: Mapped[Building | None] = relationship()

    def __str__(self) -> str:
        return self.name


class Facility(Id, Base):
    """设施设备: lift, pump, door, lamp ... with its maintenance firm."""

    __tablename__ = "facilities"
    __table_args__ = (UniqueConstraint("estate_id", "code"),)
    __seen_by__ = EVERYONE

    estate_id: Mapped[int] = mapped_column(ForeignKey("estates.id"))
    spot_id: Mapped[int | None] = mapped_column(ForeignKey("public_spots.id"))
    kind: Mapped[str] = mapped_column(String(20))
    code: Mapped[str] = mapped_column(String(24))
    name: Mapped[str] = mapped_column(String(60))
    maintenance_firm: Mapped[str] = mapped_column(String(60), default="")
    maintenance_phone: Mapped[str | None] = mapped_column(Encrypted("facilities.maintenance_phone"))
    inspection_due_on: Mapped[date | None] = mapped_column(Date)

    def __str__(self) -> str:
        return self.name
