"""Which passwords are refused, and that no rule asks for character classes."""

from __future__ import annotations

import pytest
from argon2.exceptions import InvalidHashError

from app.accounts.errors import WeakPassword
from app.accounts.passwords import (
    check_strength,
    hash_password,
    initial_password,
    needs_rehash,
    password_fits,
)

CONTEXT = ["wangmanager", "王小明", "潞安示范物业"]


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "elevenchar1",
        "x" * 129,
        "tongzhou2026",
        "TongZhou2026",
        "Tongzhou@2026!",
        "beijing20262026",
        "password1234",
        "P@ssw0rd2026",
        "Adm1n1str@tor77",
        "w0a1n1be1j1ng!",
        "passwordpassword",
        "wuyeguanli888",
        "woaini1314520",
        "zhangwei19800101",
        "qwertyuiop123",
        "qwerasdfzxcv",
        "1qaz2wsx3edc",
        "123456789012",
        "abcdefghijkl",
        "cbaabccbaabc",
        "aaaaaaaaaaaaaa",
        "111122221111",
        "19900000001!!!",
        "19800101--1980",
        "wangmanager#77x",
        "xx-WANGMANAGER-yy",
        "我叫王小明今年五十岁了呀",
        "admin-admin-admin",
    ],
)
def test_a_password_that_is_easily_guessed_is_refused(password):
    with pytest.raises(WeakPassword) as refused:
        check_strength(password, context=CONTEXT)
    assert refused.value.status == 422
    assert refused.value.fields["password"]


@pytest.mark.parametrize(
    "password",
    [
        "lantern rivers kettle",
        "correct horse battery staple",
        "白日依山尽黄河入海流欲穷",
        "kf83hd72ns64",
        "zqmvtlkrwpxh",
        "ZQMVTLKRWPXH",
        "738291640528",
        "青瓦-teapot-31-moss",
        "纸鸢-lantern-47-rivers",
    ],
)
def test_any_composition_is_accepted_when_it_is_long_and_uncommon(password):
    check_strength(password, context=CONTEXT)


def test_sixty_four_and_a_hundred_and_twenty_eight_characters_are_accepted():
    text = "mossy teapots hum under the seven copper lanterns of an old ferry and nobody in the harbour remembers why "
    check_strength(text[:64], context=[])
    check_strength((text * 2)[:128], context=[])


def test_random_first_passwords_pass_their_own_rule():
    passwords = {initial_password() for _ in range(200)}
    assert len(passwords) == 200
    for password in passwords:
        check_strength(password, context=CONTEXT)
        assert len(password.replace("-", "")) == 16


def test_the_hash_is_argon2id_and_says_nothing():
    first, second = hash_password("lantern rivers kettle"), hash_password("lantern rivers kettle")
    assert first.startswith("$argon2id$")
    assert first != second
    assert password_fits(first, "lantern rivers kettle")
    assert not password_fits(first, "lantern rivers kettlE")
    assert not needs_rehash(first)
    assert len(first) <= 200


def test_a_broken_hash_fits_nothing():
    with pytest.raises(InvalidHashError):
        password_fits("not a hash", "anything")
