"""Names of the category groups, by which skills are kept and statistics are counted (domain 3.4)."""

from __future__ import annotations

from collections.abc import Mapping

GROUP_NAMES: Mapping[str, str] = {
    "G01": "电梯",
    "G02": "公共照明用电",
    "G03": "门禁监控",
    "G04": "消防",
    "G05": "公共供水",
    "G06": "排水",
    "G07": "房屋外墙屋面",
    "G08": "道路设施",
    "G09": "绿化",
    "G10": "保洁",
    "G11": "停车充电",
    "G12": "秩序",
    "G13": "燃气供暖",
    "G99": "其他公区",
    "H01": "户内用电",
    "H02": "户内给水",
    "H03": "户内排水",
    "H04": "门窗锁",
    "H05": "卫浴",
    "H06": "家电",
    "H07": "燃气",
    "H08": "采暖",
    "H09": "墙面五金",
    "H10": "家政保洁",
    "H11": "助老服务",
    "H99": "其他户内",
}


def group_name(group: str) -> str:
    """公共照明用电 for G02; the code itself for a group without a name."""
    return GROUP_NAMES.get(group, group)
