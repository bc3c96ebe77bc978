"""按日计收、账目检查、续筹开关"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

CASE_CHECKS_KEPT = {
    "closed": "(state = 'open') = (closed_at IS NULL)",
    "by_whom": "state = 'open' OR by_rule OR closed_by IS NOT NULL",
    "note": "state = 'open' OR note <> ''",
    "state": "state IN ('open', 'explained', 'settled')",
}
CASE_CHECKS = {"origin": "file_id IS NOT NULL OR kind = 'rule'"}


def upgrade() -> None:
    for name in ("served_days", "carried_days", "carried_before", "carried_price_hundredths"):
        op.add_column("billing_rates", sa.Column(name, sa.Integer(), nullable=True))
    op.add_column("billing_rates", sa.Column("note", sa.String(length=60), nullable=False, server_default=""))
    op.add_column("estates", sa.Column("fund_enabled", sa.Boolean(), nullable=False, server_default=sa.false()))
    _cases_without_a_bill()


def downgrade() -> None:
    raise NotImplementedError("a case that no bill led to has no place in the old tables: restore the backup")


def _cases_without_a_bill() -> None:
    """SQLite copies the whole table and forgets its checks unless all are named again; MariaDB keeps what is not
    touched."""
    name, sqlite = "reconciliation_cases", op.get_bind().dialect.name == "sqlite"
    checks = [
        sa.CheckConstraint(rule, name=op.f(f"ck_{name}_{key}")) for key, rule in (CASE_CHECKS_KEPT | CASE_CHECKS).items()
    ]
    options: dict[str, Any] = {"recreate": "always", "table_args": checks} if sqlite else {}
    reference = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    with op.batch_alter_table(name, **options) as table:
        table.alter_column("file_id", existing_type=reference, nullable=True)
        table.add_column(sa.Column("rule_key", sa.String(length=80), nullable=True))
        table.create_unique_constraint("uq_reconciliation_cases_rule_key", ["rule_key"])
        for key, rule in () if sqlite else CASE_CHECKS.items():
            table.create_check_constraint(op.f(f"ck_{name}_{key}"), rule)
