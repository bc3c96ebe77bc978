"""Tying people to homes: at most three per phone number, proven or reviewed (domain 2.8, 3.12; S0-05, S2-31, S3-25).

待审 → 有效 / 驳回; 有效 → 解绑 / 到期. A binding holds one of three slots while pending or active; the account row is
locked while a slot is chosen, and the unique slot keeps the promise should that lock ever fail.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from app.accounts.errors import (
    AccountClosed,
    AlreadyBound,
    BindingSettled,
    BindingUnknown,
    HomeUnknown,
    OwnRequest,
    PhoneNeeded,
    ProofMismatch,
    TooManyHomes,
)
from app.accounts.models import (
    MAX_HOMES,
    Account,
    AccountStatus,
    BindingStatus,
    HomeBinding,
    Relation,
)
from app.audit import service as audit
from app.core import clock
from app.core.crypto import blind_index
from app.core.db import changed, db, lock, translate_constraint
from app.core.errors import Forbidden, Invalid
from app.core.roles import OFFICE_ROLES, Role
from app.core.scope import Scope, get_visible
from app.estates.models import Estate, Home, OwnerRecord
from app.estates.service import issue_invitation, redeem_invitation

LIVE = (BindingStatus.PENDING, BindingStatus.ACTIVE)
OWNERS = frozenset({Relation.OWNER, Relation.CO_OWNER})
ENDED_BY_OWNER = frozenset({Relation.FAMILY, Relation.TENANT, Relation.PROXY})

translate_constraint("uq_home_bindings_slot", TooManyHomes)
translate_constraint("uq_home_bindings_live_home", AlreadyBound)


class Method(StrEnum):
    """How the tie is proven (2.8)."""

    INVITE = "invite"
    REGISTER = "register"
    REVIEW = "review"


def request_binding(
    account_id: int,
    *,
    home_id: int,
    relation: str,
    method: str,
    invite_code: str | None = None,
    last_character: str | None = None,
    valid_to: date | None = None,
    consent_note: str = "",
) -> HomeBinding:
    """Tie the account to a home: at once with an invitation or a matching register entry, else after review.

    A tenant names the end of the lease (included), a proxy the consent of the person he acts for. Raises PhoneNeeded,
    HomeUnknown, TooManyHomes, AlreadyBound, ProofMismatch, Invalid. How often a code may be tried is the edge's matter.
    """
    account = _locked_account(account_id)
    home = db.session.get(Home, home_id)
    if home is None:
        raise HomeUnknown()
    tie, proof = _checked(Relation, relation, "relation"), _checked(Method, method, "method")
    _check_terms(tie, valid_to, consent_note)
    slot = _free_slot(account.id, home.id)
    _check_proof(account, home, tie, proof, invite_code, last_character)
    at = clock.now()
    binding = HomeBinding(
        account_id=account.id,
        home_id=home.id,
        live_home_id=home.id,
        estate_id=home.estate_id,
        relation=tie,
        method=proof,
        slot=slot,
        status=BindingStatus.PENDING if proof is Method.REVIEW else BindingStatus.ACTIVE,
        valid_from=clock.china_date(at),
        valid_to=valid_to,
        consent_note=consent_note,
        created_at=at,
    )
    db.session.add(binding)
    db.session.flush()
    return binding


def end_binding(binding_id: int, by: Scope) -> HomeBinding:
    """Untie: everybody his own tie, an owner also family, tenants and proxies of his home.

    Raises BindingUnknown for anybody else's, BindingSettled when it is over already.
    """
    binding = _locked_binding(binding_id)
    if binding is None or by.role != Role.RES or not _may_end(binding, by.account_id):
        raise BindingUnknown()
    if binding.status not in LIVE:
        raise BindingSettled()
    _settle(binding, BindingStatus.ENDED, by=by)
    return binding


def decide_binding(binding_id: int, *, accept: bool, reason: str, by: Scope) -> HomeBinding:
    """The desk of the estate accepts a request or turns it down with a reason, which the resident reads.

    Raises Forbidden for other roles, BindingUnknown, OwnRequest, BindingSettled, and Invalid without a reason.
    """
    if by.role not in OFFICE_ROLES:
        raise Forbidden()
    binding = get_visible(HomeBinding, binding_id, by, lock=True, missing=BindingUnknown())
    if binding.account_id == by.account_id:
        raise OwnRequest()
    if binding.status != BindingStatus.PENDING:
        raise BindingSettled()
    if not accept and not reason.strip():
        raise Invalid("请写明不通过的原因,居民会看到", fields={"reason": "请写明不通过的原因"})
    binding.decided_by, binding.reason = by.account_id, reason.strip()
    _settle(binding, BindingStatus.ACTIVE if accept else BindingStatus.REJECTED, by=by)
    return binding


def end_all_of_home(home_id: int, *, reason: str, by: Scope) -> int:
    """The home was sold: every tie to it ends (domain 3.2); the desk of its estate does this. Returns how many."""
    if by.role not in OFFICE_ROLES:
        raise Forbidden()
    home = get_visible(Home, home_id, by, missing=HomeUnknown())
    live = lock(select(HomeBinding).where(HomeBinding.home_id == home.id, HomeBinding.status.in_(LIVE)))
    bindings = db.session.scalars(live.execution_options(populate_existing=True)).all()
    for binding in bindings:
        binding.decided_by, binding.reason = by.account_id, reason
        _settle(binding, BindingStatus.ENDED, by=by)
    return len(bindings)


def invite_to_home(account_id: int, *, home_id: int, relation: str) -> str:
    """An owner invites family, a tenant or a helper to his home; returns the code. Raises HomeUnknown, Invalid."""
    tie = _checked(Relation, relation, "relation")
    if tie not in ENDED_BY_OWNER:
        raise Invalid("只能邀请家庭成员、租户或代办人", fields={"relation": "不能邀请这个身份"})
    if not _owns(account_id, home_id):
        raise HomeUnknown()
    return issue_invitation(db.session.get_one(Home, home_id), relation=tie, created_by=account_id)


def expire_leases(today: date) -> int:
    """End every tie whose last day is over (S3-25); returns how many. One statement, safe to repeat."""
    over = HomeBinding.status.in_(LIVE) & (HomeBinding.valid_to < today)
    ended = {"slot": None, "live_home_id": None, "ended_at": clock.now(), "reason": "有效期已到"}
    return changed(update(HomeBinding).where(over).values(status=BindingStatus.EXPIRED, **ended))


def live_bindings(account_id: int) -> list[HomeBinding]:
    """Pending and active ties of a person, oldest first."""
    own = (HomeBinding.account_id == account_id) & HomeBinding.status.in_(LIVE)
    return list(db.session.scalars(select(HomeBinding).where(own).order_by(HomeBinding.id)))


def active_binding(account_id: int, home_id: int) -> HomeBinding | None:
    """The active tie of this person to this home: the question before an order for a home (S2-09)."""
    which = (HomeBinding.account_id == account_id) & (HomeBinding.live_home_id == home_id)
    active = HomeBinding.status == BindingStatus.ACTIVE
    return db.session.scalars(select(HomeBinding).where(which, active)).one_or_none()


def residents_of_phone(phone: str) -> list[HomeBinding]:
    """Active ties of the person with this number, with account and home, for the domain's own use; a desk asks
    `app.accounts.queries.homes_of_caller`, which hides other estates."""
    statement = (
        select(HomeBinding)
        .join(HomeBinding.account)
        .options(joinedload(HomeBinding.account), joinedload(HomeBinding.home))
        .where(Account.phone_index == blind_index(phone), HomeBinding.status == BindingStatus.ACTIVE)
        .order_by(HomeBinding.id)
    )
    return list(db.session.scalars(statement))


def _locked_account(account_id: int) -> Account:
    statement = lock(select(Account).where(Account.id == account_id))
    account = db.session.scalars(statement.execution_options(populate_existing=True)).one()
    if account.status != AccountStatus.ACTIVE:
        raise AccountClosed()
    if account.phone_index is None:
        raise PhoneNeeded()
    return account


def _locked_binding(binding_id: int) -> HomeBinding | None:
    statement = lock(select(HomeBinding).where(HomeBinding.id == binding_id))
    return db.session.scalars(statement.execution_options(populate_existing=True)).one_or_none()


def _checked(kind, value: str, field: str):
    try:
        return kind(value)
    except ValueError as error:
        raise Invalid(fields={field: "没有这个选项"}) from error


def _check_terms(tie: Relation, valid_to: date | None, consent_note: str) -> None:
    if tie is Relation.TENANT and valid_to is None:
        raise Invalid("租户请填写租期的最后一天", fields={"valid_to": "请填写租期的最后一天"})
    if valid_to is not None and valid_to < clock.china_date(clock.now()):
        raise Invalid("有效期不能早于今天", fields={"valid_to": "不能早于今天"})
    if tie is Relation.PROXY and not consent_note.strip():
        raise Invalid("代办请写明住户本人如何同意", fields={"consent_note": "请写明住户本人如何同意"})


def _free_slot(account_id: int, home_id: int) -> int:
    live = live_bindings(account_id)
    if any(binding.home_id == home_id for binding in live):
        raise AlreadyBound()
    taken = {binding.slot for binding in live}
    free = next((slot for slot in range(1, MAX_HOMES + 1) if slot not in taken), None)
    if free is None:
        raise TooManyHomes()
    return free


def _check_proof(
    account: Account, home: Home, tie: Relation, proof: Method, code: str | None, last_character: str | None
) -> None:
    if proof is Method.INVITE and not redeem_invitation(home.id, code=code or "", relation=tie):
        raise ProofMismatch(fields={"invite_code": "邀请码不对、已过期或已用过"})
    if proof is Method.REGISTER and not (tie in OWNERS and _in_register(account, home, last_character or "")):
        raise ProofMismatch(fields={"last_character": "与业主名册核对不上"})


def _in_register(account: Account, home: Home, last_character: str) -> bool:
    entry = select(OwnerRecord.id).where(
        OwnerRecord.home_id == home.id,
        OwnerRecord.phone_index == account.phone_index,
        OwnerRecord.last_character_index == blind_index(last_character.strip()),
    )
    return db.session.scalar(entry) is not None


def _may_end(binding: HomeBinding, account_id: int | None) -> bool:
    if account_id is None:
        return False
    own = binding.account_id == account_id
    return own or (binding.relation in ENDED_BY_OWNER and _owns(account_id, binding.home_id))


def _owns(account_id: int, home_id: int) -> bool:
    binding = active_binding(account_id, home_id)
    return binding is not None and binding.relation in OWNERS


def _settle(binding: HomeBinding, status: BindingStatus, *, by: Scope) -> None:
    binding.status = status
    if status not in LIVE:
        binding.slot, binding.live_home_id, binding.ended_at = None, None, clock.now()
    db.session.flush()
    audit.record(
        f"binding.{status}",
        by=by,
        object_kind="home_binding",
        object_id=binding.id,
        details={"reason": binding.reason},
        district_id=db.session.scalar(select(Estate.district_id).where(Estate.id == binding.estate_id)),
    )
