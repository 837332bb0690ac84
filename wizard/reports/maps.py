"""Maps of cells in two and three dimensions, coloured by a tag."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from wizard.reports import style
from wizard.reports.words import natural, one_line, shorten, whole

MOST_GROUPS = 24
_MANY_NUMBERS = 8
_ROUNDS = 5
_VISIBLE = "\u200b"
"""An empty letter: the legend would leave out names that begin with an underscore."""


def paint(
    points: NDArray[np.float64],
    labels: Sequence[str] | None,
    tag: str,
    axis_name: str,
    title: str,
    path: Path,
    placed: NDArray[np.bool_] | None = None,
) -> None:
    """Draw points (cell, 2 or 3), coloured and shaped by `labels` (one per cell; None for one colour).

    Cells that were `placed` into a map of the others get a ring around them.
    """
    keep: NDArray[np.bool_] = np.asarray(np.isfinite(points).all(axis=1))
    flat = points.shape[1] == 2
    shown = [label for label, good in zip(labels, keep, strict=True) if good] if labels is not None else None

    def draw(figure: Figure) -> None:
        axis = figure.add_subplot() if flat else figure.add_subplot(projection="3d")
        numbers = _numbers(shown) if shown else None
        if numbers is not None:
            _by_number(figure, axis, points[keep], numbers, tag)
        else:
            _by_group(figure, axis, points[keep], shown, tag)
        if placed is not None and (placed & keep).any():
            _ring(axis, points[placed & keep], len(points))
        _dress(axis, axis_name, title, flat)

    style.paint(path, (7.6, 5.4), draw)


def _ring(axis: Any, points: NDArray[np.float64], number: int) -> None:
    size = 2.2 * _point_size(number) + 6
    axis.scatter(*points.T, s=size, facecolors="none", edgecolors=style.INK, linewidths=0.6)


def _numbers(labels: Sequence[str]) -> NDArray[np.float64] | None:
    """Return the labels as numbers when they are many numbers (not known: NaN), else None."""
    distinct = {label for label in labels if label}
    if len(distinct) <= _MANY_NUMBERS:
        return None
    try:
        value_of = {label: float(label) for label in distinct} | {"": float("nan")}
    except ValueError:
        return None
    return np.asarray([value_of[label] for label in labels])


def _by_number(figure: Figure, axis: Any, points: NDArray[np.float64], numbers: NDArray[np.float64], tag: str) -> None:
    bare = ~np.isfinite(numbers)
    size = _point_size(len(points))
    if bare.any():
        axis.scatter(*points[bare].T, s=size, c=style.GREY, marker="x", linewidths=0.6)
    order = np.flatnonzero(~bare)
    np.random.default_rng(0).shuffle(order)
    painted = axis.scatter(*points[order].T, s=size, c=numbers[order], cmap="viridis", linewidths=0)
    bar = figure.colorbar(painted, ax=axis, shrink=0.8, pad=0.03 if points.shape[1] == 2 else 0.12)
    bar.set_label(shorten(tag, 30))
    bar.outline.set_visible(False)


def _by_group(figure: Figure, axis: Any, points: NDArray[np.float64], labels: Sequence[str] | None, tag: str) -> None:
    if not labels:
        axis.scatter(*points.T, s=_point_size(len(points)), c=style.BLUE, linewidths=0)
        return
    groups = _groups(labels)
    looks = [(style.GREY, "x") if group.pale else style.look(place) for place, group in enumerate(groups)]
    _scatter_in_turn(axis, points, [group.members for group in groups], looks)
    handles = [
        Line2D([], [], color=colour, marker=marker, linestyle="", markersize=6,
               label=f"{_VISIBLE}{group.name} ({whole(len(group.members))})")
        for group, (colour, marker) in zip(groups, looks, strict=True)
    ]  # fmt: skip
    columns = 1 if len(groups) <= 20 else 2
    figure.legend(handles=handles, title=shorten(tag, 30), loc="outside right upper", ncols=columns)


def _scatter_in_turn(
    axis: Any, points: NDArray[np.float64], members: list[NDArray[np.int64]], looks: list[tuple[str, str]]
) -> None:
    """Draw the groups in several rounds of random parts, so that the last one does not cover the others."""
    random = np.random.default_rng(0)
    parts = [np.array_split(random.permutation(places), _ROUNDS) for places in members]
    for turn in range(_ROUNDS):
        for rounds, (colour, marker) in zip(parts, looks, strict=True):
            edge = {"linewidths": 0.6} if marker == "x" else {"edgecolors": "white", "linewidths": 0.3}
            if len(rounds[turn]):
                axis.scatter(*points[rounds[turn]].T, s=_point_size(len(points)), c=colour, marker=marker, **edge)


@dataclass(frozen=True)
class _Group:
    name: str
    members: NDArray[np.int64]
    pale: bool = False


def _groups(labels: Sequence[str]) -> list[_Group]:
    """Return the groups in the order of the legend: the most common by name, all others, not known."""
    counts = Counter(label for label in labels if label)
    names = sorted((name for name, _ in counts.most_common(MOST_GROUPS)), key=natural)
    each = np.asarray(labels, dtype=object)
    groups = [_Group(shorten(one_line(name), 24), np.flatnonzero(each == name)) for name in names]
    kept = {"", *names}
    rest = [place for place, label in enumerate(labels) if label not in kept]
    if rest:
        groups.append(_Group(f"{len(counts) - len(names)} others", np.asarray(rest), pale=True))
    bare = np.flatnonzero(each == "")
    return [*groups, _Group("not known", bare, pale=True)] if len(bare) else groups


def _point_size(number: int) -> float:
    return float(np.clip(9000 / max(number, 1), 2.0, 28.0))


def _dress(axis: Any, axis_name: str, title: str, flat: bool) -> None:
    axis.set_title(shorten(title, 60))
    axis.set_xlabel(f"{axis_name} 1")
    axis.set_ylabel(f"{axis_name} 2")
    if flat:
        axis.set_aspect("equal", adjustable="datalim")
        axis.tick_params(length=3)
        return
    axis.set_zlabel(f"{axis_name} 3")
    for side in (axis.xaxis, axis.yaxis, axis.zaxis):
        side.pane.set_facecolor("#f6f7f9")
        side.pane.set_edgecolor(style.GRID)
    axis.tick_params(labelsize=7.5, pad=0)
    axis.set_box_aspect(None, zoom=0.88)
