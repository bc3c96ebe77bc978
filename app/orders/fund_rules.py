"""Who pays (domain 2.3), and when the reporter is called (C4). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.clock import china, in_china

RULE_OF_THUMB = "“公共区域”不等于“物业承担”:先查合同、保修、责任人、专业单位,再谈维修资金。"
NIGHT_BEGINS, NIGHT_ENDS, CALL_BY = 22, 8, 9
"""Hours in China: what is decided at night is told by telephone in the morning, in the app at once."""


@dataclass(frozen=True)
class Payer:
    """One answer of the decision tree; `instead` says what to do when it is not the owners' money that pays."""

    code: str
    label: str
    instead: str = ""

    @property
    def needs_the_owners(self) -> bool:
        """Whether the owners are asked first (path 6)."""
        return not self.instead


_ALL = (
    Payer("home", "户内专有部分:业主自己承担", "户内的由业主承担,请报价后征得住户同意"),
    Payer("utility", "水电气热等专业单位承担", "这由专业单位负责,请用“等专业单位”并填对方单号"),
    Payer("developer", "开发建设单位保修", "保修期内由开发建设单位负责,请用“等专业单位”"),
    Payer("liable", "造成损坏的责任人承担", "这由责任人承担,请用“等专业单位”并写明责任人"),
    Payer("contract", "物业服务合同内的日常维护", "合同内的日常维护由物业费承担,请直接维修"),
    Payer("fund", "住宅专项维修资金"),
    Payer("revenue", "公共收益"),
    Payer("owners", "业主分摊"),
)
PAYERS: Mapping[str, Payer] = {payer.code: payer for payer in _ALL}
"""In the order in which they are to be asked; the first that fits decides."""


def call_due(at: datetime) -> datetime | None:
    """09:00 in China for what is decided from 22:00 to 08:00; None by day, when the clock's own limit counts."""
    there = in_china(at)
    if NIGHT_ENDS <= there.hour < NIGHT_BEGINS:
        return None
    morning = china(there.year, there.month, there.day, CALL_BY)
    return morning if there.hour < NIGHT_ENDS else morning + timedelta(days=1)
