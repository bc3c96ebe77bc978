"""A copy of everything that is held of a person, for him to take along (PIPL 45, domain 5.1-P15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app.audit import service as audit
from app.audit.models import AuditRecord
from app.core import clock
from app.core.db import db
from app.core.scope import Scope
from app.notifications.service import notify
from app.privacy.errors import ExportedEnough
from app.privacy.sections import SECTIONS, Links

EXPORTED = "personal_data.export"
PER_DAY = 3
LINKS_LIVE_FOR = timedelta(days=1)


@dataclass(frozen=True)
class Export:
    """The copy, when it was made, and under which name a phone may keep it."""

    file_name: str
    made_at: datetime
    content: dict[str, Any]


def export_everything(by: Scope, *, base_url: str, address: str = "") -> Export:
    """Everything that is held of the person himself, audited and told to him; three times a day.

    `base_url` begins the links to pictures. Raises ExportedEnough.
    """
    assert by.account_id is not None
    at = clock.now()
    audit.record(EXPORTED, by=by, object_kind="account", object_id=by.account_id, address=address)
    # Counted under the lock of the audit log's head: two exports at once cannot both be the third.
    if _exported_today(by.account_id) > PER_DAY:
        raise ExportedEnough()
    notify(
        by.account_id,
        unique_key=f"export:{at.isoformat()}",
        template="privacy",
        title="已导出您的个人信息",
        body="刚刚有人用您的账号导出了一份个人信息。如果不是您本人,请马上到小区管理处或打962121说明。",
    )
    links = Links(base_url.rstrip("/"), at + LINKS_LIVE_FOR)
    content = {title: section(by.account_id, links) for title, section in SECTIONS.items()}
    there = clock.in_china(at)
    name = f"安居-我的信息-{there:%Y%m%d}.json"
    return Export(name, at, {"导出时间": f"{there:%Y-%m-%d %H:%M:%S}", **content})


def _exported_today(account_id: int) -> int:
    begin = clock.start_of_china_day(clock.china_date(clock.now()))
    mine = (AuditRecord.account_id == account_id) & (AuditRecord.action == EXPORTED)
    counted = select(func.count()).select_from(AuditRecord).where(mine, AuditRecord.at >= begin)
    return int(db.session.scalar(counted) or 0)
