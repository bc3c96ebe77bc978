"""A figure as a numerator over a denominator: exact inside, rounded for the eye only (domain 6.1). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from app.supervision.indicators import ALL_COUNTERS, Better, Indicator

SMALL_SAMPLE = 10
NOTHING = "—"


@dataclass(frozen=True)
class Ratio:
    """A numerator over a denominator, exact; rounded for the eye only."""

    numerator: int
    denominator: int

    @property
    def share(self) -> Fraction | None:
        """The exact value, None for nothing over nothing."""
        return Fraction(self.numerator, self.denominator) if self.denominator else None

    @property
    def is_small(self) -> bool:
        """样本少: fewer than ten cases are shown grey and not ranked."""
        return self.denominator < SMALL_SAMPLE

    @property
    def words(self) -> str:
        """90.0%, or a dash; 100.0% and 0.0% are said only when they are exactly true."""
        if self.share is None:
            return NOTHING
        permille = rounded(self.share * 1000)
        if 0 < self.numerator < self.denominator:
            permille = min(max(permille, 1), 999)
        return f"{permille // 10}.{permille % 10}%"

    @property
    def percent(self) -> float | None:
        """For drawing: percent with one decimal, as in the words."""
        return None if self.share is None else float(self.words.rstrip("%"))

    def reaches(self, indicator: Indicator) -> bool | None:
        """Whether the target is reached, by the exact value; None without a target or without cases."""
        if indicator.target is None or self.share is None:
            return None
        target = Fraction(indicator.target, 100)
        return self.share >= target if indicator.better is Better.HIGH else self.share <= target


def rounded(value: Fraction) -> int:
    """Half up, as people round; Python's own rounding goes to even."""
    return int((value * 2 + 1) // 2)


def ratio(indicator: Indicator, counts: Mapping[str, int]) -> Ratio:
    """The indicator's ratio from summed counters."""
    return Ratio(counts.get(indicator.numerator, 0), counts.get(indicator.denominator, 0))


def mean_stars(counts: Mapping[str, int]) -> str:
    """K13 平均分: 3.63, or a dash without ratings."""
    ratings = counts.get("ratings", 0)
    if not ratings:
        return NOTHING
    hundredths = rounded(Fraction(counts.get("stars_sum", 0) * 100, ratings))
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def added(many: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Counters of several days or places together."""
    total = dict.fromkeys(ALL_COUNTERS, 0)
    for counts in many:
        for name in ALL_COUNTERS:
            total[name] += counts.get(name, 0)
    return total
