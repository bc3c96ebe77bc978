"""代收账单: water and power of the suppliers, read in by the company's finance; there is no column for a fee of its own
(物业管理条例 44).

A file is taken as a whole or not at all: every wrong line is named with its number, and nothing of it is lost.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert, select

from app.audit import service as audit
from app.companies.queries import serving_office
from app.core import clock
from app.core.db import db, table_of
from app.core.errors import Invalid, NotFound
from app.core.outbox import publish
from app.core.roles import Role
from app.core.scope import Dimension, Scope
from app.estates.models import Building, Estate, Home, Unit
from app.fees import rules
from app.fees.bill_models import Bill
from app.fees.errors import NotYourMoney, ServesNoEstate
from app.fees.events import AgencyBillsEntered
from app.fees.rules import AGENCY_KINDS, AMOUNT_MAX_FEN, BillState, FeeKind

HEADER = ("楼号", "单元", "房号", "金额", "说明")
LINES_MAX, SAID_MAX, NOTE_MAX = 5000, 20, 60
_YUAN = re.compile(r"([0-9]{1,7})(?:\.([0-9]{1,2}))?")


class BadFile(Invalid):
    """What is wrong with which line; nothing was taken."""

    code = "bad_bill_file"
    message = "文件里有错误,一张账单也没有写入"


@dataclass(frozen=True)
class Entered:
    """One line that was understood."""

    line: int
    place: tuple[str, str, str]
    amount_fen: int
    note: str


@dataclass(frozen=True)
class Import:
    """Which bills the file holds."""

    estate_id: int
    kind: str
    period: str
    due_on: date
    text: str


def enter_agency_bills(wanted: Import, *, company_id: int, by: Scope) -> int:
    """Write the bills of the file; returns how many. Audited.

    Raises NotYourMoney, NotFound, ServesNoEstate, Invalid, BadFile with a sentence for each wrong line.
    """
    own = by.role == Role.FIN and company_id in by.ids(Dimension.FINANCE)
    if not (by.everything or own):
        raise NotYourMoney("代收账单由物业企业财务录入")
    kind = _checked(wanted)
    estate = db.session.get(Estate, wanted.estate_id)
    if estate is None:
        raise NotFound("没有找到这个小区")
    contract = serving_office(estate.id, rules.first_day(wanted.period))
    if contract is None or contract.company_id != company_id:
        raise ServesNoEstate(fields={"estate_id": ServesNoEstate.message})
    lines, wrong = read_lines(wanted.text)
    homes = _homes(estate.id)
    wrong += [f"第{each.line}行:没有这一户" for each in lines if each.place not in homes]
    known = {homes[each.place]: each for each in lines if each.place in homes}
    wrong += _there_already(known, kind, wanted.period)
    if wrong:
        raise BadFile(_said(wrong), fields={"lines": sorted(wrong, key=_line_number)[:SAID_MAX]})
    stamps = {
        "company_id": company_id,
        "contract_id": contract.id,
        "estate_id": estate.id,
        "district_id": estate.district_id,
        "kind": kind.value,
        "period": wanted.period,
        "due_on": wanted.due_on,
    }
    db.session.execute(
        insert(table_of(Bill)), [_row(home_id, each, stamps) for home_id, each in known.items()]
    )
    publish(AgencyBillsEntered(company_id, kind.value, wanted.due_on.isoformat(), len(known)))
    details = {"estate_id": estate.id, "kind": kind.value, "period": wanted.period, "bills": len(known)}
    audit.record(
        "bill.agency",
        by=by,
        object_kind="estate",
        object_id=estate.id,
        details=details,
        district_id=estate.district_id,
    )
    return len(known)


def _checked(wanted: Import) -> FeeKind:
    if wanted.kind not in {kind.value for kind in AGENCY_KINDS}:
        raise Invalid("请选择代收水费或代收电费", fields={"kind": "没有这一项"})
    if not rules.is_period(wanted.period):
        raise Invalid("月份请写成 2026-12 这样", fields={"period": "不是月份"})
    if not rules.first_day(wanted.period) <= wanted.due_on <= date(2200, 1, 1):
        raise Invalid("缴费日期不能早于账单的月份", fields={"due_on": "太早或太晚"})
    return FeeKind(wanted.kind)


def read_lines(text: str) -> tuple[list[Entered], list[str]]:
    """The lines that can be read, and a sentence for each that cannot. Pure. Raises BadFile without the header."""
    try:
        rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), strict=True))
    except csv.Error as error:
        raise BadFile("文件不是规范的 CSV,请从表格软件另存为 CSV(UTF-8)后再上传") from error
    if not rows or tuple(cell.strip() for cell in rows[0][: len(HEADER)]) != HEADER:
        raise BadFile(f"第一行应为:{','.join(HEADER)}")
    body = [(number, row) for number, row in enumerate(rows[1:], 2) if any(cell.strip() for cell in row)]
    if not body or len(body) > LINES_MAX:
        raise BadFile(f"文件应有 1 到 {LINES_MAX} 行账单")
    lines: list[Entered] = []
    wrong: list[str] = []
    seen: dict[tuple[str, str, str], int] = {}
    for number, row in body:
        problem = _problem(row) or _twice(row, seen, number)
        if problem:
            wrong.append(f"第{number}行:{problem}")
        else:
            lines.append(_entered(number, row))
    return lines, wrong


def _cells(row: list[str]) -> list[str]:
    return [cell.strip() for cell in row[: len(HEADER)]] + [""] * (len(HEADER) - len(row))


def _place(row: list[str]) -> tuple[str, str, str]:
    building, unit, number = _cells(row)[:3]
    return building.removesuffix("号楼"), unit.removesuffix("单元"), number.removesuffix("室")


def _problem(row: list[str]) -> str:
    if any(cell.strip() for cell in row[len(HEADER) :]):
        return f"多出了列,只要{'、'.join(HEADER)}"
    if not all(_place(row)):
        return "楼号、单元、房号都要填"
    found = _YUAN.fullmatch(_cells(row)[3].removeprefix("¥"))
    if found is None:
        return "金额应为元,最多两位小数,例如 86.40"
    if not 1 <= _fen(found) <= AMOUNT_MAX_FEN:
        return "金额要大于 0,不超过 100 万元"
    if len(_cells(row)[4]) > NOTE_MAX:
        return f"说明最多{NOTE_MAX}个字"
    return ""


def _twice(row: list[str], seen: dict[tuple[str, str, str], int], number: int) -> str:
    first = seen.setdefault(_place(row), number)
    return "" if first == number else f"与第{first}行是同一户"


def _fen(found: re.Match[str]) -> int:
    return int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))


def _entered(number: int, row: list[str]) -> Entered:
    found = _YUAN.fullmatch(_cells(row)[3].removeprefix("¥"))
    assert found is not None
    return Entered(number, _place(row), _fen(found), _cells(row)[4])


def _homes(estate_id: int) -> dict[tuple[str, str, str], int]:
    statement = (
        select(Home.id, Building.number, Unit.number, Home.number)
        .join(Building, Building.id == Home.building_id)
        .join(Unit, Unit.id == Home.unit_id)
        .where(Home.estate_id == estate_id)
    )
    return {
        (building, unit, number): home_id for home_id, building, unit, number in db.session.execute(statement)
    }


def _there_already(known: dict[int, Entered], kind: FeeKind, period: str) -> Iterator[str]:
    mine = (Bill.kind == kind.value) & (Bill.period == period) & Bill.home_id.in_(list(known))
    for home_id in db.session.scalars(select(Bill.home_id).where(mine).distinct()):
        yield f"第{known[home_id].line}行:这一户这个月已有{kind.label}账单,要改请用“更正”"


def _line_number(sentence: str) -> int:
    return int(sentence[1 : sentence.index("行")])


def _said(wrong: list[str]) -> str:
    shown = sorted(wrong, key=_line_number)[:SAID_MAX]
    more = f";另有 {len(wrong) - SAID_MAX} 行" if len(wrong) > SAID_MAX else ""
    return f"一张账单也没有写入,请改正后重新上传。{';'.join(shown)}{more}"


def _row(home_id: int, each: Entered, stamps: dict[str, Any]) -> dict[str, Any]:
    return {
        "home_id": home_id,
        "version": 1,
        "amount_fen": each.amount_fen,
        "paid_fen": 0,
        "refunded_fen": 0,
        "state": BillState.DUE.value,
        "note": each.note,
        "issued_at": clock.now(),
        **stamps,
    }
