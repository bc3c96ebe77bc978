"""收款开通、发票、费用咨询、收缴监管"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('pay_changes',
    sa.Column('district_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('company_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('sub_mch_id', sa.String(length=32), nullable=False),
    sa.Column('on_day', sa.Date(), nullable=True),
    sa.Column('estate_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('switch', sa.String(length=8), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('proposed_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('proposed_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=False),
    sa.Column('granted', sa.Boolean(), nullable=True),
    sa.Column('decided_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('decided_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=True),
    sa.Column('decision_note', sa.String(length=200), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.CheckConstraint("(kind IN ('open', 'shut')) = (estate_id IS NOT NULL)", name=op.f('ck_pay_changes_switch')),
    sa.CheckConstraint("(kind IN ('register', 'end')) = (company_id IS NOT NULL AND on_day IS NOT NULL)", name=op.f('ck_pay_changes_merchant')),
    sa.CheckConstraint("kind IN ('register', 'end', 'open', 'shut')", name=op.f('ck_pay_changes_kind')),
    sa.CheckConstraint('(granted IS NULL) = (decided_at IS NULL)', name=op.f('ck_pay_changes_decided')),
    sa.CheckConstraint('granted IS NULL OR granted = 0 OR (decided_by IS NOT NULL AND decided_by <> proposed_by)', name=op.f('ck_pay_changes_two_persons')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_pay_changes_company_id')),
    sa.ForeignKeyConstraint(['district_id'], ['districts.id'], name=op.f('fk_pay_changes_district_id')),
    sa.ForeignKeyConstraint(['estate_id'], ['estates.id'], name=op.f('fk_pay_changes_estate_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pay_changes'))
    )
    with op.batch_alter_table('pay_changes', schema=None) as batch_op:
        batch_op.create_index('ix_pay_changes_company_id', ['company_id', 'id'], unique=False)
        batch_op.create_index('ix_pay_changes_district_id', ['district_id', 'id'], unique=False)



def downgrade() -> None:
    raise NotImplementedError("what was paid and posted has no place in the old tables: restore the backup")
