"""Figures of a report as files that people can find: PNG and SVG under a readable name."""

from __future__ import annotations

import base64
import re
import shutil
import struct
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from wizard import fileio
from wizard.reports.blocks import Figure, Section, figures_of
from wizard.reports.style import DPI
from wizard.reports.words import RESEARCH_ONLY

_REFUSED = re.compile(r"[^A-Za-z0-9]+")
_LONGEST = 60


def paint(figure: Figure) -> None:
    """Write the picture of a figure to its path."""
    if figure.paint is not None:
        fileio.write_with(figure.path, figure.paint)


def gather(sections: Iterable[Section], folder: Path) -> tuple[list[Section], dict[str, str]]:
    """Copy all figures to `folder` as PNG and SVG; return the sections that refer to them, and title → file name."""
    made: list[Section] = []
    files: dict[str, str] = {}
    taken: set[str] = set()
    for section in sections:
        blocks = []
        for block in section.blocks:
            if isinstance(block, Figure):
                name = _name(f"{section.title} {block.title}", taken)
                block = _put(block, folder / f"{name}.png")  # noqa: PLW2901 the same figure at its new place
                files[f"Figure: {block.title}"] = f"{folder.name}/{name}.png"
            blocks.append(block)
        made.append(Section(section.title, blocks))
    return made, files


def _put(figure: Figure, target: Path) -> Figure:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(figure.path, target)
    if figure.paint is not None:
        fileio.write_with(target.with_suffix(".svg"), figure.paint)
    else:
        fileio.write_text(target.with_suffix(".svg"), _wrapped(target.read_bytes()))
    return replace(figure, path=target)


def _name(title: str, taken: set[str]) -> str:
    """Return a file name made of plain letters and digits that is not taken."""
    plain = _REFUSED.sub("_", title).strip("_").lower()[:_LONGEST].rstrip("_") or "figure"
    name, number = plain, 1
    while name in taken:
        number += 1
        name = f"{plain}_{number}"
    taken.add(name)
    return name


def _wrapped(png: bytes) -> str:
    """Return an SVG that holds a picture which exists as pixels only."""
    wide, high = struct.unpack(">II", png[16:24]) if png[:4] == b"\x89PNG" else (1, 1)
    data = base64.b64encode(png).decode("ascii")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide * 72 / DPI:g}pt" height="{high * 72 / DPI:g}pt" '
        f'viewBox="0 0 {wide} {high}"><desc>{RESEARCH_ONLY}</desc>'
        f'<image width="{wide}" height="{high}" href="data:image/png;base64,{data}"/></svg>\n'
    )


def drawn(sections: Iterable[Section]) -> list[Figure]:
    """Return all figures of the sections."""
    return [figure for section in sections for figure in figures_of(section.blocks)]
