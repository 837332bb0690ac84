"""Predicts new files of a folder as they arrive: each once, when it does not grow any more."""

from __future__ import annotations

import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from wizard import fileio
from wizard.engine import calibration
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import Cancelled, UserError
from wizard.engine.events import Event, Notice, Tell
from wizard.engine.inference import prepare, stream
from wizard.engine.model import Model, load, newest
from wizard.engine.parse import parse_for_model
from wizard.engine.predicting import limits
from wizard.engine.predicting.watch_table import NO, YES, Stat, WatchTable
from wizard.predict_plan import PredictPlan
from wizard.project import Project, now

NAME = "watch"
_EXPECTED = 10_000
"""Cells for which the fastest engine is looked for: nobody knows how many will come."""
_NAP = 0.2


@dataclass
class Summary:
    """What a watch has done: files and cells predicted now, and the table with those of earlier watches, too."""

    table: Path
    files: int = 0
    cells: int = 0
    refused: int = 0
    """Files that could not be used."""
    counts: Counter[str] = field(default_factory=Counter)


@dataclass
class _Watch:
    project: Project
    folder: Path
    model: Model
    inference: object
    how: tuple[float, float]
    """The probability below which a cell is unsure, and the distance beyond which it is unfamiliar."""
    table: WatchTable
    tell: Tell
    summary: Summary
    seen: Callable[[WatchTable, Summary], object]


def watch(
    plan: PredictPlan, project: Project, tell: Tell, *, every: float = 2.0, settle: float = 5.0,
    clock: Callable[[], float] = time.time, seen: Callable[[WatchTable, Summary], object] = lambda table, summary: None,
) -> Summary:  # fmt: skip
    """Predict the files of the one folder `plan.input` and those that come into it, until the user stops.

    A folder's files are read when none of them has changed for `settle` seconds; `every` is the time between two
    looks. The table results/watch/KEY/predictions.csv grows by whole batches: what a kill leaves half-written is
    cut off at the next start, and no cell comes in twice. `seen` hears how the table stands, at the start and after
    every batch. Raises UserError without exactly one folder or model.
    """
    if len(plan.input) != 1 or not Path(plan.input[0]).expanduser().is_dir():
        raise UserError("There is no folder to watch.", "", "Give one folder as input (predict.input).")
    folder = Path(plan.input[0]).expanduser().resolve()
    if project.root == folder or project.root.is_relative_to(folder):
        raise UserError("The project lies in the watched folder.", "Its own files would be predicted.",
                        "Watch a folder that does not hold the project.")  # fmt: skip
    model = load(newest(project.models(), plan.model))
    layers = [model.network.layers[-1], model.layer("pool")]
    inference = prepare(model, layers, plan.engine, project, _EXPECTED, tell)
    limit = limits.choose(model.manifest.get("judged"), plan.error / 100, plan.unsure)
    far = model.familiarity.limit_at(plan.false_alarms / 100)
    table = WatchTable.open(project.result_dir(NAME), folder, model)
    how = (limit.threshold, model.familiarity.limit if far is None else far)
    work = _Watch(project, folder, model, inference, how, table, tell, Summary(table.path), seen)
    tell.notice("info", f"Watching {folder}; {len(table.known):,} cells are in the table. {limit.words} Stop to end.")
    start, outcome = now(), "bug"
    seen(table, work.summary)
    try:
        _loop(work, every, settle, clock)
        outcome = "stopped"
    except Cancelled:
        outcome = "cancelled"
        raise
    finally:
        fileio.remove_folder(_batch_folder(project))
        project.journal({"step": NAME, "start": start, "end": now(), "outcome": outcome, "cells": work.summary.cells})
    return work.summary


def _loop(work: _Watch, every: float, settle: float, clock: Callable[[], float]) -> None:
    while not work.tell.should_stop():
        for place, files in _ready(work, settle, clock()).items():
            if work.tell.should_stop():
                return
            _predict(work, place, files)
        until = time.monotonic() + every
        while time.monotonic() < until and not work.tell.should_stop():
            work.tell.check_cancel()
            time.sleep(_NAP)


def _ready(work: _Watch, settle: float, moment: float) -> dict[Path, dict[Path, Stat]]:
    """Return the folders with new files in which nothing grows any more, and the files to read there."""
    folders: dict[Path, dict[Path, Stat]] = {}
    for within, subfolders, names in os.walk(work.folder):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        for name in names:
            path = Path(within) / name
            stat = None if name.startswith(".") else _stat(path)
            if stat is not None:
                folders.setdefault(Path(within), {})[path] = stat
    ready = {}
    for place, files in folders.items():
        fresh = {path: stat for path, stat in files.items() if _is_new(work, path, stat)}
        if not fresh or any(moment - stat[1] / 1e9 < settle for stat in files.values()):
            continue
        again = {path: stat for path, stat in files.items() if work.table.was_refused(_name(work, path))}
        ready[place] = fresh | again
    return ready


def _stat(path: Path) -> Stat | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def _is_new(work: _Watch, path: Path, stat: Stat) -> bool:
    name = _name(work, path)
    before = work.table.seen.get(name)
    if before is None or work.table.was_refused(name):
        return before is None or tuple(before[:2]) != stat
    if tuple(before[:2]) != stat:
        work.tell.notice("warning", "The file changed after it was predicted; it is not predicted again.", name)
        work.table.see({name: stat}, set())
    return False


def _name(work: _Watch, path: Path) -> str:
    return path.relative_to(work.folder).as_posix()


def _predict(work: _Watch, place: Path, files: dict[Path, Stat]) -> None:
    """Predict the files of one folder and add their cells to the table; files that cannot be used are noted."""
    batch = _batch_folder(work.project)
    stats = {_name(work, path): stat for path, stat in files.items()}
    heard: list[Notice] = []
    inner = Tell(lambda event: _hear(event, heard), work.tell.should_stop, work.tell.cancelled)
    try:
        _stage(files, work.folder, batch)
        data = parse_for_model([str(batch)], work.model.manifest, work.project, NAME, inner, 0.9)
        lines, counts = _lines(work, data, inner)
    except UserError as error:
        shown = place.relative_to(work.folder).as_posix()
        work.tell.notice("warning", f"{error.what} {error.why}".replace(str(batch), shown).strip(), shown)
        work.table.see(stats, set(stats))
        work.summary.refused += len(stats)
        work.seen(work.table, work.summary)
        return
    except Cancelled:
        # A stop in the middle of a batch: nothing of it is in the table, the next watch takes it.
        work.tell.check_cancel()
        return
    refused = set()
    for notice in heard:
        name = Path(notice.file).relative_to(batch).as_posix() if Path(notice.file).is_relative_to(batch) else ""
        if name in stats:
            refused.add(name)
        work.tell.notice(notice.level, notice.text, name or notice.file)
    work.table.add(lines, stats, refused)
    work.summary.files += len(stats) - len(refused)
    work.summary.refused += len(refused)
    work.summary.cells += len(lines)
    work.summary.counts.update(counts)
    found = ", ".join(f"{number:,} {name}" for name, number in counts.most_common())
    work.seen(work.table, work.summary)
    text = f"{len(stats) - len(refused):,} new files, {len(lines):,} new cells: {found or 'none'}."
    # The watched folder itself needs no name.
    work.tell.notice("info", text, "" if place == work.folder else place.relative_to(work.folder).as_posix())


def _hear(event: Event, heard: list[Notice]) -> None:
    if isinstance(event, Notice):
        heard.append(event)


def _batch_folder(project: Project) -> Path:
    return project.root / "watching"


def _stage(files: Sequence[Path] | dict[Path, Stat], root: Path, batch: Path) -> None:
    """Show the files under their paths below `root` in a folder of their own: as links, else as copies."""
    fileio.remove_folder(batch)
    for path in files:
        place = batch / path.relative_to(root)
        place.parent.mkdir(parents=True, exist_ok=True)
        for act in (os.link, os.symlink, shutil.copyfile):
            try:
                act(path, place)
                break
            except OSError:
                continue


def _lines(work: _Watch, data: DataSet, tell: Tell) -> tuple[list[list[object]], Counter[str]]:
    """Return the table's rows of the cells that are not in it yet."""
    rows = np.array([row for row, name in enumerate(data.cells["cell_id"]) if name not in work.table.known], np.int64)
    lines: list[list[object]] = []
    counts: Counter[str] = Counter()
    if not len(rows):
        return lines, counts
    model, (least, farthest) = work.model, work.how
    moment = now()
    constants = model.manifest["normalisation"]
    for part, (logits, features) in stream(work.inference, data, rows, constants, lambda *_: None):  # type: ignore[arg-type]
        if tell.should_stop():
            raise Cancelled
        shares = calibration.probabilities(logits, float(model.manifest["temperature"]))
        far = model.familiarity.distance(features) > farthest
        for row, each, strange in zip(part.tolist(), shares, far.tolist(), strict=True):
            name, best = model.classes[int(each.argmax())], float(each.max())
            counts[name] += 1
            lines.append([
                data.cells["cell_id"][row], data.cells["source"][row], int(data.cells["object"][row]), name,
                f"{best:.5f}", *(f"{share:.5f}" for share in each.tolist()), YES if best < least else NO,
                YES if strange else NO, moment,
            ])  # fmt: skip
    return lines, counts
