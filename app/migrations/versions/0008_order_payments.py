"""价格与维修结清"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations
from sqlalchemy.dialects import mysql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ORDER_CHECKS_KEPT = {
    "accepted": "status IN ('SUBMITTED', 'HOTLINE', 'REJECTED', 'CANCELLED', 'MERGED') OR accepted_at IS NOT NULL",
    "agreed": "agreed_fen IS NULL OR agreed_fen >= 0",
    "booking_slot": "(menu = 'APT') = (slot_id IS NOT NULL)",
    "closed": "status <> 'CLOSED' OR closed_at IS NOT NULL",
    "final": "final_fen IS NULL OR (final_fen >= 0 AND (finished_at IS NULL OR final_fen <= COALESCE(agreed_fen, 0)))",
    "finished": "status NOT IN ('DONE', 'CLOSED') OR (finished_at IS NOT NULL AND after_photos >= 1) OR (status = 'CLOSED' AND closed_how = 'unreachable' AND no_shows >= 2) OR (status = 'CLOSED' AND closed_how = 'declined' AND quoted_fen IS NOT NULL) OR (status = 'CLOSED' AND closed_how = 'fund_failed' AND fund_told_at IS NOT NULL)",
    "fund_told": "status <> 'HOLD_FUND' OR fund_told_at IS NOT NULL",
    "held": "status <> 'HOLD_RESIDENT' OR (held_until IS NOT NULL AND holds >= 1 AND menu <> 'PUB')",
    "home": "menu = 'PUB' OR home_id IS NOT NULL",
    "hotline": "status <> 'HOTLINE' OR hotline_at IS NOT NULL",
    "merged": "status <> 'MERGED' OR (master_id IS NOT NULL AND menu = 'PUB')",
    "quoted": "status <> 'QUOTED' OR (quoted_fen IS NOT NULL AND menu <> 'PUB')",
    "rejected": "status <> 'REJECTED' OR (rejected_at IS NOT NULL AND reject_code <> '')",
    "transfers": "transfers BETWEEN 0 AND 3",
    "two_holds": "holds BETWEEN 0 AND 2",
    "verified": "status NOT IN ('VERIFIED', 'QUOTED', 'WORKING', 'HOLD_RESIDENT', 'HOLD_THIRD', 'HOLD_FUND', 'DONE', 'CLOSED') OR (verified_at IS NOT NULL AND site_photos >= 1)",
    "worker": "status NOT IN ('ASSIGNED', 'ON_WAY') OR worker_id IS NOT NULL",
}
ORDER_CHECKS = {"paid": "paid_fen >= 0 AND refunded_fen BETWEEN 0 AND paid_fen"}
LINE_CHECKS_KEPT = {
    "material_by": "material_by = 'company' OR material_fen = 0",
    "material_fen": "material_fen >= 0",
    "material_named": "(material_by = 'none') = (material = '')",
    "quantity": "quantity_hundredths > 0",
    "within_list": "unit_price_fen BETWEEN 0 AND list_price_fen",
}
LINE_CHECKS = {"warranty": "NOT warranty OR (unit_price_fen = 0 AND material_fen = 0)"}
CEILING_CHECKS_KEPT = {"ceiling": "ceiling_fen >= 0"}


def upgrade() -> None:
    _new_tables()
    # A declined order that was reopened has no settlement any more, so nothing of it is to be paid.
    op.execute("UPDATE orders SET pay_status = '未计价' WHERE pay_status = '待支付' AND final_fen IS NULL")
    with _altered("orders", kept=ORDER_CHECKS_KEPT, added=ORDER_CHECKS) as table:
        table.add_column(_number("paid_fen"))
        table.add_column(_number("refunded_fen"))
        table.add_column(_flag("warranty"))
    with op.batch_alter_table("quotes") as table:
        table.add_column(_number("price_version"))
    with _altered("quote_lines", kept=LINE_CHECKS_KEPT, added=LINE_CHECKS) as table:
        table.add_column(_flag("warranty"))
    with _altered("price_ceilings", kept=CEILING_CHECKS_KEPT) as table:
        table.add_column(sa.Column("proposal_id", _reference(), nullable=True))
        table.create_unique_constraint("uq_price_ceilings_proposal_id", ["proposal_id"])
        table.create_foreign_key("fk_price_ceilings_proposal_id", "price_proposals", ["proposal_id"], ["id"])


def downgrade() -> None:
    raise NotImplementedError("what was paid and posted has no place in the old tables: restore the backup")


@contextmanager
def _altered(name: str, *, kept: dict[str, str], added: dict[str, str] | None = None) -> Iterator[BatchOperations]:
    """Alter a table. SQLite copies the whole table and forgets its checks unless all are named again; MariaDB keeps
    what is not touched."""
    added = added or {}
    if op.get_bind().dialect.name == "sqlite":
        checks = [sa.CheckConstraint(rule, name=op.f(f"ck_{name}_{key}")) for key, rule in (kept | added).items()]
        with op.batch_alter_table(name, recreate="always", table_args=checks) as table:
            yield table
        return
    with op.batch_alter_table(name) as table:
        yield table
        for key, rule in added.items():
            table.create_check_constraint(op.f(f"ck_{name}_{key}"), rule)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default="0")


def _flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def _reference() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _moment() -> sa.types.TypeEngine[Any]:
    return sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb")


def _new_tables() -> None:
    op.create_table('cash_receipts',
    sa.Column('order_id', _reference(), nullable=False),
    sa.Column('amount_fen', sa.Integer(), nullable=False),
    sa.Column('taken_at', _moment(), nullable=False),
    sa.Column('taken_by', _reference(), nullable=True),
    sa.Column('taken_role', sa.String(length=4), nullable=False),
    sa.Column('note', sa.String(length=100), nullable=False),
    sa.Column('id', _reference(), autoincrement=True, nullable=False),
    sa.CheckConstraint('amount_fen > 0', name=op.f('ck_cash_receipts_amount')),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_cash_receipts_order_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cash_receipts'))
    )
    op.create_index('ix_cash_receipts_order_id', 'cash_receipts', ['order_id'], unique=False)
    op.create_table('price_proposals',
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('item_code', sa.String(length=3), nullable=False),
    sa.Column('fen', sa.Integer(), nullable=False),
    sa.Column('before_fen', sa.Integer(), nullable=True),
    sa.Column('valid_from', _moment(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('district_id', _reference(), nullable=True),
    sa.Column('company_id', _reference(), nullable=True),
    sa.Column('office_id', _reference(), nullable=True),
    sa.Column('proposed_by', _reference(), nullable=False),
    sa.Column('proposed_at', _moment(), nullable=False),
    sa.Column('decided_by', _reference(), nullable=True),
    sa.Column('decided_at', _moment(), nullable=True),
    sa.Column('granted', sa.Boolean(), nullable=True),
    sa.Column('decision_note', sa.String(length=200), nullable=False),
    sa.Column('id', _reference(), autoincrement=True, nullable=False),
    sa.CheckConstraint("(kind = 'ceiling' AND district_id IS NOT NULL AND company_id IS NULL AND office_id IS NULL) OR (kind = 'price' AND district_id IS NULL AND company_id IS NOT NULL AND office_id IS NOT NULL)", name=op.f('ck_price_proposals_kind')),
    sa.CheckConstraint('fen >= 0', name=op.f('ck_price_proposals_fen')),
    sa.CheckConstraint('(granted IS NULL) = (decided_at IS NULL)', name=op.f('ck_price_proposals_decided')),
    sa.CheckConstraint('granted IS NULL OR granted = 0 OR (decided_by IS NOT NULL AND decided_by <> proposed_by)', name=op.f('ck_price_proposals_two_persons')),
    sa.ForeignKeyConstraint(['item_code'], ['price_items.code'], name=op.f('fk_price_proposals_item_code')),
    sa.ForeignKeyConstraint(['district_id'], ['districts.id'], name=op.f('fk_price_proposals_district_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_price_proposals_company_id')),
    sa.ForeignKeyConstraint(['office_id'], ['offices.id'], name=op.f('fk_price_proposals_office_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_price_proposals'))
    )
    with op.batch_alter_table('price_proposals', schema=None) as batch_op:
        batch_op.create_index('ix_price_proposals_company_id', ['company_id', 'id'], unique=False)
        batch_op.create_index('ix_price_proposals_district_id', ['district_id', 'id'], unique=False)
        batch_op.create_index('ix_price_proposals_office_id', ['office_id', 'id'], unique=False)
