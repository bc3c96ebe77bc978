"""代收账单: a file is taken as a whole, or every wrong line is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from app.core.db import transact
from app.core.errors import Invalid
from app.core.roles import Role
from app.fees import agency
from app.fees.agency import BadFile, Import
from app.fees.errors import NotYourMoney, ServesNoEstate
from tests.engines import both_engines
from tests.fees.town import bills, make_town, pay_for

HEAD = "楼号,单元,房号,金额,说明\n"


def test_lines_are_read_with_their_units_and_marks():
    lines, wrong = agency.read_lines(f"\ufeff{HEAD}5号楼,1单元,101室,86.4,本期12吨\n\n5,1,102,¥9,\n")
    assert wrong == []
    assert [(each.line, each.place, each.amount_fen) for each in lines] == [
        (2, ("5", "1", "101"), 8_640),
        (4, ("5", "1", "102"), 900),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("5,1,101,八十六,", "金额应为元"),
        ("5,1,101,86.401,", "金额应为元"),
        ("5,1,101,-3,", "金额应为元"),
        ("5,1,101,0,", "大于 0"),
        ("5,1,101,9999999.99,", "100 万元"),
        ("5,1,101,99999999999999999999,", "金额应为元"),
        ("5,,101,3,", "都要填"),
        ("5,1,101,3,好,2.00", "多出了列"),
        (f"5,1,101,3,{'长' * 61}", "最多60个字"),
        ("5,1,101,3,\n5,1,101,4,", "与第2行是同一户"),
        ("5,1,101,٣,", "金额应为元"),
    ],
)
def test_a_wrong_line_is_named_with_its_number(line, said):
    _, wrong = agency.read_lines(f"{HEAD}{line}\n")
    assert any(said in each and each.startswith("第") for each in wrong)


@pytest.mark.parametrize("text", ["", "a,b\n", HEAD, HEAD + '5,1,"101', "手续费,楼号\n1,2\n"])
def test_what_is_no_such_file_is_refused(text):
    with pytest.raises(BadFile):
        agency.read_lines(text)


@pytest.fixture
def town(app_db):
    """Two homes."""
    return make_town(homes=2)


def file_of(town, *rows):
    building, unit = town.place.building.number, town.place.unit.number
    lines = [f"{building},{unit},{number},{amount},{note}" for number, amount, note in rows]
    text = HEAD + "\n".join(lines)
    return Import(town.place.estate.id, "water", "2026-11", date(2026, 12, 10), text)


def enter(town, wanted, role=Role.FIN):
    by = town.by(role)
    return transact(lambda: agency.enter_agency_bills(wanted, company_id=town.company_id, by=by))


@both_engines
def test_the_accountant_reads_in_water_bills_and_they_are_paid_to_the_fen_as_collected_for_others(town):
    assert enter(town, file_of(town, ("101", "86.40", "三档水价"), ("201", "12", ""))) == 2
    first, second = bills()
    assert (first.amount_fen, first.kind, first.note, first.price_hundredths) == (
        8_640,
        "water",
        "三档水价",
        None,
    )
    assert (second.amount_fen, second.due_on) == (1_200, date(2026, 12, 10))
    (payment,) = pay_for([first.id], town.resident())
    assert (payment.amount_fen, payment.lines[0].account) == (8_640, "agency")


@both_engines
def test_one_wrong_line_keeps_the_whole_file_out_and_says_which(town):
    with pytest.raises(BadFile) as refused:
        enter(town, file_of(town, ("101", "86.40", ""), ("999", "12", ""), ("201", "x", "")))
    assert "第3行:没有这一户" in refused.value.sentence
    assert "第4行:金额应为元" in refused.value.sentence
    assert bills() == []


def test_the_same_month_is_not_read_in_twice(town):
    wanted = file_of(town, ("101", "86.40", ""))
    enter(town, wanted)
    with pytest.raises(BadFile, match="已有代收水费账单"):
        enter(town, wanted)
    assert len(bills()) == 1


@pytest.mark.parametrize("wrong", [{"kind": "property"}, {"period": "2026-1"}, {"due_on": date(2026, 1, 1)}])
def test_impossible_headings_are_refused(town, wrong):
    with pytest.raises(Invalid):
        enter(town, replace(file_of(town, ("101", "1", "")), **wrong))


def test_only_the_company_that_serves_reads_in(town):
    other = make_town(homes=1)
    with pytest.raises(NotYourMoney):
        enter(town, file_of(town, ("101", "1", "")), role=Role.CO)
    with pytest.raises(ServesNoEstate):
        enter(other, file_of(town, ("101", "1", "")))
