"""Watching a folder on the page of Predict: new files are predicted as they arrive, the table grows on the screen."""

from __future__ import annotations

import csv
import os
import tkinter as tk
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from typing_extensions import override

from wizard.engine.errors import UserError
from wizard.results_predict import WatchResult
from wizard.steps.page import StepPage, percent, when
from wizard.widgets import dialogs, palette
from wizard.widgets.bars import Bars
from wizard.widgets.basics import Area, Text, plural, quiet_button
from wizard.widgets.files import file_list
from wizard.widgets.later import background
from wizard.widgets.panels import figures, heading, notice_list
from wizard.widgets.scroll import Scroll
from wizard.widgets.table import Table
from wizard.widgets.tabs import Builder

RUN = "watching"
START = "Watch a folder\u2026"
AGAIN = "Watch it again"
TAB = "Watched folder"
CHOOSE = "Choose the folder to watch"
MOST_ROWS = 200
"""Rows of the table that are shown, the newest first."""
_TAIL_BYTES = 256 * MOST_ROWS
_MOST_NOTICES = 12


class WatchTab(StepPage):
    """A page that can watch a folder; the tab is there once one was watched."""

    watch: WatchView | None = None
    _known_watch: str | None = None

    @property
    def last_watch(self) -> WatchResult | None:
        """How the last watch stood at its end."""
        found: WatchResult | None = self.project.result(RUN)
        return found

    def choose_watched(self) -> None:
        """Let the user choose the folder, and watch it."""
        folder = dialogs.ask_folder(self, CHOOSE)
        if folder:
            self.watch_folder(folder)

    def watch_folder(self, folder: str) -> None:
        """Predict the files of a folder and those that come into it, until the user stops."""
        self.flush()
        if self.form is not None and self.form.wrong:
            return
        if not Path(folder).is_dir():
            self.host.tell(UserError(f"There is no folder {folder}.", "", "Choose a folder that is there."))
            return
        self.host.start([RUN], {"watched": folder})

    @override
    def more_acts(self) -> list[tuple[str, Callable[[], None]]]:
        return [(START, self.choose_watched), *super().more_acts()]

    @override
    def marks(self) -> tuple[str, ...]:
        found = self.last_watch
        return (*super().marks(), *((f"watched {found.id}",) if found is not None else ()))

    @override
    def live_views(self) -> dict[str, Builder]:
        run = self.host.run
        if run is None or run.doing != RUN:
            return super().live_views()
        return {TAB: self._live_watch}

    def _live_watch(self, parent: tk.Misc) -> tk.Misc:
        self.watch = WatchView(parent, self.project.root)
        return self.watch

    @override
    def follow(self) -> None:
        super().follow()
        run = self.host.run
        if run is None or run.doing != RUN or self.watch is None or not self.watch.winfo_exists():
            return
        folder = str(run.options.get("watched", ""))
        values = {key: value for key, value in run.metrics[-1].items() if key != "epoch"} if run.metrics else {}
        found = WatchResult.of(folder, run.preview, values)
        found.notices = run.notices[-_MOST_NOTICES:]
        self.watch.show(found, bool(run.metrics))

    @override
    def result_views(self) -> dict[str, Builder]:
        views, found = super().result_views(), self.last_watch
        mark = found.id if found is not None else ""
        if self._known_watch is not None and mark not in ("", self._known_watch):
            self.host.tabs[self.step] = TAB
        self._known_watch = mark
        if found is None:
            return views
        last = {title: view for title, view in views.items() if title == "Files"}
        first = {title: view for title, view in views.items() if title not in last}
        return {**first, TAB: lambda parent: self._watched(parent, found), **last}

    def _watched(self, parent: tk.Misc, found: WatchResult) -> tk.Misc:
        self.watch = WatchView(parent, self.project.root, found.created)
        self.watch.show(found, True)
        row = Area(self.watch.inner)
        self.watch.again = quiet_button(row, AGAIN, lambda: self.watch_folder(found.folder))
        self.watch.again.pack(side="left")
        row.grid(row=1, column=0, sticky="w", pady=(0, 8))
        table = self.project.root / found.table
        files = file_list(self.watch.inner, table.parent, {"All predicted cells": table.name}, self.host.tell)
        files.grid(row=8, column=0, sticky="ew", pady=(8, 0))
        return self.watch


class WatchView(Scroll):
    """How a watch stands: counts, shares of the classes, the newest cells, what was said."""

    again: Any = None

    def __init__(self, master: tk.Misc, root: Path, ended: str = "") -> None:
        super().__init__(master)
        self._project_folder, self._ended = root, ended
        self._shown: object = None
        self._reading = self._stale = False
        self._path = Path()
        self.table: Table | None = None
        self.head = Text(self.inner, "", weight="bold")
        self.head.grid(row=0, column=0, sticky="ew", pady=(0, 8))
        self._parts: dict[int, Any] = {}
        self.inner.columnconfigure(0, weight=1)

    def show(self, found: WatchResult, ready: bool) -> None:
        """Show how things stand; `ready` is False until the model is loaded."""
        mark = (ready, found.model_dump_json())
        if mark == self._shown:
            return
        self._shown = mark
        self.head.say(self._words(found, ready))
        if not ready:
            return
        self._put(2, _tiles(self.inner, found), 8)
        if found.counts:
            self._put(3, heading(self.inner, "Cells of each predicted class"), 4)
            self._put(4, Bars(self.inner, dict(sorted(found.counts.items()))), 8)
        if found.notices:
            self._put(6, heading(self.inner, "Notes"), 4)
            self._put(7, notice_list(self.inner, found.notices[::-1][:_MOST_NOTICES]), 8)
        self._path = self._project_folder / found.table
        if found.n_cells:
            self._read()

    def _words(self, found: WatchResult, ready: bool) -> str:
        if self._ended:
            return f"Watched until {when(self._ended)}: {found.folder}"
        return f"Watching {found.folder}" if ready else f"The model is being loaded to watch {found.folder}"

    def _put(self, row: int, widget: Any, below: int) -> None:
        old = self._parts.pop(row, None)
        if old is not None:
            old.destroy()
        self._parts[row] = widget
        widget.grid(row=row, column=0, sticky="ew", pady=(0, below))

    def _read(self) -> None:
        """Read the newest rows in the background; what comes meanwhile is read after that."""
        if self._reading:
            self._stale = True
            return
        self._reading, self._stale = True, False
        path = self._path
        background(self, lambda: newest_rows(path), self._got, self._not_got)

    def _got(self, found: tuple[list[str], list[list[str]]]) -> None:
        self._reading = False
        names, rows = found
        if self.table is None or self.table.columns != names:
            frame = Area(self.inner)
            frame.columnconfigure(0, weight=1)
            heading(frame, "The newest cells").grid(row=0, column=0, sticky="ew", pady=(0, 4))
            self.table = Table(frame, names, rows, height=8)
            self.table.grid(row=1, column=0, sticky="ew")
            self._put(5, frame, 8)
            self.event_generate("<<Grown>>")
        else:
            self.table.fill(rows)
        if self._stale:
            self._read()

    def _not_got(self, error: Exception) -> None:
        self._reading = False
        if not isinstance(error, (OSError, ValueError)):
            raise error
        self.head.say(f"The table of the predicted cells cannot be read: {error}.", palette.WARN)


def _tiles(parent: tk.Misc, found: WatchResult) -> Area:
    share = found.n_cells or 1
    odd = f", {plural(found.n_refused, 'file')} could not be used" if found.n_refused else ""
    return figures(
        parent,
        [
            ("Cells", f"{found.n_cells:,}", f"{found.n_new:,} new from {plural(found.n_files, 'file')}{odd}"),
            ("Unsure", f"{found.n_unsure:,}", f"{percent(found.n_unsure / share)} of the cells"),
            (
                "Unlike the training cells", f"{found.n_unfamiliar:,}",
                f"{percent(found.n_unfamiliar / share)} of the cells",
            ),
        ],
    )  # fmt: skip


def newest_rows(path: Path, most: int = MOST_ROWS) -> tuple[list[str], list[list[str]]]:
    """Return the columns and the last rows of a table that grows, the newest first; only its end is read."""
    with path.open("rb") as stream:
        head = stream.readline().decode("utf-8-sig")
        start, end = stream.tell(), os.fstat(stream.fileno()).st_size
        at = max(start, end - _TAIL_BYTES)
        stream.seek(at)
        text = stream.read(end - at).decode("utf-8", "replace")
    if at > start:
        # The first line may be cut.
        text = text.partition("\n")[2]
    whole = text[: text.rfind("\n") + 1]
    names = next(csv.reader([head]), [])
    rows = deque((row for row in csv.reader(whole.splitlines()) if len(row) == len(names)), maxlen=most)
    return _for_the_eye(names, [list(row) for row in reversed(rows)])


def _for_the_eye(names: list[str], rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """Leave the cell's id out and shorten figures and times."""
    kept = [place for place, name in enumerate(names) if name != "cell_id"]
    shown = [
        [when(row[place]) if names[place] == "predicted_at" else _short(row[place]) for place in kept] for row in rows
    ]
    return [names[place] for place in kept], shown


def _short(text: str) -> str:
    whole, point, rest = text.partition(".")
    return f"{whole}.{rest[:3]}" if point and len(rest) > 3 and whole.isdigit() and rest.isdigit() else text
