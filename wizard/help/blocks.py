"""The texts of the help as blocks: a small part of Markdown, enough for headings, lists, tables and notes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 to 4; `anchor` is the name under which it can be opened."""

    level: int
    text: str
    anchor: str = ""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `tone` is `plain`, `note` (set off) or `muted` (small print)."""

    text: str
    tone: str = "plain"


@dataclass(frozen=True)
class Items:
    """A list, numbered if `ordered`."""

    items: tuple[str, ...]
    ordered: bool = False


@dataclass(frozen=True)
class Table:
    """A table with one row of headings."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Place:
    """A place that the program fills, e.g. with the settings of a step."""

    name: str


Block = Heading | Paragraph | Items | Table | Place


@dataclass(frozen=True)
class Span:
    """A piece of a line: plain, `bold`, `italic`, a key or file name (`code`), or a link to `target`."""

    text: str
    look: str = "plain"
    target: str = ""


_HEADING = re.compile(r"(#{1,4}) (.+?)(?: \{#([a-z0-9-]+)\})?$")
_NUMBER = re.compile(r"\d+\. ")
_PLACE = re.compile(r"\[\[([a-z-]+)\]\]$")
_PIECE = re.compile(
    r"\\(?P<kept>.)|\*\*(?P<bold>.+?)\*\*|\*(?P<italic>[^*\s][^*]*)\*|`(?P<code>[^`]+)`"
    r"|\[(?P<link>[^\]]+)\]\((?P<target>[^)\s]+)\)"
)


def parse(text: str) -> list[Block]:
    """Return the blocks of a text."""
    # A number and its per cent sign stay on one line.
    parts = re.split(r"\n\s*\n", text.strip().replace(" %", "\u00a0%"))
    return [block for part in parts for block in _blocks([line.rstrip() for line in part.splitlines()])]


def _blocks(lines: list[str]) -> Iterator[Block]:
    while lines:
        first = lines[0]
        heading, place = _HEADING.match(first), _PLACE.match(first)
        if heading:
            yield Heading(len(heading[1]), heading[2], heading[3] or "")
            lines = lines[1:]
        elif place:
            yield Place(place[1])
            lines = lines[1:]
        elif first.startswith(">"):
            taken = list(takewhile(lambda line: line.startswith(">"), lines))
            yield Paragraph(" ".join(line.lstrip("> ") for line in taken), "note")
            lines = lines[len(taken) :]
        elif first.startswith("|"):
            taken = list(takewhile(lambda line: line.startswith("|"), lines))
            yield _table(taken)
            lines = lines[len(taken) :]
        elif _is_item(first):
            taken = list(takewhile(lambda line: _is_item(line) or line.startswith(" "), lines))
            yield _items(taken)
            lines = lines[len(taken) :]
        else:
            taken = list(takewhile(lambda line: not (_is_item(line) or line.startswith(("|", ">"))), lines))
            yield Paragraph(" ".join(line.strip() for line in taken))
            lines = lines[len(taken) :]


def _is_item(line: str) -> bool:
    return line.startswith("- ") or bool(_NUMBER.match(line))


def _items(lines: list[str]) -> Items:
    found: list[str] = []
    for line in lines:
        if _is_item(line):
            found.append(line.split(" ", 1)[1])
        else:
            found[-1] += " " + line.strip()
    return Items(tuple(found), ordered=not lines[0].startswith("- "))


def _table(lines: list[str]) -> Table:
    cells = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
    return Table(cells[0], tuple(cells[2:]))


def spans(text: str) -> list[Span]:
    """Return the pieces of a line."""
    found: list[Span] = []
    at, plain = 0, ""
    for piece in _PIECE.finditer(text):
        plain += text[at : piece.start()]
        at = piece.end()
        if piece["kept"] is not None:
            plain += piece["kept"]
            continue
        if plain:
            found.append(Span(plain))
            plain = ""
        look = next(name for name in ("bold", "italic", "code", "link") if piece[name] is not None)
        found.append(Span(piece[look], look, piece["target"] or ""))
    plain += text[at:]
    return [*found, Span(plain)] if plain else found


def plain(text: str) -> str:
    """Return a line without its marks."""
    return "".join(span.text for span in spans(text))


def literal(text: str) -> str:
    """Return text in which nothing is taken for a mark."""
    return re.sub(r"([\\*`\[\]])", r"\\\1", text)


def texts(block: Block) -> list[str]:
    """Return every line of a block."""
    if isinstance(block, (Heading, Paragraph)):
        return [block.text]
    if isinstance(block, Items):
        return list(block.items)
    if isinstance(block, Table):
        return [*block.head, *(cell for row in block.rows for cell in row)]
    return []
