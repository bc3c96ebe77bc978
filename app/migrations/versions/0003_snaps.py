"""随手拍"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _new_tables()
    with op.batch_alter_table("daily_figures") as table:
        table.add_column(_number("snap_due"))
        table.add_column(_number("snap_answered"))
    with op.batch_alter_table("notifications") as table:
        table.add_column(sa.Column("snap_id", _reference(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("what residents have sent has no place in the old tables: restore the backup")


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default="0")


def _reference() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _new_tables() -> None:
    op.create_table('snaps',
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('topic', sa.String(length=12), nullable=False),
    sa.Column('status', sa.String(length=12), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=500), nullable=False),
    sa.Column('text_check', sa.String(length=8), nullable=False),
    sa.Column('photos', sa.Integer(), nullable=False),
    sa.Column('sender_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('contact_name', sa.String(length=255), nullable=True),
    sa.Column('contact_phone', sa.String(length=255), nullable=True),
    sa.Column('spot_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('place', sa.String(length=80), nullable=False),
    sa.Column('place_note', sa.String(length=40), nullable=False),
    sa.Column('estate_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('office_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('company_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('community_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('street_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('district_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('hotline_district_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('submitted_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=False),
    sa.Column('due_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=False),
    sa.Column('opened_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=True),
    sa.Column('opened_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('answered_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=True),
    sa.Column('answered_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('reply', sa.String(length=500), nullable=False),
    sa.Column('declined_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=True),
    sa.Column('decline_reason', sa.String(length=200), nullable=False),
    sa.Column('order_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('stars', sa.Integer(), nullable=True),
    sa.Column('rating_text', sa.String(length=300), nullable=False),
    sa.Column('closed_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=True),
    sa.Column('closed_how', sa.String(length=9), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.CheckConstraint("(status = 'CONVERTED') = (order_id IS NOT NULL)", name=op.f('ck_snaps_converted')),
    sa.CheckConstraint("kind <> 'PROBLEM' OR photos >= 1", name=op.f('ck_snaps_problem_has_a_photo')),
    sa.CheckConstraint("kind IN ('PRAISE', 'SUGGEST', 'PROBLEM')", name=op.f('ck_snaps_kind')),
    sa.CheckConstraint("order_id IS NULL OR (kind = 'PROBLEM' AND closed_at IS NOT NULL AND closed_at <= due_at)", name=op.f('ck_snaps_repair')),
    sa.CheckConstraint("status <> 'ACCEPTED' OR (opened_at IS NOT NULL AND opened_by IS NOT NULL)", name=op.f('ck_snaps_opened')),
    sa.CheckConstraint("status <> 'CLOSED' OR (closed_at IS NOT NULL AND (closed_how = 'auto' OR (closed_how = 'rated' AND stars IS NOT NULL AND stars BETWEEN 1 AND 5)))", name=op.f('ck_snaps_closed')),
    sa.CheckConstraint("status <> 'EXPIRED' OR (closed_at IS NOT NULL AND closed_at > due_at AND closed_how = 'expired' AND answered_at IS NULL)", name=op.f('ck_snaps_expired')),
    sa.CheckConstraint("status <> 'HOTLINE' OR (declined_at IS NOT NULL AND decline_reason <> '' AND hotline_district_id IS NOT NULL)", name=op.f('ck_snaps_declined')),
    sa.CheckConstraint("status IN ('SUBMITTED', 'ACCEPTED', 'ANSWERED', 'CLOSED', 'HOTLINE', 'EXPIRED', 'CONVERTED')", name=op.f('ck_snaps_status')),
    sa.CheckConstraint("status NOT IN ('ANSWERED', 'CLOSED') OR (answered_at IS NOT NULL AND answered_by IS NOT NULL AND reply <> '')", name=op.f('ck_snaps_answered')),
    sa.CheckConstraint('answered_at IS NULL OR answered_at <= due_at', name=op.f('ck_snaps_answered_in_time')),
    sa.CheckConstraint('due_at > submitted_at', name=op.f('ck_snaps_due')),
    sa.ForeignKeyConstraint(['community_id'], ['communities.id'], name=op.f('fk_snaps_community_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_snaps_company_id')),
    sa.ForeignKeyConstraint(['district_id'], ['districts.id'], name=op.f('fk_snaps_district_id')),
    sa.ForeignKeyConstraint(['estate_id'], ['estates.id'], name=op.f('fk_snaps_estate_id')),
    sa.ForeignKeyConstraint(['office_id'], ['offices.id'], name=op.f('fk_snaps_office_id')),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_snaps_order_id')),
    sa.ForeignKeyConstraint(['sender_id'], ['accounts.id'], name=op.f('fk_snaps_sender_id')),
    sa.ForeignKeyConstraint(['spot_id'], ['public_spots.id'], name=op.f('fk_snaps_spot_id')),
    sa.ForeignKeyConstraint(['street_id'], ['streets.id'], name=op.f('fk_snaps_street_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_snaps')),
    sa.UniqueConstraint('order_id', name=op.f('uq_snaps_order_id'))
    )
    with op.batch_alter_table('snaps', schema=None) as batch_op:
        batch_op.create_index('ix_snaps_company_id', ['company_id', 'id'], unique=False)
        batch_op.create_index('ix_snaps_district_id', ['district_id', 'due_at'], unique=False)
        batch_op.create_index('ix_snaps_due_at', ['due_at'], unique=False)
        batch_op.create_index('ix_snaps_hotline_district_id', ['hotline_district_id', 'status'], unique=False)
        batch_op.create_index('ix_snaps_office_id', ['office_id', 'status', 'due_at'], unique=False)
        batch_op.create_index('ix_snaps_sender_id', ['sender_id', 'id'], unique=False)
        batch_op.create_index('ix_snaps_street_id', ['street_id', 'id'], unique=False)

    op.create_table('snap_deadlines',
    sa.Column('snap_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('level', sa.String(length=5), nullable=False),
    sa.Column('due_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('fired_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.CheckConstraint("(state = 'fired') = (fired_at IS NOT NULL)", name=op.f('ck_snap_deadlines_fired')),
    sa.ForeignKeyConstraint(['snap_id'], ['snaps.id'], name=op.f('fk_snap_deadlines_snap_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_snap_deadlines')),
    sa.UniqueConstraint('snap_id', 'level', name=op.f('uq_snap_deadlines_snap_id_level'))
    )
    with op.batch_alter_table('snap_deadlines', schema=None) as batch_op:
        batch_op.create_index('ix_snap_deadlines_state', ['state', 'due_at'], unique=False)

    op.create_table('snap_events',
    sa.Column('snap_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('action', sa.String(length=12), nullable=False),
    sa.Column('from_status', sa.String(length=12), nullable=True),
    sa.Column('to_status', sa.String(length=12), nullable=False),
    sa.Column('at', sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb"), nullable=False),
    sa.Column('actor_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('actor_role', sa.String(length=4), nullable=False),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['snap_id'], ['snaps.id'], name=op.f('fk_snap_events_snap_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_snap_events')),
    sa.UniqueConstraint('snap_id', 'seq', name=op.f('uq_snap_events_snap_id_seq'))
    )
    op.create_table('snap_photos',
    sa.Column('snap_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('photo_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('step', sa.String(length=12), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['photo_id'], ['photos.id'], name=op.f('fk_snap_photos_photo_id')),
    sa.ForeignKeyConstraint(['snap_id'], ['snaps.id'], name=op.f('fk_snap_photos_snap_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_snap_photos')),
    sa.UniqueConstraint('photo_id', name=op.f('uq_snap_photos_photo_id'))
    )
    with op.batch_alter_table('snap_photos', schema=None) as batch_op:
        batch_op.create_index('ix_snap_photos_snap_id', ['snap_id', 'id'], unique=False)
