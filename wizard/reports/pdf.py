"""A report as PDF to print: the same parts on A4, with page numbers and a contents list beside the pages."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

import matplotlib
from fpdf import FPDF
from fpdf.bidi import BidiParagraph
from fpdf.enums import Align
from fpdf.fonts import FontFace, TextStyle
from PIL import Image

from wizard import __version__, fileio
from wizard.reports import words
from wizard.reports.blocks import BLANK, Column, Figure, Heading, Report, Row, Section, Table, Text
from wizard.reports.style import DPI

MISSING = "\u25a1"
"""Stands for a letter that the font lacks."""

_FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
_MARGIN, _WIDTH, _HEIGHT = 16.0, 210.0, 297.0
_INNER = _WIDTH - 2 * _MARGIN
_INK, _BLUE, _QUIET, _WARN = (31, 41, 51), (0, 85, 127), (82, 96, 109), (163, 71, 0)
_SOFT, _TO_FILL = (232, 241, 247), (255, 243, 196)
_DIRECTIONS = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufe00-\ufe0f]")
_MOST_COLUMNS, _MOST_ROWS, _LONGEST = 7, 100, 1500
_NUMERIC = ("whole", "number", "percent")


class _Pages(FPDF):  # type: ignore[misc]
    """A4 pages with the research-use line and the number at the foot."""

    def __init__(self, report: Report) -> None:
        super().__init__(format="A4")
        self.set_margin(_MARGIN)
        self.set_auto_page_break(True, 18)
        for style, file in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
            self.add_font("DejaVu", style, _FONTS / file)
        self.letters = frozenset(self.fonts["dejavu"].cmap)
        self.set_lang("en")
        self.set_title(self.drawable(report.title))
        self.set_creator(f"CytoWizard {__version__}")
        self.set_producer("CytoWizard")
        self.set_subject(words.RESEARCH_ONLY)
        made = _moment(report.created)
        if made is not None:
            self.set_creation_date(made)

    def footer(self) -> None:
        """Write the foot of a page."""
        self.set_y(-13)
        self.look(7.5, _QUIET)
        self.cell(_INNER * 0.8, 5, words.RESEARCH_ONLY)
        self.cell(_INNER * 0.2, 5, f"{self.page_no()} / {{nb}}", align=Align.R)

    def look(self, size: float, colour: tuple[int, int, int] = _INK, bold: bool = False) -> None:
        """Choose size in points, colour and weight of the letters."""
        self.set_font("DejaVu", "B" if bold else "", size)
        self.set_text_color(*colour)

    def drawable(self, value: object) -> str:
        """Return text that the font can draw, in the order in which it is read; what it lacks becomes a box."""
        text = _DIRECTIONS.sub("", words.clean(value))
        if any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text):
            text = "\n".join(BidiParagraph(line).get_reordered_string() if line else "" for line in text.split("\n"))
        return "".join(letter if letter == "\n" or ord(letter) in self.letters else MISSING for letter in text)

    def paragraph(self, text: str, size: float = 9.5, colour: tuple[int, int, int] = _INK, bold: bool = False) -> None:
        """Write text over the width of the page."""
        self.look(size, colour, bold)
        self.set_x(_MARGIN)
        self.multi_cell(_INNER, size * 0.5, self.drawable(text), align=Align.L, new_x="LMARGIN", new_y="NEXT")
        self.ln(1.2)

    def room(self, height: float) -> None:
        """Begin a new page when less than `height` mm are left on this one."""
        if self.get_y() + height > _HEIGHT - 18:
            self.add_page()


def write(report: Report, path: Path) -> Path:
    """Write the report as PDF; long tables are shortened, which is said below them."""
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    logging.getLogger("fpdf").setLevel(logging.ERROR)
    pages = _Pages(report)
    pages.set_section_title_styles(TextStyle(font_size_pt=15, color=_BLUE, font_family="DejaVu", b_margin=3))
    pages.add_page()
    pages.paragraph(words.one_line(report.title), 22)
    pages.paragraph(f"Project: {words.one_line(report.project)}", 11)
    pages.paragraph(f"{words.date(report.created)} · CytoWizard {__version__}", 9.5, _QUIET)
    pages.paragraph(words.RESEARCH_ONLY, 10, bold=True)
    pages.ln(2)
    for number, section in enumerate(report.sections):
        _section(pages, section, number > 0)
    return fileio.write_with(path, lambda place: pages.output(str(place)))


def _section(pages: _Pages, section: Section, on_new_page: bool) -> None:
    if on_new_page:
        pages.add_page()
    pages.start_section(pages.drawable(words.one_line(section.title)))
    for block, following in zip_longest(section.blocks, section.blocks[1:]):
        if isinstance(block, Heading):
            pages.room(34 + (_size(following)[1] if isinstance(following, Figure) else 0))
            pages.ln(2)
            pages.paragraph(block.text, 12, _BLUE)
        elif isinstance(block, Text):
            colour = {"warning": _WARN, "note": _QUIET}.get(block.tone, _INK)
            pages.paragraph(block.text, colour=colour, bold=block.tone == "warning")
        elif isinstance(block, Figure):
            _figure(pages, block)
        else:
            _table(pages, block)


def _size(figure: Figure) -> tuple[float, float]:
    """Return width and height in mm at which a figure fits a page."""
    with Image.open(figure.path) as picture:
        wide, high = (side * 25.4 / DPI for side in picture.size)
    shrink = min(1.0, _INNER / wide, 190.0 / high)
    return wide * shrink, high * shrink


def _figure(pages: _Pages, figure: Figure) -> None:
    wide, high = _size(figure)
    pages.room(high + 22)
    pages.paragraph(figure.title, 10.5, bold=True)
    alternative = pages.drawable(f"{figure.title}. {figure.caption}")
    pages.image(str(figure.path), w=wide, h=high, alt_text=alternative)
    pages.ln(1)
    pages.paragraph(figure.caption, 8, _QUIET)
    pages.ln(2)


def _table(pages: _Pages, table: Table) -> None:
    rows = list(islice(table.rows, min(table.shown, _MOST_ROWS)))
    pages.room(28)
    pages.ln(1)
    pages.paragraph(table.title, 10.5, bold=True)
    if table.note:
        pages.paragraph(table.note, 8, _QUIET)
    if rows:
        for places in _parts(len(table.columns)):
            _grid(pages, [table.columns[place] for place in places], [[row[place] for place in places] for row in rows])
    left = len(table.rows) - len(rows)
    if left > 0:
        shown = f"The first {len(rows)}" if rows else "None"
        pages.paragraph(f"{shown} of {words.whole(len(table.rows))} rows; all are in the workbook.", 8, _QUIET)
    pages.ln(2)


def _parts(columns: int) -> list[list[int]]:
    """Return the places of the columns in groups that fit the page; the first column begins each."""
    if columns <= _MOST_COLUMNS:
        return [list(range(columns))]
    rest = list(range(1, columns))
    return [[0, *rest[start : start + _MOST_COLUMNS - 1]] for start in range(0, len(rest), _MOST_COLUMNS - 1)]


def _grid(pages: _Pages, columns: Sequence[Column], rows: Sequence[Row]) -> None:
    texts = [[_short(pages, words.shown(value, column.kind)) for value, column in zip(row, columns, strict=True)]
             for row in rows]  # fmt: skip
    heads = [_short(pages, column.title) for column in columns]
    pages.look(7.5)
    widths = _widths(pages, heads, texts)
    aligned: Any = tuple(Align.R if column.kind in _NUMERIC else Align.L for column in columns)
    head = FontFace(emphasis="B", fill_color=_SOFT, color=_INK)
    pages.set_draw_color(200, 206, 213)
    with pages.table(
        col_widths=widths, text_align=aligned, line_height=3.9, headings_style=head, padding=0.8,
        borders_layout="HORIZONTAL_LINES", width=sum(widths), align=Align.L,
    ) as grid:  # fmt: skip
        grid.row(heads)
        for line in texts:
            made = grid.row()
            for text in line:
                made.cell(text, style=FontFace(fill_color=_TO_FILL) if BLANK in text else None)
    pages.ln(1.5)


def _short(pages: _Pages, text: str) -> str:
    """Return the text of a field, no longer than a page takes."""
    plain = pages.drawable(text)
    return plain if len(plain) <= _LONGEST else f"{plain[:_LONGEST]}…"


def _widths(pages: _Pages, heads: Sequence[str], texts: Sequence[Sequence[str]]) -> tuple[float, ...]:
    """Return widths in mm that fill at most the page; columns with much text get most of what is left over."""
    least, most, weight = [], [], []
    for place, head in enumerate(heads):
        lines = [line[place] for line in texts]
        words_here = (word for text in [head, *lines[:40]] for word in text[:400].split())
        least.append(min(32.0, max((pages.get_string_width(word) for word in words_here), default=0.0) * 1.08 + 3))
        lengths = [pages.get_string_width(text[:300]) for text in lines] or [0.0]
        most.append(max(least[-1], min(max(lengths), 400.0) + 3))
        weight.append(max(0.0, sum(lengths) / len(lengths) + max(lengths) / 3 - least[-1]) + 0.01)
    if sum(most) <= _INNER:
        return tuple(most)
    left = _INNER - sum(least)
    if left <= 0:
        return tuple(width * _INNER / sum(least) for width in least)
    return tuple(width + left * part / sum(weight) for width, part in zip(least, weight, strict=True))


def _moment(created: str) -> datetime | None:
    try:
        return datetime.fromisoformat(created)
    except ValueError:
        return None
