"""What differs between WeChat's bill of a day and our rows. Pure: the same rows in any order, some of them repeated,
give the same differences."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app.core.money import yuan
from app.integrations.wechat.pay.contract import BillRow
from app.payments.models import PaymentState, RefundStep
from app.reconciliation.models import CaseKind

SUCCESS = "SUCCESS"
REFUND_GOING = frozenset({"SUCCESS", "PROCESSING"})
IS_PAID = frozenset({PaymentState.PAID.value, PaymentState.LATE.value})


@dataclass(frozen=True)
class Theirs:
    """One payment (`refund_no` empty) or one refund as WeChat has it; fen. `twice`: another row said otherwise."""

    trade_no: str
    refund_no: str
    transaction_id: str
    sub_mch_id: str
    trade_state: str
    refund_state: str
    at: datetime
    amount_fen: int
    fee_fen: int
    twice: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What may stand in the bills of an account once: a payment's number, or a refund's."""
        return ("", self.refund_no) if self.is_refund else (self.trade_no, "")

    @property
    def number(self) -> str:
        return self.refund_no or self.trade_no

    @property
    def is_refund(self) -> bool:
        return bool(self.refund_no)

    @property
    def came_fen(self) -> int:
        """What it brought to the company's account, before fees."""
        if self.is_refund:
            return -self.amount_fen
        return self.amount_fen if self.trade_state == SUCCESS else 0


@dataclass(frozen=True)
class Ours:
    """A payment of ours."""

    id: int
    trade_no: str
    sub_mch_id: str
    state: str
    amount_fen: int

    @property
    def came_fen(self) -> int:
        return self.amount_fen if self.state in IS_PAID else 0


@dataclass(frozen=True)
class OurRefund:
    """A refund of ours, with the payment that it belongs to."""

    id: int
    refund_no: str
    payment_id: int
    sub_mch_id: str
    step: str
    amount_fen: int

    @property
    def came_fen(self) -> int:
        return -self.amount_fen if self.step == RefundStep.DONE else 0


@dataclass(frozen=True)
class Side:
    """Our rows: those that the bill names, and those that it should name (`due_*`: of that day, in no other bill)."""

    sub_mch_id: str
    payments: Mapping[str, Ours]
    refunds: Mapping[str, OurRefund]
    due_payments: Collection[Ours] = ()
    due_refunds: Collection[OurRefund] = ()
    billed_before: Collection[tuple[str, str]] = ()


@dataclass(frozen=True, order=True)
class Difference:
    """One thing for a person. `carried_fen`: by how much the bill's money is more than what our books say of it."""

    kind: CaseKind
    number: str
    payment_id: int | None
    theirs: str
    ours: str
    theirs_fen: int
    ours_fen: int
    carried_fen: int


def lines(rows: Iterable[BillRow]) -> list[Theirs]:
    """The bill's rows, each once, in a fixed order. Of two that disagree the larger counts and is marked."""
    found: dict[tuple[str, tuple[str, str]], set[Theirs]] = {}
    for row in rows:
        line = _line(row)
        found.setdefault((line.sub_mch_id, line.key), set()).add(line)
    return [_one_of(found[key]) for key in sorted(found)]


def _line(row: BillRow) -> Theirs:
    return Theirs(
        trade_no=row.out_trade_no,
        refund_no=row.out_refund_no,
        transaction_id=row.transaction_id,
        sub_mch_id=row.sub_mch_id,
        trade_state=row.state,
        refund_state=row.refund_state,
        at=row.at,
        amount_fen=row.refund_fen if row.out_refund_no else row.amount_fen,
        fee_fen=row.fee_fen,
    )


def _one_of(same: set[Theirs]) -> Theirs:
    largest = max(same, key=lambda line: (line.amount_fen, line.fee_fen, line.at, repr(line)))
    return replace(largest, twice=len(same) > 1)


def own(found: Iterable[Theirs], sub_mch_id: str) -> list[Theirs]:
    """What belongs to the sub-merchant whose bill it is; anything else is for a person and in no sum."""
    return [line for line in found if line.sub_mch_id == sub_mch_id]


def differences(found: Iterable[Theirs], side: Side) -> list[Difference]:
    """Both directions: what the bill says otherwise or we do not know, and what we know and the bill does not say."""
    bill = list(found)
    mine = own(bill, side.sub_mch_id)
    differing = [each for line in mine for each in _of_line(line, side)]
    foreign = {line.number: line for line in sorted(bill, key=repr) if line.sub_mch_id != side.sub_mch_id}
    differing += [_foreign(line) for line in foreign.values()]
    named = {line.key for line in mine}
    differing += [_not_billed(each) for each in side.due_payments if (each.trade_no, "") not in named]
    differing += [_refund_not_billed(each) for each in side.due_refunds if ("", each.refund_no) not in named]
    return sorted(differing, key=lambda each: (each.kind, each.number))


def _of_line(line: Theirs, side: Side) -> list[Difference]:
    ours = side.refunds.get(line.refund_no) if line.is_refund else side.payments.get(line.trade_no)
    if line.key in side.billed_before:
        again = _said(CaseKind.TWICE, line, ours, "已在以前的账单里", "只认第一次", carried_fen=line.came_fen)
        return [again]
    found: Difference | None
    if ours is None or ours.sub_mch_id != line.sub_mch_id:
        found = _unknown(line, ours)
    else:
        found = _of_refund(line, ours) if isinstance(ours, OurRefund) else _of_payment(line, ours)
    twice = _said(CaseKind.TWICE, line, ours, "同一笔有两行", "按较大的一行核对", carried_fen=0)
    return [each for each in (found, twice if line.twice else None) if each is not None]


def _foreign(line: Theirs) -> Difference:
    return _said(CaseKind.FOREIGN, line, None, f"商户号 {line.sub_mch_id}", "不属于本企业", carried_fen=0)


def _unknown(line: Theirs, elsewhere: Ours | OurRefund | None) -> Difference:
    """Nothing of ours, or something that was to come into another account."""
    kind = CaseKind.REFUND_MISSING_HERE if line.is_refund else CaseKind.MISSING_HERE
    mine = f"记在商户号 {elsewhere.sub_mch_id}" if elsewhere else "没有记录"
    return _said(kind, line, elsewhere, _money(line), mine)


def _of_payment(line: Theirs, ours: Ours) -> Difference | None:
    if (ours.state in IS_PAID) != (line.trade_state == SUCCESS):
        return _said(CaseKind.STATE, line, ours, line.trade_state[:20], PaymentState(ours.state).label)
    if ours.state in IS_PAID and ours.amount_fen != line.amount_fen:
        return _said(CaseKind.AMOUNT, line, ours, _money(line), yuan(ours.amount_fen))
    return None


def _of_refund(line: Theirs, ours: OurRefund) -> Difference | None:
    if ours.amount_fen != line.amount_fen:
        return _said(CaseKind.REFUND_AMOUNT, line, ours, _money(line), yuan(ours.amount_fen))
    if ours.step != RefundStep.DONE or line.refund_state not in REFUND_GOING:
        return _said(
            CaseKind.REFUND_STATE, line, ours, line.refund_state[:20] or "—", RefundStep(ours.step).label
        )
    return None


def _money(line: Theirs) -> str:
    return yuan(line.amount_fen)


def _said(
    kind: CaseKind,
    line: Theirs,
    ours: Ours | OurRefund | None,
    theirs: str,
    mine: str,
    *,
    carried_fen: int | None = None,
) -> Difference:
    payment_id = ours.payment_id if isinstance(ours, OurRefund) else ours.id if ours else None
    own_fen = ours.came_fen if ours and ours.sub_mch_id == line.sub_mch_id else 0
    return Difference(
        kind=kind,
        number=line.number,
        payment_id=payment_id,
        theirs=theirs,
        ours=mine,
        theirs_fen=line.came_fen,
        ours_fen=own_fen,
        carried_fen=line.came_fen - own_fen if carried_fen is None else carried_fen,
    )


def _not_billed(ours: Ours) -> Difference:
    return Difference(
        CaseKind.MISSING_THERE,
        ours.trade_no,
        ours.id,
        "账单里没有",
        f"{PaymentState(ours.state).label} {yuan(ours.amount_fen)}",
        0,
        ours.came_fen,
        0,
    )


def _refund_not_billed(ours: OurRefund) -> Difference:
    return Difference(
        CaseKind.REFUND_MISSING_THERE,
        ours.refund_no,
        ours.payment_id,
        "账单里没有",
        f"{RefundStep(ours.step).label} {yuan(ours.amount_fen)}",
        0,
        ours.came_fen,
        0,
    )


def matched(found: Iterable[Theirs], side: Side) -> tuple[list[int], list[int]]:
    """Ids of our payments and refunds whose posted money this bill covers: those under this sub-merchant that the bill
    names for the first time."""
    payments: set[int] = set()
    refunds: set[int] = set()
    for line in own(found, side.sub_mch_id):
        if line.key in side.billed_before:
            continue
        refund, payment = side.refunds.get(line.refund_no), side.payments.get(line.trade_no)
        if line.is_refund and refund is not None and refund.sub_mch_id == line.sub_mch_id and refund.came_fen:
            refunds.add(refund.id)
        if not line.is_refund and payment is not None and payment.sub_mch_id == line.sub_mch_id:
            payments.update({payment.id} if payment.came_fen else ())
    return sorted(payments), sorted(refunds)
