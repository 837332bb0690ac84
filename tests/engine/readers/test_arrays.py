from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.engine.readers.mutations import HOW, read_all, survive
from wizard.engine.readers import arrays
from wizard.engine.readers.array_axes import axes_of
from wizard.engine.readers.arrays import NumPyArrays
from wizard.engine.readers.base import Lost, Reading, Unreadable

READER = NumPyArrays()


def pixels(*shape, dtype=np.uint16, seed=0):
    return np.random.default_rng(seed).integers(0, 200, shape).astype(dtype)


def save(path: Path, values: np.ndarray) -> Path:
    np.save(path, values)
    return path


@pytest.mark.parametrize(
    ("shape", "cells", "planes", "picture"),
    [
        ((20, 30), 1, 1, (20, 30)),
        ((20, 30, 3), 1, 3, (20, 30)),
        ((48, 48, 12), 1, 12, (48, 48)),
        ((12, 48, 48), 1, 12, (48, 48)),
        ((4, 30, 5), 1, 5, (4, 30)),
        ((100, 20, 30), 100, 1, (20, 30)),
        ((7, 20, 30, 3), 7, 3, (20, 30)),
        ((7, 3, 20, 30), 7, 3, (20, 30)),
        ((100, 8, 20, 30), 100, 8, (20, 30)),
    ],
)
@pytest.mark.parametrize("fortran", [False, True])
def test_axes(tmp_path, shape, cells, planes, picture, fortran):
    values = pixels(*shape)
    path = save(tmp_path / "a.npy", np.asfortranarray(values) if fortran else values)
    contents, found = read_all(READER, tmp_path, path)
    assert (len(contents), len(contents.channels), (contents.heights[0], contents.widths[0])) == (
        cells,
        planes,
        picture,
    )
    images = np.stack([cell.image for cell in found])
    axes = axes_of(shape)
    expected = values if axes.cells == 0 else values[None]
    if axes.channel is None:
        expected = expected[:, None]
    else:
        expected = np.moveaxis(expected, axes.channel + (axes.cells is None), 1)
    np.testing.assert_array_equal(images, expected)


def test_pages_decide_what_three_axes_are(tmp_path):
    path = save(tmp_path / "a.npy", pixels(5, 20, 30))
    (source,), _ = READER.claim(tmp_path, [path], HOW)
    assert len(READER.check(source, Reading())) == 1
    assert len(READER.check(source, Reading(pages="cells"))) == 5


def test_names_of_channels():
    assert [(c.name, c.number) for c in arrays.channels_of(1, None, [])] == [("Grey", 1)]
    assert [(c.name, c.number) for c in arrays.channels_of(3, None, [])] == [("Ch1", 1), ("Ch2", 2), ("Ch3", 3)]
    found = arrays.channels_of(2, np.array(["Ch5", "Ch03"]), [])
    assert [(c.name, c.number, c.label) for c in found] == [("Ch5", 5, ""), ("Ch3", 3, "")]
    found = arrays.channels_of(2, np.array([b"BF", b"DNA"]), [])
    assert [(c.name, c.number, c.label) for c in found] == [("Ch1", 1, "BF"), ("Ch2", 2, "DNA")]
    cues = []
    assert len(arrays.channels_of(2, np.array(["BF", "BF"]), cues)) == 2
    assert cues[0].subject == "Channel names"


@pytest.mark.parametrize(
    ("dtype", "given"),
    [("bool", "u1"), (">u2", "=u2"), ("<i4", "=i4"), ("f8", "=f4"), (">f4", "=f4"), ("f2", "f2"), ("i1", "i1")],
)
def test_types(tmp_path, dtype, given):
    values = (pixels(20, 30) % 2).astype(dtype)
    contents, (cell,) = read_all(READER, tmp_path, save(tmp_path / "a.npy", values))
    assert contents.dtype == np.dtype(given)
    np.testing.assert_array_equal(cell.image[0], values)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.array([{"a": 1}], dtype=object), "Python objects"),
        (np.zeros((20, 30), np.int64), "64 bits"),
        (np.zeros((20, 30), np.complex64), "complex"),
        (np.zeros((3, 3), "U4"), "text"),
        (np.zeros((20, 30), [("a", "u1")]), "table"),
        (np.zeros(20, np.uint8), "1 axes"),
        (np.zeros((0, 20, 30), np.uint8), "empty"),
        (np.zeros((5000, 20), np.uint8), "larger than"),
        (np.zeros((20, 20, 20, 20), np.uint8), "No axis"),
    ],
)
def test_what_is_refused(tmp_path, values, words):
    path = tmp_path / "a.npy"
    np.save(path, values, allow_pickle=True)
    with pytest.raises(Unreadable, match=words):
        read_all(READER, tmp_path, path)


def test_a_pickle_is_never_loaded(tmp_path):
    (tmp_path / "a.npy").write_bytes(b"\x80\x04cos\nsystem\n.")
    with pytest.raises(Unreadable):
        read_all(READER, tmp_path, tmp_path / "a.npy")
    np.savez(tmp_path / "b.npz", images=np.array([None, 1], dtype=object))
    with pytest.raises(Unreadable, match="Python objects"):
        read_all(READER, tmp_path, tmp_path / "b.npz")


def test_a_header_that_promises_too_much(tmp_path):
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "<u2", "fortran_order": False, "shape": (10**9, 48, 48)})
    (tmp_path / "a.npy").write_bytes(stream.getvalue() + bytes(1000))
    with pytest.raises(Unreadable, match="cut short"):
        read_all(READER, tmp_path, tmp_path / "a.npy")


def test_cells_that_are_not_finite_are_lost(tmp_path):
    values = np.ones((100, 20, 30), np.float64)
    values[3, 1, 1] = np.nan
    values[4, 1, 1] = 1e300
    _, answers = read_all(READER, tmp_path, save(tmp_path / "a.npy", values))
    assert [answer.object for answer in answers if isinstance(answer, Lost)] == [3, 4]


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_npz(tmp_path, save):
    images, masks = pixels(40, 20, 30, 3), pixels(40, 20, 30) > 100
    labels = np.array(["B", "T"] * 20)
    save(tmp_path / "a.npz", images=images, masks=masks, labels=labels, channels=np.array(["Ch1", "Ch3", "Ch5"]))
    contents, cells = read_all(READER, tmp_path, tmp_path / "a.npz")
    assert [channel.number for channel in contents.channels] == [1, 3, 5]
    assert contents.tags["class"] == labels.tolist()
    assert contents.masks and not contents.cues
    np.testing.assert_array_equal(np.stack([cell.image for cell in cells]), np.moveaxis(images, 3, 1))
    np.testing.assert_array_equal(np.stack([cell.mask[2] for cell in cells]), masks)


def test_npz_picks_channels_and_masks_of_their_own(tmp_path):
    images, masks = pixels(40, 20, 30, 3), pixels(40, 20, 30, 3, seed=1) > 100
    np.savez(tmp_path / "a.npz", x=images, mask=masks.astype(np.uint8) * 255, y=np.arange(40.0)[:, None])
    (source,), _ = READER.claim(tmp_path, [tmp_path / "a.npz"], HOW)
    contents = READER.check(source, HOW)
    assert contents.tags["class"][39] == "39"
    cells = list(READER.cells(source, contents, [3, 1], [9, 2]))
    np.testing.assert_array_equal(cells[1].image, np.moveaxis(images[2], 2, 0)[[2, 0]])
    np.testing.assert_array_equal(cells[1].mask, np.moveaxis(masks[2], 2, 0)[[2, 0]])


def test_npz_with_one_array_of_any_name(tmp_path):
    np.savez(tmp_path / "a.npz", whatever=pixels(20, 30))
    assert len(read_all(READER, tmp_path, tmp_path / "a.npz")[1]) == 1
    np.savez(tmp_path / "b.npz", one=pixels(20, 30), two=pixels(20, 30))
    with pytest.raises(Unreadable, match="one, two"):
        read_all(READER, tmp_path, tmp_path / "b.npz")


def test_npz_extras_that_do_not_fit_are_left_out(tmp_path):
    np.savez(tmp_path / "a.npz", images=pixels(40, 20, 30), masks=pixels(40, 20, 31), labels=np.arange(7))
    contents, _ = read_all(READER, tmp_path, tmp_path / "a.npz")
    assert not contents.masks and not contents.tags
    assert {cue.subject for cue in contents.cues} == {"Masks left out", "Labels left out"}


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_large_members_are_mapped_or_read_from_front_to_back(tmp_path, monkeypatch, save):
    monkeypatch.setattr(arrays, "_KEPT", 1000)
    images = pixels(40, 20, 30)
    save(tmp_path / "a.npz", images=images)
    (source,), _ = READER.claim(tmp_path, [tmp_path / "a.npz"], HOW)
    contents = READER.check(source, HOW)
    picks = [30, 2, 39, 2]
    cells = list(READER.cells(source, contents, [1], picks))
    np.testing.assert_array_equal(np.concatenate([cell.image for cell in cells]), images[picks])


def test_a_zip_bomb_is_not_unpacked(tmp_path):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as pack:
        stream = io.BytesIO()
        np.lib.format.write_array_header_1_0(stream, {"descr": "|u1", "fortran_order": False, "shape": (200, 100, 100)})
        pack.writestr("images.npy", stream.getvalue() + bytes(10**6))
    data = path.read_bytes()
    path.write_bytes(
        data.replace((len(stream.getvalue()) + 10**6).to_bytes(4, "little"), (2**31).to_bytes(4, "little"))
    )
    with pytest.raises(Unreadable, match="memory"):
        read_all(READER, tmp_path, path)


@pytest.mark.parametrize("kind", ["npy", "fortran", "npz", "packed"])
def test_mutated_files(tmp_path, kind):
    values = pixels(20, 6, 7, 3, dtype=np.uint8)
    if kind in ("npy", "fortran"):
        # Few pixels, any of which is as good as another, so that most damage hits the header.
        few = values[:1, :2, :2]
        seed = save(tmp_path / "seed.npy", np.asfortranarray(few) if kind == "fortran" else few)
    else:
        seed = tmp_path / "seed.npz"
        store = np.savez if kind == "npz" else np.savez_compressed
        store(seed, images=values, masks=values[..., 0] > 9, labels=np.arange(20), channels=np.array(["a", "b", "c"]))
    survive(READER, seed, 300, tmp_path)


@pytest.mark.slow
def test_many_mutated_files(tmp_path):
    seed = tmp_path / "seed.npz"
    np.savez_compressed(seed, images=pixels(20, 6, 7, 3), labels=np.array(["a", "b"] * 10))
    survive(READER, seed, 3000, tmp_path)
