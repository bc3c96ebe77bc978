"""Ceilings and prices that one person proposes and another brings into force (domain 3.3, 4.7, S2-27).

A ceiling needs two persons of the bureau. A company publishes its prices itself; its managers may propose one.
"""

from __future__ import annotations

from datetime import date, datetime

from app.audit.service import record
from app.catalogue.errors import PriceItemUnknown, SamePriceProposer
from app.catalogue.price_alerts import warn_of_high_prices
from app.catalogue.price_models import PriceItem, PriceKind
from app.catalogue.price_queries import ceiling_at, price_at
from app.catalogue.prices import FEN_MAX, publish_price, set_ceiling
from app.catalogue.proposal_models import PriceProposal, ProposalKind
from app.companies.models import Office
from app.companies.queries import bureau_accounts, company_admins
from app.core import clock
from app.core.db import db
from app.core.errors import Forbidden, Invalid, WrongState
from app.core.money import yuan
from app.core.paging import Page, newest_page
from app.core.roles import Role
from app.core.scope import Dimension, Scope, get_visible, visible
from app.core.texts import cleaned
from app.notifications.service import notify_many


def propose_ceiling(item_code: str, *, fen: int, valid_on: date, reason: str, by: Scope) -> PriceProposal:
    """Ask for another ceiling from the beginning of a day on. Raises Forbidden, PriceItemUnknown, Invalid."""
    if by.role is not Role.BUR:
        raise Forbidden("参考上限由房管局设定")
    item, valid_from = _item(item_code), _from(valid_on)
    before = ceiling_at(item.code, valid_from)
    place = {"district_id": min(by.ids(Dimension.DISTRICT))}
    proposal = _propose(ProposalKind.CEILING, item, fen, before, valid_from, reason, by, **place)
    _tell(set(bureau_accounts(place["district_id"])) - {by.account_id or 0}, proposal, item, "waiting")
    return proposal


def propose_price(item_code: str, *, fen: int, valid_on: date, reason: str, by: Scope) -> PriceProposal:
    """A manager asks his company for another price. Raises Forbidden, PriceItemUnknown, Invalid; what is above the
    ceiling of that day need not be asked for."""
    if by.role is not Role.MGR:
        raise Forbidden("价格由小区经理建议,物业企业管理员公布")
    item, valid_from = _item(item_code), _from(valid_on)
    office = db.session.get_one(Office, min(by.ids(Dimension.OFFICE)))
    ceiling = ceiling_at(item.code, valid_from)
    if ceiling is not None and fen > ceiling:
        limit = f"“{item.name}”的参考上限是 {yuan(ceiling)},请调低后再提"
        raise Invalid(limit, fields={"fen": f"不能高于 {yuan(ceiling)}"})
    before = price_at(item.code, office.company_id, valid_from)
    place = {"company_id": office.company_id, "office_id": office.id}
    proposal = _propose(ProposalKind.PRICE, item, fen, before, valid_from, reason, by, **place)
    _tell(set(company_admins(office.company_id)), proposal, item, "waiting")
    return proposal


def _item(code: str) -> PriceItem:
    item = db.session.get(PriceItem, code)
    if item is None or not item.active or item.kind == PriceKind.REFERRAL:
        raise PriceItemUnknown(fields={"item_code": PriceItemUnknown.message})
    return item


def _from(day: date) -> datetime:
    if day <= clock.china_date(clock.now()):
        raise Invalid("生效日期最早是明天", fields={"valid_on": "最早是明天"})
    return clock.start_of_china_day(day)


def _propose(
    kind: ProposalKind,
    item: PriceItem,
    fen: int,
    before: int | None,
    valid_from: datetime,
    reason: str,
    by: Scope,
    **place: int,
) -> PriceProposal:
    if isinstance(fen, bool) or not 0 <= fen <= FEN_MAX:
        raise Invalid("金额不对,请重新填写", fields={"fen": "不对"})
    if fen == before:
        raise Invalid("与那时的金额相同,不用改", fields={"fen": "没有变化"})
    proposal = PriceProposal(
        kind=kind.value,
        item_code=item.code,
        fen=fen,
        before_fen=before,
        valid_from=valid_from,
        reason=cleaned(reason, field="reason", at_least=4, at_most=200),
        proposed_by=by.account_id or 0,
        proposed_at=clock.now(),
        **place,
    )
    db.session.add(proposal)
    db.session.flush()
    _audit("price.propose", proposal, by)
    return proposal


def decide(proposal_id: int, *, grant: bool, note: str = "", by: Scope) -> PriceProposal:
    """Grant or refuse; the proposer himself may only take it back. A granted ceiling tells at once who has to lower
    what (S2-27).

    Raises NotFound, Forbidden, SamePriceProposer, WrongState when it was decided or its day has come meanwhile, and
    what publishing raises (PriceAboveCeiling, PriceDatedTwice).
    """
    proposal = get_visible(PriceProposal, proposal_id, by, lock=True)
    own = proposal.proposed_by == by.account_id
    if by.role is not _DECIDES[proposal.kind] and not (own and not grant):
        raise Forbidden()
    if proposal.granted is not None:
        raise WrongState("这个改动已经有结论了")
    if grant and own:
        raise SamePriceProposer()
    words = note.strip()[:200] if grant else cleaned(note, field="note", at_least=2, at_most=200)
    proposal.granted, proposal.decided_by, proposal.decided_at = grant, by.account_id or 0, clock.now()
    proposal.decision_note = words
    db.session.flush()
    if grant:
        _carry_out(proposal, by)
    _audit("price.grant" if grant else "price.refuse", proposal, by)
    if not own:
        _tell({proposal.proposed_by}, proposal, _item(proposal.item_code), "decided")
    return proposal


_DECIDES = {ProposalKind.CEILING.value: Role.BUR, ProposalKind.PRICE.value: Role.CO}


def _carry_out(proposal: PriceProposal, by: Scope) -> None:
    """Write the dated row; a price that was decided late counts from now."""
    at = clock.now()
    if proposal.kind == ProposalKind.PRICE:
        assert proposal.company_id is not None
        since = proposal.valid_from if proposal.valid_from > at else None
        publish_price(
            proposal.item_code,
            company_id=proposal.company_id,
            price_fen=proposal.fen,
            by=by,
            valid_from=since,
        )
        return
    if proposal.valid_from <= at:
        raise WrongState("生效日期已经到了,不能再批准;请重新提出")
    set_ceiling(
        proposal.item_code,
        ceiling_fen=proposal.fen,
        by=by,
        valid_from=proposal.valid_from,
        proposal_id=proposal.id,
    )
    warn_of_high_prices(at)


def waiting_proposals(by: Scope, kind: ProposalKind) -> list[PriceProposal]:
    """All that nobody has decided, the oldest first."""
    mine = visible(PriceProposal, by).where(PriceProposal.kind == kind.value, PriceProposal.granted.is_(None))
    return list(db.session.scalars(mine.order_by(PriceProposal.id)))


def decided_proposals(
    by: Scope, kind: ProposalKind, *, cursor: str | None = None, limit: int = 20
) -> Page[PriceProposal]:
    """A page of what was granted, refused or taken back, the newest first: the history of every value. Raises
    Invalid."""
    mine = visible(PriceProposal, by).where(
        PriceProposal.kind == kind.value, PriceProposal.granted.is_not(None)
    )
    return newest_page(mine, PriceProposal, cursor=cursor, limit=limit)


def _tell(accounts: set[int], proposal: PriceProposal, item: PriceItem, what: str) -> None:
    """In the inbox of the console; the pages 参考上限 and 价目 show the rest."""
    kind = ProposalKind(proposal.kind).label
    day = f"{clock.in_china(proposal.valid_from):%m月%d日}起"
    said = f"{day},“{item.name}”{kind}改为 {yuan(proposal.fen)}"
    if what == "decided":
        said += ":已同意" if proposal.granted else f":没有采纳({proposal.decision_note})"
    notify_many(
        accounts,
        unique_key=f"price_proposal:{proposal.id}:{what}",
        template="price_proposal",
        title=f"{kind}有改动等您决定" if what == "waiting" else f"您提出的{kind}有结论了",
        body=f"{said}。理由:{proposal.reason}" if what == "waiting" else f"{said}。",
    )


def _audit(action: str, proposal: PriceProposal, by: Scope) -> None:
    details = {
        "kind": proposal.kind,
        "item": proposal.item_code,
        "fen": proposal.fen,
        "before_fen": proposal.before_fen,
        "from": proposal.valid_from.isoformat(),
        "reason": proposal.decision_note or proposal.reason,
    }
    record(
        action,
        by=by,
        object_kind="price_proposal",
        object_id=proposal.id,
        details=details,
        district_id=proposal.district_id,
    )
