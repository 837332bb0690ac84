"""The latency study on the page of Evaluate."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable

from typing_extensions import override

from wizard.latency_plan import PRECISIONS
from wizard.results import LatencyResult
from wizard.results_latency import LEFT_OUT, Timing
from wizard.steps.export_tab import ExportTab
from wizard.steps.page import when
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, plural
from wizard.widgets.files import file_list
from wizard.widgets.panels import figures, heading
from wizard.widgets.table import Table
from wizard.widgets.tabs import Builder
from wizard.words import catalogue

LATENCY = "latency"
TIME = "Latency study"
LATENCY_TAB = "Latency"
_COLUMNS = (
    "Network", "Channels", "Precision", "At once", "Median, ms", "99 %, ms", "Cells/s", "Sorting/s"
)  # fmt: skip
_DASH = "\u2013"


class LatencyTab(ExportTab):
    """A page with the tab; it is there once something was timed."""

    _known_latency: str | None = None

    @property
    def last_latency(self) -> LatencyResult | None:
        """The last study."""
        found: LatencyResult | None = self.project.result(LATENCY)
        return found

    def time_networks(self) -> None:
        """Time networks on this computer."""
        self.flush()
        if self.form is not None and not self.form.wrong:
            self.host.start([LATENCY])

    @override
    def more_acts(self) -> list[tuple[str, Callable[[], None]]]:
        return [*super().more_acts(), (TIME, self.time_networks)]

    @override
    def marks(self) -> tuple[str, ...]:
        found = self.last_latency
        return (*super().marks(), *((f"timed {found.id}",) if found is not None else ()))

    @override
    def result_views(self) -> dict[str, Builder]:
        found = self.last_latency
        mark = found.id if found is not None else ""
        if self._known_latency is not None and mark not in ("", self._known_latency):
            # Something new came: show it, not the tab that was last looked at.
            self.host.tabs[self.step] = LATENCY_TAB
        self._known_latency = mark
        views = super().result_views()
        if found is None:
            return views
        last = {title: view for title, view in views.items() if title == "Files"}
        first = {title: view for title, view in views.items() if title not in last}
        return {**first, LATENCY_TAB: lambda parent: self._latency(parent, found), **last}

    def _latency(self, parent: tk.Misc, found: LatencyResult) -> tk.Misc:
        folder = self.project.result_dir(LATENCY)
        parts: list[Builder] = [
            lambda inner: tiles(inner, found),
            lambda inner: Text(inner, about(found), colour=palette.MUTED),
            lambda inner: Text(inner, LEFT_OUT, colour=palette.MUTED),
            lambda inner: heading(inner, "Every way that was timed"),
            lambda inner: table(inner, found),
            lambda inner: heading(inner, "Files"),
            lambda inner: file_list(inner, folder, found.files, self.host.tell, self._explain),
        ]
        return self.stack(parent, parts, found.notices)


def tiles(parent: tk.Misc, found: LatencyResult) -> Area:
    """Return the figures of the fastest way."""
    best = found.fastest
    if best is None:
        return figures(parent, [("Fastest", _DASH, "nothing could be timed")])
    cells = "a single cell" if best.batch == 1 else f"{best.batch} cells"
    channels = plural(best.channels, "channel")
    return figures(
        parent,
        [
            (f"Fastest, {cells}", f"{best.median_ms:.2f} ms", f"{best.network_title}, {channels}"),
            ("99 % of the times", f"{best.p99_ms:.2f} ms", PRECISIONS[best.precision]),
            ("Sorting rate", f"{best.sorting_rate:,.0f}/s", "cells that 99 % of the decisions keep up with"),
        ],
    )


def about(found: LatencyResult) -> str:
    """Say where and when it was timed."""
    return (
        f"{found.frame}\u00d7{found.frame} px, on {found.processor or 'this computer'} "
        f"({plural(found.cores, 'logical core')}), {when(found.created)}."
    )


def row_of(one: Timing) -> tuple[str, ...]:
    """Return the row of a way; one that could not be timed has its reason and no figures."""
    precision = catalogue.say(PRECISIONS.get(one.precision, one.precision))
    first = (catalogue.say(one.network_title), str(one.channels), precision, str(one.batch))
    if one.failed:
        return (*first, one.failed, _DASH, _DASH, _DASH)
    return (
        *first, f"{one.median_ms:.2f}", f"{one.p99_ms:.2f}", f"{one.cells_per_second:,.0f}", f"{one.sorting_rate:,.0f}"
    )  # fmt: skip


def table(parent: tk.Misc, found: LatencyResult) -> Table:
    """Return all timings."""
    rows = [row_of(one) for one in found.timings]
    return Table(parent, _COLUMNS, rows, height=min(14, max(3, len(rows))))
