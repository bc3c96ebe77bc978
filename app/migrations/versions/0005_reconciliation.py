"""对账、结算与凭证"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('pay_bill_files',
    sa.Column('company_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('sub_mch_id', sa.String(length=32), nullable=False),
    sa.Column('bill_on', sa.Date(), nullable=False),
    sa.Column('planned_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=False),
    sa.Column('fetched_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=True),
    sa.Column('compared_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=True),
    sa.Column('recheck_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=True),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('line_count', sa.Integer(), nullable=False),
    sa.Column('paid_fen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('refunded_fen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('fee_fen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('next_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=False),
    sa.Column('lease_until', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=True),
    sa.Column('done_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=True),
    sa.Column('last_error', sa.String(length=200), nullable=True),
    sa.CheckConstraint("(state = 'done') = (fetched_at IS NOT NULL)", name=op.f('ck_pay_bill_files_fetched')),
    sa.CheckConstraint('compared_at IS NULL OR fetched_at IS NOT NULL', name=op.f('ck_pay_bill_files_compared')),
    sa.CheckConstraint('paid_fen >= 0 AND refunded_fen >= 0 AND line_count >= 0', name=op.f('ck_pay_bill_files_totals')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_pay_bill_files_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pay_bill_files')),
    sa.UniqueConstraint('sub_mch_id', 'bill_on', name='uq_pay_bill_files_bill_on')
    )
    with op.batch_alter_table('pay_bill_files', schema=None) as batch_op:
        batch_op.create_index('ix_pay_bill_files_company_id', ['company_id', 'bill_on', 'id'], unique=False)
        batch_op.create_index('ix_pay_bill_files_state', ['state', 'next_at'], unique=False)

    op.create_table('pay_bill_lines',
    sa.Column('file_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('trade_no', sa.String(length=32), nullable=False),
    sa.Column('refund_no', sa.String(length=64), nullable=False),
    sa.Column('transaction_id', sa.String(length=32), nullable=False),
    sa.Column('sub_mch_id', sa.String(length=32), nullable=False),
    sa.Column('trade_state', sa.String(length=16), nullable=False),
    sa.Column('refund_state', sa.String(length=16), nullable=False),
    sa.Column('at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=False),
    sa.Column('amount_fen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('fee_fen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('twice', sa.Boolean(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['file_id'], ['pay_bill_files.id'], name=op.f('fk_pay_bill_lines_file_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pay_bill_lines')),
    sa.UniqueConstraint('file_id', 'sub_mch_id', 'trade_no', 'refund_no', name='uq_pay_bill_lines_trade_no')
    )
    with op.batch_alter_table('pay_bill_lines', schema=None) as batch_op:
        batch_op.create_index('ix_pay_bill_lines_refund_no', ['refund_no'], unique=False)
        batch_op.create_index('ix_pay_bill_lines_trade_no', ['trade_no'], unique=False)

    op.create_table('settlement_batches',
    sa.Column('file_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('company_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('sub_mch_id', sa.String(length=32), nullable=False),
    sa.Column('bill_on', sa.Date(), nullable=False),
    sa.Column('payments', sa.Integer(), nullable=False),
    sa.Column('refunds', sa.Integer(), nullable=False),
    sa.Column('paid_fen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('refunded_fen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('fee_fen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('net_fen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('difference_fen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('made_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.CheckConstraint('net_fen = paid_fen - refunded_fen - fee_fen', name=op.f('ck_settlement_batches_net')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_settlement_batches_company_id')),
    sa.ForeignKeyConstraint(['file_id'], ['pay_bill_files.id'], name=op.f('fk_settlement_batches_file_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_settlement_batches')),
    sa.UniqueConstraint('file_id', name=op.f('uq_settlement_batches_file_id'))
    )
    with op.batch_alter_table('settlement_batches', schema=None) as batch_op:
        batch_op.create_index('ix_settlement_batches_company_id', ['company_id', 'bill_on', 'id'], unique=False)

    op.create_table('revenue_reports',
    sa.Column('company_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('district_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('estate_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('quarter', sa.String(length=6), nullable=False),
    sa.Column('live', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('opening_fen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('income_fen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('cost_fen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('moved_fen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('closing_fen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('drafted_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=False),
    sa.Column('drafted_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('approved_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=True),
    sa.Column('approved_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('published_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=True),
    sa.Column('published_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=True),
    sa.Column('withdrawn_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('withdrawn_why', sa.String(length=200), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.CheckConstraint("(state = 'withdrawn') = (live IS NULL) AND (live IS NULL OR live = 1)", name=op.f('ck_revenue_reports_live')),
    sa.CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL AND withdrawn_by IS NOT NULL)", name=op.f('ck_revenue_reports_withdrawn')),
    sa.CheckConstraint("state <> 'published' OR (published_by IS NOT NULL AND published_at IS NOT NULL)", name=op.f('ck_revenue_reports_published')),
    sa.CheckConstraint("state <> 'withdrawn' OR withdrawn_why <> ''", name=op.f('ck_revenue_reports_why_withdrawn')),
    sa.CheckConstraint("state IN ('draft', 'approved', 'published', 'withdrawn')", name=op.f('ck_revenue_reports_state')),
    sa.CheckConstraint("state NOT IN ('approved', 'published') OR (approved_by IS NOT NULL AND approved_at IS NOT NULL)", name=op.f('ck_revenue_reports_approved')),
    sa.CheckConstraint('approved_by IS NULL OR approved_by <> drafted_by', name=op.f('ck_revenue_reports_two_persons')),
    sa.CheckConstraint('closing_fen = opening_fen + income_fen - cost_fen + moved_fen', name=op.f('ck_revenue_reports_balance')),
    sa.CheckConstraint('published_by IS NULL OR published_by <> drafted_by', name=op.f('ck_revenue_reports_published_by_another')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_revenue_reports_company_id')),
    sa.ForeignKeyConstraint(['district_id'], ['districts.id'], name=op.f('fk_revenue_reports_district_id')),
    sa.ForeignKeyConstraint(['estate_id'], ['estates.id'], name=op.f('fk_revenue_reports_estate_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_revenue_reports')),
    sa.UniqueConstraint('estate_id', 'quarter', 'live', name='uq_revenue_reports_quarter')
    )
    with op.batch_alter_table('revenue_reports', schema=None) as batch_op:
        batch_op.create_index('ix_revenue_reports_company_id', ['company_id', 'id'], unique=False)

    op.create_table('vouchers',
    sa.Column('company_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('district_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('estate_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('book', sa.String(length=8), nullable=False),
    sa.Column('direction', sa.String(length=8), nullable=False),
    sa.Column('account', sa.String(length=16), nullable=False),
    sa.Column('counter', sa.String(length=16), nullable=False),
    sa.Column('amount_fen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('happened_on', sa.Date(), nullable=False),
    sa.Column('memo', sa.String(length=100), nullable=False),
    sa.Column('reverses_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('live', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('entered_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=False),
    sa.Column('entered_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('approved_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=True),
    sa.Column('approved_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('reconciled_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=True),
    sa.Column('reconciled_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('bank_reference', sa.String(length=60), nullable=False),
    sa.Column('rejected_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=True),
    sa.Column('rejected_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('rejected_why', sa.String(length=200), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.CheckConstraint("(state = 'reconciled') = (reconciled_by IS NOT NULL AND reconciled_at IS NOT NULL)", name=op.f('ck_vouchers_reconciled')),
    sa.CheckConstraint("(state = 'rejected') = (live IS NULL) AND (live IS NULL OR live = 1)", name=op.f('ck_vouchers_live')),
    sa.CheckConstraint("(state = 'rejected') = (rejected_by IS NOT NULL AND rejected_at IS NOT NULL)", name=op.f('ck_vouchers_rejected')),
    sa.CheckConstraint("(state IN ('approved', 'reconciled')) = (approved_by IS NOT NULL AND approved_at IS NOT NULL)", name=op.f('ck_vouchers_approved')),
    sa.CheckConstraint("book <> 'revenue' OR estate_id IS NOT NULL", name=op.f('ck_vouchers_estate')),
    sa.CheckConstraint("book IN ('property', 'revenue')", name=op.f('ck_vouchers_book')),
    sa.CheckConstraint("counter IN ('bank', 'difference')", name=op.f('ck_vouchers_counter')),
    sa.CheckConstraint("direction IN ('income', 'expense')", name=op.f('ck_vouchers_direction')),
    sa.CheckConstraint("state <> 'reconciled' OR bank_reference <> ''", name=op.f('ck_vouchers_against_what')),
    sa.CheckConstraint("state <> 'rejected' OR rejected_why <> ''", name=op.f('ck_vouchers_why_rejected')),
    sa.CheckConstraint("state IN ('entered', 'approved', 'reconciled', 'rejected')", name=op.f('ck_vouchers_state')),
    sa.CheckConstraint('amount_fen > 0', name=op.f('ck_vouchers_amount')),
    sa.CheckConstraint('approved_by IS NULL OR approved_by <> entered_by', name=op.f('ck_vouchers_two_persons')),
    sa.CheckConstraint('reconciled_by IS NULL OR (reconciled_by <> entered_by AND reconciled_by <> approved_by)', name=op.f('ck_vouchers_three_persons')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_vouchers_company_id')),
    sa.ForeignKeyConstraint(['district_id'], ['districts.id'], name=op.f('fk_vouchers_district_id')),
    sa.ForeignKeyConstraint(['estate_id'], ['estates.id'], name=op.f('fk_vouchers_estate_id')),
    sa.ForeignKeyConstraint(['reverses_id'], ['vouchers.id'], name=op.f('fk_vouchers_reverses_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_vouchers')),
    sa.UniqueConstraint('reverses_id', 'live', name='uq_vouchers_reverses_id')
    )
    with op.batch_alter_table('vouchers', schema=None) as batch_op:
        batch_op.create_index('ix_vouchers_company_id', ['company_id', 'state', 'id'], unique=False)

    op.create_table('reconciliation_cases',
    sa.Column('file_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('company_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('bill_on', sa.Date(), nullable=False),
    sa.Column('kind', sa.String(length=14), nullable=False),
    sa.Column('number', sa.String(length=64), nullable=False),
    sa.Column('payment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('theirs', sa.String(length=80), nullable=False),
    sa.Column('ours', sa.String(length=80), nullable=False),
    sa.Column('theirs_fen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('ours_fen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('carried_fen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('found_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=False),
    sa.Column('closed_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=True),
    sa.Column('closed_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('by_rule', sa.Boolean(), nullable=False),
    sa.Column('note', sa.String(length=200), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name=op.f('ck_reconciliation_cases_closed')),
    sa.CheckConstraint("state = 'open' OR by_rule OR closed_by IS NOT NULL", name=op.f('ck_reconciliation_cases_by_whom')),
    sa.CheckConstraint("state = 'open' OR note <> ''", name=op.f('ck_reconciliation_cases_note')),
    sa.CheckConstraint("state IN ('open', 'explained', 'settled')", name=op.f('ck_reconciliation_cases_state')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_reconciliation_cases_company_id')),
    sa.ForeignKeyConstraint(['file_id'], ['pay_bill_files.id'], name=op.f('fk_reconciliation_cases_file_id')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_reconciliation_cases_payment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reconciliation_cases')),
    sa.UniqueConstraint('file_id', 'kind', 'number', name='uq_reconciliation_cases_number')
    )
    with op.batch_alter_table('reconciliation_cases', schema=None) as batch_op:
        batch_op.create_index('ix_reconciliation_cases_company_id', ['company_id', 'state', 'id'], unique=False)

    op.create_table('voucher_photos',
    sa.Column('voucher_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('photo_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['photo_id'], ['photos.id'], name=op.f('fk_voucher_photos_photo_id')),
    sa.ForeignKeyConstraint(['voucher_id'], ['vouchers.id'], name=op.f('fk_voucher_photos_voucher_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_voucher_photos')),
    sa.UniqueConstraint('photo_id', name=op.f('uq_voucher_photos_photo_id'))
    )
    with op.batch_alter_table('voucher_photos', schema=None) as batch_op:
        batch_op.create_index('ix_voucher_photos_voucher_id', ['voucher_id', 'id'], unique=False)


def downgrade() -> None:
    raise NotImplementedError("what was paid and posted has no place in the old tables: restore the backup")
