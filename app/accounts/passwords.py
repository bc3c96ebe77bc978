"""Passwords of staff: Argon2id for keeping, length and lists for choosing (domain 5.2-B01, 5.3 A30, A40, 5.4).

No rule about character classes and no forced rotation: ASVS 6.2.5 and 6.2.10 forbid both.
"""

from __future__ import annotations

import re
import secrets
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from argon2.low_level import Type

from app.accounts.errors import WeakPassword

MIN_LENGTH = 12
MAX_LENGTH = 128
INITIAL_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
INITIAL_LENGTH = 16
SHORTEST_CONTEXT = 4
LONGEST_CHAIN = 3
"""How many common words in a row still make a common password: woainibeijing, passwordadmin."""
LOOKS_LIKE = str.maketrans("@4013$57!", "aaoiessti")
NUMBER_OF_SOMEBODY = re.compile(r"1[3-9]\d{9}|(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
"""A phone number or a birthday inside a password that is digits and signs only."""

# 19 MiB, two passes, one lane: the smallest setting that OWASP recommends, about 25 ms on one core.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)


def hash_password(password: str) -> str:
    """Argon2id with its own salt, in the PHC text form."""
    return _hasher.hash(password)


def password_fits(password_hash: str, password: str) -> bool:
    """Whether the password is the one behind the hash."""
    try:
        return _hasher.verify(password_hash, password)
    except VerificationError:
        return False


def needs_rehash(password_hash: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


def waste_the_same_time(password: str) -> None:
    """Verify against nobody's password, so that an unknown login name answers no faster than a known one."""
    password_fits(_nobodys_hash(), password)


def initial_password() -> str:
    """A random first password, easy to read aloud: 16 characters in groups of four, about 79 bits."""
    letters = "".join(secrets.choice(INITIAL_ALPHABET) for _ in range(INITIAL_LENGTH))
    return "-".join(letters[at : at + 4] for at in range(0, INITIAL_LENGTH, 4))


def check_strength(password: str, *, context: list[str]) -> None:
    """Raise WeakPassword (422) unless the password is long enough and not to be guessed.

    `context` holds what others know of the person: login name, name, company. Spaces and any script are allowed.
    """
    reason = _weakness(password, context)
    if reason:
        raise WeakPassword(reason, fields={"password": reason})


def _weakness(password: str, context: list[str]) -> str | None:
    if len(password) < MIN_LENGTH:
        return f"密码至少 {MIN_LENGTH} 个字符,可以用几个不相干的词连起来"
    if len(password) > MAX_LENGTH:
        return f"密码最多 {MAX_LENGTH} 个字符"
    lowered = password.lower()
    if any(word.lower() in lowered for word in context if _is_telling(word)):
        return "密码里不要包含登录名、姓名或单位名称"
    if len(set(lowered)) < 5 or _is_walk(lowered):
        return "密码里重复或连续的字符太多,请换一个"
    if _is_common(lowered):
        return "这个密码太常见,容易被猜到,请换一个"
    return None


def _is_telling(word: str) -> bool:
    return len(word) >= (SHORTEST_CONTEXT if word.isascii() else 2)


def _is_walk(text: str) -> bool:
    """Whether the text only counts up or down: 123456789012, abcdefghijkl."""
    steps = [ord(after) - ord(before) for before, after in pairwise(text)]
    return sum(step in (1, -1, 0) for step in steps) >= len(steps) - 2


def _is_common(lowered: str) -> bool:
    """Whether digits and signs aside nothing is left but common words: Tongzhou2026!, w0a1n1!1314520."""
    if lowered in _common_words():
        return True
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", lowered)
    readings = [_letters(lowered), _letters(core.translate(LOOKS_LIKE))]
    if not readings[0]:
        return bool(NUMBER_OF_SOMEBODY.search(lowered))
    return any(_is_chain(letters, LONGEST_CHAIN) for letters in readings)


def _letters(text: str) -> str:
    return re.sub(r"[\W\d_]+", "", text)


def _is_chain(letters: str, words_left: int) -> bool:
    if not letters:
        return True
    if not words_left:
        return False
    ends = (end for end in range(len(letters), 1, -1) if letters[:end] in _common_words())
    return any(_is_chain(letters[end:], words_left - 1) for end in ends)


@lru_cache(maxsize=1)
def _common_words() -> frozenset[str]:
    text = files("app.accounts").joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return hash_password(secrets.token_urlsafe())
