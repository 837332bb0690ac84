"""The quick guide: two pages to print, from the texts of the help; `python -m wizard.help.guide OUT.pdf [en|de]`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from wizard import __version__, fileio
from wizard.help import book, keys, texts, window_picture
from wizard.help.blocks import Block, Heading, Items, Paragraph, Table, plain, spans
from wizard.help.texts import Translate
from wizard.words import catalogue

if TYPE_CHECKING:
    from fpdf import FPDF

_PAPER = (210.0, 297.0)
_INDENT = 4.8
_EDGE, _GUTTER, _TOP, _BOTTOM = 13.0, 8.0, 31.0, 283.0
_COLUMN = (_PAPER[0] - 2 * _EDGE - _GUTTER) / 2
_HEAD, _TITLE = 11.0, 20.0
_SIZES = (9.2, 8.9, 8.6, 8.3, 8.0, 7.7, 7.4)
"""Sizes of the letters in points; the largest is taken with which everything has room on two pages."""
_PAGES = 2
_BLUE, _INK, _MUTED, _SOFT = (0, 85, 127), (31, 41, 51), (82, 96, 109), (242, 248, 252)

_PARTS = (
    ("start", "first"), ("parse", "folders"), ("parse", "press"), ("train", "press"), ("train", "curve"),
    ("evaluate", "press"), ("evaluate", "figures"), ("evaluate", "mistakes"), ("predict", "press"),
    ("predict", "read"), ("predict", "mistakes"), ("visualize", "read"),
)  # fmt: skip
"""The sections that the guide takes over: page and anchor."""


def section(page: str, anchor: str, language: str, translate: Translate = str) -> list[Block]:
    """Return what stands below a heading of a page, up to the next one."""
    found: list[Block] = []
    inside = False
    for block in book.blocks(page, language, translate):
        if isinstance(block, Heading):
            inside = block.anchor == anchor
        elif inside:
            found.append(block)
    return found


def rules(language: str, translate: Translate = str) -> list[str]:
    """Return the rules that end the ideas behind the choices."""
    mark = str(texts.words(language)["guide"]["rule"])
    blocks = book.blocks("why", language, translate)
    found = [
        block.text.removeprefix(f"**{mark}**").strip()
        for block in blocks
        if isinstance(block, Paragraph) and block.text.startswith(f"**{mark}**")
    ]
    return [rule[:1].upper() + rule[1:] for rule in found]


def ready(folder: Path, language: str = "en", translate: Translate = str) -> Path:
    """Return the guide in a folder; it is written only where it is not there yet, or is of other texts."""
    language = texts.known(language)
    path = folder / f"quick-guide-{language}-{book.mark(book.pages(language, translate))[:8]}.pdf"
    # One that is open in another program could not be replaced on Windows.
    return path if path.is_file() else write(path, language, translate)


def write(path: Path, language: str = "en", translate: Translate = str) -> Path:
    """Write the guide and return its path."""
    language = texts.known(language)
    sheet = _filled(language, translate, _SIZES[0])
    for size in _SIZES[1:]:
        if sheet.pdf.pages_count <= _PAGES:
            break
        sheet = _filled(language, translate, size)
    return fileio.write_bytes(path, bytes(sheet.pdf.output()))


def _filled(language: str, translate: Translate, size: float) -> _Sheet:
    words = texts.words(language, translate)
    sheet = _Sheet(words["guide"]["title"], words["footer"].format(version=__version__), size)
    sheet.picture(words["window"])
    for page, anchor in _PARTS:
        found = section(page, anchor, language, translate)
        sheet.part(f"{words['pages'][page]}: {words['guide'][f'{page}-{anchor}']}", found)
    sheet.part(words["guide"]["rules"], [Items(tuple(rules(language, translate)))])
    rows = tuple((key.shown, key.does) for key in keys.everywhere(language))
    sheet.part(words["keys"]["title"], [Table(("", ""), rows)])
    return sheet


class _Sheet:
    """Pages of two columns, filled one after the other."""

    def __init__(self, title: str, footer: str, size: float) -> None:
        # Both are slow to load, and only this needs them.
        import matplotlib
        from fpdf import FPDF

        self._title, self._footer = title, footer
        self._size, self._step = size, size * 0.445
        self.pdf: FPDF = FPDF(format="A4")
        self.pdf.set_auto_page_break(False)
        self.pdf.c_margin = 0
        fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
        for style, name in (("", "DejaVuSans"), ("B", "DejaVuSans-Bold"), ("I", "DejaVuSans-Oblique")):
            self.pdf.add_font("guide", style, fonts / f"{name}.ttf")
        self.pdf.set_title(title)
        self.pdf.set_creator("CytoWizard")
        self._column = 1
        self._y = _BOTTOM
        self._next_column()

    def _next_column(self) -> None:
        self._column = 1 - self._column
        if self._column == 0:
            self._new_page()
        self._y = _TOP

    def _new_page(self) -> None:
        self.pdf.add_page()
        self._font(_TITLE, "B", _BLUE)
        self.pdf.set_xy(_EDGE, 12)
        self.pdf.cell(text="CytoWizard")
        self._font(_HEAD, "", _MUTED)
        self.pdf.set_xy(_EDGE, 21)
        self.pdf.cell(text=f"{self._title} \u00b7 {self.pdf.page_no()} / {_PAGES}")
        self.pdf.set_draw_color(*_BLUE)
        self.pdf.line(_EDGE, 27.5, _PAPER[0] - _EDGE, 27.5)
        self._font(7, "", _MUTED)
        self.pdf.set_xy(_EDGE, 286)
        self.pdf.cell(text=self._footer)

    def _font(self, size: float, style: str = "", colour: tuple[int, int, int] = _INK) -> None:
        self.pdf.set_font("guide", style, size)
        self.pdf.set_text_color(*colour)

    @property
    def _left(self) -> float:
        return _EDGE + self._column * (_COLUMN + _GUTTER)

    def picture(self, words: dict[str, str]) -> None:
        """Draw what is where in the window."""
        factor = _COLUMN / window_picture.SIZE[0]
        for look, x, y, width, height, name in window_picture.PARTS:
            self.pdf.set_fill_color(*(_BLUE if look else _SOFT))
            self.pdf.set_draw_color(200, 208, 216)
            left, top = self._left + x * factor, self._y + y * factor
            self.pdf.rect(left, top, width * factor, height * factor, style="F" if look else "DF")
            self._font(5.6, "", (255, 255, 255) if look else _INK)
            self.pdf.set_xy(left, top + (0 if height < 60 else 45 * factor))
            self.pdf.cell(width * factor, min(height, 40) * factor, words.get(name, "\u2190"), align="C")
        self._y += window_picture.SIZE[1] * factor + 3

    def part(self, title: str, blocks: Sequence[Block]) -> None:
        """Write a heading with what belongs to it; both stay together."""
        lines = [line for block in blocks for line in _lines(block)]
        if self._y + 12 + self._height(lines[0][1], lines[0][0]) > _BOTTOM:
            self._next_column()
        elif self._y > _TOP:
            self._y += 2.2
        self._font(_HEAD, "B", _BLUE)
        self.pdf.set_xy(self._left, self._y)
        self.pdf.multi_cell(_COLUMN, 5, title, align="L")
        self._y = self.pdf.get_y() + 0.8
        for mark, text in lines:
            self._line(mark, text)

    def _height(self, text: str, mark: str) -> float:
        self._font(self._size)
        width = _COLUMN - (_INDENT if mark else 0)
        made = self.pdf.multi_cell(width, self._step, text, align="L", markdown=True, dry_run=True, output="HEIGHT")
        return float(made)

    def _line(self, mark: str, text: str) -> None:
        high = self._height(text, mark)
        if self._y + high > _BOTTOM:
            self._next_column()
            self._font(self._size)
        indent = _INDENT if mark else 0
        if mark:
            self.pdf.set_xy(self._left, self._y)
            self.pdf.cell(_INDENT, self._step, mark)
        self.pdf.set_xy(self._left + indent, self._y)
        self.pdf.multi_cell(_COLUMN - indent, self._step, text, align="L", markdown=True)
        self._y += high + 0.8


def _lines(block: Block) -> list[tuple[str, str]]:
    """Return the lines of a block, each with its mark."""
    if isinstance(block, Items):
        marks = [f"{place}." if block.ordered else "\u2022" for place in range(1, len(block.items) + 1)]
        return [(mark, _marked(item)) for mark, item in zip(marks, block.items, strict=True)]
    if isinstance(block, Table):
        return [("\u2022", f"**{plain(row[0])}**: {_marked('; '.join(row[1:2]))}") for row in block.rows]
    return [("", _marked(block.text))] if isinstance(block, Paragraph) else []


def _marked(text: str) -> str:
    """Return a line with bold words as fpdf marks them."""
    return "".join(f"**{span.text}**" if span.look == "bold" else span.text for span in spans(text))


def main(arguments: Sequence[str]) -> int:
    """Write the guide to the file that is named."""
    if not arguments:
        sys.stderr.write("Give the file to write, e.g. guide.pdf, and perhaps the language: en or de.\n")
        return 2
    language = arguments[1] if len(arguments) > 1 else texts.LANGUAGES[0]
    catalogue.use(texts.known(language))
    sys.stdout.write(f"{write(Path(arguments[0]), language, catalogue.say)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
