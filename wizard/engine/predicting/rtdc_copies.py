"""Copies of RT-DC files with the class and the scores of every event, as AIDeveloper and dclab name them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from wizard import fileio

_USER = 9
"""Scores that fit into userdef1 to userdef9."""


def score_name(number: int) -> str:
    """Return dclab's name of the score of a class: three letters or digits behind `ml_score_`."""
    return f"ml_score_c{number:02d}" if number < 100 else f"ml_score_{number:03d}"


def write(
    source: Path, target: Path, events: NDArray[np.int64], number: NDArray[np.int64], scores: NDArray[np.float64]
) -> list[str]:
    """Copy `source` to `target` and add the predictions; return the features that it had already and that were kept.

    `events` are rows of the file, `number` their class and `scores` (event, class) their probabilities. Added are
    `userdef0` (class number from 0) and `userdef1` to `userdef9` (scores of the first nine classes) as AIDeveloper
    does, and `ml_class` and `ml_score_c00`, ... as dclab does. Events without prediction are NaN. Raises ValueError
    when the file does not hold these events.
    """
    kept: list[str] = []

    def fill(place: Path) -> None:
        shutil.copyfile(source, place)
        place.chmod(0o644)
        with h5py.File(place, "r+") as file:
            kept.extend(_add(file, events, number, scores))

    fileio.write_with(target, fill)
    return kept


def _add(file: Any, events: NDArray[np.int64], number: NDArray[np.int64], scores: NDArray[np.float64]) -> list[str]:
    link = file.get("events", getlink=True)
    group = file.get("events") if isinstance(link, h5py.HardLink) else None
    if not isinstance(group, h5py.Group):
        raise ValueError("it holds no events")
    count = _count(group)
    if len(events) and (int(events.max()) >= count or int(events.min()) < 0):
        raise ValueError(f"it holds {count} events, but a cell was read as event {int(events.max())}")
    features = {"userdef0": number.astype(float), "ml_class": number.astype(float)}
    for index in range(scores.shape[1]):
        if index < _USER:
            features[f"userdef{index + 1}"] = scores[:, index]
        features[score_name(index)] = scores[:, index]
    kept = []
    for name, values in features.items():
        if name in group:
            if name.startswith("userdef"):
                kept.append(name)
                continue
            del group[name]
        column = np.full(count, np.nan)
        column[events] = values
        group.create_dataset(name, data=column, compression="gzip", compression_opts=4, fletcher32=True)
    return kept


def _count(group: Any) -> int:
    """Return the number of events: the length of the images, else of the first feature."""
    for name in ("image", *group):
        link = group.get(name, getlink=True)
        item = group.get(name) if isinstance(link, h5py.HardLink) else None
        if isinstance(item, h5py.Dataset) and item.ndim:
            return int(item.shape[0])
    raise ValueError("it holds no events")
