"""The hats that a person can wear (domain 0.4)."""

from __future__ import annotations

from app.core.labelled import Labelled


class Role(Labelled):
    """Role codes of the specification; `label` is what people read."""

    RES = "RES", "居民"
    WRK = "WRK", "维修师傅"
    DSP = "DSP", "调度"
    MGR = "MGR", "小区经理"
    CO = "CO", "物业企业管理员"
    FIN = "FIN", "物业企业财务"
    HOT = "HOT", "962121 热线坐席"
    HOA = "HOA", "业委会"
    COM = "COM", "居委会"
    STR = "STR", "街道"
    BUR = "BUR", "房管局监管"
    APV = "APV", "房办审核"
    FND = "FND", "维修资金管理"
    THIRD = "3RD", "专业单位"
    SYA = "SYA", "系统管理员"
    SEA = "SEA", "安全管理员"
    AUA = "AUA", "审计管理员"
    SYS = "SYS", "系统"


OFFICE_ROLES = frozenset({Role.DSP, Role.MGR})
"""The desk of a project office."""

CONSOLE_ROLES = frozenset(set(Role) - {Role.RES, Role.WRK, Role.SYS, Role.THIRD, Role.HOA})
"""Who may sign in to the console."""
