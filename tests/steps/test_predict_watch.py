"""Watching a folder from the page of Predict, with the engine in its own process and files that arrive meanwhile."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cells import write_cell
from tests.window import below, settle, wait, words
from wizard.steps import predict_watch
from wizard.steps.predict_watch import AGAIN, START, TAB, newest_rows
from wizard.widgets.table import Table


def arrive(folder: Path, name: str, bright: bool) -> None:
    """Copy the files of a cell into a folder, as old as if an instrument had finished them a minute ago."""
    image = np.random.default_rng(len(name)).normal(200, 20, (2, 20, 20))
    image[1, 5:-5, 5:-5] += 900 if bright else 100
    write_cell(folder, name, np.clip(image, 0, 4095).astype(np.uint16))
    for path in folder.glob(f"{name}_*"):
        os.utime(path, (path.stat().st_atime - 60, path.stat().st_mtime - 60))


def test_files_that_arrive_are_predicted_and_shown_until_stop(
    open_app: Any, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    incoming = tmp_path / "incoming"
    incoming.mkdir()
    arrive(incoming, "a", True)
    app = open_app(trained)
    app.choose("predict")
    settle(app, 0.3)
    acts = dict(app.page.more_acts())
    monkeypatch.setattr(predict_watch.dialogs, "ask_folder", lambda *_: str(incoming))
    acts[START]()
    wait(app, lambda: app.page.watch is not None and "Watching" in words(app.page), 60)
    assert not app.page.acts.progress.cancel.winfo_manager(), "only Stop is offered"
    wait(app, lambda: app.page.watch.table is not None, 30)
    assert [row[2] for row in app.page.watch.table.rows] == ["bright"]
    arrive(incoming, "b", False)
    arrive(incoming, "cc", False)
    wait(app, lambda: len(app.page.watch.table.rows) == 3, 30)
    wait(app, lambda: "3 new from 6 files" in words(app.page), 10)
    assert "The newest cells" in words(app.page)
    app.stop()
    wait(app, lambda: app.run is None, 20)
    assert app.failure is None
    wait(app, lambda: app.page.tabs is not None and app.page.tabs.chosen == TAB, 10)
    wait(app, lambda: below(app.page, Table), 10)
    result = app.project.result("watching")
    assert result.counts == {"bright": 1, "dim": 2} and result.n_new == 3 and result.folder == str(incoming)
    with (app.project.root / result.table).open(encoding="utf-8-sig", newline="") as stream:
        assert sorted(row["predicted"] for row in csv.DictReader(stream)) == ["bright", "dim", "dim"]
    steps = [line for line in (app.project.root / "journal.jsonl").read_text().splitlines() if '"watch' in line]
    assert len(steps) == 1 and '"stopped"' in steps[0]
    assert app.page.watch.again.cget("text") == AGAIN


def test_a_folder_that_is_gone_is_said_at_once(open_app: Any, done_project: Path, tmp_path: Path) -> None:
    app = open_app(done_project)
    app.choose("predict")
    app.page.watch_folder(str(tmp_path / "gone"))
    assert app.run is None and "There is no folder" in app.overlay.title


def test_only_the_end_of_a_long_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "predictions.csv"
    lines = ["cell_id,source,object,predicted,confidence,predicted_at"]
    lines += [f"id{n},f{n},1,dim,0.91234,2026-01-15T10:30:00+00:00" for n in range(20_000)]
    path.write_text("\n".join(lines) + "\nhalf,a li", encoding="utf-8-sig")
    names, rows = newest_rows(path)
    assert names == ["source", "object", "predicted", "confidence", "predicted_at"]
    assert len(rows) == 200 and rows[0][:4] == ["f19999", "1", "dim", "0.912"] and rows[0][4].startswith("2026-01-15")
