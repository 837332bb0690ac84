from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from tests.cells import DEMO, easy_folder, write_cell
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import Cancelled, UserError
from wizard.engine.events import Tell
from wizard.engine.run import run_steps


def parse(project, **values):
    project.change({f"parse.{name}": value for name, value in values.items()})
    run_steps(project, ["parse"], Tell())
    return project.result("parse"), DataSet.open(project.data_set("main"))


def test_demo_cells(demo_parsed):
    result = demo_parsed.result("parse")
    data = DataSet.open(demo_parsed.data_set("main"))
    assert (result.n_cells, result.frame, result.dtype) == (243, (40, 40), "uint16")
    assert [(c.name, c.number) for c in result.channels] == [("Ch3", 3), ("Ch4", 4), ("Ch6", 6)]
    assert result.tags["class"] == {"G1": 66, "G2": 66, "Metaphase": 45, "Prophase": 66}
    assert (result.target, result.group, result.split_by) == ("class", "part", "group part")
    assert result.counts == {"train": 162, "holdout": 81}
    assert len(set(data.values("part")[data.where("holdout")])) == 1


def test_pixels_are_the_files_own(demo_parsed):
    data = DataSet.open(demo_parsed.data_set("main"))
    row = data.cells["source"].tolist().index("Experiment_1/Part_2/G1/G1_0407")
    for index, number in enumerate((3, 4, 6)):
        path = DEMO / f"Experiment_1/Part_2/G1/G1_0407_Ch{number}.tif"
        np.testing.assert_array_equal(data.load(np.array([row]))[0, index], tifffile.imread(path))
    assert data.cells["object"][row] == 0
    assert data.cells["height"][row] == 40


def test_result_and_files_are_there(demo_parsed):
    place = demo_parsed.result_dir("parse")
    result = demo_parsed.result("parse")
    assert set(result.gallery.sheets) == {"Ch3", "Ch4", "Ch6"}
    lines = -(-len(result.gallery.cells) // result.gallery.columns)
    with Image.open(place / result.gallery.sheets["Ch4"]) as sheet:
        assert sheet.size == (result.gallery.columns * 40, lines * 40)
    assert {cell.label for cell in result.gallery.cells} == set(result.classes)


def test_channels_by_number_and_name(project, easy):
    _, data = parse(project, input=[str(easy)], channels="2")
    assert [channel.number for channel in data.channels] == [2]
    _, data = parse(project, input=[str(easy)], channels="Ch2, Ch1")
    assert [channel.number for channel in data.channels] == [2, 1]
    with pytest.raises(UserError, match="'9'"):
        parse(project, input=[str(easy)], channels="9")


def test_donors_stay_together(project, easy):
    result, data = parse(project, input=[str(easy)])
    assert result.split_by == "group donor"
    held = set(data.values("donor")[data.where("holdout")])
    assert held
    assert not held & set(data.values("donor")[data.where("train")])


def test_the_order_of_the_inputs_does_not_matter(project, easy):
    one = [str(easy / f"Donor {name}") for name in "ABCD"]
    first = parse(project, input=one)[1].cells
    second = parse(project, input=one[::-1])[1].cells
    assert first["cell_id"].tolist() == second["cell_id"].tolist()
    assert first["split"].tolist() == second["split"].tolist()
    assert set(first["donor"]) == set("ABCD")


def test_copies_of_holdout_cells_are_excluded(project, easy):
    image = np.stack([tifffile.imread(easy / "Donor A" / "dim" / f"dim000_Ch{n}.tif") for n in (1, 2)])
    for donor in "BCD":
        write_cell(easy / f"Donor {donor}" / "dim", "copy", image)
    result, data = parse(project, input=[str(easy)])
    digests = data.cells["digest"]
    assert not set(digests[data.where("holdout")]) & set(digests[data.where("train")])
    assert result.counts["excluded"] >= 1


def test_missing_channels_are_reported_by_file(project, easy):
    (easy / "Donor A" / "dim" / "dim000_Ch2.tif").unlink()
    result, data = parse(project, input=[str(easy)])
    assert len(data) == 47
    assert result.n_skipped == 1
    assert "dim000_Ch1.tif" in result.skipped[0].file
    assert "Ch2 is missing" in result.skipped[0].why
    assert any("dim000" in notice.file for notice in result.notices)


def test_damaged_images_are_reported_and_the_rest_goes_on(project, easy):
    (easy / "Donor A" / "dim" / "dim000_Ch2.tif").write_bytes(b"II*\0damaged")
    (easy / "Donor B" / "dim" / "dim001_Ch1.tif").write_bytes(b"")
    result, data = parse(project, input=[str(easy)])
    assert len(data) == 46
    assert sorted(item.file.rsplit("/", 1)[1] for item in result.skipped) == ["dim000_Ch1.tif", "dim001_Ch1.tif"]


def test_colour_pictures_of_many_sizes(project, tmp_path):
    rng = np.random.default_rng(0)
    for index, side in enumerate((20, 26, 30, 24, 64, 22) * 4):
        folder = tmp_path / "in" / ("red" if index % 2 else "blue")
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (side, side, 3), np.uint8)).save(folder / f"{index}.png")
    Image.new("L", (20, 20)).save(tmp_path / "in" / "red" / "grey.png")
    result, data = parse(project, input=[str(tmp_path / "in")], frame=32, larger="shrink")
    assert [channel.name for channel in data.channels] == ["Red", "Green", "Blue"]
    assert data.images.shape == (24, 3, 32, 32)
    assert result.larger == 4
    assert "grey.png" in result.skipped[0].file
    assert "Colour" in result.gallery.sheets


def test_mixed_bit_depths_are_said(project, tmp_path):
    for index in range(6):
        kind = np.uint8 if index % 2 else np.uint16
        write_cell(tmp_path / "in" / f"c{index % 2}", f"a{index}", np.full((2, 16, 16), 50 + index, kind))
    result, data = parse(project, input=[str(tmp_path / "in")])
    assert data.images.dtype == np.uint16
    assert any("bit depths" in notice.text for notice in result.notices)


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda root: None, "is empty"),
        (lambda root: (root / "a.docx").write_bytes(b"x"), "No image was found"),
        (lambda root: (root / "a_Ch1.tif").write_bytes(b"x"), "No cell could be read"),
        (lambda root: (root / "a.png").write_bytes(b"x"), "No cell could be read"),
    ],
)
def test_folders_without_cells(project, tmp_path, prepare, words):
    root = tmp_path / "in"
    root.mkdir()
    prepare(root)
    with pytest.raises(UserError, match=words) as caught:
        parse(project, input=[str(root)])
    assert caught.value.action


def test_a_missing_folder_and_no_folder(project, tmp_path):
    with pytest.raises(UserError, match="does not exist"):
        parse(project, input=[str(tmp_path / "nowhere")])
    with pytest.raises(UserError, match="No images were chosen"):
        parse(project, input=[])


def test_a_folder_without_tags_is_parsed_but_said(project, tmp_path):
    for index in range(4):
        write_cell(tmp_path / "in", f"a{index}", np.full((2, 16, 16), index, np.uint16))
    result, _ = parse(project, input=[str(tmp_path / "in")])
    assert result.targets == []
    assert any("nothing can be learned" in notice.text for notice in result.notices)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_names_that_are_no_unicode(project, tmp_path):
    for index in range(4):
        folder = os.fsencode(tmp_path) + b"/in/cl\xff" + str(index % 2).encode()
        os.makedirs(folder, exist_ok=True)
        write_cell(Path(os.fsdecode(folder)), f"=a\udcff{index}", np.full((2, 16, 16), index, np.uint16))
    (Path(os.fsdecode(folder)) / "broken\udcff_Ch1.tif").write_bytes(b"x")
    result, data = parse(project, input=[str(tmp_path / "in")])
    assert result.tags["class"] == {"cl?0": 2, "cl?1": 2}
    assert "broken?" in result.skipped[0].file


def test_wrong_group_and_frame(project, easy):
    with pytest.raises(UserError, match="no tag called 'nurse'"):
        parse(project, input=[str(easy)], group="nurse")
    with pytest.raises(UserError, match="cannot be both"):
        parse(project, input=[str(easy)], group="class")
    with pytest.raises(UserError, match="too small"):
        parse(project, input=[str(easy)], group="auto", frame=8)


def wide_cells(folder):
    """Write cells of 20 × 20 px, and two of 20 × 44 and 30 × 20 (height × width)."""
    folder = easy_folder(folder)
    for name, sides in (("wide", (20, 44)), ("high", (30, 20))):
        write_cell(folder / "Donor A" / "dim", name, np.full((2, *sides), 300, np.uint16))
    return folder


def test_a_rectangular_frame(project, tmp_path):
    folder = wide_cells(tmp_path / "in")
    result, data = parse(project, input=[str(folder)], frame="40x24", montage=5)
    assert result.frame == data.frame == (24, 40)
    assert data.info["frame"] == [24, 40]
    assert data.images.shape == (50, 2, 24, 40)
    assert (result.larger, result.padded) == (2, 50)
    larger = {str(source).rpartition("/")[2] for source, flags in zip(data.cells["source"], data.cells["flags"], strict=True)
              if "larger" in flags}  # fmt: skip
    assert larger == {"wide", "high"}
    row = next(index for index, source in enumerate(data.cells["source"]) if source.endswith("/dim000"))
    stored = data.load(np.array([row]))[0]
    for index in range(2):
        own = tifffile.imread(folder / "Donor A" / "dim" / f"dim000_Ch{index + 1}.tif")
        np.testing.assert_array_equal(stored[index, 2:22, 10:30], own)
    place = project.result_dir("parse")
    assert result.gallery.tile == (24, 40)
    with Image.open(place / result.gallery.sheets["Ch1"]) as sheet:
        assert sheet.width == result.gallery.columns * 40
    assert tifffile.imread(next((place / "montages").glob("dim_Ch1_1.tif"))).shape == (5 * 24, 5 * 40)
    assert any(cue.subject == "Frame size" and "40 × 24 px" in cue.text for cue in result.cues)


def test_fitted_frames(project, tmp_path):
    for index in range(10):
        write_cell(tmp_path / "in" / "a", f"a{index}", np.full((2, 22, 50), index, np.uint16))
    assert parse(project, input=[str(tmp_path / "in")])[0].frame == (56, 56)
    assert parse(project, frame="0x0")[0].frame == (24, 56)


def test_cells_are_added_in_the_rectangle_of_the_others(project, easy):
    parse(project, input=[str(easy / f"Donor {name}") for name in "AB"], frame="32x20")
    result, data = parse(project, input=[str(easy)], frame=0, append=True)
    assert (result.added, data.images.shape) == (24, (48, 2, 20, 32))
    with pytest.raises(UserError, match="cannot be added") as caught:
        wide_cells(easy / "more")
        parse(project, input=[str(easy)], frame="20x32")
    assert "a frame of 32 × 20 px" in caught.value.why


def test_cancel_and_errors_leave_the_data_set_before_intact(project, easy, tmp_path):
    before = parse(project, input=[str(easy)])[0]
    calls = iter(range(10_000))
    with pytest.raises(Cancelled):
        run_steps(project, ["parse"], Tell(cancelled=lambda: next(calls) > 6))
    project.change({"parse.input": [str(tmp_path / "nowhere")]})
    with pytest.raises(UserError):
        run_steps(project, ["parse"], Tell())
    assert project.result("parse").id == before.id
    assert len(DataSet.open(project.data_set("main"))) == 48
    assert [path.name for path in (project.root / "data").iterdir()] == ["main.cells"]


def test_many_cells_go_through_memory_in_pieces(project, easy, monkeypatch):
    whole = parse(project, input=[str(easy)])[1]
    images = whole.load(np.arange(len(whole)))
    monkeypatch.setattr("wizard.engine.data.reading._CELLS", 5)
    monkeypatch.setattr("wizard.engine.data.dataset._SHARD", 16)
    monkeypatch.setattr("wizard.engine.data.dataset._CHUNK", 8)
    again = parse(project, input=[str(easy)])[1]
    np.testing.assert_array_equal(again.load(np.arange(len(again))), images)
    assert again.images.shards == (16, 2, 24, 24)


def test_a_data_set_that_was_damaged(project, easy):
    parse(project, input=[str(easy)])
    (project.data_set("main") / "cells.parquet").write_bytes(b"no")
    with pytest.raises(UserError, match="cannot be opened"):
        DataSet.open(project.data_set("main"))


def test_cells_are_added_to_a_data_set(project, easy):
    before = parse(project, input=[str(easy / f"Donor {name}") for name in "ABC"])[1]
    images = before.load(np.arange(len(before)))
    result, data = parse(project, input=[str(easy)], append=True)
    assert (result.n_cells, result.added) == (48, 12)
    assert set(data.values("donor")[36:]) == {"D"}
    np.testing.assert_array_equal(data.load(np.arange(36)), images)
    with pytest.raises(UserError, match="No cell is new"):
        parse(project, input=[str(easy)])
    assert len(DataSet.open(project.data_set("main"))) == 48


def test_adding_keeps_the_names_and_pixels_of_the_old_cells(project, tmp_path):
    first, second = easy_folder(tmp_path / "one", seed=1), easy_folder(tmp_path / "two", seed=2)
    for path in sorted(second.rglob("*.tif")):
        path.rename(path.with_name("x" + path.name))
    before = parse(project, input=[str(first)])[1]
    old = {name: before.cells[name].tolist() for name in ("cell_id", "digest", "class", "source")}
    images = before.load(np.arange(len(before)))
    result, data = parse(project, input=[str(second)], append=True)
    assert (len(data), result.added) == (96, 48)
    for name, values in old.items():
        assert data.cells[name].tolist()[:48] == values
    np.testing.assert_array_equal(data.load(np.arange(48)), images)
    assert not set(data.values("donor")[data.where("holdout")]) & set(data.values("donor")[data.where("train")])
    with pytest.raises(UserError, match="cannot be added") as caught:
        parse(project, input=[str(easy_folder(tmp_path / "three" / "more", seed=3)), str(first)], frame=32)
    assert "24 px" in caught.value.why


def test_folds_cap_and_rules(project, easy):
    result, data = parse(project, input=[str(easy)], folds=4, fold=2)
    assert (result.folds, sum(result.fold_counts)) == (4, 48)
    assert set(data.cells["fold"][data.where("holdout")]) == {2}
    result, data = parse(project, input=[str(easy)], folds=0, cap=10)
    assert result.tags["class"] == {"bright": 10, "dim": 10}
    assert result.capped == 28
    assert parse(project, input=[str(easy)])[1].cells["cell_id"].tolist() == data.cells["cell_id"].tolist()
    rules = {"rename": "donor = patient", "merge": "patient: A, B = first", "exclude": "patient: D"}
    result, data = parse(project, input=[str(easy)], cap=0, **rules)
    assert result.tags["patient"] == {"C": 12, "first": 24}
    assert result.excluded_by_tag == 12
    assert result.group == "patient"


def test_channels_get_the_users_names(project, easy):
    result, data = parse(
        project, input=[str(easy)], channel_names="1 = Bright field; 2 = DNA", channel_colours="2=#00ff00"
    )
    assert [channel.shown for channel in data.channels] == ["Ch1 Bright field", "Ch2 DNA"]
    assert data.channels[1].colour == "#00ff00"
    assert set(result.gallery.sheets) == {"Ch1 Bright field", "Ch2 DNA", "Merged"}
    with Image.open(project.result_dir("parse") / result.gallery.sheets["Merged"]) as sheet:
        red, green, blue = np.moveaxis(np.asarray(sheet), -1, 0)
    assert (red.max(), blue.max()) == (0, 0)
    assert green.max() > 200
    with pytest.raises(UserError, match="no colour"):
        parse(project, input=[str(easy)], channel_colours="2=green")


def test_colour_and_grey_pictures_together(project, tmp_path):
    rng = np.random.default_rng(0)
    for index in range(8):
        folder = tmp_path / "in" / f"class {index % 2}"
        folder.mkdir(parents=True, exist_ok=True)
        shape = (20, 20, 3) if index < 4 else (20, 20)
        Image.fromarray(rng.integers(0, 255, shape, np.uint8)).save(folder / f"{index}.png")
    result, data = parse(project, input=[str(tmp_path / "in")], colour="grey")
    assert (len(data), [channel.name for channel in data.channels]) == (8, ["Grey"])
    result, data = parse(project, input=[str(tmp_path / "in")], colour="rgb")
    assert (len(data), [channel.name for channel in data.channels]) == (8, ["Red", "Green", "Blue"])


def test_a_killed_parse_goes_on(project, easy, monkeypatch):
    monkeypatch.setattr("wizard.engine.data.reading._CELLS", 5)
    monkeypatch.setattr("wizard.engine.data.dataset._SHARD", 16)
    monkeypatch.setattr("wizard.engine.data.dataset._CHUNK", 8)
    whole = parse(project, input=[str(easy)])[1]
    images, cells = whole.load(np.arange(48)), whole.cells
    with monkeypatch.context() as broken:
        broken.setattr("wizard.engine.data.build._Writer.finish", lambda self: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run_steps(project, ["parse"], Tell())
    assert (project.root / "data" / ".main.cells.part" / "progress.jsonl").is_file()
    calls = []
    monkeypatch.setattr("wizard.engine.data.build._read", _counting(calls))
    again = parse(project, input=[str(easy)])[1]
    np.testing.assert_array_equal(again.load(np.arange(48)), images)
    assert again.cells["cell_id"].tolist() == cells["cell_id"].tolist()
    assert again.cells["split"].tolist() == cells["split"].tolist()
    assert sum(calls) < 48
    assert [path.name for path in (project.root / "data").iterdir()] == ["main.cells"]


def _counting(calls):
    from wizard.engine.data import build

    real = build._read

    def counted(job, rows):
        calls.append(len(rows))
        return real(job, rows)

    return counted
