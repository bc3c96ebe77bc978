"""时限试算 put together: the question from the address, bars like the dashboard's, the table, the spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from admin.limit_forms import length, month, row_id
from app.core import clock
from app.core.errors import NotFound
from app.core.scope import Scope
from app.orders.limit_queries import streets_of
from app.orders.limit_words import length_of, unit_of
from app.orders.policy_changes import CHANGEABLE
from app.supervision.ratios import Ratio
from app.supervision.what_if import Answer, Line, Question, ask

BARS = 10
HEAD = (
    "管理处",
    "现行判定数",
    "现行按时",
    "现行及时率",
    "试算判定数",
    "试算按时",
    "试算及时率",
    "由按时变超时",
    "由超时变按时",
)


@dataclass(frozen=True)
class Trial:
    """A question with its answer; `chart` is what the script draws."""

    question: Question
    answer: Answer
    words: str
    chart: Mapping[str, Any]


def question_of(sent: Mapping[str, str], scope: Scope) -> Question | None:
    """None while nothing was asked; raises Invalid, NotFound for a street of another district."""
    if not sent.get("clock"):
        return None
    which, last_month = sent["clock"], clock.china_date(clock.now()).replace(day=1) - timedelta(days=1)
    street_id = row_id(sent, "street_id")
    if street_id is not None and street_id not in {street.id for street in streets_of(scope)}:
        raise NotFound()
    return Question(
        clock=which,
        from_ms=length(sent, "from", which),
        to_ms=length(sent, "to", which),
        month=month(sent.get("month"), last_month),
        street_id=street_id,
    )


def parts_of(question: Question) -> dict[str, Any]:
    """The question as parts of an address or hidden fields."""
    unit = unit_of(question.clock)
    return {
        "clock": question.clock,
        "from": question.from_ms // unit,
        "to": question.to_ms // unit,
        "month": f"{question.month:%Y-%m}",
        "street_id": question.street_id or "",
    }


def trial(question: Question, scope: Scope, here: str) -> Trial:
    """Asks, and draws the offices that lose most; `here` is where a bar leads: its line in the table."""
    answer = ask(question, scope)
    words = (
        f"{question.month:%Y}年{question.month.month}月的{CHANGEABLE[question.clock]}时限,"
        f"由 {length_of(question.clock, question.from_ms)} 改为 {length_of(question.clock, question.to_ms)}"
    )
    chart = {
        "kind": "rates",
        "title": "试算及时率",
        "target": None,
        "bars": [_bar(line, here) for line in answer.lines[:BARS]],
        "left_out": max(0, len(answer.lines) - BARS),
    }
    return Trial(question, answer, words, chart)


def _bar(line: Line, here: str) -> dict[str, Any]:
    after = after_of(line)
    state = "small" if after.is_small else "missed" if line.newly_broken else "reached"
    return {
        "name": line.name,
        "percent": after.percent,
        "words": after.words,
        "under": f"{after.numerator}/{after.denominator},现行 {before_of(line).words}",
        "state": state,
        "link": f"{here}#office-{line.id}",
    }


def before_of(line: Line) -> Ratio:
    """Kept of all that were judged, as it was."""
    return Ratio(line.met_before, line.judged_before)


def after_of(line: Line) -> Ratio:
    """The same under the other limit."""
    return Ratio(line.met_after, line.judged_after)


def rows(answer: Answer) -> list[Sequence[object]]:
    """The table for a spreadsheet."""
    lines = [*answer.lines, answer.total]
    return [HEAD, *(_row(line) for line in lines)]


def _row(line: Line) -> Sequence[object]:
    before, after = before_of(line), after_of(line)
    return (
        line.name,
        before.denominator,
        before.numerator,
        before.words,
        after.denominator,
        after.numerator,
        after.words,
        line.newly_broken,
        line.newly_met,
    )
