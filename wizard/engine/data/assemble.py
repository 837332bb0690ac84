"""Puts the tables of a data set together: cells, measurements, dataset.json; also for cells that are added."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard import fileio
from wizard.engine.data import dataset
from wizard.engine.data.build import Job, Written
from wizard.engine.data.dataset import DataSet
from wizard.engine.data.frames import exceeds
from wizard.engine.data.roster import Roster
from wizard.engine.errors import UserError
from wizard.engine.readers.base import readable
from wizard.frame_size import in_words
from wizard.parse_plan import IMAGE_SETTINGS, TAG_SETTINGS, ParsePlan

Columns = dict[str, list[Any]]


def columns(roster: Roster, written: Written, frame: tuple[int, int], scale: float) -> Columns:
    """Return the columns of cells.parquet but the split: origin, size, flags, digest, boxes and every tag.

    `roster` holds the rows that were written, in their order; `frame` is (height, width) in px.
    """
    sources = roster.sources.tolist()
    objects = roster.column("objects").tolist()
    heights, widths = roster.column("heights"), roster.column("widths")
    table: Columns = {
        "cell_id": roster.cell_ids(),
        "source": sources,
        "object": objects,
        "height": heights.tolist(),
        "width": widths.tolist(),
        "flags": _flags(exceeds(np.stack([heights, widths], axis=1) * scale, frame), written),
        "digest": list(written.digests),
    }
    boxes = roster.optional("boxes", 4)
    if boxes is not None:
        for index, name in enumerate(dataset.BOX):
            table[name] = [None if np.isnan(value) else int(value) for value in boxes[:, index].tolist()]
    for name, values in roster.tags.items():
        table[name] = values.tolist()
    return table


def _flags(larger: NDArray[np.bool_], written: Written) -> list[str]:
    repeated: set[str] = set()
    flags = []
    for large, digest, flat in zip(larger.tolist(), written.digests, written.flat, strict=True):
        words = ["larger"] * large + ["flat"] * flat + ["duplicate"] * (digest in repeated)
        repeated.add(digest)
        flags.append(" ".join(words))
    return flags


def measurements(roster: Roster, cell_ids: list[str]) -> dict[str, Any]:
    """Return the columns of measurements.parquet: `cell_id` and the instrument's own figures; empty without any."""
    names = roster.measurements
    if not names:
        return {}
    return {"cell_id": cell_ids} | {name: roster.measurement(name) for name in names if name != "cell_id"}


def join_columns(before: Mapping[str, Any], new: Columns, blanks: Mapping[str, Any]) -> Columns:
    """Lay two tables end to end; a column that one of them lacks is filled with its blank (None where not given)."""
    sizes = [len(next(iter(table.values()), [])) for table in (before, new)]
    joined: Columns = {}
    for name in dict.fromkeys((*before, *new)):
        parts = [list(table[name]) if name in table else [blanks.get(name)] * size
                 for table, size in zip((before, new), sizes, strict=True)]  # fmt: skip
        joined[name] = parts[0] + parts[1]
    return joined


def info(job: Job, table: Columns, tags: list[str], plan: ParsePlan, extra: dict[str, Any]) -> dict[str, Any]:
    """Return the content of dataset.json."""
    values = plan.model_dump()
    return {
        "schema": dataset.SCHEMA,
        "channels": [channel.model_dump() for channel in job.channels],
        "frame": list(job.framing.size),
        "dtype": job.dtype.name,
        "masks": job.masks,
        "parse": {name: values[name] for name in (*IMAGE_SETTINGS, *TAG_SETTINGS)},
        "tags": tags,
        "n_cells": len(table["cell_id"]),
        "fingerprint": hashlib.sha256("".join(sorted(table["digest"])).encode()).hexdigest(),
        **extra,
    }


def sources(roster: Roster, written: Written) -> list[dict[str, Any]]:
    """Return one entry per folder of images: its files, cells, and a hash over the cells in their order."""
    folders: dict[str, list[str]] = {}
    for index, digest in zip(roster.entry.tolist(), written.digests, strict=True):
        source = roster.entries[index].source
        place = source.files[0] if len(roster.entries[index].contents) > 1 else source.files[0].parent
        folders.setdefault(readable(place), []).append(digest)
    return [
        {"path": path, "n_cells": len(each), "sha256": hashlib.sha256("".join(each).encode()).hexdigest()}
        for path, each in folders.items()
    ]


def key_of(roster: Roster, plan: ParsePlan, more: Any) -> str:
    """Return a hash that is the same only for the same cells of the same files read with the same settings."""
    digest = hashlib.sha256(json.dumps([plan.model_dump(), more], sort_keys=True, default=str).encode())
    for source in (entry.source for entry in roster.used):
        stats = [path.stat() for path in source.files]
        digest.update(f"{source.name}{[(stat.st_size, stat.st_mtime_ns) for stat in stats]}".encode())
    for column in (roster.entry, roster.pick):
        digest.update(np.ascontiguousarray(column).data)
    return digest.hexdigest()


def take_over(before: DataSet, job_folder: Path) -> None:
    """Bring the images of an older data set into a new folder: whole shards as links, the last one as a copy.

    A shard that stays as it is need not be copied; the last one will be written to.
    """
    for name in ("images.zarr", "masks.zarr"):
        if (before.path / name).is_dir() and not (job_folder / name).exists():
            _copy_tree(before.path / name, job_folder / name, len(before) // dataset.shard_size(before.images))


def _copy_tree(source: Path, target: Path, whole: int) -> None:
    for path in sorted(source.rglob("*")):
        place = target / path.relative_to(source)
        if path.is_dir():
            place.mkdir(parents=True, exist_ok=True)
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        parts = path.relative_to(source).parts
        if parts[0] == "c" and int(parts[1]) < whole:
            try:
                os.link(path, place)
                continue
            except OSError:
                pass
        shutil.copyfile(path, place)


def check_same(before: DataSet, job: Job, plan: ParsePlan) -> None:
    """Raise UserError when cells cannot be added: other channels, frame, type or settings that shape the pixels."""
    values = plan.model_dump()
    wrong = []
    if [(c.name, c.number) for c in before.channels] != [(c.name, c.number) for c in job.channels]:
        wrong.append("other channels")
    if before.frame != job.framing.size:
        wrong.append(f"a frame of {in_words(before.frame)}")
    if np.result_type(job.dtype, before.info["dtype"]) != np.dtype(before.info["dtype"]):
        wrong.append(f"pixels of type {before.info['dtype']}")
    old = before.info.get("parse", {})
    wrong += [name for name in IMAGE_SETTINGS if old.get(name, values[name]) != values[name]]
    if (before.masks is not None) != job.masks:
        wrong.append("masks" if before.masks is not None else "no masks")
    if wrong:
        raise UserError(
            f"The cells cannot be added to the data set {before.path.stem}.",
            f"It was made with something else: {', '.join(wrong)}.",
            "Give the data set another name, or parse all images together.",
        )


def write_tables(folder: Path, table: Columns, figures: dict[str, Any], about: dict[str, Any]) -> None:
    """Write cells.parquet, measurements.parquet where there are any, and dataset.json."""
    dataset.write_cells(folder, table)
    if figures:
        dataset.write_cells(folder, figures, "measurements")
    fileio.write_json(folder / "dataset.json", about)
