"""Pure calculation: the check digit of a credit code, duties of a roster."""

from __future__ import annotations

from enum import StrEnum

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""31 characters; I, O, S, V and Z do not occur (GB 32100-2015)."""
CREDIT_LENGTH = 18
_MODULUS = len(CREDIT_ALPHABET)

MIN_ON_DUTY = 2
"""S3-11: 两位工作人员值守."""


class Duty(StrEnum):
    """What a shift is for."""

    DESK = "值守"
    REPAIR = "维修"
    PATROL = "巡查"


def credit_check_digit(first_seventeen: str) -> str:
    """The eighteenth character: weights are powers of 3 modulo 31 (GB 32100-2015).

    Raises ValueError for a character that cannot occur.
    """
    weighted = (
        CREDIT_ALPHABET.index(char) * pow(3, place, _MODULUS) for place, char in enumerate(first_seventeen)
    )
    return CREDIT_ALPHABET[-sum(weighted) % _MODULUS]


def is_credit_code(code: str) -> bool:
    """Whether the text is a well-formed unified social credit code, in capital letters."""
    if len(code) != CREDIT_LENGTH or any(char not in CREDIT_ALPHABET for char in code):
        return False
    return credit_check_digit(code[:-1]) == code[-1]
