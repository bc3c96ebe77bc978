"""The bureau's indicators as definitions: what is counted, over what, from which source (domain 6.1, 6.2). Pure.

A figure is always a numerator over a denominator. Time limits count in the period in which the promise fell due,
volumes by submission, ratings by their own instant. Nothing over nothing is "—" and never 100 %; fewer than ten cases
are shown grey and not ranked. The counters named here are the columns of the daily figures and the flags of the
drill-down lists, so that a figure and its list cannot disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.core.labelled import Labelled


class Cohort(Labelled):
    """Orders that are counted together; `label` says by which instant."""

    SUBMITTED = "submitted", "按提交时间计入"
    ACCEPT = "accept", "按接单时限到期时间计入"
    VISIT = "visit", "按核实时限到期时间计入"
    APPOINTMENT = "appointment", "按预约时段结束时间计入"
    REPAIR = "repair", "按修复时限到期时间计入"
    PROMISE = "promise", "按每个时限的到期时间计入"
    FINISHED = "finished", "按完工时间计入"
    RATED = "rated", "按评价时间计入"
    SNAP = "snap", "按答复期满的时间计入"


COUNTERS: Mapping[Cohort, tuple[str, ...]] = {
    Cohort.SUBMITTED: ("new", "effective", "hotline", "rejected", "wrong_rejected"),
    Cohort.ACCEPT: ("c1_due", "c1_met"),
    Cohort.VISIT: ("c2_due", "c2_met"),
    Cohort.APPOINTMENT: ("apt_due", "apt_met"),
    Cohort.REPAIR: ("c3_due", "c3_met", "c3_strict_met", "c3_done", "extended"),
    Cohort.PROMISE: ("promised", "late"),
    Cohort.FINISHED: ("done", "done_once", "reopened", "done_rated"),
    Cohort.RATED: ("ratings", "satisfied", "low", "stars_sum"),
    Cohort.SNAP: ("snap_due", "snap_answered"),
}
"""The counters of each cohort; the first one counts all of it."""

ALL_COUNTERS = tuple(name for names in COUNTERS.values() for name in names)


class Better(StrEnum):
    """On which side of the target one wants to be."""

    HIGH = "high"
    LOW = "low"


@dataclass(frozen=True)
class Indicator:
    """One indicator with everything that its definition panel shows; `target` in whole percent, None without one."""

    code: str
    name: str
    cohort: Cohort
    numerator: str
    denominator: str
    formula: str
    source: str
    target: int | None = None
    better: Better = Better.HIGH
    note: str = ""
    version: str = "1"

    @property
    def target_words(self) -> str:
        """目标不低于 90%, or an empty text."""
        if self.target is None:
            return ""
        return f"目标{'不低于' if self.better is Better.HIGH else '不高于'} {self.target}%"


K01 = Indicator(
    "K01",
    "接单及时率",
    Cohort.ACCEPT,
    "c1_met",
    "c1_due",
    "时限内接单或说明理由不予受理的工单 ÷ 接单时限到期的工单",
    "S1-07、S1-08;domain 6.2 K01",
    90,
    note="15 分钟(特急 3 分钟);由 962121 热线接手的算未及时;接单前取消的不计入",
)
K03 = Indicator(
    "K03",
    "核实及时率",
    Cohort.VISIT,
    "c2_met",
    "c2_due",
    "时限内到现场签到的工单 ÷ 核实时限到期的工单",
    "S3-04;domain 6.2 K03",
    90,
    note="30 分钟(特急 15 分钟),只算公区报事和应急维修;电话联系不算到场;不予受理的不计入;重开后的复查不计入",
)
K04 = Indicator(
    "K04",
    "预约准时率",
    Cohort.APPOINTMENT,
    "apt_met",
    "apt_due",
    "约定时段内上门的预约工单 ÷ 约定时段已结束的预约工单",
    "S2-07;domain 6.2 K04",
    90,
)
K05 = Indicator(
    "K05",
    "办结率",
    Cohort.REPAIR,
    "c3_done",
    "c3_due",
    "统计时已处理或已办结的工单 ÷ 修复时限到期的工单",
    "domain 6.2 K05",
    95,
    note="迟到的完工也算办结;重开后尚未修好的、没有维修就办结的(无法联系、不同意报价、征询未通过)不算",
)
K06 = Indicator(
    "K06b",
    "按期办结率",
    Cohort.REPAIR,
    "c3_met",
    "c3_due",
    "在修复时限(含批准的延期)内完工的工单 ÷ 修复时限到期的工单",
    "S3-15、S3-16、S3-17;domain 6.2 K06",
    90,
    note="3 天,批准延期的 5 天;特延的不算按期,房管局认定不可抗力的除外;重开后的再次修复也必须按期;时限暂停中的不计入",
)
K06A = Indicator(
    "K06a",
    "按期办结率(严格)",
    Cohort.REPAIR,
    "c3_strict_met",
    "c3_due",
    "不用延期、3 天内完工的工单 ÷ 修复时限到期的工单",
    "S3-16;domain 6.2 K06",
    80,
    note="批准的延期不作数,其余与 K06b 相同",
)
K07 = Indicator(
    "K07",
    "一次修复率",
    Cohort.FINISHED,
    "done_once",
    "done",
    "完工后从未重开的工单 ÷ 完工的工单",
    "domain 6.2 K07",
    92,
)
K08 = Indicator(
    "K08",
    "重开率",
    Cohort.FINISHED,
    "reopened",
    "done",
    "重开过的工单 ÷ 完工的工单",
    "domain 6.2 K08、6.8",
    8,
    Better.LOW,
)
K10 = Indicator(
    "K10",
    "满意率",
    Cohort.RATED,
    "satisfied",
    "ratings",
    "4 星和 5 星的评价 ÷ 有效评价",
    "S3-09、S2-24;domain 6.2 K10",
    90,
    note="未评价的不算满意也不算不满意;重开作废的评价不计入",
)
K11 = Indicator(
    "K11",
    "差评率",
    Cohort.RATED,
    "low",
    "ratings",
    "1 星和 2 星的评价 ÷ 有效评价",
    "domain 6.2 K11、6.8",
    8,
    Better.LOW,
)
K12 = Indicator(
    "K12",
    "评价率",
    Cohort.FINISHED,
    "done_rated",
    "done",
    "有评价的工单 ÷ 完工的工单",
    "S2-23;domain 6.2 K12",
)
K15 = Indicator(
    "K15",
    "转热线率",
    Cohort.SUBMITTED,
    "hotline",
    "effective",
    "转 962121 热线的工单 ÷ 有效工单",
    "S1-08、S1-12;domain 6.2 K15",
    10,
    Better.LOW,
    note="接单前取消的不是有效工单",
)
K16 = Indicator(
    "K16",
    "拒单率",
    Cohort.SUBMITTED,
    "rejected",
    "new",
    "不予受理的工单 ÷ 提交的工单",
    "domain 6.2 K16、3.8",
    5,
    Better.LOW,
)
K17 = Indicator(
    "K17",
    "延期率",
    Cohort.REPAIR,
    "extended",
    "c3_due",
    "批准过延期的工单 ÷ 修复时限到期的工单",
    "S3-17;domain 6.2 K17",
)
K20 = Indicator(
    "K20",
    "随手拍答复率",
    Cohort.SNAP,
    "snap_answered",
    "snap_due",
    "小区物业在答复期限内回复的随手拍 ÷ 答复期满的随手拍",
    "S1-13、S1-14、S1-15;domain 6.2 K20",
    note="10×24小时;只看不回、自动办结的算没有答复,物业不接收、转 962121 的也算;转为报修的按报修考核,不计入",
)

INDICATORS: Mapping[str, Indicator] = {
    each.code: each for each in (K01, K03, K04, K05, K06, K06A, K07, K08, K10, K11, K12, K15, K16, K17, K20)
}
MULTIPLES = (K01, K03, K06, K10)
"""The small multiples of the dashboard's first page (S0-23)."""


@dataclass(frozen=True)
class Volume:
    """A figure that is a number of cases and no ratio."""

    code: str
    name: str
    cohort: Cohort
    counter: str
    formula: str
    source: str = "domain 6.9"
    version: str = "1"


VOLUMES: Mapping[str, Volume] = {
    each.code: each
    for each in (
        Volume("new", "新增工单", Cohort.SUBMITTED, "new", "提交的工单,各种渠道都算"),
        Volume("done", "完工", Cohort.FINISHED, "done", "完工的工单;后来重开而还没修好的不算"),
        Volume(
            "late",
            "超时",
            Cohort.PROMISE,
            "late",
            "到期时没有做到的接单、核实、预约和修复时限,一张工单可以有几个",
        ),
        Volume("transferred", "转热线", Cohort.SUBMITTED, "hotline", "提交后转到 962121 热线的工单"),
        Volume(
            "wrong_rejected",
            "有误的不予受理",
            Cohort.SUBMITTED,
            "wrong_rejected",
            "居民申诉、经街道或房管局认定成立的不予受理,后来怎样处理都算",
            source="domain 3.5.2 T24",
        ),
        Volume("low", "差评", Cohort.RATED, "low", "1 星和 2 星的有效评价"),
    )
}
