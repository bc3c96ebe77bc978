"""收费标准与账单"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('bill_tellings',
    sa.Column('stage', sa.String(length=8), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('since_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=True),
    sa.Column('after_account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('told', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=False),
    sa.Column('done_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bill_tellings')),
    sa.UniqueConstraint('stage', 'due_on', 'number', name=op.f('uq_bill_tellings_stage_due_on_number'))
    )
    with op.batch_alter_table('bill_tellings', schema=None) as batch_op:
        batch_op.create_index('ix_bill_tellings_done_at', ['done_at', 'id'], unique=False)

    op.create_table('billing_chunks',
    sa.Column('run_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('first_home_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('last_home_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('bills', sa.Integer(), nullable=False),
    sa.Column('done_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=True),
    sa.CheckConstraint('last_home_id >= first_home_id', name=op.f('ck_billing_chunks_homes')),
    sa.PrimaryKeyConstraint('run_id', 'number', name=op.f('pk_billing_chunks'))
    )
    op.create_table('billing_rates',
    sa.Column('run_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('estate_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=14), nullable=False),
    sa.Column('standard_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('contract_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('company_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('district_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('price_hundredths', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('run_id', 'estate_id', 'kind', name=op.f('pk_billing_rates'))
    )
    op.create_table('billing_runs',
    sa.Column('period', sa.String(length=7), nullable=False),
    sa.Column('company_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('chunks', sa.Integer(), nullable=False),
    sa.Column('bills', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('started_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=False),
    sa.Column('started_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('finished_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.CheckConstraint('chunks >= 0 AND bills >= 0', name=op.f('ck_billing_runs_counts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_billing_runs')),
    sa.UniqueConstraint('period', 'company_id', 'number', name=op.f('uq_billing_runs_period_company_id_number'))
    )
    op.create_table('fee_standards',
    sa.Column('estate_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('company_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=14), nullable=False),
    sa.Column('price_hundredths', sa.Integer(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('method', sa.String(length=100), nullable=False),
    sa.Column('set_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=False),
    sa.Column('set_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.CheckConstraint("kind IN ('property', 'lift', 'parking_public', 'parking_own')", name=op.f('ck_fee_standards_kind')),
    sa.CheckConstraint('price_hundredths >= 0', name=op.f('ck_fee_standards_price')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_fee_standards_company_id')),
    sa.ForeignKeyConstraint(['estate_id'], ['estates.id'], name=op.f('fk_fee_standards_estate_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_fee_standards')),
    sa.UniqueConstraint('estate_id', 'company_id', 'kind', 'valid_from', name='uq_fee_standards_dated')
    )
    op.create_table('late_fee_clauses',
    sa.Column('contract_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('rate_millionths', sa.Integer(), nullable=False),
    sa.Column('grace_days', sa.Integer(), nullable=False),
    sa.Column('cap_percent', sa.Integer(), nullable=False),
    sa.Column('registered_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=False),
    sa.Column('registered_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.CheckConstraint('cap_percent BETWEEN 1 AND 30', name=op.f('ck_late_fee_clauses_cap')),
    sa.CheckConstraint('grace_days BETWEEN 0 AND 365', name=op.f('ck_late_fee_clauses_grace')),
    sa.CheckConstraint('rate_millionths BETWEEN 1 AND 3000', name=op.f('ck_late_fee_clauses_rate')),
    sa.ForeignKeyConstraint(['contract_id'], ['service_contracts.id'], name=op.f('fk_late_fee_clauses_contract_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_late_fee_clauses')),
    sa.UniqueConstraint('contract_id', name=op.f('uq_late_fee_clauses_contract_id'))
    )
    op.create_table('bills',
    sa.Column('home_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('period', sa.String(length=7), nullable=False),
    sa.Column('kind', sa.String(length=14), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('paid_fen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('refunded_fen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('estate_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('company_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('district_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('contract_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('standard_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('quantity_hundredths', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('price_hundredths', sa.Integer(), nullable=True),
    sa.Column('note', sa.String(length=60), nullable=False),
    sa.Column('issued_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=False),
    sa.Column('paid_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.CheckConstraint("state IN ('due', 'paid', 'refunded', 'void')", name=op.f('ck_bills_state')),
    sa.CheckConstraint("state NOT IN ('paid', 'refunded') OR paid_at IS NOT NULL", name=op.f('ck_bills_paid')),
    sa.CheckConstraint('amount_fen >= 0 AND paid_fen >= 0', name=op.f('ck_bills_amount')),
    sa.CheckConstraint('refunded_fen BETWEEN 0 AND paid_fen', name=op.f('ck_bills_refunded')),
    sa.ForeignKeyConstraint(['estate_id'], ['estates.id'], name=op.f('fk_bills_estate_id')),
    sa.ForeignKeyConstraint(['home_id'], ['homes.id'], name=op.f('fk_bills_home_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bills')),
    sa.UniqueConstraint('home_id', 'period', 'kind', 'version', name='uq_bills_once')
    )
    with op.batch_alter_table('bills', schema=None) as batch_op:
        batch_op.create_index('ix_bills_company_id', ['company_id', 'period', 'id'], unique=False)
        batch_op.create_index('ix_bills_estate_id', ['estate_id', 'period'], unique=False)

    op.create_table('parking_spaces',
    sa.Column('estate_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('home_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=14), nullable=False),
    sa.Column('number', sa.String(length=16), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('until_on', sa.Date(), nullable=True),
    sa.Column('taken', sa.Integer(), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.CheckConstraint("kind IN ('parking_public', 'parking_own')", name=op.f('ck_parking_spaces_kind')),
    sa.CheckConstraint('taken IS NULL OR taken = 1', name=op.f('ck_parking_spaces_taken')),
    sa.CheckConstraint('until_on IS NULL OR until_on >= from_on', name=op.f('ck_parking_spaces_dates')),
    sa.ForeignKeyConstraint(['estate_id'], ['estates.id'], name=op.f('fk_parking_spaces_estate_id')),
    sa.ForeignKeyConstraint(['home_id'], ['homes.id'], name=op.f('fk_parking_spaces_home_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_parking_spaces')),
    sa.UniqueConstraint('estate_id', 'number', 'taken', name='uq_parking_spaces_taken')
    )
    with op.batch_alter_table('parking_spaces', schema=None) as batch_op:
        batch_op.create_index('ix_parking_spaces_home_id', ['home_id'], unique=False)

    op.create_table('bill_corrections',
    sa.Column('bill_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('new_bill_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('before_fen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('after_fen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('corrected_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=False),
    sa.Column('corrected_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.CheckConstraint('before_fen <> after_fen', name=op.f('ck_bill_corrections_difference')),
    sa.ForeignKeyConstraint(['bill_id'], ['bills.id'], name=op.f('fk_bill_corrections_bill_id')),
    sa.ForeignKeyConstraint(['new_bill_id'], ['bills.id'], name=op.f('fk_bill_corrections_new_bill_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bill_corrections')),
    sa.UniqueConstraint('bill_id', name=op.f('uq_bill_corrections_bill_id')),
    sa.UniqueConstraint('new_bill_id', name=op.f('uq_bill_corrections_new_bill_id'))
    )


def downgrade() -> None:
    raise NotImplementedError("what was paid and posted has no place in the old tables: restore the backup")
