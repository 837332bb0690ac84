"""The parts of which a report is made; page and workbook render the same parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

Value = str | int | float | bool | None
Row = Sequence[Value]
Kind = Literal["text", "whole", "number", "percent", "any"]
"""How a column is shown; `any` follows the type of each value, `percent` holds fractions 0..1."""

SHORT = 60
"""Rows of a table that the page shows before it refers to the workbook."""

BLANK = "To be filled in by you"
"""Begins what the reader has to fill in; it stands out in every form of the report."""


class Rows(Protocol):
    """Rows that can be counted and walked through more than once."""

    def __len__(self) -> int:
        """Return the number of rows."""
        ...

    def __iter__(self) -> Iterator[Row]:
        """Walk through the rows from the first."""
        ...


@dataclass(frozen=True)
class Stream:
    """Rows that are read anew each time from a file, so that a large table never lies in memory."""

    count: int
    read: Callable[[], Iterable[Row]]

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Row]:
        return iter(self.read())


@dataclass(frozen=True)
class Heading:
    """A heading inside a section."""

    text: str


@dataclass(frozen=True)
class Text:
    """A paragraph; `note` and `warning` stand out."""

    text: str
    tone: Literal["plain", "note", "warning"] = "plain"


@dataclass(frozen=True)
class Column:
    """A column of a table: its title and how its values are shown."""

    title: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Lines:
    """A chart of Excel's own beside a table: one line per place in `columns`, over the column at `over`."""

    title: str
    over: int
    columns: Sequence[int]
    below: str
    beside: str


@dataclass(frozen=True)
class Table:
    """A table; with `sheet` it gets a sheet of its own, with a frozen header and a filter.

    The page shows the first `shown` rows and says how many more the workbook has. On its sheet the columns at the
    places in `shaded` get a common colour scale, and `charts` stand beside the rows.
    """

    title: str
    columns: Sequence[Column]
    rows: Rows
    note: str = ""
    sheet: str = ""
    shown: int = SHORT
    shaded: Sequence[int] = ()
    charts: Sequence[Lines] = ()


@dataclass(frozen=True)
class Figure:
    """A picture (PNG) with its caption; `paint` writes it to the path it is given."""

    path: Path
    title: str
    caption: str
    paint: Callable[[Path], None] | None = None


Block = Heading | Text | Table | Figure


@dataclass(frozen=True)
class Section:
    """A part of a report under its own heading."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Report:
    """A whole report: where it comes from and its sections."""

    title: str
    project: str
    created: str
    sections: Sequence[Section]
    rows_limit: int | None = field(default=None)
    """Tables with more rows than this are not repeated in the workbook; None for no limit."""


def figures_of(blocks: Iterable[Block]) -> list[Figure]:
    """Return the figures among blocks, in order."""
    return [block for block in blocks if isinstance(block, Figure)]
