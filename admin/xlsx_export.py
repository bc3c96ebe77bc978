"""Tables as an Excel file, written as a stream by openpyxl: who took it, when and why stands in the first row, amounts
are numbers, and no text is ever a formula."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask import Response
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from admin.csv_export import safe

MIMETYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 20_000
EXACT_UP_TO = 10**15
"""Excel keeps fifteen digits; a larger amount is written as text rather than rounded."""
_UNREADABLE = re.compile("[\x00-\x08\x0b-\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
WIDTH = 18


@dataclass(frozen=True)
class Fen:
    """An amount of a cell; shown in yuan with two decimals."""

    fen: int


def xlsx_file(
    name: str, title: str, watermark: str, head: Sequence[str], rows: Iterable[Sequence[object]]
) -> Response:
    """A download with an ASCII name; text cells are neutralised like those of a CSV."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_text(title)[:31])
    sheet.freeze_panes = "A4"
    for place in range(max(2, len(head))):
        sheet.column_dimensions[chr(ord("A") + place)].width = WIDTH * 2 if place == 1 else WIDTH
    sheet.append([_cell(sheet, title, bold=True)])
    sheet.append([_cell(sheet, watermark)])
    sheet.append([_cell(sheet, each, bold=True) for each in head])
    for row in rows:
        sheet.append([_cell(sheet, each) for each in row])
    data = io.BytesIO()
    book.save(data)
    response = Response(data.getvalue(), mimetype=MIMETYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _cell(sheet: object, value: object, *, bold: bool = False) -> object:
    if isinstance(value, Fen) and abs(value.fen) < EXACT_UP_TO:
        cell = WriteOnlyCell(sheet, value=Decimal(value.fen) / 100)
        cell.number_format = "#,##0.00"
    elif isinstance(value, int | date) and not isinstance(value, bool):
        cell = WriteOnlyCell(sheet, value=value)
    else:
        yuan = f"{Decimal(value.fen) / 100:.2f}" if isinstance(value, Fen) else value
        cell = WriteOnlyCell(sheet, value=_text(yuan))
    if bold:
        cell.font = Font(bold=True)
    return cell


def _text(value: object) -> str:
    """What Excel can read, and takes for nothing but text."""
    return safe(_UNREADABLE.sub("", "" if value is None else str(value))[:32_000])
