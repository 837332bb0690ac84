"""The list of result files: what each is in plain words, its size and date, and what opens it."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path

from wizard.engine.errors import UserError
from wizard.widgets import opener, palette
from wizard.widgets.basics import Area, Text, px, quiet_button
from wizard.widgets.icons import picture
from wizard.widgets.later import in_chunks
from wizard.words import catalogue

KINDS = {
    ".html": "Page for the browser, to read and to print",
    ".xlsx": "Workbook for Excel with all tables and figures",
    ".pdf": "Document to print or to hand on",
    ".md": "Text for any editor",
    ".txt": "Text for any editor",
    ".csv": "Table for Excel and statistics programs",
    ".svg": "Drawing for papers, sharp at any size",
    ".png": "Picture for slides and papers",
    ".tif": "Picture as it was measured",
    ".gif": "Film for slides",
    ".mp4": "Film for slides",
    ".h5ad": "Table with tags for scanpy",
    ".mat": "Table for MATLAB",
    ".fcs": "Cells for flow cytometry programs",
    ".rtdc": "Cells for Shape-Out and dclab",
    ".parquet": "Table for Python and R, quick with many cells",
    "": "Folder with several files",
}
"""The ending of a file → what it is, in the order in which users want them."""
_ELSE = "File for other programs"


def file_list(
    master: tk.Misc, folder: Path, files: Mapping[str, str], refuse: Callable[[UserError], None],
    grown: Callable[[tk.Misc], object] = lambda frame: None,
) -> Area:  # fmt: skip
    """Return the result files, what is wanted first at the top, each with Open and Show in folder.

    `files` maps the title of each to its path from `folder`; `refuse` hears what went wrong, `grown` when all rows
    are there: many files come in several turns.
    """

    def attempt(act: Callable[[Path], None], path: Path) -> None:
        try:
            act(path)
        except UserError as error:
            refuse(error)

    def add(row: int, title: str, name: str) -> None:
        path = folder / name
        kind = "image" if path.suffix.lower() in (".png", ".svg") else "file"
        mark = tk.Label(frame, image=picture(frame, kind, 20, palette.MUTED), bg=palette.now(palette.SURFACE), bd=0)
        mark.grid(row=row, column=0, padx=(0, px(frame, 12)))
        words = Area(frame)
        words.grid(row=row, column=1, sticky="ew", pady=4)
        words.columnconfigure(0, weight=1)
        Text(words, title).grid(row=0, column=0, sticky="ew")
        Text(words, catalogue.own(told(path, name)), size="small", colour=palette.MUTED).grid(
            row=1, column=0, sticky="ew"
        )
        for column, (label, icon, act) in enumerate(
            (("Open", "open", opener.open_path), ("Show in folder", "folder", opener.show_in_folder)), start=2
        ):
            quiet_button(frame, label, lambda act=act: attempt(act, path), icon=icon).grid(  # type: ignore[misc]
                row=row, column=column, padx=(8, 0), pady=4
            )

    frame = Area(master)
    frame.columnconfigure(1, weight=1)
    rows = [partial(add, row, title, name) for row, (title, name) in enumerate(in_order(files))]
    in_chunks(frame, [*rows, lambda: grown(frame)])
    return frame


def in_order(files: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return titles and names: report, workbook and document first, then tables, pictures, and files for programs."""
    order = list(KINDS)

    def rank(pair: tuple[str, str]) -> int:
        ending = Path(pair[1]).suffix.lower()
        return order.index(ending) if ending in order else len(order)

    return sorted(files.items(), key=rank)


def told(path: Path, name: str) -> str:
    """Return what a file is, its size and its date, in the language of the window."""
    kind = catalogue.say(KINDS.get(path.suffix.lower(), _ELSE))
    try:
        facts = path.stat()
    except OSError:
        return "  \u00b7  ".join([kind, name, catalogue.say("no longer there")])
    size = [catalogue.say(size_words(facts.st_size))] if path.is_file() else []
    date = f"{datetime.fromtimestamp(facts.st_mtime):%Y-%m-%d %H:%M}"
    return "  \u00b7  ".join([kind, *size, date, name])


def size_words(count: int) -> str:
    """Return a size of a file in words, e.g. `1.4 MB`."""
    if count < 1_000_000:
        return f"{max(1, round(count / 1000)):,} kB"
    return f"{count / 1_000_000:,.1f} MB"
