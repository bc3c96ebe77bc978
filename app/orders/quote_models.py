"""What the resident is asked to agree to before it is repaired (T10-T13): quotes and their lines."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, BigId, Id, UtcDateTime
from app.orders.quote_rules import line_fen


class Quote(Id, Base):
    """报价: `number` counts within the order. An addition (T13) repeats what was agreed before and adds to it, so that
    one agreement always covers the whole. Lines and hash are never changed; only the answer is written later.

    `list_fen` is what it would cost by the price list, struck through where `free`; `visit_fee_fen` is what remains to
    be paid if it is not repaired. `price_version` says from which price list of the company the lines come, 0 for
    quotes from before the lists were counted.
    """

    __tablename__ = "quotes"
    __table_args__ = (
        UniqueConstraint("order_id", "number"),
        CheckConstraint("total_fen >= 0 AND visit_fee_fen >= 0 AND list_fen >= total_fen", name="amounts"),
        CheckConstraint("NOT free OR (total_fen = 0 AND visit_fee_fen = 0)", name="free"),
        CheckConstraint("expires_at > made_at", name="expires"),
        CheckConstraint("(answered_at IS NULL) = (answered_how = '')", name="answered"),
        CheckConstraint("(answered_how = 'agreed') = (agreed_hash = hash)", name="agreed_hash"),
        CheckConstraint("answered_how <> 'agreed' OR answered_by IS NOT NULL", name="agreed_by"),
    )

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    round: Mapped[int] = mapped_column(default=0)
    number: Mapped[int]
    addition: Mapped[bool] = mapped_column(default=False)
    free: Mapped[bool] = mapped_column(default=False)
    list_fen: Mapped[int]
    total_fen: Mapped[int]
    visit_fee_fen: Mapped[int]
    price_version: Mapped[int] = mapped_column(default=0, server_default="0")
    note: Mapped[str] = mapped_column(String(200), default="")
    hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[int | None] = mapped_column(BigId)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_how: Mapped[str] = mapped_column(String(10), default="")
    answered_by: Mapped[int | None] = mapped_column(BigId)
    agreed_hash: Mapped[str] = mapped_column(String(64), default="")

    lines: Mapped[list[QuoteLine]] = relationship(order_by="QuoteLine.seq")


class QuoteLine(Id, Base):
    """One item of the published price list, with the price of that instant and what is charged; material apart.
    `warranty` marks what was repaired and paid for less than thirty days ago and costs nothing now (3.10)."""

    __tablename__ = "quote_lines"
    __table_args__ = (
        UniqueConstraint("quote_id", "seq"),
        CheckConstraint("quantity_hundredths > 0", name="quantity"),
        CheckConstraint("unit_price_fen BETWEEN 0 AND list_price_fen", name="within_list"),
        CheckConstraint("material_fen >= 0", name="material_fen"),
        CheckConstraint("material_by = 'company' OR material_fen = 0", name="material_by"),
        CheckConstraint("(material_by = 'none') = (material = '')", name="material_named"),
        CheckConstraint("NOT warranty OR (unit_price_fen = 0 AND material_fen = 0)", name="warranty"),
    )

    quote_id: Mapped[int] = mapped_column(ForeignKey("quotes.id"))
    seq: Mapped[int]
    added: Mapped[bool] = mapped_column(default=False)
    warranty: Mapped[bool] = mapped_column(default=False, server_default="0")
    item_code: Mapped[str] = mapped_column(ForeignKey("price_items.code"))
    name: Mapped[str] = mapped_column(String(24))
    unit: Mapped[str] = mapped_column(String(4))
    quantity_hundredths: Mapped[int]
    list_price_fen: Mapped[int]
    unit_price_fen: Mapped[int]
    material_by: Mapped[str] = mapped_column(String(8), default="none")
    material: Mapped[str] = mapped_column(String(60), default="")
    material_fen: Mapped[int] = mapped_column(default=0)

    @property
    def work_fen(self) -> int:
        """Labour that is charged."""
        return line_fen(self.quantity_hundredths, self.unit_price_fen)

    @property
    def list_fen(self) -> int:
        """Labour by the price list."""
        return line_fen(self.quantity_hundredths, self.list_price_fen)

    @property
    def amount_fen(self) -> int:
        """Labour and material."""
        return self.work_fen + self.material_fen
