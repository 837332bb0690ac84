"""Reads some cells of a roster, spread over its classes and sources, within a few seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from wizard.engine.data.measuring import Sampled, measure
from wizard.engine.data.reading import read
from wizard.engine.data.roster import Roster
from wizard.engine.data.threads import side_by_side
from wizard.engine.readers.base import Cell, readable
from wizard.results import Channel, Skipped

_PART = 48
"""Cells that one thread reads at a time."""


@dataclass
class Looked:
    """The cells that were looked at: those that could be read, and `n` of them in all."""

    sample: list[Sampled] = field(default_factory=list)
    lost: list[Skipped] = field(default_factory=list)
    n: int = 0


def spread(roster: Roster, rows: NDArray[np.int64], target: str, seed: int) -> NDArray[np.int64]:
    """Order rows so that any first part of them is spread evenly over classes and over files or folders.

    Which cells come first depends on the seed only.
    """
    if not len(rows):
        return rows
    places = _numbers([
        entry.source.name if len(entry.contents) > 1 else entry.source.name.rpartition("/")[0]
        for entry in roster.entries
    ])[roster.entry[rows]]  # fmt: skip
    labels = _numbers(roster.tags[target][rows].tolist()) if target in roster.tags else np.zeros(len(rows), np.int64)
    # Round after round: one cell of every class and place, classes taking turns.
    strata = places * (labels.max() + 1) + labels
    shuffled = np.random.default_rng(seed).permutation(len(rows))
    shuffled = shuffled[np.argsort(strata[shuffled], kind="stable")]
    turn = _turns(strata[shuffled])
    by_turn = shuffled[np.lexsort((places[shuffled], turn))]
    by_label = by_turn[np.argsort(labels[by_turn], kind="stable")]
    order: NDArray[np.int64] = rows[by_label[np.argsort(_turns(labels[by_label]), kind="stable")]]
    return order


def _numbers(names: Sequence[str]) -> NDArray[np.int64]:
    """Number names in alphabetical order."""
    number_of = {name: index for index, name in enumerate(sorted(set(names)))}
    return np.fromiter((number_of[name] for name in names), np.int64, len(names))


def _turns(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count within each run of equal keys: [5, 5, 8] → [0, 1, 0]."""
    starts = np.flatnonzero(np.diff(keys, prepend=keys[:1] - 1))
    return np.arange(len(keys)) - np.repeat(starts, np.diff(np.append(starts, len(keys))))


def look(
    roster: Roster, rows: NDArray[np.int64], kept: Sequence[Channel], colour: str, seconds: float,
    report: Callable[[float, str], None],
) -> Looked:  # fmt: skip
    """Read and measure the rows in their order until the seconds are over."""

    def work(part: NDArray[np.int64]) -> Looked:
        done = Looked(n=len(part))
        ordered = part[np.lexsort((roster.pick[part], roster.entry[part]))]
        for row, cell in read(roster, ordered, kept, colour):
            if isinstance(cell, Cell):
                done.sample.append(measure(cell, row))
            else:
                done.lost.append(_lost(roster, row, cell.why))
        return done

    parts = [rows[start : start + _PART] for start in range(0, len(rows), _PART)]
    looked = Looked()
    began = time.monotonic()
    for done in side_by_side(work, parts):
        looked.sample += done.sample
        looked.lost += done.lost
        looked.n += done.n
        spent = (time.monotonic() - began) / seconds
        report(min(1.0, max(looked.n / len(rows), spent)), f"Looking at cell {looked.n:,} of {len(rows):,}")
        if spent > 1:
            break
    looked.sample.sort(key=lambda item: item.row)
    return looked


def _lost(roster: Roster, row: int, why: str) -> Skipped:
    entry = roster.entries[roster.entry[row]]
    number = int(entry.contents.objects[roster.pick[row]])
    text = why if len(entry.contents) == 1 else f"Cell {number}: {why}"
    return Skipped(file=readable(entry.source.files[0]), why=text)
