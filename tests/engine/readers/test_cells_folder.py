"""A data set as a source: the same pixels, masks, tags and measurements; damage is refused."""

from __future__ import annotations

import json
import shutil
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wizard.engine.data import dataset
from wizard.engine.readers.base import Cell, Lost, Reading, Unreadable
from wizard.engine.readers.cells_folder import CellsFolder

HOW = Reading()
COUNT = 150


def write_set(folder, count=COUNT, tags=("class", "day"), masks=True, measured=True, boxes=False):
    rng = np.random.default_rng(0)
    folder.mkdir(parents=True)
    images = rng.integers(1, 4000, (count, 2, 12, 12)).astype(np.uint16)
    dataset.create_images(folder, count, 2, 12, np.dtype(np.uint16))[...] = images
    marks = (images > 2000).astype(np.uint8)
    if masks:
        dataset.create_images(folder, count, 2, 12, np.dtype(np.uint8), "masks")[...] = marks
    sources = [f"Day {index % 3}/a.cif" for index in range(count)]
    columns = {
        "cell_id": [dataset.cell_id(source, index) for index, source in enumerate(sources)],
        "source": sources,
        "object": list(range(count)),
        "height": [12] * count,
        "width": [12] * count,
        "flags": ["larger" if index < 4 else "" for index in range(count)],
        "split": ["train"] * count,
        **{name: [f"{name} {index % 4}" if index % 4 else "" for index in range(count)] for name in tags},
    }
    if boxes:
        columns |= {name: [5] * count for name in dataset.BOX}
    dataset.write_cells(folder, columns)
    if measured:
        order = rng.permutation(count)[:-1].tolist()
        dataset.write_cells(folder, {"cell_id": [columns["cell_id"][index] for index in order],
                                     "area": np.array(order, float)}, "measurements")  # fmt: skip
    info = {
        "schema": 1, "frame": [12, 12], "tags": list(tags), "pixel_size": 0.5, "facts": {"Magnification": "60"},
        "channels": [{"name": "Ch4", "number": 4, "label": "DNA", "colour": "#3366ff"}, {"name": "Ch1", "number": 1}],
    }  # fmt: skip
    (folder / "dataset.json").write_text(json.dumps(info))
    return images, marks


def opened(folder):
    (source,), _ = CellsFolder().claim(folder.parent, [folder], HOW)
    return source, CellsFolder().check(source, HOW)


def test_everything_is_taken_over(tmp_path):
    images, marks = write_set(tmp_path / "old.cells", boxes=True)
    source, contents = opened(tmp_path / "old.cells")
    assert source.name == "old.cells"
    assert [(c.name, c.number, c.label, c.colour) for c in contents.channels] == [
        ("Ch4", 4, "DNA", "#3366ff"), ("Ch1", 1, "", ""),
    ]  # fmt: skip
    assert contents.masks and contents.pixel_size == 0.5 and contents.facts == {"Magnification": "60"}
    assert list(contents.tags) == ["class", "day", "origin"]
    assert list(contents.tags["class"][:5]) == ["", "class 1", "class 2", "class 3", ""]
    assert contents.tags["origin"][4] == "Day 1/a.cif"
    area = contents.measurements["area"]
    assert np.isnan(area).sum() == 1 and (np.isnan(area) | (area == np.arange(COUNT))).all()
    assert contents.boxes.shape == (COUNT, 4) and contents.boxes.dtype == np.int32
    assert [cue.subject for cue in contents.cues] == ["Frame size"] and contents.cues[0].count == 4
    picks = [149, 3, 70, 71]
    for pick, cell in zip(picks, CellsFolder().cells(source, contents, [1, 4], picks), strict=True):
        assert cell.object == pick
        np.testing.assert_array_equal(cell.image, images[pick, ::-1])
        np.testing.assert_array_equal(cell.mask, marks[pick, ::-1])
    assert contents.index.ids[7] == dataset.cell_id("Day 1/a.cif", 7)


def test_a_plain_set(tmp_path):
    write_set(tmp_path / "old.cells", tags=("file",), masks=False, measured=False)
    source, contents = opened(tmp_path / "old.cells")
    assert list(contents.tags) == ["file"] and not contents.masks and not contents.measurements
    assert contents.boxes is None
    (cell,) = CellsFolder().cells(source, contents, [4], [0])
    assert cell.mask is None


def test_what_is_opened(tmp_path):
    write_set(tmp_path / "set", count=5)
    (tmp_path / "a.cells").write_text("a file")
    (tmp_path / "b.cells").mkdir()
    assert [CellsFolder().can_open(tmp_path / name) for name in ("set", "a.cells", "b.cells", "c")] == [
        True, False, True, False,
    ]  # fmt: skip


def edit(folder, **values):
    path = folder / "dataset.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"schema": 99}, "newer"),
        ({"schema": "x"}, "version"),
        ({"channels": []}, "channels"),
        ({"channels": [{"name": "a", "number": 1}] * 2}, "channels"),
        ({"channels": [{"name": "a", "number": 1}]}, "does not fit"),
        ({"channels": 3}, "channels"),
        ({"tags": ["nothing"]}, "no column"),
        ({"tags": "class"}, "tags"),
    ],
)
def test_a_wrong_description_is_refused(tmp_path, values, words):
    write_set(tmp_path / "old.cells", count=5)
    edit(tmp_path / "old.cells", **values)
    with pytest.raises(Unreadable, match=words):
        opened(tmp_path / "old.cells")


@pytest.mark.parametrize("name", ["dataset.json", "cells.parquet", "images.zarr"])
def test_missing_parts_are_named(tmp_path, name):
    write_set(tmp_path / "old.cells", count=5)
    path = tmp_path / "old.cells" / name
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(Unreadable, match=name):
        opened(tmp_path / "old.cells")


def test_parts_that_do_not_fit(tmp_path):
    write_set(tmp_path / "a.cells", count=5)
    write_set(tmp_path / "b.cells", count=6)
    shutil.copy(tmp_path / "b.cells/cells.parquet", tmp_path / "a.cells/cells.parquet")
    with pytest.raises(Unreadable, match="5 images but 6 rows"):
        opened(tmp_path / "a.cells")
    shutil.rmtree(tmp_path / "b.cells/masks.zarr")
    shutil.copytree(tmp_path / "a.cells/masks.zarr", tmp_path / "b.cells/masks.zarr")
    with pytest.raises(Unreadable, match="masks.zarr does not fit"):
        opened(tmp_path / "b.cells")


def test_measurements_that_cannot_be_used_are_left_out_with_a_cue(tmp_path):
    write_set(tmp_path / "old.cells", count=5)
    (tmp_path / "old.cells/measurements.parquet").write_bytes(b"PAR1 nothing PAR1")
    _, contents = opened(tmp_path / "old.cells")
    assert not contents.measurements and contents.cues[0].subject == "Measurements"
    pq.write_table(pa.table({"cell_id": ["a", "a"], "area": [1.0, 2.0]}), tmp_path / "old.cells/measurements.parquet")
    _, contents = opened(tmp_path / "old.cells")
    assert "two rows" in contents.cues[0].text


def test_a_missing_shard_loses_its_cells(tmp_path):
    write_set(tmp_path / "old.cells")
    source, contents = opened(tmp_path / "old.cells")
    first = next(path for path in (tmp_path / "old.cells/images.zarr/c").rglob("*") if path.is_file())
    first.unlink()
    answers = list(CellsFolder().cells(source, contents, [4], [0, 149]))
    assert any(isinstance(answer, Lost) and "missing" in answer.why for answer in answers)
    shutil.rmtree(tmp_path / "old.cells/images.zarr")
    with pytest.raises(Unreadable, match="images.zarr"):
        list(CellsFolder().cells(source, contents, [4], [0]))


@pytest.mark.parametrize("name", ["dataset.json", "cells.parquet", "images.zarr", "measurements.parquet"])
def test_links_out_of_the_folder_are_refused(tmp_path, name):
    write_set(tmp_path / "old.cells", count=5)
    path = tmp_path / "old.cells" / name
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere", target_is_directory=name.endswith(".zarr"))
    if name == "measurements.parquet":
        assert "link" in opened(tmp_path / "old.cells")[1].cues[0].text
        return
    with pytest.raises(Unreadable, match="link"):
        opened(tmp_path / "old.cells")


def mutate(data, rng):
    changed = bytearray(data)
    if rng.random() < 0.25:
        return bytes(changed[: rng.integers(0, len(changed) + 1)])
    for _ in range(rng.integers(1, 6)):
        changed[rng.integers(0, len(changed))] = rng.integers(0, 256)
    return bytes(changed)


def test_mutations(tmp_path):
    write_set(tmp_path / "seed.cells", count=20)
    path = tmp_path / "a.cells"
    files = [
        item.relative_to(tmp_path / "seed.cells") for item in (tmp_path / "seed.cells").rglob("*") if item.is_file()
    ]
    rng = np.random.default_rng(3)
    ends = {"cell": 0, "lost": 0, "unreadable": 0}
    for _ in range(300):
        shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(tmp_path / "seed.cells", path)
        victim = path / files[rng.integers(0, len(files))]
        victim.write_bytes(mutate(victim.read_bytes(), rng))
        start = time.monotonic()
        try:
            source, contents = opened(path)
            assert all(len(values) == len(contents) for values in contents.tags.values())
            assert all(isinstance(value, str) for values in contents.tags.values() for value in values)
            numbers = [channel.number for channel in contents.channels]
            for answer in CellsFolder().cells(source, contents, numbers, range(len(contents))):
                ends["cell" if isinstance(answer, Cell) else "lost"] += 1
        except Unreadable as error:
            assert str(error)
            ends["unreadable"] += 1
        assert time.monotonic() - start < 5
    assert all(ends.values())
