from __future__ import annotations

import csv
import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import tifffile

from tests.cells import write_cell
from wizard import cli_predict
from wizard.engine.errors import UserError
from wizard.engine.events import Notice, Tell
from wizard.engine.predicting import watch as watch_module
from wizard.engine.predicting.watch import watch


def cell(bright, seed=0):
    image = np.random.default_rng(seed).normal(200, 20, (2, 20, 20))
    image[1, 5:-5, 5:-5] += 900 if bright else 100
    return np.clip(image, 0, 4095).astype(np.uint16)


def settled(folder):
    """Make all files look as if they had not changed for a minute."""
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (time.time() - 60, path.stat().st_mtime - 60))


class Looks:
    """Stops the watch after a number of looks; between them `acts` change the folder."""

    def __init__(self, acts):
        self.acts, self.notices = list(acts), []

    def tell(self):
        return Tell(lambda event: self.notices.append(event) if isinstance(event, Notice) else None,
                    lambda: not self.acts)  # fmt: skip

    def clock(self):
        if self.acts:
            self.acts.pop(0)()
        return time.time() + 1


def run(project, acts, settle=5.0):
    looks = Looks([*acts, lambda: None])
    summary = watch(project.plan.predict, project, looks.tell(), every=0.01, settle=settle, clock=looks.clock)
    with summary.table.open(encoding="utf-8-sig", newline="") as stream:
        return summary, list(csv.DictReader(stream)), [f"{notice.text} ({notice.file})" for notice in looks.notices]


@pytest.fixture
def watched(other, tmp_path):
    folder = tmp_path / "incoming"
    folder.mkdir()
    other.change({"predict.input": [str(folder)], "predict.unsure": 0.5})
    return folder


def add(folder, name, bright, seed=0):
    def act():
        write_cell(folder / "day 1", name, cell(bright, seed))
        settled(folder)

    return act


def test_new_files_are_predicted_once(other, watched):
    add(watched, "a", True)()
    summary, rows, _ = run(other, [lambda: None, add(watched, "b", False, 1), lambda: None])
    assert [(row["source"], row["predicted"]) for row in rows] == [("day 1/a", "bright"), ("day 1/b", "dim")]
    assert summary.cells == 2 and summary.files == 4 and dict(summary.counts) == {"bright": 1, "dim": 1}
    again, later, _ = run(other, [lambda: None, add(watched, "c", True, 2), lambda: None])
    assert again.cells == 1 and [row["source"] for row in later] == ["day 1/a", "day 1/b", "day 1/c"]
    assert not (other.root / "watching").exists()


def test_a_file_that_still_grows_waits(other, watched):
    def young():
        write_cell(watched, "young", cell(True))

    _, rows, _ = run(other, [young, lambda: None])
    assert rows == []
    settled(watched)
    assert [row["source"] for row in run(other, [lambda: None])[1]] == ["young"]


def test_a_file_that_cannot_be_read_is_named_and_the_others_come_in(other, watched):
    add(watched, "good", True)()
    for number in (1, 2):
        (watched / "day 1" / f"bad_Ch{number}.tif").write_bytes(b"II*\0 not a picture")
    settled(watched)
    _, rows, notices = run(other, [lambda: None])
    assert [row["source"] for row in rows] == ["day 1/good"]
    assert any("bad_Ch1.tif" in text for text in notices)


def test_a_missing_channel_that_comes_later_is_taken(other, watched):
    add(watched, "whole", False)()
    tifffile.imwrite(watched / "day 1" / "late_Ch1.tif", cell(True)[0])
    settled(watched)
    _, rows, notices = run(other, [lambda: None])
    assert [row["source"] for row in rows] == ["day 1/whole"] and any("late_Ch1.tif" in text for text in notices)
    tifffile.imwrite(watched / "day 1" / "late_Ch2.tif", cell(True)[1])
    settled(watched)
    _, rows, _ = run(other, [lambda: None])
    assert [(row["source"], row["predicted"]) for row in rows] == [("day 1/whole", "dim"), ("day 1/late", "bright")]


def test_what_a_kill_leaves_half_written_is_cut_off(other, watched):
    add(watched, "a", True)()
    summary, rows, _ = run(other, [lambda: None])
    with summary.table.open("ab") as stream:
        stream.write(b"deadbeef,half a li")
    add(watched, "b", False)()
    _, again, _ = run(other, [lambda: None])
    assert [row["source"] for row in again] == ["day 1/a", "day 1/b"] and again[0] == rows[0]


def test_a_file_that_changes_afterwards_is_not_predicted_again(other, watched):
    add(watched, "a", True)()
    run(other, [lambda: None])
    tifffile.imwrite(watched / "day 1" / "a_Ch2.tif", np.zeros((20, 20), np.uint16))
    settled(watched)
    _, rows, notices = run(other, [lambda: None, lambda: None])
    assert len(rows) == 1 and sum("changed after it was predicted" in text for text in notices) == 2


def test_names_that_look_like_formulas_are_guarded(other, watched):
    write_cell(watched, "=1+2", cell(True))
    settled(watched)
    assert run(other, [lambda: None])[1][0]["source"] == "'=1+2"


def test_it_stops_within_a_second(other, watched, monkeypatch):
    stop, began = threading.Event(), []
    monkeypatch.setattr(watch_module, "_ready", lambda *_: (began.append(1), {})[1])
    thread = threading.Thread(
        target=lambda: watch(other.plan.predict, other, Tell(should_stop=stop.is_set), every=60.0), daemon=True
    )
    thread.start()
    limit = time.monotonic() + 60
    while not began and time.monotonic() < limit:
        time.sleep(0.05)
    stop.set()
    thread.join(1.0)
    assert began and not thread.is_alive()


def test_what_cannot_be_watched_is_refused(other, tmp_path):
    with pytest.raises(UserError, match="no folder to watch"):
        watch(other.plan.predict, other, Tell())
    other.change({"predict.input": [str(tmp_path)]})
    with pytest.raises(UserError, match="lies in the watched folder"):
        watch(other.plan.predict, other, Tell())


def test_the_command_says_what_was_predicted_and_where_the_table_is(other, watched, monkeypatch):
    add(watched, "a", True)()
    looks = []

    def stopped():
        return len(looks) > 1

    real = watch_module._ready
    monkeypatch.setattr(watch_module, "_ready", lambda *given: (looks.append(1), real(*given))[1])
    monkeypatch.setattr(watch_module, "_NAP", 0.01)
    lines, code = cli_predict.watch(other, Tell(should_stop=stopped), {"predict.input": [str(watched)]}, "")
    assert code == 0 and lines[0] == "Cells predicted: 1 of 2 files (1 bright)."
    assert Path(lines[-1]).is_file()
