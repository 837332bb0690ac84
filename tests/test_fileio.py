from __future__ import annotations

import csv

import pytest

from wizard import fileio


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    fileio.write_text(path, "old")

    def broken(place):
        place.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        fileio.write_with(path, broken)
    assert path.read_text() == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["a.txt"]


def test_fresh_folder_replaces_whole_or_not_at_all(tmp_path):
    target = tmp_path / "results"
    with fileio.fresh_folder(target) as folder:
        (folder / "a").write_text("1")
    with pytest.raises(ValueError, match="stop"), fileio.fresh_folder(target) as folder:
        (folder / "a").write_text("2")
        raise ValueError("stop")
    assert (target / "a").read_text() == "1"
    assert [item.name for item in tmp_path.iterdir()] == ["results"]


@pytest.mark.parametrize("with_target", [True, False])
def test_recovery_after_a_kill_in_the_middle(tmp_path, with_target):
    old, new = tmp_path / ".train.old", tmp_path / ".train.new"
    for folder in (old, new):
        folder.mkdir()
        (folder / "a").write_text(folder.name)
    if with_target:
        (tmp_path / "train").mkdir()
        (tmp_path / "train" / "a").write_text("new in place")
    fileio.recover_folders(tmp_path)
    assert [item.name for item in tmp_path.iterdir()] == ["train"]
    assert (tmp_path / "train" / "a").read_text() == ("new in place" if with_target else ".train.old")


def test_csv_holds_no_formula_and_keeps_numbers(tmp_path):
    names = ["=1+1", "@SUM(A1)", "+x", "-x", "\tx", "Müller", "-2.5", "1e-3", -3.5]
    fileio.write_csv(tmp_path / "a.csv", ["name"], [[name] for name in names])
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as stream:
        read = [row[0] for row in csv.reader(stream)][1:]
    assert read == ["'=1+1", "'@SUM(A1)", "'+x", "'-x", "'\tx", "Müller", "-2.5", "1e-3", "-3.5"]


def test_json_has_no_nan(tmp_path):
    fileio.write_json(tmp_path / "a.json", {"a": float("nan"), "b": [float("inf"), 1.5], "ü": (1,)})
    assert fileio.read_json(tmp_path / "a.json") == {"a": None, "b": [None, 1.5], "ü": [1]}
