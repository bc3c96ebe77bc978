"""Writing and verifying the audit log (domain 3.11, 5.2-B09, B10).

Audited are sign-ins, reveals, exports, rights, decisions on bindings, configuration and approvals by staff. What
happens to an order stands in its own timeline (`order_events`): the head's lock puts all records into one order, and a
busy evening of repairs must not queue behind it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import RowMapping, insert, select

from app.audit.models import AuditHead, AuditRecord
from app.core import clock
from app.core.db import db, insert_once, lock, table_of
from app.core.masking import mask_phone
from app.core.scope import Scope

HEAD_ID = 1
FIRST_HASH = "0" * 64
BATCH = 1000
_PHONE = re.compile(r"(?<!\d)1\d{10}(?!\d)")


def ensure_head() -> None:
    """Create the head of the chain if it is missing; any number of processes may try."""
    insert_once(table_of(AuditHead), {"id": HEAD_ID, "hash": FIRST_HASH, "records": 0})


def record(
    action: str,
    *,
    by: Scope,
    object_kind: str,
    object_id: object = "",
    details: dict[str, Any] | None = None,
    result: str = "ok",
    address: str = "",
    district_id: int | None = None,
) -> None:
    """Append one record inside the running transaction, sealed over its predecessor.

    `details` are plain JSON values; phone numbers in them are masked here. `district_id` makes it a business record
    that the bureau of that district may read. The record exists if and only if the caller's change does; when it
    cannot be written, the change is not made either (B11).
    """
    head = _locked_head()
    row = {
        "at": clock.now(),
        "account_id": by.account_id,
        "role": str(by.role),
        "address": address,
        "action": action,
        "object_kind": object_kind,
        "object_id": str(object_id),
        "details": _plain(details or {}),
        "result": result,
        "audit_domain": 1,
        "business_district_id": district_id,
        "previous_hash": head.hash,
    }
    row["hash"] = _seal(row)
    db.session.execute(insert(AuditRecord), [row])
    head.hash, head.records = row["hash"], head.records + 1
    db.session.flush()


def verify_chain() -> int | None:
    """None when every record is as it was written; else the id of the first record that is not.

    A record missing at the end is reported by the id after the last one that is left. Reads in batches and may run
    while records are being added.
    """
    head = db.session.execute(select(AuditHead.hash, AuditHead.records)).one_or_none()
    head_hash, expected = (head.hash, head.records) if head else (FIRST_HASH, 0)
    previous, count, last_id = FIRST_HASH, 0, 0
    for row in _all_records():
        count, last_id = count + 1, row["id"]
        if row["previous_hash"] != previous or row["hash"] != _seal(row):
            return last_id
        previous = row["hash"]
        if count == expected and previous != head_hash:
            return last_id
    return last_id + 1 if count < expected else None


def _locked_head() -> AuditHead:
    statement = lock(select(AuditHead).where(AuditHead.id == HEAD_ID)).execution_options(
        populate_existing=True
    )
    head = db.session.scalars(statement).one_or_none()
    if head is None:
        ensure_head()
        head = db.session.scalars(statement).one()
    return head


def _all_records() -> Iterator[RowMapping]:
    table = table_of(AuditRecord)
    last = 0
    while True:
        batch = select(table).where(table.c.id > last).order_by(table.c.id).limit(BATCH)
        rows = db.session.execute(batch).mappings().all()
        yield from rows
        if len(rows) < BATCH:
            return
        last = rows[-1]["id"]


def _seal(row: Mapping[str, Any] | RowMapping) -> str:
    """SHA-256 over the canonical JSON of everything but the id, which only the database knows."""
    content = {key: value for key, value in row.items() if key not in ("id", "hash")}
    content["at"] = row["at"].isoformat(timespec="milliseconds")
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """The value as JSON will give it back, with every phone number masked."""
    text = json.dumps(value, ensure_ascii=False)
    return json.loads(_PHONE.sub(lambda found: mask_phone(found.group()), text))
