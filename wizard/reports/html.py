"""A report as one HTML file: pictures inside, one script of our own, nothing loaded from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from PIL import Image

from wizard import __version__, fileio
from wizard.reports import template, words
from wizard.reports.blocks import BLANK, Column, Figure, Heading, Report, Row, Table, Text
from wizard.reports.script import SCRIPT
from wizard.reports.style import DPI

_SCREEN_DPI = 96
_FOLDED = ("Settings of this step", "Files of this step", "Origin", "Versions")
"""Tables that are opened on demand."""


def write(report: Report, path: Path) -> Path:
    """Write the report as one page."""
    page = _environment().from_string(template.PAGE).render(
        report=report, whole=len(report.sections) > 2, style=Markup(template.STYLE), version=__version__,  # noqa: S704 our own constant
        research_only=words.RESEARCH_ONLY, script=Markup(SCRIPT), policy=_policy(),  # noqa: S704 our own constant
    )  # fmt: skip
    return fileio.write_text(path, page)


def _policy() -> str:
    """Return the rule that lets nothing be loaded and no script run but our own, whatever a name may hold."""
    style, script = (
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (template.STYLE, SCRIPT)
    )
    return (
        f"default-src 'none'; img-src data:; style-src 'sha256-{style}'; script-src 'sha256-{script}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _environment() -> Environment:
    made = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    made.filters.update(
        clean=words.clean,
        date=words.date,
        shown=words.shown,
        first_rows=_first_rows,
        image=_image,
        width=_width,
    )
    kinds = {"heading": Heading, "text": Text, "table": Table, "figure": Figure}
    made.tests.update({name: _is(kind) for name, kind in kinds.items()})
    made.tests |= {"numeric": _numeric, "folded": _folded, "blank": _blank}
    return made


def _is(kind: type) -> Callable[[object], bool]:
    return lambda block: isinstance(block, kind)


def _numeric(column: Column) -> bool:
    return column.kind in ("whole", "number", "percent")


def _folded(table: Table) -> bool:
    return table.title in _FOLDED


def _blank(value: object) -> bool:
    return isinstance(value, str) and BLANK in value


def _first_rows(table: Table) -> Iterator[Row]:
    return islice(table.rows, table.shown)


def _width(figure: Figure) -> int:
    """Return the width on the screen at which the letters of a figure are as large as those of the page."""
    with Image.open(figure.path) as picture:
        return round(picture.width * _SCREEN_DPI / DPI)


def _image(figure: Figure) -> str:
    return "data:image/png;base64," + base64.b64encode(figure.path.read_bytes()).decode("ascii")
