"""Damaged, cut, huge and foreign files end in cells, lost cells or a reason in words."""

from __future__ import annotations

import struct
import time

import numpy as np
import pytest

from tests.engine.readers import cif_writer as writer
from tests.engine.readers.cif_writer import LONG, File
from tests.engine.readers.test_cif import READER, check, opened, read, subjects
from wizard.engine.readers import cif_chain
from wizard.engine.readers.base import Cell, Lost, Reading, Unreadable


def survive(path):
    """Read all of a file; return its cells and lost ones, or None when it is unreadable."""
    try:
        contents, found = read(path)
    except Unreadable as error:
        assert str(error)
        return None
    assert len(found) == len(contents) == len(set(contents.objects.tolist()))
    assert all(len(values) == len(contents) for values in contents.measurements.values())
    for at, cell in enumerate(found):
        assert cell.object == contents.objects[at]
        if isinstance(cell, Lost):
            assert cell.why
            continue
        assert cell.image.shape == (len(contents.channels), contents.heights[at], contents.widths[at])
        assert cell.mask is None or cell.mask.shape == cell.image.shape
    return contents, found


def test_a_file_cut_anywhere(tmp_path):
    path = tmp_path / "a.cif"
    xml = b"<a><Imaging><ChannelInUseIndicators_0_11>1 1</ChannelInUseIndicators_0_11></Imaging></a>"
    made = writer.small(path, xml=xml, high=7)
    data = path.read_bytes()
    kept = set()
    for cut in range(len(data)):
        path.write_bytes(data[:cut])
        result = survive(path)
        if result is None:
            continue
        contents, found = result
        kept.add(len(found))
        assert (
            "Truncated file" in subjects(contents) or "Damaged objects" in subjects(contents) or cut > len(data) - 250
        )
        for cell in found:
            np.testing.assert_array_equal(cell.image, made[cell.object][0])
            assert cell.mask is None or (cell.mask == made[cell.object][1]).all()
    assert kept == {1, 2, 3}


def test_a_cut_file_tells_how_much_is_left(tmp_path):
    path = tmp_path / "a.cif"
    writer.small(path, count=5)
    data = path.read_bytes()
    source, contents = opened(path)
    path.write_bytes(data[: int(contents.index.images.place[3, 0]) + 5])
    contents = opened(path)[1]
    assert len(contents) == 3
    (cue,) = [cue for cue in contents.cues if cue.subject == "Truncated file"]
    assert "3 of 5" in cue.text


@pytest.mark.parametrize("seed", range(6))
def test_mutations(tmp_path, seed):
    rng = np.random.default_rng(seed)
    path = tmp_path / "a.cif"
    writer.small(path, seed=seed, order=str(rng.choice(["<", ">"])), layout=str(rng.choice(["usual", "values_first"])))
    data = path.read_bytes()
    survived = 0
    for _ in range(100):
        changed = bytearray(data)
        for _ in range(rng.integers(1, 8)):
            changed[rng.integers(0, len(changed))] = rng.choice([0, 1, 255, int(rng.integers(0, 256))])
        path.write_bytes(changed)
        began = time.monotonic()
        survived += survive(path) is not None
        assert time.monotonic() - began < 5
    assert survived > 10


def test_mutated_offsets(tmp_path):
    rng = np.random.default_rng(1)
    path = tmp_path / "a.cif"
    writer.small(path)
    data = path.read_bytes()
    source, contents = opened(path)
    with path.open("rb") as file:
        offsets = cif_chain.walk(file, len(data)).offset.tolist()
    for _ in range(200):
        changed = bytearray(data)
        table = int(rng.choice(offsets))
        count = int.from_bytes(data[table : table + 2], "little")
        place = table + 2 + 12 * int(rng.integers(0, count)) + int(rng.choice([0, 2, 4, 8]))
        value = int(rng.choice([0, 1, 7, 8, 65535, 2**31, 2**32 - 1, int(rng.integers(0, len(data)))]))
        changed[place : place + 4] = struct.pack("<I", value)
        path.write_bytes(changed)
        survive(path)


@pytest.mark.parametrize("back", [0, 1, 2, 3])
def test_a_chain_that_runs_in_a_circle(tmp_path, back):
    path = tmp_path / "a.cif"
    made = writer.small(path)
    data = bytearray(path.read_bytes())
    with path.open("rb") as file:
        offsets = cif_chain.walk(file, len(data)).offset.tolist()
    last = offsets[-1]
    count = int.from_bytes(data[last : last + 2], "little")
    data[last + 2 + 12 * count : last + 6 + 12 * count] = struct.pack("<I", offsets[back] if back < 3 else last)
    path.write_bytes(data)
    contents, found = read(path)
    check(found, made)
    assert "Truncated file" in subjects(contents)


def test_a_chain_that_starts_with_a_circle(tmp_path):
    path = tmp_path / "a.cif"
    path.write_bytes(b"II*\0" + struct.pack("<IHHHIII", 8, 1, 256, 4, 1, 1, 8) + bytes(30))
    assert survive(path) is None


def test_offsets_beyond_4_gib(tmp_path):
    made = writer.cells(np.random.default_rng(4), count=6)
    file = File().about(t33018=(LONG, [6]))
    for number, (image, mask) in enumerate(made):
        gap = {2: 3 << 30, 3: 3 << 30, 5: 4_000_000_000}.get(number, 0)
        file.add(image, mask, number, gap=gap, strips=1 + number % 2)
    path = file.write(tmp_path / "a.cif")
    assert path.stat().st_size > 2 * (1 << 32)
    contents, found = read(path)
    check(found, made)
    assert subjects(contents) == {"Compensation"}
    np.testing.assert_array_equal(contents.measurements["Bkgd Mean Ch1"], np.arange(6))
    with path.open("rb") as stream:
        assert cif_chain.walk(stream, path.stat().st_size).offset[-1] > 2 * (1 << 32)


@pytest.mark.parametrize("gap", [(1 << 32) - less for less in range(2500, 5000, 123)])
def test_an_object_across_4_gib(tmp_path, gap):
    made = writer.cells(np.random.default_rng(4), count=3)
    file = File().about()
    for number, (image, mask) in enumerate(made):
        file.add(image, mask, number, gap=gap if number == 0 else 0)
    check(read(file.write(tmp_path / "a.cif"))[1], made)


def test_values_that_lie_beyond_the_window(tmp_path, monkeypatch):
    monkeypatch.setattr(cif_chain, "_FIRST_WINDOW", 600)
    monkeypatch.setattr(cif_chain, "_WINDOW", 600)
    made = writer.small(tmp_path / "a.cif", count=8)
    contents, found = read(tmp_path / "a.cif")
    check(found, made)
    np.testing.assert_array_equal(contents.measurements["Bkgd Mean Ch1"], np.arange(8))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"II", "empty"),
        (b"II*\0\x08\0\0\0", "cut off"),
        (b"# quartz\ndata_quartz\nloop_\n_cell_length_a 4.9\n", "crystal"),
        (b"data_1ABC\n#\nloop_\n", "crystal"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "not an ImageStream"),
        (b"II+\0" + bytes(50), "not an ImageStream"),
        (b"II*\0\xff\xff\xff\xff" + bytes(50), "cut off"),
        (b"II*\0\x08\0\0\0" + bytes(50), "cut off or damaged"),
    ],
)
def test_foreign_and_empty_files(tmp_path, data, words):
    (tmp_path / "a.cif").write_bytes(data)
    with pytest.raises(Unreadable, match=words):
        opened(tmp_path / "a.cif")


def test_a_tiff_picture_with_this_ending(tmp_path):
    tifffile = pytest.importorskip("tifffile")
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((8, 8), np.uint16))
    path = (tmp_path / "a.tif").rename(tmp_path / "a.cif")
    with pytest.raises(Unreadable, match="not an ImageStream"):
        opened(path)


def test_no_objects_and_no_file(tmp_path):
    path = File().about().write(tmp_path / "a.cif")
    with pytest.raises(Unreadable, match="no objects"):
        opened(path)
    made = writer.small(path)
    source, contents = opened(path)
    path.unlink()
    with pytest.raises(Unreadable):
        READER.check(source, Reading())
    with pytest.raises(Unreadable):
        list(READER.cells(source, contents, [1], range(len(made))))


def test_a_file_that_shrinks_after_the_check(tmp_path):
    path = tmp_path / "a.cif"
    made = writer.small(path)
    source, contents = opened(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(contents.index.images.place[1, 0]) + 3])
    found = list(READER.cells(source, contents, [1, 2], [0, 1, 2]))
    check(found[:1], made[:1])
    assert [type(cell) for cell in found] == [Cell, Lost, Lost]
    assert "cut off" in found[1].why


def test_huge_sizes_are_refused_before_memory_is_taken(tmp_path):
    (image, mask), *_ = writer.cells(np.random.default_rng(0))
    file = File().about()
    file.add(image, mask, 0)
    file.add(image, mask, 1, t256=(LONG, [2 * 4000]), t257=(LONG, [4000]))
    file.tables[-1].tags |= {256: (LONG, [2 * 4000]), 257: (LONG, [4000])}
    file.add(image, mask, 2, t279=(LONG, [2**32 - 1]))
    contents, found = read(file.write(tmp_path / "a.cif"))
    assert len(found) == len(contents) >= 1


def test_both_orders_of_bytes_and_threads_agree(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    made = writer.small(tmp_path / "a.cif", count=40, order=">")
    source, contents = opened(tmp_path / "a.cif")
    with ThreadPoolExecutor(4) as pool:
        parts = pool.map(
            lambda first: list(READER.cells(source, contents, [1, 2], range(first, first + 10))), range(0, 40, 10)
        )
    check([cell for part in parts for cell in part], made)
