"""Residents' accounts: WeChat identity, phone number, consents (domain 3.2, 5.1-P02..P04)."""

from __future__ import annotations

import re

from sqlalchemy import select, update

from app.accounts.errors import PhoneTaken
from app.accounts.models import Account, AccountStatus, PrivacyConsent
from app.accounts.scopes import nobody_yet
from app.accounts.sessions import revoke_all
from app.audit import service as audit
from app.core import clock
from app.core.crypto import blind_index
from app.core.db import db, insert_once, lock, table_of, translate_constraint
from app.core.errors import Invalid

PHONE = re.compile(r"1\d{10}")

translate_constraint("uq_accounts_phone_index", PhoneTaken)


def find_or_create_resident(openid: str) -> Account:
    """The account of a WeChat user; two first calls at once give one account."""
    statement = select(Account).where(Account.openid == openid)
    account = db.session.scalars(statement).one_or_none()
    if account is None:
        row = {"openid": openid, "status": AccountStatus.ACTIVE, "created_at": clock.now()}
        insert_once(table_of(Account), {**row, "elder_mode": False, "is_demo": False})
        account = db.session.scalars(statement).one()
    return account


def create_account(*, phone: str | None = None, name: str | None = None, is_demo: bool = False) -> Account:
    """An account made by a desk or an employer, without WeChat; raises Invalid or PhoneTaken."""
    account = Account(name=name, status=AccountStatus.ACTIVE, is_demo=is_demo, created_at=clock.now())
    if phone is not None:
        _claim_number(account, checked_phone(phone))
    db.session.add(account)
    db.session.flush()
    return account


def find_by_phone(phone: str, *, locked: bool = False) -> Account | None:
    """The account that holds the number, found by its fingerprint."""
    statement = select(Account).where(Account.phone_index == blind_index(phone))
    if locked:
        statement = lock(statement).execution_options(populate_existing=True)
    return db.session.scalars(statement).one_or_none()


def set_phone(account: Account, phone: str) -> Account:
    """Give the WeChat user the number that WeChat has verified, and return the account to go on with.

    That is another one when the number was known before (entered by a desk, or a member of staff) and not yet tied to
    any WeChat: the openid and the consents move there, the empty newcomer is closed, and the edge opens a session for
    the returned account. A user who already has a number, or a number that has a WeChat, is never merged: PhoneTaken.
    """
    phone = checked_phone(phone)
    holder = find_by_phone(phone, locked=True)
    if holder is None or holder.id == account.id:
        _claim_number(account, phone)
        db.session.flush()
        return account
    if holder.openid or account.phone_index or holder.status != AccountStatus.ACTIVE:
        raise PhoneTaken()
    return _merge(account, into=holder)


def checked_phone(phone: str) -> str:
    """The eleven digits of a mainland mobile number; raises Invalid."""
    digits = phone.strip().removeprefix("+86").strip()
    if not PHONE.fullmatch(digits):
        raise Invalid("手机号应为11位数字", fields={"phone": "手机号应为11位数字"})
    return digits


def give_consent(account_id: int, document: str, version: str) -> None:
    """Record that the person agreed to this version (P02); agreeing again after a withdrawal counts from now."""
    at = clock.now()
    which = {"account_id": account_id, "document": document, "version": version}
    if not insert_once(table_of(PrivacyConsent), {**which, "given_at": at}):
        withdrawn = PrivacyConsent.withdrawn_at.is_not(None)
        again = update(PrivacyConsent).filter_by(**which).where(withdrawn)
        db.session.execute(again.values(given_at=at, withdrawn_at=None))


def withdraw_consent(account_id: int, document: str) -> None:
    """Take back every version of the document (P04); what is not given cannot be withdrawn and is no error."""
    open_ones = PrivacyConsent.withdrawn_at.is_(None) & (PrivacyConsent.document == document)
    statement = update(PrivacyConsent).where(PrivacyConsent.account_id == account_id, open_ones)
    db.session.execute(statement.values(withdrawn_at=clock.now()))


def has_consent(account_id: int, document: str, version: str) -> bool:
    """Whether this very version was agreed to and not taken back; a new version asks again (P03)."""
    statement = select(PrivacyConsent.id).where(PrivacyConsent.withdrawn_at.is_(None))
    statement = statement.filter_by(account_id=account_id, document=document, version=version)
    return db.session.scalar(statement) is not None


def _claim_number(account: Account, phone: str) -> None:
    account.phone, account.phone_index = phone, blind_index(phone)


def _merge(newcomer: Account, *, into: Account) -> Account:
    openid, newcomer.openid, newcomer.status = newcomer.openid, None, AccountStatus.CANCELLED
    db.session.flush()  # the unique openid must be free before it is given away
    into.openid, into.elder_mode = openid, into.elder_mode or newcomer.elder_mode
    db.session.flush()
    _carry_consents(newcomer.id, into.id)
    revoke_all(newcomer.id)
    audit.record(
        "account.merge",
        by=nobody_yet(into.id),
        object_kind="account",
        object_id=into.id,
        details={"closed_account": newcomer.id},
    )
    return into


def _carry_consents(source: int, target: int) -> None:
    given = select(PrivacyConsent).where(
        PrivacyConsent.account_id == source, PrivacyConsent.withdrawn_at.is_(None)
    )
    for consent in db.session.scalars(given).all():
        give_consent(target, consent.document, consent.version)
