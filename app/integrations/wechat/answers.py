"""What WeChat tells us, as plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum, auto


@dataclass(frozen=True)
class WeChatSession:
    """Who tapped. `session_key` stays on the server, also out of repr; `unionid` may be ""."""

    openid: str
    unionid: str
    session_key: str = field(repr=False)


class Scene(IntEnum):
    """Where others will read the text or see the picture; WeChat judges each place differently."""

    PROFILE = 1
    COMMENT = 2
    FORUM = 3
    SOCIAL = 4


class Verdict(StrEnum):
    """The answer of the content check; REVIEW means that a person has to look."""

    PASS = auto()
    REVIEW = auto()
    RISKY = auto()


NORMAL_LABEL = 100
_SEVERITY = {Verdict.PASS: 0, Verdict.REVIEW: 1, Verdict.RISKY: 2}


@dataclass(frozen=True)
class TextVerdict:
    """The verdict on a text; label 100 is normal, 20001 and above name the kind of risk.

    Blank text has no trace_id.
    """

    verdict: Verdict
    trace_id: str
    label: int = NORMAL_LABEL

    @property
    def severity(self) -> int:
        """0 pass, 1 review, 2 risky: the worst part decides about the whole."""
        return _SEVERITY[self.verdict]


def verdict_of(suggest: object) -> Verdict:
    """WeChat's `suggest`; anything unknown goes to a person."""
    try:
        return Verdict(str(suggest))
    except ValueError:
        return Verdict.REVIEW
