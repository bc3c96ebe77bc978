"""How personal data look to those who need not see them (domain 5.1-P11)."""

from __future__ import annotations

CLOSED_NAME = "已注销用户"
"""Stands where the name of somebody stood whose account was closed (P17); it is nobody's name."""


def mask_phone(phone: str | None) -> str:
    """19900000001 becomes 199****0001."""
    if not phone:
        return ""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 7 else "****"


def mask_name(name: str | None) -> str:
    """王小明 becomes 王**."""
    if name == CLOSED_NAME:
        return name
    return f"{name[0]}{'*' * (len(name) - 1)}" if name else ""


def mask_number(number: str | None) -> str:
    """A certificate number keeps its first three and last four characters."""
    if not number:
        return ""
    return (
        f"{number[:3]}{'*' * max(len(number) - 7, 4)}{number[-4:]}" if len(number) > 7 else "*" * len(number)
    )
