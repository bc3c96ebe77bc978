"""Skills and certificates of many workers at once, for lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import select

from app.companies.models import Certificate, WorkerSkill
from app.core.db import db

EXPIRES_SOON = timedelta(days=30)


class Validity(StrEnum):
    """How a certificate stands on a day."""

    VALID = "有效"
    SOON = "快到期"
    EXPIRED = "已过期"
    REVOKED = "已吊销"


@dataclass(frozen=True)
class CertificateLine:
    """One certificate as a list shows it."""

    kind: str
    valid_to: date
    validity: Validity


def validity(certificate: Certificate, today: date) -> Validity:
    """The last day counts as valid; thirty days before it the list begins to warn."""
    if certificate.revoked:
        return Validity.REVOKED
    if certificate.valid_to < today:
        return Validity.EXPIRED
    return Validity.SOON if certificate.valid_to - today <= EXPIRES_SOON else Validity.VALID


def certificates_of(worker_ids: Collection[int], today: date) -> Mapping[int, list[CertificateLine]]:
    """Certificates by worker, the first to end first; one statement."""
    statement = (
        select(Certificate).where(Certificate.worker_id.in_(worker_ids)).order_by(Certificate.valid_to)
    )
    found: dict[int, list[CertificateLine]] = defaultdict(list)
    for row in db.session.scalars(statement):
        found[row.worker_id].append(CertificateLine(row.kind, row.valid_to, validity(row, today)))
    return found


def skill_groups_of(worker_ids: Collection[int]) -> Mapping[int, list[str]]:
    """Category groups by worker; one statement."""
    statement = select(WorkerSkill.worker_id, WorkerSkill.category_group).where(
        WorkerSkill.worker_id.in_(worker_ids)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for worker_id, group in db.session.execute(statement.order_by(WorkerSkill.category_group)):
        found[worker_id].append(group)
    return found
