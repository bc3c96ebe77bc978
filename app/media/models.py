"""Photos and voice recordings: re-encoded, fingerprinted, judged before others have them (domain 3.5.3, 5.1-P26)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Id, UtcDateTime
from app.core.outgoing import Outgoing
from app.core.scope import Dimension


class CheckState(StrEnum):
    """What WeChat's content check says of an upload; until `pass` nobody outside the order has it (X01)."""

    PENDING = "pending"
    PASS = "pass"
    REVIEW = "review"
    RISKY = "risky"


class Photo(Id, Base):
    """One uploaded picture; `sha256` is of the original bytes, so a photo used twice can be found."""

    __tablename__ = "photos"
    __table_args__ = (Index(None, "sha256"), Index(None, "check_trace"))
    __seen_by__ = {Dimension.ACCOUNT: "uploaded_by"}

    uploaded_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sha256: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(120))
    width: Mapped[int]
    height: Mapped[int]
    check_state: Mapped[str] = mapped_column(String(8), default=CheckState.PENDING)
    check_trace: Mapped[str | None] = mapped_column(String(64))
    attached: Mapped[bool] = mapped_column(default=False)

    @property
    def thumb_key(self) -> str:
        """Storage key of the thumbnail."""
        return self.key.replace(".jpg", "_thumb.jpg")


class PhotoCheck(Id, Outgoing, Base):
    """The question to WeChat whether others may see a photo; a row before it is a call. The answer is pushed
    later and found by the photo's `check_trace`."""

    __tablename__ = "photo_checks"
    __table_args__ = (UniqueConstraint("photo_id"), Index("ix_photo_checks_state", "state", "next_at"))

    photo_id: Mapped[int] = mapped_column(ForeignKey("photos.id"))
    openid: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Voice(Id, Base):
    """One recording that a reporter spoke in place of words (S3-03); `sha256` is of the original bytes. Nobody can mask
    what a voice says, so only those hear it who may read the words as they were written."""

    __tablename__ = "voices"
    __table_args__ = (Index(None, "sha256"), Index(None, "check_trace"))
    __seen_by__ = {Dimension.ACCOUNT: "uploaded_by"}

    uploaded_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sha256: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(120))
    duration_ms: Mapped[int]
    check_state: Mapped[str] = mapped_column(String(8), default=CheckState.PENDING)
    check_trace: Mapped[str | None] = mapped_column(String(64))
    attached: Mapped[bool] = mapped_column(default=False)


class VoiceCheck(Id, Outgoing, Base):
    """The question to WeChat about a recording; otherwise like PhotoCheck."""

    __tablename__ = "voice_checks"
    __table_args__ = (UniqueConstraint("voice_id"), Index("ix_voice_checks_state", "state", "next_at"))

    voice_id: Mapped[int] = mapped_column(ForeignKey("voices.id"))
    openid: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
