"""`python -m deploy.documents`: rewrite those parts of docs/ that follow from the code.

The page of the order's lifecycle is written whole. Of other pages only the part between two comments is written: the
settings, the messages of WeChat, the definitions of the bureau's figures, the table of the clocks. A test compares all
of it with what this module would write, so that a document cannot fall behind its code.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from pathlib import Path

import config
from app.core.lifecycle import Transition
from app.core.roles import Role
from app.integrations.wechat.templates import TEMPLATES
from app.orders.lifecycle import LIFECYCLE, SUBMIT_ROLES, Action, Status
from app.supervision.indicators import INDICATORS, Indicator
from deploy import clock_table

DOCS = Path(__file__).resolve().parent.parent / "docs"
SECRET_DEFAULTS = frozenset(
    {
        config.DEVELOPMENT_SECRET,
        config.SANDBOX_APPID,
        config.SANDBOX_SECRET,
        config.SANDBOX_PUSH_TOKEN,
        config.SANDBOX_PUSH_AES_KEY,
        config.SANDBOX_MCH_ID,
        config.SANDBOX_PAY_KEY,
    }
)
"""Values that open nothing outside a sandbox; the table names them instead of showing them."""

Move = Transition[Status, Action]


def main() -> int:
    """Rewrite every document; returns the exit code."""
    for name, render in DOCUMENTS.items():
        (DOCS / name).write_text(render(), encoding="utf-8")
        print(f"docs/{name}", file=sys.stderr)
    return 0


def filled(name: str, part: str, content: Callable[[], str]) -> str:
    """A page with one part written anew; the rest stays as somebody wrote it."""
    begin, end = f"<!-- {part}: python -m deploy.documents -->", f"<!-- {part}: end -->"
    before, _, rest = (DOCS / name).read_text(encoding="utf-8").partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise ValueError(f"docs/{name} has no place for {part}")
    return f"{before}{begin}\n\n{content()}\n\n{end}{after}"


def settings_table() -> str:
    """One row for each field of `Settings`: name in the environment, default, meaning."""
    rows = [
        (
            f"`{name.upper()}`",
            default_words(field.get_default(call_default_factory=True)),
            field.description or "",
        )
        for name, field in config.Settings.model_fields.items()
    ]
    return table(("设置", "默认值", "含义"), rows)


def default_words(value: object) -> str:
    """A default as the table shows it."""
    if value in ("", {}):
        return "空"
    if isinstance(value, str) and value in SECRET_DEFAULTS:
        return "沙盒值"
    return f"`{value.value if isinstance(value, StrEnum) else value}`"


def template_table() -> str:
    """The subscribe messages to apply for: our key, title, fields in order."""
    rows = [
        (
            f"`{template.key}`",
            template.title,
            "、".join(f"{label} `{name}`" for name, label in template.fields.items()),
        )
        for template in TEMPLATES.values()
    ]
    return table(("键", "标题", "关键词(字段)"), rows)


def indicator_table() -> str:
    """The bureau's indicators: name, formula, by which instant, target, remark."""
    rows = [_indicator_row(indicator) for indicator in INDICATORS.values()]
    return table(("编号", "指标", "怎么算", "计入哪天", "目标", "说明"), rows)


def _indicator_row(indicator: Indicator) -> tuple[str, ...]:
    when, target = indicator.cohort.label, indicator.target_words.removeprefix("目标") or "无"
    return (indicator.code, indicator.name, indicator.formula, when, target, indicator.note)


def clocks() -> str:
    """The thirteen clocks with the figures of the parameter rows."""
    return table(clock_table.HEAD, clock_table.rows())


def lifecycle_page() -> str:
    """docs/lifecycle.md: a picture of the moves that change the status, and the table of all moves."""
    return LIFECYCLE_PAGE.format(picture=lifecycle_picture(), statuses=status_table(), moves=move_table())


def lifecycle_picture() -> str:
    """A mermaid state diagram; moves between the same two statuses share an arrow."""
    arrows = {("[*]", Status.SUBMITTED.value): ["T1 提交"]}
    for move in LIFECYCLE.transitions:
        for source in sorted(move.sources, key=list(Status).index):
            if move.target not in (None, source):
                words = arrows.setdefault((source.value, str(move.target)), [])
                words.append(f"{move.code} {move.action.label}")
    names = [f'    state "{status.value}<br/>{status.resident}" as {status.value}' for status in Status]
    lines = [f"    {source} --> {target} : {'、'.join(words)}" for (source, target), words in arrows.items()]
    ends = [f"    {status.value} --> [*]" for status in Status if not _leads_on(status)]
    return "\n".join(["stateDiagram-v2", *names, *lines, *ends])


def _leads_on(status: Status) -> bool:
    return any(status in move.sources and move.target for move in LIFECYCLE.transitions)


def status_table() -> str:
    """Every status with the words of the resident and the queue of the desk."""
    rows = [(f"`{status.value}`", status.resident, status.tab) for status in Status]
    return table(("状态", "居民看到", "工作台队列"), rows)


def move_table() -> str:
    """Every row of the lifecycle table, and T1, which has no status to come from."""
    first = ("T1", "提交", "(无)", "`SUBMITTED`", _people(SUBMIT_ROLES), "已提交")
    rows = [first, *[_move_row(move) for move in LIFECYCLE.transitions]]
    return table(("编号", "动作", "从", "到", "谁可以", "时间线上的说法"), rows)


def _move_row(move: Move) -> tuple[str, ...]:
    action = f"{move.action.label} `{move.action.value}`"
    sources = "、".join(f"`{status.value}`" for status in Status if status in move.sources)
    target = f"`{move.target.value}`" if move.target else "不变"
    return (move.code, action, sources, target, _people(move.by), move.label)


def _people(roles: frozenset[Role]) -> str:
    return "、".join(role.label for role in Role if role in roles)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table; bars inside a cell are escaped."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


LIFECYCLE_PAGE = """# The life of an order

Written by `python -m deploy.documents` from `app/orders/lifecycle.py`; edit the table there, not this page. Why it is
a table: [ADR 0009](adr/0009-lifecycle-as-a-table.md). Anything that is not a row below is refused with 409 and the
present status. Codes T1 to T30 are the numbers of the specification, those with U are our own.

```mermaid
{picture}
```

## Statuses

{statuses}

## Moves

Moves whose target is 不变 leave the status as it is and are written to the timeline all the same. What narrows a row
further (time windows, a pending request, an earlier visit) stands in `app/orders/actions.py`.

{moves}
"""

DOCUMENTS: Mapping[str, Callable[[], str]] = {
    "lifecycle.md": lifecycle_page,
    "operations.md": lambda: filled("operations.md", "settings", settings_table),
    "wechat-go-live.md": lambda: filled("wechat-go-live.md", "templates", template_table),
    "guides/bureau.md": lambda: filled("guides/bureau.md", "indicators", indicator_table),
    "guides/clocks.md": lambda: filled("guides/clocks.md", "clocks", clocks),
}

if __name__ == "__main__":
    sys.exit(main())
