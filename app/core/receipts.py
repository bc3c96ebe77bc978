"""Idempotent commands: the first answer to a client's request id is kept and given again.

The receipt is the last row of the command's own transaction, so either both exist or neither; a parallel repeat waits
on the unique key, rolls back and reads the stored answer (docs/adr/0004-idempotent-commands.md).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Index, String, UniqueConstraint, bindparam, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.crypto import decrypt, encrypt
from app.core.db import Base, Id, Rollback, UtcDateTime, changed, db, insert_once_last, table_of, transact
from app.core.errors import Conflict, Invalid, Refusal

KEPT_FOR = timedelta(days=7)
SEALED_FOR = "command_receipts.answer"
ACCEPTED_ID = re.compile(r"[0-9A-Za-z_\-]{8,64}")


class RequestReused(Conflict):
    """The same request id came with another content."""

    code = "request_id_reused"
    message = "这次操作的编号已被使用过,请返回后重新提交"


class CommandReceipt(Id, Base):
    """One executed command and its answer."""

    __tablename__ = "command_receipts"
    __table_args__ = (UniqueConstraint("actor", "request_id"), Index(None, "created_at"))

    actor: Mapped[str] = mapped_column(String(48))
    request_id: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(default=0)
    answer: Mapped[Any] = mapped_column(JSON, default=None, nullable=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


_RECEIPTS = table_of(CommandReceipt)
_MINE = (_RECEIPTS.c.actor == bindparam("of_actor")) & (_RECEIPTS.c.request_id == bindparam("of_request"))
_FIND = select(_RECEIPTS.c.fingerprint, _RECEIPTS.c.status, _RECEIPTS.c.answer).where(_MINE)


@dataclass(frozen=True)
class Receipt:
    """An answer given before."""

    status: int
    answer: Any


def checked_request_id(request_id: str | None) -> str:
    """The id if it is one we accept; raises Invalid naming the header otherwise."""
    if not request_id or not ACCEPTED_ID.fullmatch(request_id):
        raise Invalid(
            "缺少操作编号,请更新小程序后再试", fields={"Idempotency-Key": "需要 8 到 64 位字母、数字、_ 或 -"}
        )
    return request_id


def fingerprint(*parts: str | bytes) -> str:
    """What makes two requests the same command."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() if isinstance(part, str) else part)
        digest.update(b"\0")
    return digest.hexdigest()


def answer_once(
    actor: str, request_id: str, content: str, work: Callable[[], Any], *, status: int = 200
) -> Receipt:
    """Carry out `work` as one unit together with its receipt; a repeat changes nothing and gets the first answer.

    The receipt is the last row of the unit: a repeat does the work again, finds the receipt there and rolls back. A
    repeat that is refused meets what its first try has done, so the receipt is looked for before anything is refused.
    Raises RequestReused when the id was used for another content, else what `work` raises.
    """

    def unit() -> Receipt:
        answer = work()
        if not _keep(actor, request_id, content, status, answer):
            raise Rollback()
        return Receipt(status, answer)

    try:
        done = transact(unit)
    except Refusal:
        earlier = find_receipt(actor, request_id, content)
        if earlier is None:
            raise
        return earlier
    if done is None:
        done = find_receipt(actor, request_id, content)
        assert done is not None, "the receipt that was in the way is gone"
    return done


def find_receipt(actor: str, request_id: str, content: str) -> Receipt | None:
    """The answer given before; asked first where a repeat would bother other systems again."""
    row = db.session.execute(_FIND, {"of_actor": actor, "of_request": request_id}).one_or_none()
    if row is None:
        return None
    if row.fingerprint != content:
        raise RequestReused()
    return Receipt(status=row.status, answer=json.loads(decrypt(row.answer, purpose=SEALED_FOR)))


def _keep(actor: str, request_id: str, content: str, status: int, answer: Any) -> bool:
    """Write the answer beside its effects; False when the id has a receipt. A parallel first try is waited for.

    It is sealed: an answer may name a phone number, a home or a session's token (domain 5.1-P21).
    """
    row = {
        "actor": actor,
        "request_id": request_id,
        "fingerprint": content,
        "status": status,
        "answer": encrypt(json.dumps(answer, ensure_ascii=False), purpose=SEALED_FOR),
        "created_at": clock.now(),
    }
    return insert_once_last(_RECEIPTS, row)


def forget_receipts_of(actor: str) -> int:
    """Delete every kept answer of somebody who has left; returns how many."""
    return changed(delete(CommandReceipt).where(CommandReceipt.actor == actor))


def forget_old_receipts() -> int:
    """Delete receipts that no client will repeat any more; returns how many."""
    return changed(delete(CommandReceipt).where(CommandReceipt.created_at < clock.now() - KEPT_FOR))
