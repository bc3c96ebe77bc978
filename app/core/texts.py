"""Texts that people write, brought into shape before they are kept."""

from __future__ import annotations

from app.core.errors import Invalid


def cleaned(text: str | None, *, field: str, at_least: int = 1, at_most: int = 300) -> str:
    """The text without surrounding space; raises Invalid naming the field when it is too short or too long."""
    stripped = (text or "").strip()
    if len(stripped) < at_least:
        raise Invalid(f"请再写具体一点(至少{at_least}个字)", fields={field: f"至少{at_least}个字"})
    if len(stripped) > at_most:
        raise Invalid(f"文字太长,请缩短到{at_most}字以内", fields={field: f"最多{at_most}个字"})
    return stripped
