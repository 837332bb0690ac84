"""A report as an Excel workbook; every text is stored as text, never as a formula."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.chart import LineChart, Reference
from openpyxl.drawing.image import Image
from openpyxl.formatting.rule import ColorScaleRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties

from wizard import __version__, fileio
from wizard.reports import words
from wizard.reports.blocks import BLANK, Column, Figure, Heading, Kind, Lines, Report, Table, Text, Value, figures_of
from wizard.reports.sheet_rows import LONGEST_TEXT, Pour, pour
from wizard.reports.sheetnames import SheetNames
from wizard.reports.style import DPI

MOST_ROWS = 1_048_576
"""Rows that Excel takes per sheet, the header included."""

_FORMATS: dict[Kind, str] = {"whole": "#,##0", "number": "0.000", "percent": "0.0 %"}
_NUMERIC = tuple(_FORMATS)
_SAMPLE = 200
_NARROW, _WIDE = 9, 46
_SPAN = 8
"""Columns over which a paragraph runs."""

_TITLE = Font(name="Calibri", size=18, color="1F2933")
_SECTION = Font(name="Calibri", size=14, color="00557F")
_TABLE = Font(name="Calibri", size=12, bold=True, color="1F2933")
_BOLD = Font(name="Calibri", size=11, bold=True, color="1F2933")
_QUIET = Font(name="Calibri", size=11, color="52606D")
_WARNING = Font(name="Calibri", size=11, bold=True, color="A34700")
_FILL = PatternFill("solid", fgColor="E8F1F7")
_TO_FILL = PatternFill("solid", fgColor="FFF3C4")
_LINE = Border(bottom=Side(style="thin", color="7B8794"))
_TOP = Alignment(vertical="top", wrap_text=True)
_TOP_RIGHT = Alignment(vertical="top", horizontal="right")
_INDENTED = Alignment(vertical="top", horizontal="left", wrap_text=True, indent=1)
_LINE_COLOURS = ("0072B2", "D55E00", "009E73", "1F2933")
_RIGHT = Alignment(horizontal="right")
_LEFT = Alignment(horizontal="left", indent=1)


def write(report: Report, path: Path) -> Path:
    """Write the report as a workbook: its sections, its figures, then its long tables."""
    book = Workbook(write_only=True)
    book.properties.title = words.one_line(report.title)
    book.properties.creator = f"CytoWizard {__version__}"
    names = SheetNames()
    blocks = [block for section in report.sections for block in section.blocks]
    apart = [block for block in blocks if isinstance(block, Table) and _fits(block, report)]
    titles = [names.take(section.title) for section in report.sections]
    figures = names.take("Figures") if figures_of(blocks) else ""
    where = {id(table): names.take(table.sheet) for table in apart}
    for place, section in enumerate(report.sections):
        _write_section(_Pen(book, titles[place]), report, section.title, section.blocks, where, place == 0)
    if figures:
        _write_figures(_Pen(book, figures), figures_of(blocks))
    pours = [one for table in apart for one in _write_long(book, table, where[id(table)], names)]
    return fileio.write_with(path, lambda place: _save(book, pours, place))


def _save(book: Any, pours: Sequence[Pour], place: Path) -> None:
    frame = place.with_name(f"{place.stem}.frame.xlsx")
    try:
        book.save(frame)
        pour(frame, pours, place)
    finally:
        frame.unlink(missing_ok=True)


def _fits(table: Table, report: Report) -> bool:
    return bool(table.sheet) and (report.rows_limit is None or len(table.rows) <= report.rows_limit)


def put(cell: Any, value: Value, kind: Kind) -> None:
    """Set a cell: numbers as numbers, `–` for what is not known, any text strictly as text."""
    if value is None or isinstance(value, (bool, str)) or not words.known(value):
        cell.value = words.shown(value)[:LONGEST_TEXT]
        cell.data_type = "s"
        return
    cell.value = float(value) if kind in ("number", "percent") else value


class _Pen:
    """Writes a sheet from the top; knows its current row."""

    def __init__(self, book: Any, title: str, widths: Sequence[float] = ()) -> None:
        self.sheet = book.create_sheet(title)
        self.row = 0
        self.sheet.sheet_view.showGridLines = False
        self.sheet.page_setup.orientation = "landscape"
        self.sheet.page_setup.fitToHeight = 0
        self.sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        self.sheet.oddFooter.left.text = words.RESEARCH_ONLY
        self.sheet.oddFooter.right.text = "&P / &N"
        self.set_widths(widths)

    def set_widths(self, widths: Sequence[float]) -> None:
        """Set the widths of the columns; only before the first row."""
        for place, width in enumerate(widths, 1):
            self.sheet.column_dimensions[get_column_letter(place)].width = width

    def cell(self, value: Value, kind: Kind = "any", font: Font | None = None, empty: bool = False, **look: Any) -> Any:
        """Return a new cell; with `empty` one without a value."""
        made = WriteOnlyCell(self.sheet)
        made.number_format = _FORMATS.get(kind, "General")
        if font is not None:
            made.font = font
        for name, how in look.items():
            setattr(made, name, how)
        if not empty:
            put(made, value, kind)
        if isinstance(value, str) and value.startswith(BLANK):
            made.fill = _TO_FILL
        return made

    def append(self, cells: list[Any] | None = None, height: float | None = None) -> None:
        """Write one row."""
        self.row += 1
        if height is not None:
            self.sheet.row_dimensions[self.row].height = height
        self.sheet.append(cells or [])

    def paragraph(self, text: str, font: Font | None, letters: float) -> None:
        """Write text over several columns of together `letters` width, with as many lines as it needs."""
        size = (font.size if font and font.size else 11) / 11
        lines = sum(math.ceil(max(1, len(part)) * size / (letters * 0.95)) for part in text.split("\n"))
        self.append([self.cell(text, font=font, alignment=_TOP)], 15.5 * lines * size + 2)
        self.sheet.merged_cells.add(f"A{self.row}:{get_column_letter(_SPAN)}{self.row}")

    def height(self, row: Sequence[Value]) -> float | None:
        """Return the height that a row with long texts needs; None for one line."""
        lines = 1
        for place, value in enumerate(row, 1):
            if isinstance(value, str):
                width = self.sheet.column_dimensions[get_column_letter(place)].width - 3
                lines = max(lines, sum(math.ceil(max(1, len(part)) / width) for part in value.split("\n")))
        return 15.5 * lines if lines > 1 else None

    def header(self, columns: Sequence[Column], note: str = "") -> None:
        """Write the titles of a table, over two lines where one is too short; `note` stands apart at the right."""
        made = []
        tall = False
        for place, column in enumerate(columns, 1):
            side = "right" if column.kind in _NUMERIC else "left"
            how = Alignment(wrap_text=True, vertical="center", horizontal=side, indent=int(side == "left"))
            made.append(self.cell(column.title, "text", _BOLD, fill=_FILL, border=_LINE, alignment=how))
            tall |= len(words.one_line(column.title)) + 2 > self.sheet.column_dimensions[get_column_letter(place)].width
        if note:
            made += [None, self.cell(note, "text", _QUIET)]
        self.append(made, 32.0 if tall else 17.0)


def _write_section(
    pen: _Pen, report: Report, title: str, blocks: Iterable[Any], where: dict[int, str], first: bool
) -> None:
    blocks = list(blocks)
    here = [block for block in blocks if isinstance(block, Table) and not block.sheet]
    widths = _widths_of_all(here)
    pen.set_widths(widths)
    letters = sum(widths[:_SPAN])
    pen.paragraph(words.one_line(report.title if first else title), _TITLE, letters)
    if first:
        pen.paragraph(f"Project: {words.one_line(report.project)}", None, letters)
        pen.paragraph(f"{words.date(report.created)} · CytoWizard {__version__}", _QUIET, letters)
    pen.paragraph(words.RESEARCH_ONLY, _BOLD if first else _QUIET, letters)
    for block in blocks:
        pen.append()
        if isinstance(block, Heading):
            pen.paragraph(block.text, _SECTION, letters)
        elif isinstance(block, Text):
            font = {"warning": _WARNING, "note": _QUIET}.get(block.tone)
            pen.paragraph(block.text, font, letters)
        elif isinstance(block, Figure):
            pen.paragraph(f"Figure: {block.title} (sheet Figures). {block.caption}", _QUIET, letters)
        else:
            _write_short(pen, block, where.get(id(block)), letters)


def _write_short(pen: _Pen, table: Table, sheet: str | None, letters: float) -> None:
    pen.paragraph(table.title, _TABLE, letters)
    if table.note:
        pen.paragraph(table.note, _QUIET, letters)
    if sheet:
        pen.paragraph(f"{words.count(len(table.rows), 'row')}: see sheet {sheet}.", None, letters)
        return
    if table.sheet:
        pen.paragraph(f"{words.count(len(table.rows), 'row')}: see the workbook of this step.", None, letters)
        return
    pen.header(table.columns)
    for row in table.rows:
        cells = [
            pen.cell(value, column.kind, alignment=_TOP_RIGHT if column.kind in _NUMERIC else _INDENTED)
            for value, column in zip(row, table.columns, strict=True)
        ]
        pen.append(cells, pen.height(row))


def _write_long(book: Any, table: Table, title: str, names: SheetNames) -> list[Pour]:
    """Make the sheets of a long table, with frozen header and filter; return the rows still to be poured in."""
    widths = _widths(table)
    rows = iter(table.rows)
    whole, most = len(table.rows), MOST_ROWS - 1
    pours = []
    for first in range(0, max(1, whole), most):
        pen = _Pen(book, title if first == 0 else names.take(table.sheet), widths)
        here = min(most, whole - first)
        pen.sheet.freeze_panes = "B2"
        pen.sheet.print_title_rows = "1:1"
        pen.sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.columns))}{here + 1}"
        pen.header(table.columns, words.RESEARCH_ONLY)
        looks = [_RIGHT if column.kind in _NUMERIC else _LEFT for column in table.columns]
        pen.append([
            pen.cell(None, column.kind, empty=True, alignment=look)
            for column, look in zip(table.columns, looks, strict=True)
        ])  # fmt: skip
        if first == 0:
            _shade(pen, table, here)
            for number, chart in enumerate(table.charts):
                _chart(pen, table, chart, here, number)
        pours.append(Pour(len(book.worksheets), rows, most, bool(table.charts)))
    return pours


def _shade(pen: _Pen, table: Table, rows: int) -> None:
    """Lay one colour scale over the shaded columns, from white at nothing to blue at the most."""
    if not table.shaded or not rows:
        return
    first, last = get_column_letter(min(table.shaded) + 1), get_column_letter(max(table.shaded) + 1)
    scale = ColorScaleRule(start_type="num", start_value=0, start_color="FFFFFF", end_type="max", end_color="6BAED6")
    pen.sheet.conditional_formatting.add(f"{first}2:{last}{rows + 1}", scale)


def _chart(pen: _Pen, table: Table, lines: Lines, rows: int, number: int) -> None:
    """Put a chart of Excel's own at the right of a table."""
    chart = LineChart()
    chart.title, chart.x_axis.title, chart.y_axis.title = lines.title, lines.below, lines.beside
    chart.height, chart.width = 9.0, 17.0
    chart.legend.position = "b"
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.x_axis.tickLblSkip = max(1, rows // 12)
    for place in lines.columns:
        chart.add_data(Reference(pen.sheet, place + 1, 1, place + 1, rows + 1), titles_from_data=True)
    chart.set_categories(Reference(pen.sheet, lines.over + 1, 2, lines.over + 1, rows + 1))
    for series, colour, dash in zip(chart.series, _LINE_COLOURS, ("solid", "dash", "sysDot", "lgDash"), strict=False):
        series.smooth = False
        series.graphicalProperties.line.solidFill = colour
        series.graphicalProperties.line.dashStyle = dash
        series.graphicalProperties.line.width = 22_000
    pen.sheet.add_chart(chart, f"{get_column_letter(len(table.columns) + 3)}{3 + 19 * number}")


def _write_figures(pen: _Pen, figures: Iterable[Figure]) -> None:
    pen.set_widths([14.0] * _SPAN)
    letters = 14.0 * _SPAN
    pen.paragraph(words.RESEARCH_ONLY, _QUIET, letters)
    for number, figure in enumerate(figures):
        if number:
            pen.sheet.row_breaks.append(Break(id=pen.row))
        pen.paragraph(figure.title, _SECTION, letters)
        pen.paragraph(figure.caption, _QUIET, letters)
        picture = Image(str(figure.path))
        scale = min(96 / DPI, 900 / picture.width)
        picture.width, picture.height = round(picture.width * scale), round(picture.height * scale)
        pen.sheet.add_image(picture, f"A{pen.row + 1}")
        for _ in range(math.ceil(picture.height / 20) + 2):
            pen.append()


def _widths(table: Table) -> list[float]:
    """Return a width for each column from its title and its first rows."""
    longest = [_header_width(column.title) for column in table.columns]
    for row in islice(table.rows, _SAMPLE):
        for place, (value, column) in enumerate(zip(row, table.columns, strict=True)):
            lines = words.shown(value, column.kind).split("\n")
            longest[place] = max(longest[place], *(len(line) for line in lines))
    return [float(min(_WIDE, max(_NARROW, letters + 4))) for letters in longest]


def _header_width(title: str) -> int:
    """Return the letters that a title needs when it may break between words."""
    line = words.one_line(title)
    return max([len(word) for word in line.split()] + [math.ceil(len(line) / 2)])


def _widths_of_all(tables: Iterable[Table]) -> list[float]:
    """Return widths that suit tables below each other, for at least as many columns as a paragraph needs."""
    widths = [12.0] * _SPAN
    for table in tables:
        for place, width in enumerate(_widths(table)):
            if place == len(widths):
                widths.append(width)
            widths[place] = max(widths[place], width)
    return widths
