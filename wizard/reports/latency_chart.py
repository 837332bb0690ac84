"""The figure of a latency study: time for the smallest batch by network, channels and precision."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from wizard.latency_plan import PRECISIONS
from wizard.reports import style
from wizard.results_latency import LatencyResult, Timing


def draw(result: LatencyResult, path: Path) -> None:
    """Draw a dot for the median of each way and a line to its 99 % figure."""
    known = [one for one in result.timings if not one.failed]
    least = min(one.batch for one in known)
    shown = [one for one in known if one.batch == least]

    def paint(figure: Figure) -> None:
        axis = figure.add_subplot()
        names = list(dict.fromkeys(one.precision for one in known))
        for place, one in enumerate(shown):
            colour = style.look(names.index(one.precision))[0]
            axis.plot([one.median_ms, one.p99_ms], [place, place], color=colour, linewidth=1.6)
            axis.plot([one.median_ms], [place], color=colour, marker="o", markersize=7)
            axis.plot([one.p99_ms], [place], color=colour, marker="|", markersize=11, markeredgewidth=1.6)
        axis.set_yticks(range(len(shown)), [label(one) for one in shown])
        axis.set_ylim(len(shown) - 0.4, -0.6)
        axis.set_xscale("log")
        lowest, highest = min(one.median_ms for one in shown), max(one.p99_ms for one in shown)
        axis.set_xlim(lowest / 1.5, max(highest * 1.5, lowest * 12))
        axis.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axis.xaxis.set_minor_formatter(lambda value, _: "")
        cells = "one cell" if least == 1 else f"{least} cells"
        axis.set(xlabel=f"Milliseconds for {cells}: dot at the median, line to the 99 % figure")
        axis.grid(axis="x")

    style.paint(path, (7.4, 1.2 + 0.34 * max(2, len(shown))), paint)


def label(one: Timing) -> str:
    """Name a way of computing."""
    channels = f"{one.channels} channel{'s' if one.channels > 1 else ''}"
    return f"{one.network_title}, {channels}, {PRECISIONS.get(one.precision, one.precision)}"
