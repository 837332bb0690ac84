"""What selected cells become, up to the data set that the next Parse makes."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cells import easy_folder
from wizard import corrections, selections, selections_export
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.run import run_steps
from wizard.project import Project
from wizard.selections import Cell


@pytest.fixture
def project(tmp_path: Path) -> Any:
    folder = easy_folder(tmp_path / "easy", per_class=4)
    with Project.open(tmp_path / "project") as opened:
        opened.change({"parse.input": [str(folder)], "train.target": "class"})
        run_steps(opened, ["parse"], Tell())
        yield opened


def cells_of(project: Project, rows: list[int], tag: str = "class") -> list[Cell]:
    data = DataSet.open(project.data_set("main"))
    before = data.values(tag) if tag in data.tags else np.full(len(data), "")
    return [
        Cell(str(data.cells["cell_id"][row]), str(data.cells["source"][row]), str(data.cells["object"][row]),
             str(before[row])) for row in rows
    ]  # fmt: skip


def parsed(project: Project) -> DataSet:
    run_steps(project, ["parse"], Tell())
    return DataSet.open(project.data_set("main"))


def test_a_selection_becomes_a_tag_a_class_and_an_exclusion(project: Project) -> None:
    tagged, changed, out = (cells_of(project, rows) for rows in ([0, 1, 2], [3], [4, 5]))
    other = "dim" if changed[0].before == "bright" else "bright"
    assert selections.give_tag(project, tagged, "odd shape", "yes").words == "odd shape = yes for 3 cells"
    selections.change_class(project, changed, "class", other)
    selections.leave_out(project, out)
    assert project.state("parse").kind == "stale"
    assert selections.summary(project) == {("odd shape", "yes"): 3, ("class", other): 1, ("excluded", "yes"): 2}
    data = parsed(project)
    ids = data.cells["cell_id"].tolist()
    assert len(data) == 6 and not {cell.cell_id for cell in out} & set(ids)
    assert {ids[row] for row in np.flatnonzero(data.values("odd shape") == "yes")} == {one.cell_id for one in tagged}
    assert data.values("class")[ids.index(changed[0].cell_id)] == other


def test_undo_brings_everything_back(project: Project) -> None:
    before = dict(project.plan.parse.model_dump())
    first = selections.give_tag(project, cells_of(project, [0, 1]), "group", "A")
    second = selections.give_tag(project, cells_of(project, [1, 2]), "group", "B")
    third = selections.leave_out(project, cells_of(project, [1]))
    selections.undo(project, third)
    assert project.plan.parse.exclude == []
    selections.undo(project, second)
    assert selections.summary(project) == {("group", "A"): 2}
    selections.undo(project, first)
    assert not corrections.path_of(project).exists()
    assert project.plan.parse.model_dump() == before
    assert len(parsed(project)) == 8


def test_what_is_stored_can_be_taken_back_later(project: Project) -> None:
    selections.leave_out(project, cells_of(project, [1, 2]))
    selections.give_tag(project, cells_of(project, [1]), "group", "A")
    assert selections.take_back(project, "excluded", "yes").cells == 2
    assert project.plan.parse.exclude == []
    assert selections.take_back(project, "group", "A").cells == 1
    assert not corrections.path_of(project).exists()


def test_what_was_undone_is_done_again(project: Project) -> None:
    tagged = selections.give_tag(project, cells_of(project, [0]), "group", "A")
    out = selections.leave_out(project, cells_of(project, [0, 1]))
    assert (tagged.name, out.name) == ("1 cell tagged group A", "2 cells left out")
    after, rules = corrections.read(project), project.plan.parse.exclude
    for stored in (out, tagged):
        assert corrections.are(project, stored.made)
        selections.undo(project, stored)
        assert corrections.are(project, stored.changed) and not corrections.are(project, stored.made)
    assert corrections.read(project) == [] and project.plan.parse.exclude == []
    for stored in (tagged, out):
        selections.again(project, stored)
    assert corrections.read(project) == after and project.plan.parse.exclude == rules
    dropped = selections.take_back(project, "excluded", "yes")
    assert project.plan.parse.exclude == [] and dropped.name == "2 cells not tagged excluded yes"
    selections.undo(project, dropped)
    assert project.plan.parse.exclude == rules and len(corrections.read(project)) == 3


def test_a_renamed_class_is_changed_under_its_first_name(project: Project) -> None:
    project.change({"parse.rename": ["class = brightness"], "train.target": "brightness"})
    data = parsed(project)
    (cell,) = cells_of(project, [0], "brightness")
    other = "dim" if cell.before == "bright" else "bright"
    selections.change_class(project, [cell], "brightness", other)
    again = parsed(project)
    assert again.tags == data.tags
    assert again.values("brightness")[again.cells["cell_id"].tolist().index(cell.cell_id)] == other


@pytest.mark.parametrize("tag", ["", "split", "label_before", "auto", "=sum", "x" * 81, "a\u202eb"])
def test_a_tag_needs_a_name(project: Project, tag: str) -> None:
    with pytest.raises(UserError):
        selections.give_tag(project, cells_of(project, [0]), tag, "yes")
    assert not corrections.path_of(project).exists()


@pytest.mark.parametrize("value", ["", "  ", "=1+1", "@x", "y" * 201])
def test_a_tag_needs_a_value(project: Project, value: str) -> None:
    with pytest.raises(UserError):
        selections.give_tag(project, cells_of(project, [0]), "group", value)


def test_another_label_table_is_joined_as_well(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    names = sorted({Path(cell.source).name for cell in cells_of(project, list(range(8)))})
    path.write_text("file,batch\n" + "".join(f"{name},{place % 2}\n" for place, name in enumerate(names)), "utf-8")
    project.change({"parse.table": str(path)})
    parsed(project)
    out, tagged = cells_of(project, [0]), cells_of(project, [1, 2])
    selections.leave_out(project, out)
    selections.give_tag(project, tagged, "shape", "odd")
    assert project.state("parse").kind == "stale"
    data = parsed(project)
    assert project.state("parse").kind == "done"
    assert len(data) == 7 and set(data.values("batch").tolist()) == {"0", "1"}
    assert (data.values("shape") == "odd").sum() == 2
    assert not [cue for cue in project.result("parse").cues if "have no row in corrections.csv" in cue.text]
    selections.take_back(project, "excluded", "yes")
    selections.take_back(project, "shape", "odd")
    assert not corrections.path_of(project).exists()
    assert project.state("parse").kind == "stale"


def test_no_cells_and_no_target_are_said(project: Project) -> None:
    with pytest.raises(UserError, match="No cell is selected"):
        selections.leave_out(project, [])
    with pytest.raises(UserError, match="no target"):
        selections.change_class(project, cells_of(project, [0]), "", "dim")


def test_an_export_is_read_again_with_its_tags(project: Project, tmp_path: Path) -> None:
    data = DataSet.open(project.data_set("main"))
    rows = [0, 3, 6]
    names = ["cell_id", "source", "object", "class", "donor", "pca_2d_1"]
    lines = [
        [*(str(data.cells[name][row]) for name in names[:3]), data.values("class")[row], data.values("donor")[row], 0.5]
        for row in rows
    ]
    written = selections_export.export(tmp_path / "out", names, lines, 2, [project.root / "data" / "main.cells"])
    assert (written.cells, written.images) == (3, 3)
    with (tmp_path / "out" / "cells.csv").open(encoding="utf-8-sig", newline="") as stream:
        table = list(csv.DictReader(stream))
    assert [row["cell_id"] for row in table] == [line[0] for line in lines] and table[0]["pca_2d_1"] == "0.5"
    assert len(list((tmp_path / "out" / "images").glob("*_Ch2.tif"))) == 3
    with Project.open(tmp_path / "second") as second:
        second.change(
            {"parse.input": [str(tmp_path / "out")], "parse.table": str(tmp_path / "out" / "images.csv"),
             "parse.frame": f"{data.frame[1]}x{data.frame[0]}"}
        )  # fmt: skip
        again = parsed(second)
    assert sorted(again.values("class").tolist()) == sorted(line[3] for line in lines)
    assert sorted(again.values("donor").tolist()) == sorted(line[4] for line in lines)
    assert [channel.number for channel in again.channels] == [1, 2]
    before = {image.tobytes() for image in data.load(np.array(rows))}
    assert {image.tobytes() for image in again.load(np.arange(3))} == before
    with pytest.raises(UserError, match="exported cells already"):
        selections_export.export(tmp_path / "out", names, lines, 2, [])


def test_names_of_exported_files_are_safe() -> None:
    assert selections_export.file_name("../a b/=c\u00e9 <x>.tif", "12", "0123456789abcdef") == "c_x_12_01234567"
    assert selections_export.file_name("\u0645", "0", "0123456789abcdef") == "cell_0_01234567"
