from __future__ import annotations

import pytest

from tests.cells import easy_folder
from wizard import corrections
from wizard.corrections import Correction
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.run import run_steps
from wizard.project import Project


@pytest.fixture
def project(tmp_path):
    with Project.open(tmp_path / "project") as opened:
        yield opened


def one(cell="a", tag="class", before="G1", after="G2"):
    return Correction(cell, f"{cell}.tif", "3", tag, before, after)


def test_put_and_take_back(project):
    assert corrections.read(project) == []
    corrections.put(project, [one(), one("b")])
    found = corrections.read(project)
    assert [(item.cell_id, item.after, item.object) for item in found] == [("a", "G2", "3"), ("b", "G2", "3")]
    assert found[0].when
    corrections.take_back(project, "a", "class")
    assert [item.cell_id for item in corrections.read(project)] == ["b"]
    corrections.take_back(project, "a", "class")
    corrections.take_back(project, "b", "class")
    assert not corrections.path_of(project).exists()


def test_a_second_thought_keeps_the_first_label(project):
    corrections.put(project, [one()])
    corrections.put(project, [one(before="G2", after="S")])
    (found,) = corrections.read(project)
    assert (found.before, found.after) == ("G1", "S")
    corrections.put(project, [one(before="S", after="G1")])
    assert corrections.read(project) == []


def test_tags_have_columns_of_their_own(project):
    corrections.put(project, [one(), one(tag="day", before="1", after="7"), one("c", after="=1+1")])
    found = corrections.read(project)
    assert {(item.cell_id, item.tag, item.after) for item in found} == {
        ("a", "class", "G2"), ("a", "day", "7"), ("c", "class", "=1+1"),
    }  # fmt: skip
    assert "'=1+1" in corrections.path_of(project).read_text(encoding="utf-8-sig")


def test_a_damaged_table_is_said(project):
    corrections.path_of(project).write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(UserError, match="cannot be read"):
        corrections.read(project)
    with pytest.raises(UserError, match="cannot be read"):
        corrections.put(project, [one()])


def test_parse_takes_the_corrected_labels(project, tmp_path):
    folder = easy_folder(tmp_path / "easy", per_class=4)
    project.change({"parse.input": [str(folder)]})
    run_steps(project, ["parse"], Tell())
    data = DataSet.open(project.data_set("main"))
    row = 2
    cell, before = data.cells["cell_id"][row], data.values("class")[row]
    after = "dim" if before == "bright" else "bright"
    corrections.put(
        project, [Correction(cell, data.cells["source"][row], str(data.cells["object"][row]), "class", before, after)]
    )
    run_steps(project, ["parse"], Tell())
    again = DataSet.open(project.data_set("main"))
    at = again.cells["cell_id"].tolist().index(cell)
    assert again.values("class")[at] == after
    assert (again.values("class") != data.values("class")).sum() == 1
